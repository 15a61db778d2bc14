"""Frames and columns as Parquet files, written wholly or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.frames.restoring import frame_to_arrow

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["to_parquet"]


def to_parquet(source: pd.DataFrame | pa.Table, path: str | Path) -> Path:
    """Write a frame, or an Arrow table, to ``path``, wholly or not at all, and return the path.

    The columns have the forms of ``frames.arrow``; ``frames.to_items(path)`` gives back exactly the items. Raises
    ItemError for a frame with values that DynamoDB cannot hold.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table: Any = source if isinstance(source, pa.Table) else frame_to_arrow(source)
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
