"""SQL rows to DataFrames, with the same exact columns that items get, so that the two can be laid side by side."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.errors import ItemError
from workbench.frames.frame import cell_of, framed
from workbench.model.types import format_timestamp

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["from_rows"]


def from_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row a SQL row, in order; ``columns`` are there even when there is no row.

    A uuid becomes its text and an aware time fixed-width UTC text, as items hold them; numeric stays Decimal; a SQL
    null is missing. ItemError for a value without an exact form, such as double precision: cast it to numeric.
    """
    plain = ({name: _plain(value, name) for name, value in row.items() if value is not None} for row in rows)
    return framed(plain, columns, None, partial(cell_of, sql=True))


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return format_timestamp(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if isinstance(value, float):
        raise ItemError(
            f"column {name!r}: {value!r} is double precision, which is not exact; write {name}::numeric in the SQL"
        )
    if isinstance(value, Mapping):
        return {key: None if each is None else _plain(each, name) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [None if each is None else _plain(each, name) for each in value]
    return value
