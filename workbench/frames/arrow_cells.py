"""Arrow columns as values in Python form: those in the forms of ``frames.arrow``, and those of anybody's.

A null is a missing attribute, or a missing name of a map where it is in a struct. In a list, or under a key of an Arrow
map, it could be a NULL as well, so it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.errors import ItemError
from workbench.frames.arrow import NOTE, TAGGED, is_form_of
from workbench.frames.documents import ABSENT, wire_of_json
from workbench.frames.objects import Floats, nested_value
from workbench.frames.scalars import plain_scalar
from workbench.items import from_wire, normalise_number, to_wire

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_cells", "arrow_reader", "placed"]

Read = Callable[[Any], Any]


def arrow_cells(array: Any, field: pa.Field, floats: Floats) -> list[Any]:
    """Return a column as values in Python form, ABSENT where it is missing: by its metadata, or else by its type.

    ItemError names row, column and cure for what DynamoDB cannot hold.
    """
    note = (field.metadata or {}).get(NOTE)
    if note == TAGGED:
        return _of_tagged(array, field, floats)
    if note is not None:
        return _of_noted(array, field, note.decode())
    read = arrow_reader(field.type, field.name)
    return _cells(array.to_pylist(), lambda value: from_wire(to_wire(nested_value(read(value), floats))), field.name)


def arrow_reader(type_: pa.DataType, name: str) -> Read:
    """Return what turns a value of ``to_pylist()`` into one for ``nested_value``; its ItemError names no place.

    ItemError names the column where its type can be no attribute's.
    """
    try:
        return _reader(type_)
    except ItemError as error:
        raise ItemError(f"column {name!r}: {error}") from None


def placed(read: Read, value: Any, row: int, name: str) -> Any:
    """Return what ``read`` makes of a value; its ItemError names row and column."""
    try:
        return read(value)
    except ItemError as error:
        raise ItemError(f"row {row}, column {name!r}: {str(error).removeprefix('value: ')}") from None


def _cells(values: list[Any], read: Read, name: str) -> list[Any]:
    return [ABSENT if value is None else placed(read, value, row, name) for row, value in enumerate(values)]


def _reader(type_: pa.DataType) -> Read:
    import numpy as np
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_struct(type_):
        return _struct_reader(type_)
    if kinds.is_map(type_):
        return _map_reader(type_)
    if hasattr(type_, "value_field"):  # lists of every kind
        return _list_reader(type_)
    if kinds.is_dictionary(type_):
        return _reader(type_.value_type)
    if kinds.is_float16(type_) or kinds.is_float32(type_):  # the digits of a wider float are others
        narrow = np.float16 if kinds.is_float16(type_) else np.float32
        return lambda value: plain_scalar(narrow(value))
    if kinds.is_interval(type_):
        return _refused_span
    if kinds.is_timestamp(type_) and type_.tz is None:
        return _refused_time
    return lambda value: value


def _struct_reader(type_: pa.DataType) -> Read:
    names = [field.name for field in type_]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ItemError(f"a struct has the field {twice[0]!r} twice, and a map has each name once; rename or drop one")
    reads = {field.name: _reader(field.type) for field in type_}
    return lambda value: {name: reads[name](each) for name, each in value.items() if each is not None}


def _list_reader(type_: pa.DataType) -> Read:
    read = _reader(type_.value_type)

    def values(value: list[Any]) -> list[Any]:
        if any(each is None for each in value):
            raise ItemError(f"{value!r:.60}: a null in a list may be NULL or nothing; fill it, or take it out")
        return [read(each) for each in value]

    return values


def _map_reader(type_: pa.DataType) -> Read:
    key, read = _reader(type_.key_type), _reader(type_.item_type)

    def values(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ItemError(f"a map has the key {name!r} twice; keep one of them")
            if value is None:
                raise ItemError(f"the null under {name!r} of a map may be NULL or nothing; fill it, or take it out")
            found[key(name)] = read(value)
        return found

    return values


def _refused_span(value: Any) -> Any:
    raise ItemError(f"{value}, a span of time; give a number of seconds, or text")


def _refused_time(value: Any) -> Any:
    raise ItemError(f"{value} has no time zone; say which it is in: cast the column to pa.timestamp('us', tz='UTC')")


def _of_tagged(array: Any, field: pa.Field, floats: Floats) -> list[Any]:
    found: list[Any] = [ABSENT] * len(array)
    for part, inner in zip(array.flatten(), field.type, strict=True):
        values = arrow_cells(part, inner.with_name(field.name), floats)
        for row, value in enumerate(values):
            if value is ABSENT:
                continue
            if found[row] is not ABSENT:
                raise ItemError(f"row {row}, column {field.name!r}: has two values, {found[row]!r} and {value!r}")
            found[row] = value
    return found


def _of_noted(array: Any, field: pa.Field, tag: str) -> list[Any]:
    """Return a column of the Arrow form of ``tag``; ItemError where others have left the note to other values."""
    if not is_form_of(field.type, tag):
        raise ItemError(
            f"column {field.name!r}: noted as {tag} and of the type {field.type}, which is none of its forms; take the "
            f"note away with field.remove_metadata(), then the type alone counts"
        )
    return _cells(array.to_pylist(), lambda value: _of_form(tag, value), field.name)


def _of_form(tag: str, value: Any) -> Any:
    """Return one cell of the Arrow form of ``tag`` in Python form."""
    match tag:
        case "S" | "BOOL" | "B":
            return value
        case "NULL":
            if value is not True:
                raise ItemError("a NULL is true in its column, or missing; this one is false")
            return None
        case "N":
            return normalise_number(value)
        case "L" | "M":
            return _document(tag, value)
    if None in value:
        raise ItemError(f"{value!r}: a set has no missing member; leave it out")
    return from_wire(to_wire(frozenset(map(normalise_number, value) if tag == "NS" else value)))


def _document(tag: str, text: str) -> Any:
    try:
        return from_wire(wire_of_json({tag: json.loads(text)}))
    except (ValueError, TypeError, AttributeError) as error:
        raise ItemError(f"{text[:60]!r} is no DynamoDB JSON of a {tag}: {error}") from None
