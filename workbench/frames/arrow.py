"""Columns as an Arrow table that loses nothing: what a column holds is its Arrow type and one word of metadata.

=============  ==========================================  ==============================================
the column is  its Arrow type                              its metadata ``dynamodb``
=============  ==========================================  ==============================================
S, BOOL, B     string, bool, binary                        ``S``, ``BOOL``, ``B``
N              int64 where all are whole and fit, else     ``N``
               the narrowest decimal128 or decimal256,
               else their texts
NULL           bool, true                                  ``NULL``
SS, NS, BS     list of the above, members in order         ``SS``, ``NS``, ``BS``
L, M           DynamoDB JSON text                          ``L``, ``M``
of several     struct with a field for each type, of the   ``tagged``; each field has its own
               forms above; in each row one is not null
=============  ==========================================  ==============================================

A null is a missing attribute, in every form. A table without columns, of items without attributes, has no rows any more
in a Parquet file; it is stored with one column of nulls, under the name that no attribute has, the empty one, and with
the metadata ``none``. The way back leaves that column out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

from workbench.frames.digits import Digits, decimal_digits
from workbench.frames.documents import json_of_wire
from workbench.items import number_text, to_wire

if TYPE_CHECKING:
    import pyarrow as pa

    from workbench.frames.column import Column

__all__ = [
    "NOTE", "TAGGED", "TaggedValues", "arrow_numbers", "arrow_table", "marked", "number_type", "pandas_note",
    "unmarked",
]  # fmt: skip

NOTE = b"dynamodb"
TAGGED = b"tagged"
NO_ATTRIBUTES = b"none"
MOST_128, MOST_256 = 38, 76


@dataclass(frozen=True)
class TaggedValues:
    """One column in Python values, by type tag, None where a row has none of that type. Sets are sorted tuples."""

    by_tag: Mapping[str, Sequence[Any]]

    def array(self, tag: str) -> tuple[pa.Array, dict[bytes, bytes]]:
        """Return the values of one tag in their Arrow form, and its metadata."""
        return _of_python(tag, self.by_tag[tag]), {NOTE: tag.encode()}


def arrow_table(columns: Mapping[str, Column | TaggedValues], rows: int) -> pa.Table:
    """Return an Arrow table of columns; see the top of this module."""
    import pyarrow as pa

    made = {name: _arrow_column(column, rows) for name, column in columns.items()}
    fields = [pa.field(name, array.type, metadata=note) for name, (array, note) in made.items()]
    schema = pa.schema(fields, metadata={b"pandas": pandas_note(fields)})
    if not fields:  # rows without attributes are rows all the same
        return pa.table({"": pa.nulls(rows)}).select([]) if rows else schema.empty_table()
    return pa.table([array for array, _ in made.values()], schema=schema)


def marked(table: pa.Table) -> pa.Table:
    """Return a table that keeps its rows where one without columns would lose them: in Parquet, in a pickle."""
    import pyarrow as pa

    if table.num_columns or not len(table):
        return table
    field = pa.field("", pa.null(), metadata={NOTE: NO_ATTRIBUTES})
    return pa.table([pa.nulls(len(table))], schema=pa.schema([field], metadata={b"pandas": pandas_note([field])}))


def unmarked(table: Any) -> Any:
    """Return an Arrow table or batch without the column that ``marked`` gave it, with all its rows."""
    kept = [at for at, field in enumerate(table.schema) if not _is_mark(field)]
    return table if len(kept) == table.num_columns else table.select(kept)


def _is_mark(field: pa.Field) -> bool:
    note = (field.metadata or {}).get(NOTE)
    return field.name == "" and note == NO_ATTRIBUTES and str(field.type) == "null"


def number_type(digits: Digits) -> pa.DataType:
    """Return the narrowest Arrow type that holds such numbers exactly, text where none does."""
    import pyarrow as pa

    if digits.whole:
        return pa.int64()
    if digits.precision <= MOST_128:
        return pa.decimal128(digits.precision, digits.after)
    return pa.decimal256(digits.precision, digits.after) if digits.precision <= MOST_256 else pa.string()


def is_form_of(type_: pa.DataType, tag: str) -> bool:
    """Return whether an Arrow type is one of those in which the values of ``tag`` are held."""
    import pyarrow as pa

    text, binary = (pa.types.is_string, pa.types.is_large_string), (pa.types.is_binary, pa.types.is_large_binary)
    forms: dict[str, tuple[Callable[[pa.DataType], bool], ...]] = {
        "S": text,
        "L": text,
        "M": text,
        "B": binary,
        "BOOL": (pa.types.is_boolean,),
        "NULL": (pa.types.is_boolean,),
        "N": (pa.types.is_integer, pa.types.is_decimal, *text),
    }
    if tag in forms:
        return any(fits(type_) for fits in forms[tag])
    if tag not in ("SS", "NS", "BS"):
        return False
    return (pa.types.is_list(type_) or pa.types.is_large_list(type_)) and is_form_of(type_.value_type, tag[0])


def _arrow_column(column: Column | TaggedValues, rows: int) -> tuple[Any, dict[bytes, bytes]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, TaggedValues):
        tags: list[str] = list(column.by_tag)
        one: Callable[[str], tuple[Any, dict[bytes, bytes]]] = column.array
    else:
        tags = sorted(column.profile.tags)
        one = _Fast(column).array
    if not tags:
        return pa.nulls(rows, pa.string()), {}
    if len(tags) == 1:
        return one(tags[0])
    parts = {tag: one(tag) for tag in sorted(tags)}
    arrays = [array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array for array, _ in parts.values()]
    fields = [
        pa.field(tag, array.type, metadata=note) for (tag, (_, note)), array in zip(parts.items(), arrays, strict=True)
    ]
    held = sum(len(array) - array.null_count for array in arrays)
    missing = None if held == rows else reduce(pc.and_, (array.is_null() for array in arrays))
    return pa.StructArray.from_arrays(arrays, fields=fields, mask=missing), {NOTE: TAGGED}


@dataclass(frozen=True)
class _Fast:
    """The Arrow forms of a column of pages: what is in Arrow already stays there."""

    column: Column

    def array(self, tag: str) -> tuple[Any, dict[bytes, bytes]]:
        note = {NOTE: tag.encode()}
        if tag in ("S", "BOOL", "NULL"):
            return self.column.plain(tag), note
        if tag == "N":
            return self.column.plain("N").cast(number_type(self.column.profile.digits)), note
        if tag in ("L", "M"):
            return self.column.texts(tag), note
        return _of_python(tag, self.column.python(tag)), note


def _of_python(tag: str, values: Sequence[Any]) -> Any:
    import pyarrow as pa

    match tag:
        case "S":
            return pa.array(values, pa.string())
        case "BOOL" | "NULL":
            return pa.array(values, pa.bool_())
        case "B":
            return pa.array(values, pa.binary())
        case "N":
            return _numbers(values)
        case "L" | "M":
            return pa.array([None if value is None else _document(tag, value) for value in values], pa.string())
    members = [member for value in values if value is not None for member in value]
    if tag == "NS":
        type_ = number_type(decimal_digits(members))
        make = _maker(type_)
        return pa.array([None if each is None else list(map(make, each)) for each in values], pa.list_(type_))
    return pa.array(values, pa.list_(pa.string() if tag == "SS" else pa.binary()))


def _numbers(values: Sequence[Decimal | None]) -> Any:
    import pyarrow as pa

    type_ = number_type(decimal_digits([value for value in values if value is not None]))
    return pa.array(arrow_numbers(values, type_), type_)


def arrow_numbers(values: Sequence[Decimal | None] | None, type_: pa.DataType) -> list[Any] | None:
    """Return Python decimals as what Arrow makes values of ``type_`` of."""
    if values is None:
        return None
    make = _maker(type_)
    return [None if value is None else make(value) for value in values]


def _maker(type_: pa.DataType) -> Callable[[Decimal], Any]:
    import pyarrow as pa

    if pa.types.is_integer(type_):
        return int
    return number_text if pa.types.is_string(type_) else Decimal


def _document(tag: str, value: Any) -> str:
    return json.dumps(json_of_wire(to_wire(value))[tag], ensure_ascii=False, separators=(",", ":"))


def pandas_note(fields: Sequence[pa.Field]) -> bytes:
    """Return the metadata that lets pandas read whole numbers and booleans back as such, not as floats or objects."""
    names = {"int64": "Int64", "bool": "boolean", "string": "str"}
    columns = []
    for field in fields:
        type_ = str(field.type)
        kinds = (type_, names[type_]) if type_ in names else ("object", "object")
        columns.append({"name": field.name, "field_name": field.name, "pandas_type": kinds[0], "numpy_type": kinds[1],
                        "metadata": None})  # fmt: skip
    note = {"index_columns": [], "column_indexes": [], "columns": columns, "attributes": {}}
    return json.dumps(note).encode()
