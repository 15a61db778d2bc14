"""Handlers: what is called with records, in the form of a Lambda function, here as there.

``handler(event, context)`` gets ``{"Records": [...]}`` and returns nothing, or with ReportBatchItemFailures
``{"batchItemFailures": [{"itemIdentifier": <sequence number>}]}``: that record and those after it come again.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from workbench.errors import UsageError, WorkbenchError, did_you_mean
from workbench.streams.events import sequence_of

__all__ = ["BadAnswer", "Context", "Handler", "first_failure", "handler_names", "load_handler", "told"]

Handler = Callable[[dict[str, Any], Any], Any]
DEFAULT_FUNCTION = "handler"
MINUTES_15 = 15 * 60 * 1000
_NOT_OWN = ("importlib", "site-packages", str(Path(__file__).parent))


class BadAnswer(WorkbenchError):  # noqa: N818 (never seen outside this room)
    """A handler reports a record as failed, or answers what cannot be understood: a failure like one it raises."""


@dataclass(frozen=True)
class Context:
    """The second argument of a handler: the part of Lambda's context that makes sense here, and one thing more.

    ``connection`` is the psycopg connection whose transaction keeps the checkpoint, None where checkpoints lie in a
    file, and absent in Lambda: ask for it with ``getattr(context, "connection", None)``.
    """

    function_name: str
    aws_request_id: str
    function_version: str = "$LATEST"
    connection: Any = None

    def get_remaining_time_in_millis(self) -> int:
        """Return Lambda's longest time, 15 minutes: here nothing ends a handler."""
        return MINUTES_15


def load_handler(spec: str) -> Handler:
    """Return the function that ``file.py:function`` or ``module:function`` names; ``handler`` when none is named.

    Raises UsageError for a file, module or function that is not there, or that cannot be imported, with the line.
    """
    place, name = handler_names(spec)
    module = _from_file(Path(place), spec) if place.endswith(".py") else _from_name(place, spec)
    found = getattr(module, name, None)
    if found is None:
        known = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        raise UsageError(f"{spec}: {Path(place).name} has no function {name!r}. {did_you_mean(name, known)}")
    if not callable(found):
        raise UsageError(f"{spec}: {name!r} is a {type(found).__name__}; name a function of (event, context)")
    return found  # type: ignore[no-any-return]


def handler_names(spec: str) -> tuple[str, str]:
    """Return the file or module and the function that are named, without importing; UsageError where none can be."""
    place, colon, name = spec.rpartition(":")
    if not colon or name.endswith(".py"):
        place, name = spec, DEFAULT_FUNCTION
    if place.endswith(".py"):
        if not Path(place).is_file():
            raise UsageError(f"{spec}: there is no file {place}")
    elif not place or not all(part.isidentifier() for part in place.split(".")):
        raise UsageError(f"{spec!r} names no handler; write file.py:function or module:function")
    return place, name


def _from_file(path: Path, spec: str) -> ModuleType:
    name = f"workbench_handler_{path.stem}"  # a file called json.py must not stand for json
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise UsageError(f"{spec}: {path.name} is no Python file")
    module = importlib.util.module_from_spec(found)
    folder = str(path.parent.resolve())
    sys.path.insert(0, folder)  # modules beside it are found, as in the folder of a Lambda function
    sys.modules[name] = module
    try:
        found.loader.exec_module(module)
    except Exception as error:
        sys.modules.pop(name, None)
        raise UsageError(f"{spec}: {path.name} cannot be imported: {told(error)}") from error
    return module


def _from_name(name: str, spec: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise UsageError(f"{spec}: the module {name} cannot be imported: {told(error)}") from error


def first_failure(answer: Any, records: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the place of the first record that a handler's answer reports as failed, None where none is.

    As Lambda reads it: nothing, or no ``batchItemFailures`` in it, or an empty list means that all went well; of
    several the lowest sequence number counts. BadAnswer for an answer that names a record that was not handed over,
    which Lambda takes as a failure of the whole batch.
    """
    if not isinstance(answer, Mapping) or not answer.get("batchItemFailures"):
        return None
    places = {sequence_of(record): place for place, record in enumerate(records)}
    failed = []
    for each in answer["batchItemFailures"]:
        identifier = each.get("itemIdentifier") if isinstance(each, Mapping) else None
        if identifier not in places:
            raise BadAnswer(
                f"the handler reports {identifier!r} as failed, which is the sequence number of no record of its batch"
            )
        failed.append(identifier)
    return places[min(failed, key=int)]


def told(error: BaseException) -> str:
    """Return an error of a handler in one line, with the place in its own code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not any(part in frame.filename for part in _NOT_OWN)]
    at = f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {error}{at}"
