"""One value as text: what every export, and every table that a person reads, writes into a cell."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workbench.errors import ItemError
from workbench.frames.null import NULL

__all__ = ["cell_text", "is_missing", "json_text"]


def is_missing(value: Any) -> bool:
    """Return whether a cell stands for an attribute that the item does not have (NULL is a value, not missing)."""
    import pandas as pd

    return value is pd.NA or (isinstance(value, float) and value != value)


def cell_text(value: Any) -> str:
    """Return the value as a person writes it: numbers with every digit, binary as base64, sets, lists and maps as JSON.

    A missing attribute is an empty text and a NULL is ``NULL``.
    """
    if isinstance(value, str):
        return value
    if is_missing(value):
        return ""
    if value is NULL or value is None:
        return "NULL"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return json_text(value)


def json_text(value: Any) -> str:
    """Return the value as one line of JSON, the same text for the same value whatever the order of its maps and sets.

    Numbers keep every digit (read them with ``json.loads(text, parse_float=Decimal)``), sets are sorted arrays,
    binary is base64 text, NULL is null. Names of a map are sorted.
    """
    if isinstance(value, Mapping):
        pairs = (f"{json_text(str(name))}: {json_text(value[name])}" for name in sorted(value))
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, frozenset | set):
        return json_text(sorted(value))
    if isinstance(value, list | tuple):
        return "[" + ", ".join(json_text(each) for each in value) + "]"
    if isinstance(value, Decimal):
        return _number(value) if value.is_finite() else _refuse(value)
    if isinstance(value, bytes):
        return json_text(base64.b64encode(value).decode("ascii"))
    if value is NULL or value is None or is_missing(value):
        return "null"
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) or type(value).__name__ == "int64":
        return str(int(value))
    return _refuse(value)


def _number(value: Decimal) -> str:
    """Return every digit of a number and no other: a column of Arrow's decimals pads all to one length."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _refuse(value: Any) -> str:
    raise ItemError(f"{value!r} ({type(value).__name__}) has no exact form as text; frames hold no floats")
