"""Frames in files: Parquet written wholly or not at all, Parquet and Arrow files read back as the frames they were."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.frames.arrow import marked, unmarked
from workbench.frames.frame import from_items
from workbench.frames.objects import Floats
from workbench.frames.restoring import frame_to_arrow, to_items
from workbench.frames.stored import arrow_tables, parquet_tables

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["read_feather", "read_parquet", "to_parquet"]


def to_parquet(source: pd.DataFrame | pa.Table, path: str | Path) -> Path:
    """Write a frame, or an Arrow table, to ``path``, wholly or not at all, and return the path.

    The columns have the forms of ``frames.arrow``; ``frames.read_parquet(path)`` gives back the frame, and
    ``frames.to_items(path)`` exactly the items; where none has an attribute the file has a column of nulls without a
    name, which both leave out. Raises ItemError for a frame with values that DynamoDB cannot hold.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table: Any = source if isinstance(source, pa.Table) else frame_to_arrow(source)
    target = Path(path)
    if target.is_dir():
        raise UsageError(f"{target.name} is a folder; give the path of a file")
    part = target.parent / f".{target.name}.{secrets.token_hex(4)}.part"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))  # tempfile's would be for the owner alone
    try:
        pq.write_table(marked(table), part)
        if target.exists():
            part.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return target


def read_parquet(
    path: str | Path, keys: Sequence[str] = (), *, types: Mapping[str, str] | None = None, floats: Floats = "refuse"
) -> pd.DataFrame:
    """Return a Parquet file, or a folder of them in the order of their names, as a frame with exact values.

    Columns: those of ``keys``, then of ``types``, then as in the files; dtypes and ``types`` are those of
    ``frames.from_items``: a column without values is one of objects unless ``types`` has it. Unlike
    ``pandas.read_parquet`` it heeds what the metadata says of a column, so that a NULL, a set, a map and a long number
    are themselves again. Files of others are taken as ``frames.to_items`` takes them.
    Raises FileNotFoundError where nothing is; UsageError for a folder without Parquet files, and for what is no
    Parquet; ItemError that names row and column of a value that DynamoDB cannot hold.
    """
    return _frame(parquet_tables(Path(path)), keys, types, floats)


def read_feather(
    path: str | Path, keys: Sequence[str] = (), *, types: Mapping[str, str] | None = None, floats: Floats = "refuse"
) -> pd.DataFrame:
    """Return an Arrow IPC file (Feather, version 2) as a frame; all else is as with ``read_parquet``."""
    return _frame(arrow_tables(Path(path)), keys, types, floats)


def _frame(
    tables: Sequence[pa.Table], keys: Sequence[str], types: Mapping[str, str] | None, floats: Floats
) -> pd.DataFrame:
    items = [item for table in tables for item in to_items(table, floats=floats)]
    names = dict.fromkeys([*keys, *(types or {}), *(name for table in tables for name in unmarked(table).column_names)])
    return from_items(items, list(names), types=types)
