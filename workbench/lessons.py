"""What lessons need: an error that is expected and shown, and exercises whose answers are checked."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from workbench.errors import UnknownNameError, UsageError, WorkbenchError, did_you_mean

__all__ = ["expect_error", "solutions"]

SOLUTIONS = Path(__file__).parents[1] / "notebooks" / "solutions"


@contextmanager
def expect_error(*names: str) -> Iterator[None]:
    """Run a block that must fail, and print the error's name and message instead of raising it.

    ``names`` are error classes of the workbench or AWS error codes; without any, every workbench error is taken.
    An AssertionError follows where nothing fails; an error of another name goes on as it is.
    """
    try:
        yield
    except WorkbenchError as error:
        known = {type(error).__name__, *(cls.__name__ for cls in type(error).__mro__), getattr(error, "code", "")}
        if names and not known & set(names):
            raise
        print(f"{getattr(error, 'code', '') or type(error).__name__}: {error}")
        return
    raise AssertionError(f"no error came, but {' or '.join(names) or 'one'} was expected")


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
