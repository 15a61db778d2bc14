"""The types that attributes, key fields and parameters may have, and how each is read from what a person writes.

``parse(type, value)`` gives the canonical Python value: str for string, uuid and timestamp (fixed-width UTC, so that
text order is time order), int, Decimal, bool, bytes, list, dict, frozenset. Floats and naive times are refused.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal, get_args

ValueType = Literal[
    "string",
    "uuid",
    "timestamp",
    "date",
    "integer",
    "number",
    "boolean",
    "binary",
    "list",
    "map",
    "string_set",
    "number_set",
    "binary_set",
    "any",
]
TYPES: tuple[str, ...] = get_args(ValueType)
DYNAMODB_TYPE: dict[str, str] = {
    "string": "S", "uuid": "S", "timestamp": "S", "date": "S", "integer": "N", "number": "N", "boolean": "BOOL",
    "binary": "B", "list": "L", "map": "M", "string_set": "SS", "number_set": "NS", "binary_set": "BS",
}  # fmt: skip

_INTEGER = re.compile(r"[-+]?[0-9]{1,38}")  # int() also takes 1_000, spaces and digits of other scripts
_SPACED = re.compile(r"[^-+.0-9A-Za-z]")


def parse(type_: str, value: Any) -> Any:
    """Return ``value`` as the canonical Python value of ``type_``; a ValueError says the cure when it is not one."""
    if value is None:
        raise ValueError(f"None is not a {type_}; leave the argument out or give a value")
    return _PARSERS[type_](value)


def format_timestamp(value: dt.datetime) -> str:
    """Return an aware time as fixed-width UTC text: ``2026-03-02T09:00:00.000000Z``; a naive one is refused."""
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone; give an offset, for example +00:00")
    try:
        utc = value.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError(f"{value.isoformat()} is before the year 1 or after the year 9999 in UTC") from None
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, uuid.UUID):
        return str(value)
    raise ValueError(f"{value!r} is a {type(value).__name__}, not a string; quote it")


def _uuid(value: Any) -> str:
    if isinstance(value, uuid.UUID):
        return str(value)
    try:
        return _uuid_of(_string(value))
    except ValueError:
        raise ValueError(f"{value!r} is not a uuid; write it as 8-4-4-4-12 hexadecimal digits") from None


@lru_cache(maxsize=4096)
def _uuid_of(text: str) -> str:
    """Return a uuid's text in its one form; the keys of an answer name the same few again and again."""
    return str(uuid.UUID(text))


def _timestamp(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return format_timestamp(value)
    text = _string(value)
    try:
        parsed = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a timestamp; write 2026-03-02T09:00:00Z") from None
    return format_timestamp(parsed)


def _date(value: Any) -> str:
    if isinstance(value, dt.datetime):
        raise ValueError(f"{value.isoformat()} is a time, not a date; give its .date()")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = _string(value)
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 (a date has no zone)
    except ValueError:
        raise ValueError(f"{text!r} is not a date; write 2026-03-02") from None


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value, 10)
    raise ValueError(f"{value!r} is not an integer")


def _number(value: Any) -> Decimal:
    if isinstance(value, float):
        raise ValueError(f"{value!r} is a float, which is not exact; give Decimal('{value!r}') or the text {value!r}")
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"{value!r} is a {type(value).__name__}, not a number")
    if isinstance(value, str) and _SPACED.search(value):
        raise ValueError(f"{value!r} is not a number")
    try:
        parsed = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    if not parsed.is_finite():
        raise ValueError(f"{value!r} is not a finite number; DynamoDB has no NaN and no infinity")
    return parsed


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValueError(f"{value!r} is not a boolean; write true or false")


def _binary(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    try:
        return base64.b64decode(_string(value), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{value!r} is not binary; give bytes, or base64 text") from None


def _list(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    raise ValueError(f"{value!r} is a {type(value).__name__}, not a list")


def _map(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return dict(value)
    raise ValueError(f"{value!r} is not a map with text keys")


def _set_of(member: Callable[[Any], Any]) -> Callable[[Any], frozenset[Any]]:
    def parse_set(value: Any) -> frozenset[Any]:
        if not isinstance(value, list | tuple | set | frozenset):
            raise ValueError(f"{value!r} is a {type(value).__name__}, not a set; write a list")
        members = frozenset(member(each) for each in value)
        if not members:
            raise ValueError("an empty set; DynamoDB has none, leave the attribute out")
        return members

    return parse_set


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "uuid": _uuid,
    "timestamp": _timestamp,
    "date": _date,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "binary": _binary,
    "list": _list,
    "map": _map,
    "string_set": _set_of(_string),
    "number_set": _set_of(_number),
    "binary_set": _set_of(_binary),
    "any": lambda value: value,
}
