"""Frames and tables back into items: every cell a value that DynamoDB holds, or an error that names row and column.

A frame that ``frames`` made gives back exactly the items it was made of. Other frames are taken as far as nothing has
to be guessed: pandas' own missing values are missing attributes, and a float, a NaN among other objects, or a time
without a zone is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ItemError, UsageError
from workbench.frames.arrow import TaggedValues, arrow_table, unmarked
from workbench.frames.arrow_cells import arrow_cells, placed
from workbench.frames.documents import ABSENT, cell_form
from workbench.frames.libraries import arrow_of
from workbench.frames.objects import Floats, cell_value, float_value
from workbench.frames.stored import stored_tables
from workbench.items import from_wire, normalise_number, to_wire

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["check_index", "frame_to_arrow", "to_items"]

Item = dict[str, Any]
_TAGS: dict[type, str] = {str: "S", Decimal: "N", bool: "BOOL", bytes: "B", list: "L", dict: "M"}
_SET_TAGS: dict[type, str] = {str: "SS", Decimal: "NS", bytes: "BS"}


def to_items(source: Any, *, floats: Floats = "refuse") -> list[Item]:
    """Return the items of a DataFrame, an Arrow table or batch, or a Parquet or Arrow file, in Python form.

    Also of what hands over an Arrow table: a polars DataFrame, a DuckDB relation, a reader of record batches. Of a
    folder they are those of its Parquet files, in the order of their names.
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
        return _rows({field.name: arrow_cells(source.column(at), field, floats) for at, field in fields}, len(source))
    if (table := arrow_of(source)) is not None and table is not source:
        return to_items(table, floats=floats)
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
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    column, name = frame.iloc[:, at], str(frame.columns[at])
    if isinstance(column.dtype, pd.ArrowDtype):
        array = pa.chunked_array(column.array.__arrow_array__())
        return arrow_cells(array, pa.field(name, array.type), floats)
    if isinstance(column.dtype, pd.SparseDtype):
        column = column.sparse.to_dense()
    dtype = column.dtype
    nan_is_a_value = isinstance(dtype, np.dtype) and dtype.kind in "Of"
    missing = [False] * len(column) if nan_is_a_value else column.isna().tolist()
    read = _reader(dtype, name, floats)
    cells = column.astype(object) if isinstance(dtype, pd.CategoricalDtype) else column
    found: list[Any] = []
    for row, (value, absent) in enumerate(zip(cells, missing, strict=True)):
        gap = absent or value is pd.NA or value is pd.NaT
        found.append(ABSENT if gap else placed(read, value, row, name))
    return found


def _reader(dtype: Any, name: str, floats: Floats) -> Callable[[Any], Any]:
    """Return what turns a cell of a column of this dtype into a value in Python form."""
    import numpy as np
    import pandas as pd

    if isinstance(dtype, pd.StringDtype):
        return str
    if dtype.kind in "iu":
        return lambda value: normalise_number(int(value))
    if dtype.kind == "b":
        return bool
    if dtype.kind == "f":
        narrow = np.dtype(str(dtype).lower()).type
        return lambda value: _normal(float_value(narrow(value), name, str(dtype), floats))
    return lambda value: _normal(cell_value(value, floats))


def _normal(value: Any) -> Any:
    return from_wire(to_wire(value))


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
