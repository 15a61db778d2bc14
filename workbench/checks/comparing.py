"""Typed equality of what DynamoDB and what PostgreSQL give, and the first difference in words.

A number equals a number of the same value, however it is written. A timestamp or uuid of SQL equals its canonical
text. True is not 1, text is not a number, and NULL equals a missing attribute.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from workbench.model import format_timestamp

Row = Mapping[str, Any]
_MOST_SHOWN = 120


def canonical(value: Any) -> Any:
    """Return a value in the form that can be compared with ``==``: tagged with its kind, sets as frozensets."""
    if value is None or type(value).__name__ == "NullType":
        return None
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | Decimal | float):
        return ("number", Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return ("binary", bytes(value))
    if isinstance(value, Mapping):
        return ("map", {str(key): canonical(inner) for key, inner in value.items()})
    if isinstance(value, set | frozenset):
        return ("set", frozenset(canonical(each) for each in value))
    if isinstance(value, list | tuple):
        return ("list", [canonical(each) for each in value])
    return ("text", _text(value))


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal, each in its own system's types."""
    first, second = canonical(one), canonical(other)
    if first is not None and second is not None and {first[0], second[0]} == {"set", "list"}:
        return fingerprint(one) == fingerprint(other)
    return bool(first == second)


def fingerprint(value: Any) -> str:
    """Return one text for all values that are the same, sets and lists of the same members included."""
    form = canonical(value)
    if form is None:
        return "-"
    kind, content = form
    if kind in ("set", "list"):
        members = [fingerprint(each) for each in value]
        return f"members{sorted(members)}"
    if kind == "map":
        return f"map{sorted((str(key), fingerprint(inner)) for key, inner in value.items())}"
    return f"{kind} {_plain(content)}" if kind == "number" else f"{kind} {content!r}"


def different(row: Row, wanted: Row) -> list[str]:
    """Return the columns of ``wanted`` whose values in ``row`` are not the same, in order."""
    return [column for column, value in wanted.items() if not same(row.get(column), value)]


def difference(row: Row, wanted: Row, *, here: str, there: str) -> str:
    """Return the first difference in words: ``message is 'a' in the answer, 'b' in SQL``; all others are counted."""
    columns = different(row, wanted)
    if not columns:
        return ""
    column = columns[0]
    told = f"{column} is {_shown_in(row, column)} {here}, {shown(wanted[column])} {there}"
    others = columns[1:]
    return f"{told} (also {', '.join(others)})" if others else told


def nearest(rows: Sequence[Row], wanted: Row) -> int | None:
    """Return the place of the row that differs from ``wanted`` in the fewest columns; None where none has any."""
    scored = [(len(different(row, wanted)), at) for at, row in enumerate(rows)]
    best = min(scored, default=None)
    return best[1] if best and best[0] < len(wanted) else None


def shown(value: Any) -> str:
    """Return a value as messages show it: numbers plain, times as canonical text, long text cut."""
    if value is None:
        return "missing"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, uuid.UUID | dt.datetime | dt.date):
        value = _text(value)
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(shown(each) for each in value)) + "}"
    text = repr(bytes(value)) if isinstance(value, memoryview) else repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"


def shown_row(row: Row, columns: Iterable[str] | None = None) -> str:
    """Return a row as messages show it: ``{pk: 'MSG#1', n: 2}``."""
    names = list(row) if columns is None else [name for name in columns if name in row]
    return "{" + ", ".join(f"{name}: {shown(row[name])}" for name in names) + "}"


def _shown_in(row: Row, column: str) -> str:
    return shown(row[column]) if column in row else "missing"


def _plain(number: Decimal) -> str:
    text = f"{number:f}" if number else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return format_timestamp(value) if value.tzinfo is not None else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
