"""Frames as Parquet files: exact decimals, and JSON text with a note in the metadata where Arrow has no exact type."""

from __future__ import annotations

import os
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.frames.cells import is_missing, json_text

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["to_parquet"]

_PLAIN = {"str": "string", "Int64": "int64", "boolean": "bool"}
_NAMES: dict[type, str] = {str: "S", Decimal: "N", bool: "BOOL", bytes: "B", list: "L", dict: "M", tuple: "set"}


def to_parquet(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write the frame to ``path``, wholly or not at all, and return the path.

    Decimals become the narrowest ``decimal128`` or ``decimal256`` that holds them exactly. A column of several types,
    of sets, lists, maps or NULLs, or of numbers that no Arrow decimal can hold together, becomes JSON text; the
    field's metadata then says so: ``dynamodb-form`` is ``json``, ``dynamodb-types`` lists the types found.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [_column(frame.iloc[:, at]) for at in range(frame.shape[1])]
    fields = [
        pa.field(str(name), array.type, metadata=note) for name, (array, note) in zip(frame, columns, strict=True)
    ]
    pandas_note = _pandas_note(frame)
    table = pa.table([array for array, _ in columns], schema=pa.schema(fields, metadata=pandas_note))
    target = Path(path)
    handle, part = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    try:
        pq.write_table(table, part)
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return target


def _column(column: pd.Series) -> tuple[pa.Array, dict[str, str] | None]:
    import pyarrow as pa

    values = [None if is_missing(value) else value for value in column]
    if str(column.dtype) in _PLAIN:
        return pa.array(values, type=getattr(pa, _arrow_name(str(column.dtype)))()), None
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.array(values, type=pa.string()), None
    if kinds == {bytes}:
        return pa.array(values, type=pa.binary()), None
    decimal = _decimal_type(values) if kinds == {Decimal} else None
    if decimal is not None:
        return pa.array(values, type=decimal), None
    found = ",".join(sorted(_NAMES.get(kind, "NULL") for kind in kinds))
    texts = [None if value is None else json_text(value) for value in values]
    return pa.array(texts, type=pa.string()), {"dynamodb-form": "json", "dynamodb-types": found}


def _arrow_name(dtype: str) -> str:
    name = _PLAIN[dtype]
    return "bool_" if name == "bool" else name


def _decimal_type(values: list[Any]) -> pa.DataType | None:
    """Return the narrowest exact Arrow type of these Decimals; narrow, since arithmetic overflows in a full one."""
    import pyarrow as pa

    numbers = [value for value in values if value is not None]
    scale = max(max(-int(value.as_tuple().exponent), 0) for value in numbers)
    whole = max(max(value.adjusted() + 1, 1) for value in numbers)
    if whole + scale <= 38:
        return pa.decimal128(whole + scale, scale)
    return pa.decimal256(whole + scale, scale) if whole + scale <= 76 else None


def _pandas_note(frame: pd.DataFrame) -> dict[str, str]:
    """Return the metadata that lets pandas read Int64 and boolean columns back as such, not as floats."""
    import json

    columns = [
        {"name": str(name), "field_name": str(name), "pandas_type": _PLAIN.get(str(dtype), "object"),
         "numpy_type": str(dtype), "metadata": None}
        for name, dtype in frame.dtypes.items()
    ]  # fmt: skip
    note = {"index_columns": [], "column_indexes": [], "columns": columns, "attributes": {}}
    return {"pandas": json.dumps(note)}
