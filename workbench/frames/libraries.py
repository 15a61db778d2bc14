"""Arrow tables handed to other libraries, where they are installed: polars and DuckDB."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.items import number_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_of", "to_duckdb", "to_polars"]


def to_polars(table: pa.Table) -> Any:
    """Return an Arrow table as a polars DataFrame, which keeps no metadata; UsageError where there is no polars."""
    return _library("polars").from_arrow(_narrowed(table))


def to_duckdb(table: pa.Table) -> Any:
    """Return an Arrow table as a DuckDB relation. UsageError where DuckDB is not installed.

    Also where names differ by case alone: to DuckDB they are one, and it would give the second another name.
    """
    seen: dict[str, str] = {}
    for name in table.column_names:
        if (other := seen.setdefault(name.lower(), name)) != name:
            raise UsageError(
                f"columns {other!r} and {name!r} are one name to DuckDB; rename one: .arrow.rename_columns"
            )
    return _library("duckdb").from_arrow(_narrowed(table))


def arrow_of(source: Any) -> Any:
    """Return the Arrow table that another library's frame or relation hands over (polars, DuckDB); None of others."""
    import pyarrow as pa

    if hasattr(source, "to_arrow"):
        return source.to_arrow()
    if not hasattr(source, "__arrow_c_stream__"):
        return None
    try:
        return pa.table(source)
    except (pa.ArrowException, TypeError, ValueError):  # one column, of pandas say
        return None


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UsageError(f"{name} is not installed here: pip install {name}; or take .df or .arrow") from None


def _narrowed(table: pa.Table) -> pa.Table:
    """Return a table without numbers of over 38 digits in one column, which polars and DuckDB lack: as texts."""
    for at, field in enumerate(table.schema):
        column = table.column(at)
        narrow = _narrow_type(field.type)
        if narrow != field.type:
            table = table.set_column(at, field.with_type(narrow), _narrow(column.combine_chunks(), narrow))
    return table


def _narrow_type(type_: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_decimal256(type_):
        return pa.string()
    if pa.types.is_list(type_):
        return pa.list_(_narrow_type(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([field.with_type(_narrow_type(field.type)) for field in type_])
    return type_


def _narrow(array: Any, type_: pa.DataType) -> pa.Array:
    import pyarrow as pa

    return pa.array([_texts(each, type_) for each in array.to_pylist()], type_)


def _texts(value: Any, type_: pa.DataType) -> Any:
    """Return a cell with its numbers as texts where the narrow type is text."""
    import pyarrow as pa

    if isinstance(value, Decimal):
        return number_text(value) if pa.types.is_string(type_) else value
    if isinstance(value, dict):
        return {field.name: _texts(value[field.name], field.type) for field in type_}
    return [_texts(each, type_.value_type) for each in value] if isinstance(value, list) else value
