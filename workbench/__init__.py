"""DynamoDB modeling workbench: design tables, run every access pattern, see its price, prove it against SQL.

>>> import workbench as wb                     # doctest: +SKIP
>>> bench = wb.open("messaging")               # doctest: +SKIP
>>> bench.load_schema(); bench.seed()          # doctest: +SKIP
>>> bench.pattern("list-conversations").run(handle="andrewbrown")   # doctest: +SKIP

The names below are loaded when they are first used, so that a command that needs one room does not pay for all.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.bench import Bench, open  # noqa: A004
    from workbench.bulk import write
    from workbench.errors import WorkbenchError
    from workbench.lessons import expect_error, solutions, variant
    from workbench.model import Model, load_model
    from workbench.plans import Clock
    from workbench.results import read
    from workbench.show import before_after, changes, chart, conversation, inbox

__all__ = [
    "Bench", "Clock", "Model", "WorkbenchError", "before_after", "changes", "chart", "conversation",
    "expect_error", "inbox", "load_model", "open", "read", "solutions", "variant", "write",
]  # fmt: skip
__version__ = "0.1.0"

_HOME = {
    "Bench": "workbench.bench",
    "Clock": "workbench.plans",
    "Model": "workbench.model",
    "WorkbenchError": "workbench.errors",
    "before_after": "workbench.show",
    "changes": "workbench.show",
    "chart": "workbench.show",
    "conversation": "workbench.show",
    "expect_error": "workbench.lessons",
    "inbox": "workbench.show",
    "load_model": "workbench.model",
    "open": "workbench.bench",
    "read": "workbench.results",
    "solutions": "workbench.lessons",
    "variant": "workbench.lessons",
    "write": "workbench.bulk",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if "ipykernel" in sys.modules:
    import_module("workbench.show").install()
