"""Shapes: what the columns of Arrow tables hold, so that tables made apart get one schema, and nothing is made again.

The shape of a column is its type tags, and what its numbers need. Shapes of several tables together give the schema
that all their items in one table would have had, wherever they were cut apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.errors import ItemError
from workbench.frames.arrow import NOTE, TAGGED, arrow_numbers, number_type, pandas_note, unmarked
from workbench.frames.digits import Digits, arrow_digits
from workbench.items import normalise_number, number_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Shape", "Shapes", "fitted", "schema_of", "shapes_from_json", "shapes_of", "shapes_to_json", "united"]

Shape = Mapping[str, Digits | None]
Shapes = Mapping[str, Shape]
NUMBERS = ("N", "NS")


def shapes_of(table: pa.Table) -> dict[str, Shape]:
    """Return the shape of each column of a table that frames made. ItemError for a column of another form."""
    table = unmarked(table)
    return {field.name: _shape(field, table.column(at).combine_chunks()) for at, field in enumerate(table.schema)}


def united(several: Iterable[Shapes]) -> dict[str, Shape]:
    """Return the shapes of several tables as one, columns by first appearance."""
    found: dict[str, dict[str, Digits | None]] = {}
    for shapes in several:
        for name, shape in shapes.items():
            known = found.setdefault(name, {})
            for tag, digits in shape.items():
                known[tag] = None if digits is None else digits | (known.get(tag) or Digits())
    return dict(found)


def schema_of(shapes: Shapes) -> pa.Schema:
    """Return the Arrow schema in which columns of these shapes lose nothing."""
    import pyarrow as pa

    fields = [_field(name, shape) for name, shape in shapes.items()]
    return pa.schema(fields, metadata={b"pandas": pandas_note(fields)})


def fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the columns and types of a schema, the same items.

    ItemError, with the column's name, where the schema does not hold what the table does.
    """
    import pyarrow as pa

    table = unmarked(table)
    if lost := [name for name in table.schema.names if name not in schema.names]:
        raise ItemError(f"column {lost[0]!r} is not in the schema; make the schema of all that was read")
    columns = []
    for field in schema:
        at = table.schema.get_field_index(field.name)
        if at < 0:
            columns.append(pa.nulls(len(table), field.type))
        else:
            columns.append(_fitted(table.column(at).combine_chunks(), table.schema.field(at), field))
    if not columns:
        return table
    return pa.table(columns, schema=schema)


def shapes_to_json(shapes: Shapes) -> dict[str, Any]:
    """Return shapes as plain data; of numbers ``[whole, digits before, digits after the point]``."""
    return {
        name: {tag: digits and [digits.whole, digits.before, digits.after] for tag, digits in shape.items()}
        for name, shape in shapes.items()
    }


def shapes_from_json(data: Mapping[str, Any]) -> dict[str, Shape]:
    """Return the shapes of which ``shapes_to_json`` made the plain data."""
    return {
        name: {tag: None if digits is None else Digits(*digits) for tag, digits in shape.items()}
        for name, shape in data.items()
    }


def _tag(field: pa.Field) -> str | None:
    """Return the tag of a column that holds one type; None for a column without values."""
    note = (field.metadata or {}).get(NOTE)
    if note is None and str(field.type) == "string":
        return None
    if note is None:
        raise ItemError(f"column {field.name!r}: its metadata does not say what it is; give a table made by frames")
    return str(note.decode())


def _shape(field: pa.Field, array: pa.Array) -> Shape:
    tag = _tag(field)
    if tag == TAGGED.decode():
        return {inner.name: _needed(inner.name, array.field(at)) for at, inner in enumerate(field.type)}
    return {} if tag is None else {tag: _needed(tag, array)}


def _needed(tag: str, array: pa.Array) -> Digits | None:
    if tag not in NUMBERS:
        return None
    return arrow_digits(array.flatten() if tag == "NS" else array)


def _field(name: str, shape: Shape) -> pa.Field:
    import pyarrow as pa

    if not shape:
        return pa.field(name, pa.string())
    if len(shape) == 1:
        ((tag, digits),) = shape.items()
        return pa.field(name, _type(tag, digits), metadata={NOTE: tag.encode()})
    inner = [pa.field(tag, _type(tag, shape[tag]), metadata={NOTE: tag.encode()}) for tag in sorted(shape)]
    return pa.field(name, pa.struct(inner), metadata={NOTE: TAGGED})


def _type(tag: str, digits: Digits | None) -> pa.DataType:
    import pyarrow as pa

    match tag:
        case "BOOL" | "NULL":
            return pa.bool_()
        case "B":
            return pa.binary()
        case "N":
            return number_type(digits or Digits())
        case "NS":
            return pa.list_(number_type(digits or Digits()))
        case "SS":
            return pa.list_(pa.string())
        case "BS":
            return pa.list_(pa.binary())
    return pa.string()


def _fitted(array: pa.Array, old: pa.Field, new: pa.Field) -> pa.Array:
    import pyarrow as pa

    if old.equals(new, check_metadata=True):
        return array
    before, after = _tag(old), _tag(new)
    if before is None:
        return pa.nulls(len(array), new.type)
    if after != TAGGED.decode():
        if before != after:
            raise ItemError(f"column {new.name!r} holds {before}, and the schema says {after}")
        return _widened(before, array, new.type, new.name)
    parts = {f.name: array.field(at) for at, f in enumerate(old.type)} if before == after else {before: array}
    if lost := parts.keys() - {inner.name for inner in new.type}:
        raise ItemError(f"column {new.name!r} holds {sorted(lost)[0]}, which the schema has not")
    made = [
        _widened(inner.name, parts[inner.name], inner.type, new.name)
        if inner.name in parts
        else pa.nulls(len(array), inner.type)
        for inner in new.type
    ]
    return pa.StructArray.from_arrays(made, fields=list(new.type), mask=array.is_null())


def _widened(tag: str, array: pa.Array, type_: pa.DataType, name: str) -> pa.Array:
    """Return numbers, or sets of them, in a wider type; anything else has one type only."""
    import pyarrow as pa

    if array.type == type_:
        return array
    if tag not in NUMBERS:
        raise ItemError(f"column {name!r}: {array.type} for {tag}, and the schema says {type_}")
    try:
        if tag == "N":
            return _numbers(array, type_)
        numbers = [None if each is None else [normalise_number(one) for one in each] for each in array.to_pylist()]
        return pa.array([arrow_numbers(each, type_.value_type) for each in numbers], type_)
    except (pa.ArrowInvalid, ValueError) as error:
        raise ItemError(f"column {name!r}: numbers that {type_} does not hold: {error}") from None


def _numbers(array: pa.Array, type_: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if not pa.types.is_string(type_):
        return array.cast(pa.string()).cast(type_) if pa.types.is_integer(array.type) else array.cast(type_)
    texts = [None if each is None else number_text(normalise_number(Decimal(each))) for each in array.to_pylist()]
    return pa.array(texts, type_)
