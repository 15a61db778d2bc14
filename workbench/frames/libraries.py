"""Arrow tables handed to other libraries, where they are installed: polars and DuckDB."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.items import number_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["to_duckdb", "to_polars"]


def to_polars(table: pa.Table) -> Any:
    """Return an Arrow table as a polars DataFrame, which keeps no metadata; UsageError where there is no polars."""
    return _library("polars").from_arrow(_narrowed(table))


def to_duckdb(table: pa.Table) -> Any:
    """Return an Arrow table as a DuckDB relation. UsageError where DuckDB is not installed."""
    return _library("duckdb").from_arrow(_narrowed(table))


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UsageError(f"{name} is not installed here: pip install {name}; or take .df or .arrow") from None


def _narrowed(table: pa.Table) -> pa.Table:
    """Return a table without numbers of over 38 digits in one column, which polars and DuckDB lack: as texts."""
    import pyarrow as pa

    wide = [at for at, field in enumerate(table.schema) if pa.types.is_decimal256(field.type)]
    for at in wide:
        field = table.schema.field(at).with_type(pa.string())
        texts = [None if each is None else number_text(each) for each in table.column(at).to_pylist()]
        table = table.set_column(at, field, pa.array(texts, pa.string()))
    return table
