"""Parquet and Arrow files as Arrow tables, one a file: the files of a folder need not have one schema.

Each file has the narrowest types of its own values. To read a folder as one table, Arrow would take the first file's
schema: columns that it lacks would be left out without a word.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JOURNAL", "SUCCESS", "arrow_tables", "parquet_table", "parquet_tables", "stored_tables"]

JOURNAL = "_journal.jsonl"  # in the folder of an export from its first moment on
SUCCESS = "_SUCCESS"  # there when it is whole
_ARROW = (".arrow", ".feather", ".ipc")


def stored_tables(path: Path) -> list[pa.Table]:
    """Return the tables of a Parquet or Arrow file, or of a folder of Parquet files, in the order of their names.

    Raises FileNotFoundError where nothing is, UsageError for a file of another kind, for a folder
    without any, and for one of an export that is not finished.
    """
    if path.suffix == ".parquet" or path.is_dir():
        return parquet_tables(path)
    if path.suffix in _ARROW:
        return arrow_tables(path)
    raise UsageError(f"{path.name}: what kind of file is it? Give a .parquet, .arrow or .feather file, or a folder")


def parquet_tables(path: Path) -> list[pa.Table]:
    """Return the tables of a Parquet file of any name, or of the ``.parquet`` files in and under a folder.

    Files and folders whose names begin with ``.`` or ``_`` are not data, as Parquet's writers have it. A folder
    of an export that is not finished is refused: what is in it is a part of the table, and reads like the whole.
    """
    import pyarrow as pa

    found: list[pa.Table] = []
    for file in _files(path) if path.is_dir() else [path]:
        try:
            found.append(parquet_table(file))
        except pa.ArrowInvalid as error:
            raise UsageError(f"{file.name} is no whole Parquet file: {_line(error)}") from None
    return found


def parquet_table(file: Path) -> pa.Table:
    """Return the table of one Parquet file; ArrowInvalid where it is none.

    pyarrow's ``read_table`` has names of its own, such as ``__filename``, and refuses a file that has them too.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as opened:
        return opened.read()


def arrow_tables(path: Path) -> list[pa.Table]:
    """Return the one table of an Arrow IPC file."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            return [pa.ipc.open_file(source).read_all()]
    except pa.ArrowInvalid as error:
        raise UsageError(f"{path.name} is no whole Arrow file: {_line(error)}") from None


def _files(folder: Path) -> list[Path]:
    within = sorted(folder.rglob("*.parquet"), key=lambda file: file.relative_to(folder).parts)
    data = [file for file in within if not any(part[0] in "._" for part in file.relative_to(folder).parts)]
    for each in dict.fromkeys((folder, *(file.parent for file in data))):
        if (each / JOURNAL).exists() and not (each / SUCCESS).exists():
            raise UsageError(f"{each.name}: the export is not finished; run to_parquet again, with the same arguments")
    if not data:
        raise UsageError(f"{folder.name} holds no .parquet file; give the folder that to_parquet wrote into, or a file")
    return data


def _line(error: Exception) -> str:
    """Return the first line of Arrow's words, without the path that they quote."""
    return str(error).splitlines()[0].rpartition("': ")[2]
