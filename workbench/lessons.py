"""What lessons need: an error that is expected and shown, a pattern changed to see what breaks, checked exercises."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from workbench.errors import UnknownNameError, UsageError, WorkbenchError, did_you_mean
from workbench.model import KeyCondition, KeyTemplate

if TYPE_CHECKING:
    from workbench.bench import Bench

__all__ = ["Caught", "expect_error", "solutions", "variant"]

SOLUTIONS = Path(__file__).parents[1] / "notebooks" / "solutions"


@dataclass
class Caught:
    """What a block of ``expect_error`` raised; None while it runs. ``receipt`` says what was paid all the same."""

    error: WorkbenchError | None = None

    @property
    def receipt(self) -> Any:
        """The receipt of a refused request, None where its price is not known."""
        return getattr(self.error, "receipt", None)


@contextmanager
def expect_error(*names: str) -> Iterator[Caught]:
    """Run a block that must fail, and print the error's name and message instead of raising it.

    ``names`` are error classes of the workbench or AWS error codes; without any, every workbench error is taken.
    An AssertionError follows where nothing fails; an error of another name goes on as it is. The error stays in what
    ``as`` names.
    """
    caught = Caught()
    try:
        yield caught
    except WorkbenchError as error:
        known = {type(error).__name__, *(cls.__name__ for cls in type(error).__mro__), getattr(error, "code", "")}
        if names and not known & set(names):
            raise
        caught.error = error
        print(f"{getattr(error, 'code', '') or type(error).__name__}: {error}")
        return
    raise AssertionError(f"no error came, but {' or '.join(names) or 'one'} was expected")


def variant(bench: Bench, pattern: str, *, partition: str | None = None, **changes: Any) -> Bench:
    """Return the bench with one access pattern changed, in the same store: to see what a mistake would answer.

    ``partition`` is another template for the one partition key attribute; ``changes`` are fields of the pattern.
    ``condition`` stands for the condition of all its writes. Nothing is written to the model's file.
    """
    changed = bench.model.pattern(pattern)
    if partition is not None:
        if changed.key is None or len(changed.key.partition) != 1:
            raise UsageError(f"{pattern} is no Query by one partition key attribute, so it cannot get another template")
        (name,) = changed.key.partition
        changes["key"] = KeyCondition({name: KeyTemplate.of(partition)}, changed.key.sort)
    if "condition" in changes:
        condition = changes.pop("condition")
        changes["actions"] = tuple(replace(action, condition=condition) for action in changed.actions)
    if unknown := sorted(changes.keys() - vars(changed).keys()):
        raise UsageError(f"a pattern has no {unknown[0]!r}. {did_you_mean(unknown[0], sorted(vars(changed)))}")
    model = replace(bench.model, patterns={**bench.model.patterns, pattern: replace(changed, **changes)})
    return replace(bench, model=model, session=replace(bench.session, model=model))


def solutions(notebook: str) -> ModuleType:
    """Return the module with the checks and solutions of a notebook's exercises, by the notebook's name."""
    path = SOLUTIONS / f"nb_{notebook}.py"
    if not path.exists():
        known = [each.stem.removeprefix("nb_") for each in sorted(SOLUTIONS.glob("nb_*.py"))]
        raise UnknownNameError(f"There are no solutions for the notebook {notebook!r}. {did_you_mean(notebook, known)}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path.name} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
