"""What can be written: a DataFrame, Arrow data, a list or an iterator of items, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from workbench.bulk.rows import KeyCheck, Row, item_rows
from workbench.bulk.tables import arrow_rows, frame_rows
from workbench.errors import UsageError
from workbench.frames import Floats
from workbench.frames.libraries import arrow_of
from workbench.frames.objects import with_decimals

__all__ = ["rows_of"]


def rows_of(source: Any, check: KeyCheck, floats: Floats) -> tuple[Iterator[Row], bool]:
    """Return the rows of a source, and whether it is in memory as a whole.

    In memory: a pandas DataFrame, a pyarrow Table or RecordBatch, a polars DataFrame or a DuckDB relation, a list or
    tuple of items in Python form. As they come: a RecordBatchReader, an iterator of RecordBatches or of items.
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(source, pd.DataFrame):
        return frame_rows(source, check, floats), True
    if not isinstance(source, pa.Table | pa.RecordBatch | pa.RecordBatchReader):
        table = arrow_of(source)
        source = source if table is None else table
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if isinstance(source, pa.Table):
        return arrow_rows(source, check, floats), True
    if isinstance(source, str | bytes | Mapping) or not isinstance(source, Iterable):
        raise UsageError(
            f"a {type(source).__name__} holds no rows to write; give a DataFrame, an Arrow table, or a list or "
            f"iterator of items: [item] for one"
        )
    if isinstance(source, list | tuple):
        return item_rows(_exact(source, floats), check), True
    return _streamed(iter(source), check, floats), False


_NONE_LEFT = object()


def _streamed(source: Iterator[Any], check: KeyCheck, floats: Floats) -> Iterator[Row]:
    import pyarrow as pa

    first = next(source, _NONE_LEFT)
    if first is _NONE_LEFT:
        return
    rest = chain([first], source)
    if not isinstance(first, pa.RecordBatch):
        yield from item_rows(_exact(rest, floats), check)
        return
    before = 0
    for batch in rest:
        yield from arrow_rows(pa.Table.from_batches([batch]), check, floats, before)
        before += batch.num_rows


def _exact(items: Iterable[Any], floats: Floats) -> Iterable[Any]:
    return map(with_decimals, items) if floats == "decimal" else items
