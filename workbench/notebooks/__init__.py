"""Notebooks run headless, refreshed, checked and reported.

The names below are loaded when they are first used: a worker process does not pay for the parent's half.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.notebooks.history import read_history
    from workbench.notebooks.records import CellError, Event, NotebookResult, RunReport
    from workbench.notebooks.run import run_notebooks
    from workbench.notebooks.selection import find_notebooks

__all__ = [
    "CellError",
    "Event",
    "NotebookResult",
    "RunReport",
    "find_notebooks",
    "read_history",
    "run_notebooks",
]

_HOME = {
    "CellError": "records",
    "Event": "records",
    "NotebookResult": "records",
    "RunReport": "records",
    "find_notebooks": "selection",
    "read_history": "history",
    "run_notebooks": "run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
