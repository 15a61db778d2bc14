"""Files of an export: whole and on the disk before anybody hears of them, whatever ends the process."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TEMPORARY", "part_name", "rows_of", "write_json", "write_part"]

TEMPORARY = ".tmp"


def part_name(segment: int, part: int) -> str:
    """Return the name of a part; names in order of text are in order of segment and part."""
    return f"part-{segment:06d}-{part:06d}.parquet"


def write_part(table: pa.Table, path: Path) -> dict[str, Any]:
    """Write a Parquet file, wholly or not at all, and return ``bytes`` and ``sha256`` of it when it is on the disk."""
    import pyarrow.parquet as pq

    part = path.with_name(f".{path.name}{TEMPORARY}")
    pq.write_table(table, part)
    _on_disk(part)
    found = {"bytes": part.stat().st_size, "sha256": _digest(part)}
    _in_place(part, path)
    return found


def write_json(data: dict[str, Any], path: Path) -> None:
    """Write a JSON file, wholly or not at all, and return when it is on the disk."""
    part = path.with_name(f".{path.name}{TEMPORARY}")
    part.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _on_disk(part)
    _in_place(part, path)


def rows_of(path: Path) -> int | None:
    """Return the rows of a Parquet file by its footer; None where it is no whole file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowInvalid):
        return None


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _in_place(part: Path, path: Path) -> None:
    os.replace(part, path)
    _on_disk(path.parent)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
