"""Frames and items written out: CSV, JSON and Markdown text. Each is deterministic, and no number passes a float."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.frames.cells import cell_text, is_missing, json_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_csv", "to_json", "to_markdown"]

# CWE-1236: a cell that begins with one of these is run as a formula by spreadsheets (the list of OWASP's
# "CSV Injection" page, with the full-width forms that some locales treat alike).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv(frame: pd.DataFrame, *, formulas: bool = False) -> str:
    """Return RFC 4180 text with a header line, newline-ended, in UTF-8 characters.

    Text that a spreadsheet would run as a formula gets a leading ``'`` unless ``formulas`` is True; numbers, negative
    ones too, stay as they are. Sets, lists and maps are JSON text, binary is base64. A missing attribute is an empty
    cell, an empty string is ``""`` and a NULL is ``NULL``.
    """
    lines = [",".join(_quoted(name if formulas else _harmless(name)) for name in frame.columns)]
    for row in _rows(frame):
        cells = [_csv_cell(value, formulas) for value in row]
        lines.append(",".join(cells) if cells != [""] else '""')  # a blank line would be no row at all
    return "\n".join(lines) + "\n"


def to_json(items: Iterable[Mapping[str, Any]], *, typed: bool = False) -> str:
    """Return a JSON array with one item a line, its attributes in the item's order.

    Plain form: N is a JSON number with every digit (never rounded; ``json.loads(text, parse_float=Decimal)`` reads it
    exactly), NULL is null, a missing attribute is absent, sets are sorted arrays, binary is base64 text.
    With ``typed`` it is DynamoDB JSON, ``{"N": "1.5"}``, which tells every type apart.
    """
    lines = [_object(_typed(item) if typed else item) for item in items]
    return "[\n" + ",\n".join(f"  {line}" for line in lines) + "\n]\n" if lines else "[]\n"


def to_markdown(frame: pd.DataFrame) -> str:
    """Return a Markdown table; numbers are aligned right, and no cell can break the table or hold live HTML."""
    head = "| " + " | ".join(_markdown_cell(name) for name in frame.columns) + " |"
    rule = "| " + " | ".join("---:" if _numeric(frame.iloc[:, at]) else "---" for at in range(frame.shape[1])) + " |"
    rows = ["| " + " | ".join(_markdown_cell(value) for value in row) + " |" for row in _rows(frame)]
    return "\n".join([head, rule, *rows]) + "\n"


def _rows(frame: pd.DataFrame) -> Iterable[Sequence[Any]]:
    columns = [list(frame.iloc[:, at]) for at in range(frame.shape[1])]
    return zip(*columns, strict=True) if columns else [()] * len(frame)


def _csv_cell(value: Any, formulas: bool) -> str:
    if is_missing(value):
        return ""
    text = cell_text(value)
    if isinstance(value, str | bytes) and not formulas:
        text = _harmless(text)
    return _quoted(text)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _quoted(text: str) -> str:
    """Quote where a reader would otherwise see other cells, other rows, other blanks or no value."""
    if not text or any(mark in text for mark in ',"\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def _object(item: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{json_text(name)}: {json_text(value)}" for name, value in item.items()) + "}"


def _typed(item: Mapping[str, Any]) -> Mapping[str, Any]:
    from workbench.items.values import item_to_wire

    return item_to_wire(item)


def _markdown_cell(value: Any) -> str:
    text = cell_text(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\r\n", "<br>").replace("\n", "<br>").replace("\r", "<br>")


def _numeric(column: pd.Series) -> bool:
    if str(column.dtype) == "Int64":
        return True
    values = [value for value in column if not is_missing(value)]
    return bool(values) and all(isinstance(value, Decimal) for value in values)
