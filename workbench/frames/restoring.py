"""Frames and tables back into items: every cell a value that DynamoDB holds, or an error that names row and column.

A frame that ``frames`` made gives back exactly the items it was made of. Other frames are taken as far as nothing has
to be guessed: pandas' own missing values are missing attributes, and a float, a NaN among other objects, or a time
without a zone is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench.errors import ItemError, UsageError
from workbench.frames.arrow import NOTE, TAGGED, TaggedValues, arrow_table, is_form_of, unmarked
from workbench.frames.documents import ABSENT, cell_form, wire_of_json
from workbench.frames.null import NULL
from workbench.frames.scalars import is_scalar, plain_scalar
from workbench.frames.stored import stored_tables
from workbench.items import from_wire, normalise_number, to_wire
from workbench.model.types import format_timestamp

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Floats", "check_index", "frame_to_arrow", "to_items"]

Item = dict[str, Any]
Floats = Literal["refuse", "decimal"]
_TAGS: dict[type, str] = {str: "S", Decimal: "N", bool: "BOOL", bytes: "B", list: "L", dict: "M"}
_SET_TAGS: dict[type, str] = {str: "SS", Decimal: "NS", bytes: "BS"}


def to_items(source: Any, *, floats: Floats = "refuse") -> list[Item]:
    """Return the items of a DataFrame, an Arrow table or batch, or a Parquet or Arrow file, in Python form.

    Of a folder they are those of its Parquet files, in the order of their names.
    ``floats="decimal"`` takes a float as the decimal number that Python prints for it; else floats are refused.
    Raises ItemError that names row (the first is 0), column and cure for what DynamoDB cannot hold.
    """
    if floats not in ("refuse", "decimal"):
        raise UsageError(f"floats={floats!r}: say 'refuse' or 'decimal'")
    if isinstance(source, str | Path):
        return [item for table in stored_tables(Path(source)) for item in to_items(table, floats=floats)]
    name = type(source).__name__
    if name == "DataFrame" and type(source).__module__.startswith("pandas"):
        columns = {str(each): _cells(source, at, floats) for at, each in enumerate(_names(source))}
        return _rows(columns, len(source))
    if name in ("Table", "RecordBatch") and type(source).__module__.startswith("pyarrow"):
        source = unmarked(source)
        _check_fields(source.schema)
        fields = enumerate(source.schema)
        return _rows({field.name: _of_array(source.column(at), field, floats) for at, field in fields}, len(source))
    if hasattr(source, "to_arrow"):  # polars
        return to_items(source.to_arrow(), floats=floats)
    raise UsageError(f"a {name} holds no items; give a DataFrame, an Arrow table, or the path of a Parquet file")


def frame_to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table of the forms in ``frames.arrow``. Raises ItemError as ``to_items`` does."""
    columns = {str(name): _tagged(_cells(frame, at, "refuse")) for at, name in enumerate(_names(frame))}
    return arrow_table(columns, len(frame))


def check_index(frame: pd.DataFrame) -> None:
    """Raise ItemError for an index that says more than row numbers: it is no column, and would be lost."""
    import pandas as pd

    named = [repr(name) for name in frame.index.names if name is not None]
    if named or (len(frame) and not pd.api.types.is_integer_dtype(frame.index.dtype)):
        raise ItemError(
            f"the index {named[0] if named else f'of {frame.index[0]!r} ...'} is no column and would be lost; make it "
            f"one with frame.reset_index(), or leave it out with reset_index(drop=True)"
        )


def _names(frame: pd.DataFrame) -> list[str]:
    check_index(frame)
    for name in frame.columns:
        if not isinstance(name, str) or not name:
            raise ItemError(f"column {name!r}: attribute names are text; rename it with frame.rename(columns=...)")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ItemError(f"column {twice!r} is there twice, and an item has each attribute once; rename or drop one")
    return list(frame.columns)


def _check_fields(schema: pa.Schema) -> None:
    """Refuse columns that an item cannot have; names are looked at before a dict makes one of two."""
    twice = [name for name in schema.names if schema.names.count(name) > 1]
    if twice:
        raise ItemError(f"column {twice[0]!r} is there twice, and an item has each attribute once; rename or drop one")
    if "" in schema.names:
        raise ItemError("column '': attribute names are not empty; rename it with table.rename_columns(...)")


def _rows(columns: dict[str, list[Any]], rows: int) -> list[Item]:
    if not columns:
        return [{} for _ in range(rows)]
    names = list(columns)
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not ABSENT}
        for row in zip(*columns.values(), strict=True)
    ]


def _cells(frame: pd.DataFrame, at: int, floats: Floats) -> list[Any]:
    """Return one column as values in Python form, ABSENT where it is missing."""
    column, name = frame.iloc[:, at], frame.columns[at]
    dtype = str(column.dtype)
    missing = [False] * len(column) if dtype == "object" else column.isna().tolist()
    if dtype == "category":
        column = column.astype(object)
    read = _reader(column, floats)
    found: list[Any] = []
    for row, (value, absent) in enumerate(zip(column, missing, strict=True)):
        if absent and dtype.startswith(("float", "double")) and floats == "refuse":
            raise ItemError(f"row {row}, column {name!r}: NaN in a column of floats; {_FLOAT_CURE}")
        if absent and column.dtype.kind == "f" and isinstance(value, float):  # nullable floats have pandas.NA
            raise ItemError(f"row {row}, column {name!r}: {value!r}; {_NAN_CURE}")
        found.append(ABSENT if absent else _read(read, value, f"row {row}, column {name!r}"))
    return found


_NARROW = ("float16", "float32")
_FLOAT_CURE = "floats are not exact: make it a column of Decimal or Int64, or say floats='decimal'"
_NO_NAN = "DynamoDB has no NaN and no infinity"
_NAN_CURE = f"{_NO_NAN}; where it means a missing attribute, as after concat, say .fillna(pandas.NA)"
_INFINITY_CURE = f"{_NO_NAN}; leave it missing (pandas.NA)"


def _reader(column: pd.Series, floats: Floats) -> Callable[[Any], Any]:
    """Return what turns a cell of this column into a value in Python form."""
    dtype = str(column.dtype)
    if dtype in ("str", "string"):
        return str
    if dtype.lower().startswith(("int", "uint")):
        return lambda value: normalise_number(int(value))
    if dtype in ("bool", "boolean"):
        return bool
    if dtype.lower() in _NARROW:
        import numpy as np

        return lambda value: _value(np.dtype(dtype.lower()).type(value), floats)  # its digits are not those of a double
    return lambda value: _value(value, floats)


def _read(read: Callable[[Any], Any], value: Any, place: str) -> Any:
    try:
        return read(value)
    except ItemError as error:
        raise ItemError(f"{place}: {str(error).removeprefix('value: ')}") from None


def _value(value: Any, floats: Floats) -> Any:
    """Return one cell of an object column, or of any dtype without a rule of its own, in Python form."""
    import pandas as pd

    if value is NULL:
        return None
    if value is pd.NA or value is pd.NaT:
        return ABSENT
    if value is None:
        raise ItemError("None may be a NULL or a missing attribute; give frames.NULL, or pandas.NA")
    if isinstance(value, pd.Timestamp):
        if value.tzinfo is None:
            raise ItemError(f"{value} has no time zone; give one with .dt.tz_localize(...)")
        if value.nanosecond:
            raise ItemError(f"{value} has nanoseconds, and items hold microseconds; cut them with .dt.floor('us')")
        return format_timestamp(value.to_pydatetime())
    return from_wire(to_wire(_exact(value, floats)))


def _float_cure(value: float) -> str:
    if value != value:
        return _NAN_CURE
    return _FLOAT_CURE if value - value == 0 else _INFINITY_CURE


def _exact(value: Any, floats: Floats) -> Any:
    """Return a value without floats and numpy's scalars, and with the sorted tuples of frames as sets again."""
    if value is NULL:
        return None
    if is_scalar(value):
        value = plain_scalar(value)
    if isinstance(value, float):
        if floats == "refuse" or value != value or value in (float("inf"), float("-inf")):
            raise ItemError(f"{value!r} is a float; {_float_cure(value)}")
        return Decimal(repr(value))
    if isinstance(value, tuple):
        members = frozenset(_exact(each, floats) for each in value)
        if len(members) < len(value):
            raise ItemError(f"{value!r}: a tuple stands for a set, and has a member twice; give a list, or each once")
        return members
    if isinstance(value, list):
        return [_exact(each, floats) for each in value]
    if isinstance(value, dict):
        return {name: _exact(each, floats) for name, each in value.items()}
    return value


def _tagged(values: Sequence[Any]) -> TaggedValues:
    by_tag: dict[str, list[Any]] = {}
    for row, value in enumerate(values):
        if value is ABSENT:
            continue
        by_tag.setdefault(_tag(value), [None] * len(values))[row] = _held(value)
    return TaggedValues(by_tag)


def _held(value: Any) -> Any:
    """Return a value as ``TaggedValues`` hold it."""
    if value is None:
        return True
    return tuple(sorted(value)) if isinstance(value, frozenset) else cell_form(value, cells=False)


def _tag(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, frozenset):
        return _SET_TAGS[type(next(iter(value)))]
    return _TAGS[type(value)]


def _of_array(array: Any, field: pa.Field, floats: Floats) -> list[Any]:
    """Return an Arrow column as values in Python form, by its metadata, or by its type where it has none."""
    import pyarrow as pa

    note = (field.metadata or {}).get(NOTE)
    if note == TAGGED:
        return _of_struct(array, field, floats)
    if note is not None:
        return _of_noted(array, field, note.decode())
    if pa.types.is_timestamp(field.type) and field.type.tz is None:
        raise ItemError(f"column {field.name!r}: times without a zone; cast it to pa.timestamp('us', tz='UTC')")
    if pa.types.is_interval(field.type):
        raise ItemError(f"column {field.name!r}: {field.type}, a span of time; give a number of seconds, or text")
    values: list[Any] = []
    for row, value in enumerate(_python_of(array, field)):
        place = f"row {row}, column {field.name!r}"
        values.append(ABSENT if value is None else _read(lambda each: _value(each, floats), value, place))
    return values


def _python_of(array: Any, field: pa.Field) -> list[Any]:
    """Return an Arrow column's values, maps as dicts; ItemError for a map that has a key twice."""
    try:
        return list(array.to_pylist(maps_as_pydicts="strict"))
    except KeyError as error:
        raise ItemError(f"column {field.name!r}: a map has a key twice: {error}; keep one of them") from None


def _of_struct(array: Any, field: pa.Field, floats: Floats) -> list[Any]:
    whole = array.combine_chunks() if hasattr(array, "combine_chunks") else array
    found: list[Any] = [ABSENT] * len(whole)
    for at, inner in enumerate(field.type):
        part = whole.chunk(0).field(at) if hasattr(whole, "chunk") else whole.field(at)
        values = _of_array(part, inner, floats)
        found = [old if new is ABSENT else new for old, new in zip(found, values, strict=True)]
    return found


def _of_noted(array: Any, field: pa.Field, tag: str) -> list[Any]:
    """Return a column of the Arrow form of ``tag``; ItemError where others have left the note to other values."""
    if not is_form_of(field.type, tag):
        raise ItemError(
            f"column {field.name!r}: noted as {tag} and of the type {field.type}, which is none of its forms; take the "
            f"note away with field.remove_metadata(), then the type alone counts"
        )
    values: list[Any] = []
    for row, value in enumerate(array.to_pylist()):
        place = f"row {row}, column {field.name!r}"
        values.append(ABSENT if value is None else _read(lambda each: _of_form(tag, each), value, place))
    return values


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
