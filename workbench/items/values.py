"""Values between Python and DynamoDB's wire form (``{"S": "x"}``), without loss in either direction.

Python form: str, Decimal (every number, normalised), bytes, bool, None (NULL), list, dict, and frozenset for sets.
Written values may also be int, set, tuple, bytearray, UUID, date, and aware datetime (fixed-width UTC text).
What DynamoDB cannot hold, or would hold as something else, is refused with the path to it and a cure.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from workbench.errors import ItemError
from workbench.items.numbers import normalise_number, number_text
from workbench.model.types import format_timestamp

MAX_NESTING = 32  # the attribute itself is level 1: a value may stand in at most 31 lists and maps
Wire = dict[str, Any]


def to_wire(value: Any, path: str = "value") -> Wire:
    """Return a value in wire form; ItemError names ``path`` and what to give instead."""
    return _to_wire(value, path, 0)


def from_wire(av: Mapping[str, Any], path: str = "value") -> Any:
    """Return the Python form of one attribute value in wire form; ItemError when it is none."""
    tag, content = tagged(av, path)
    if tag not in _READERS:
        raise ItemError(f"{path}: {tag!r} is no DynamoDB type; known: {', '.join(sorted(_READERS))}")
    return _READERS[tag](content, path)


def item_to_wire(item: Mapping[str, Any]) -> Wire:
    """Return an item in wire form, attributes in the order given; ItemError names the attribute that cannot be."""
    return {_name(name, "item"): _to_wire(value, str(name), 0) for name, value in item.items()}


def item_from_wire(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item in Python form, attributes in the order given."""
    return {name: from_wire(av, name) for name, av in wire.items()}


def canonical(av: Mapping[str, Any]) -> Wire:
    """Return the one wire form of a value: numbers as stored, members of sets in order, maps by key.

    Two values are the same to DynamoDB exactly when their canonical forms are equal; ``1`` and ``true`` are not.
    """
    tag, content = tagged(av)
    if tag == "L":
        return {"L": [canonical(each) for each in content]}
    if tag == "M":
        return {"M": {name: canonical(content[name]) for name in sorted(content)}}
    if tag == "N":
        return {"N": number_text(normalise_number(content))}
    if tag == "NS":
        return {"NS": sorted({number_text(normalise_number(each)) for each in content})}
    return {tag: sorted(set(content)) if tag in ("SS", "BS") else content}


def tagged(av: Mapping[str, Any], path: str = "value") -> tuple[str, Any]:
    """Return the type tag and the content of a wire value, such as ("S", "x"); ItemError when it has not one tag."""
    try:
        (pair,) = av.items()
    except (AttributeError, ValueError):  # no mapping, or not of one member
        raise ItemError(f"{path}: {av!r} is no attribute value; write one such as {{'S': 'text'}}") from None
    return pair


def _to_wire(value: Any, path: str, depth: int) -> Wire:
    if depth >= MAX_NESTING or (depth == MAX_NESTING - 1 and isinstance(value, Mapping | list | tuple)):
        raise ItemError(f"{path}: nested deeper than {MAX_NESTING} levels; flatten it, or store the inner part as text")
    if value is None:
        return {"NULL": True}
    _refuse_foreign(value, path)
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value, path, depth)
    raise ItemError(
        f"{path}: a {type(value).__name__} is no DynamoDB value; give text, a number, bytes, true or false, None, a "
        f"list, a map or a set"
    )


def _refuse_foreign(value: Any, path: str) -> None:
    """Refuse what looks like a number or a time and is not exact, or is of another library."""
    library = type(value).__module__.partition(".")[0]
    if library == "numpy":
        raise ItemError(f"{path}: {value!r} is a numpy {type(value).__name__}; give .item(), or .tolist() of an array")
    if isinstance(value, dt.timedelta):
        raise ItemError(f"{path}: {value!r} is a span of time; give a number of seconds, or text")
    if library == "pandas":
        cure = "leave the attribute out, or give None for NULL" if str(value) in ("<NA>", "NaT") else _PANDAS_CURE
        raise ItemError(f"{path}: {value!r} is a pandas {type(value).__name__}; {cure}")
    if isinstance(value, float):
        cure = f"give Decimal('{value!r}')" if value - value == 0 else _NO_NAN
        raise ItemError(f"{path}: {value!r} is a float, which is not exact; {cure}")


_PANDAS_CURE = "give .to_pydatetime() of a time, .to_dict() or .tolist() of a frame or series, str() of the others"
_NO_NAN = "DynamoDB has no NaN and no infinity; leave the attribute out"


def _write_text(value: str, path: str, depth: int) -> Wire:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ItemError(
            f"{path}: character {error.start} is half of a surrogate pair, which is not UTF-8; repair the text, or "
            f"store bytes"
        ) from None
    return {"S": str(value)}


def _write_number(value: int | Decimal, path: str, depth: int) -> Wire:
    try:
        return {"N": number_text(value if isinstance(value, Decimal) else Decimal(int(value)))}
    except ItemError as error:
        raise ItemError(f"{path}: {error}") from None


def _write_datetime(value: dt.datetime, path: str, depth: int) -> Wire:
    try:
        return {"S": format_timestamp(value)}
    except ValueError as error:
        raise ItemError(f"{path}: {error}") from None


def _write_list(value: Iterable[Any], path: str, depth: int) -> Wire:
    return {"L": [_to_wire(each, f"{path}[{at}]", depth + 1) for at, each in enumerate(value)]}


def _write_map(value: Mapping[Any, Any], path: str, depth: int) -> Wire:
    return {"M": {_name(name, path): _to_wire(each, f"{path}.{name}", depth + 1) for name, each in value.items()}}


def _write_set(value: frozenset[Any], path: str, depth: int) -> Wire:
    if not value:
        raise ItemError(f"{path}: an empty set; DynamoDB has none, leave the attribute out, or store an empty list")
    wires = [_to_wire(member, f"{path} (a member)", depth) for member in value]
    tags = {next(iter(wire)) for wire in wires}
    if len(tags) > 1 or not tags <= {"S", "N", "B"}:
        raise ItemError(f"{path}: a set of {' and '.join(sorted(tags))}; give only text, only numbers or only bytes")
    tag = tags.pop()
    members = [wire[tag] for wire in wires]
    return {f"{tag}S": sorted(members, key=Decimal if tag == "N" else None)}


def _name(name: Any, path: str) -> str:
    if not isinstance(name, str):
        raise ItemError(f"{path}: the name {name!r} is a {type(name).__name__}; names are text, give str(name)")
    if not name:
        raise ItemError(f"{path}: an attribute name is empty; name it")
    _write_text(name, f"{path}: the name {name!r}", 0)
    return str(name)


def _read_number(content: str, path: str) -> Decimal:
    try:
        return normalise_number(content)
    except ItemError as error:
        raise ItemError(f"{path}: {error}") from None


# In this order: bool is an int, datetime is a date.
_WRITERS: tuple[tuple[Any, Callable[[Any, str, int], Wire]], ...] = (
    (str, _write_text),
    (bool, lambda value, path, depth: {"BOOL": value}),
    ((int, Decimal), _write_number),
    ((bytes, bytearray, memoryview), lambda value, path, depth: {"B": bytes(value)}),
    (Mapping, _write_map),
    ((list, tuple), _write_list),
    ((set, frozenset), _write_set),
    (uuid.UUID, lambda value, path, depth: {"S": str(value)}),
    (dt.datetime, _write_datetime),
    (dt.date, lambda value, path, depth: {"S": value.isoformat()}),
)
_READERS: dict[str, Callable[[Any, str], Any]] = {
    "S": lambda content, path: content,
    "N": _read_number,
    "B": lambda content, path: bytes(content),
    "BOOL": lambda content, path: bool(content),
    "NULL": lambda content, path: None,
    "L": lambda content, path: [from_wire(each, f"{path}[{at}]") for at, each in enumerate(content)],
    "M": lambda content, path: {name: from_wire(each, f"{path}.{name}") for name, each in content.items()},
    "SS": lambda content, path: frozenset(content),
    "NS": lambda content, path: frozenset(_read_number(each, path) for each in content),
    "BS": lambda content, path: frozenset(bytes(each) for each in content),
}
