"""Single values as they are shown: keys whole, anything else cut at 40 characters."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workbench.frames import cell_text, is_missing
from workbench.show.description import Cell
from workbench.show.lines import cut, one_line

LONGEST = 40


def shown(value: Any) -> Cell:
    """Return a value as a cell: numbers to the right, NULL and missing apart, long text cut."""
    if is_missing(value):
        return Cell("-", "muted")
    text = cell_text(value)
    if isinstance(value, bytes):
        return Cell(cut(f"{text} ({len(value)} bytes)", LONGEST), "muted")
    if text == "NULL" and not isinstance(value, str):
        return Cell("NULL", "muted")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Cell(text, "number")
    return Cell(cut(one_line(text), LONGEST))


def key(value: Any) -> Cell:
    """Return a key value as a cell, whole."""
    return Cell(cell_text(value), "key")


def keys(values: Mapping[str, Any] | tuple[Any, ...]) -> str:
    """Return key values as one text: ``GRP#1 / 2026-03-02``."""
    parts = values.values() if isinstance(values, Mapping) else values
    return " / ".join(one_line(cell_text(value)) for value in parts)
