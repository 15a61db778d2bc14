"""A whole table as Arrow record batches of one schema and one size.

What type a column needs is known when the last item is read. So the table is read once into files in a temporary
folder, in the types of each part, and the batches are read from there in the types of all: nothing is lost, memory is
that of one part for each segment, and the disk holds the table once. The first batch comes after the last page.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bulk.export import Export, parted
from workbench.bulk.folder import Folder
from workbench.errors import UsageError
from workbench.frames import fitted, schema_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ROWS", "batches"]

ROWS = 10_000


def batches(client: Any, *, rows: int = ROWS, spool: str | Path | None = None, **options: Any) -> pa.RecordBatchReader:
    """Scan a table through a boto3 client and return its items as record batches of ``rows``, the last one shorter.

    The reader's ``schema`` is that of every batch, with the forms of ``frames.arrow``; the items are in the order of
    the segments. ``options`` are those of ``to_parquet``. ``spool`` is the folder for the temporary files, else the
    system's; they are deleted with the reader. Raises what ``to_parquet`` raises.
    """
    import pyarrow as pa

    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
        raise UsageError(f"rows={rows!r}; give a number of rows above 0")
    request, settings = parted(options)
    export = Export.of(client, request, settings, told="")
    if settings.say is not None:
        settings.say(str(export.expected))
    place = tempfile.TemporaryDirectory(prefix="workbench-batches-", dir=spool)
    try:
        folder = Folder.open(Path(place.name) / "parts", export.fingerprint())
        try:
            export.read(folder)
        finally:
            folder.close()
        schema = schema_of(export.shapes(folder))
    except BaseException:
        place.cleanup()
        raise
    return pa.RecordBatchReader.from_batches(schema, _batches(folder, schema, rows, place))


def _batches(folder: Folder, schema: pa.Schema, rows: int, place: tempfile.TemporaryDirectory[str]) -> Iterator[Any]:
    import pyarrow as pa

    with place:
        held: list[pa.RecordBatch] = []
        for batch in _parts(folder, schema, rows):
            held.append(batch)
            if sum(map(len, held)) >= rows:
                whole, held = _cut(held, rows)
                yield from whole
        if held:
            yield pa.concat_batches(held)


def _parts(folder: Folder, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for part in folder.ordered():
        if part.file:
            with pq.ParquetFile(folder.path / part.file) as file:
                for batch in file.iter_batches(batch_size=rows):
                    yield from fitted(pa.Table.from_batches([batch]), schema).to_batches()


def _cut(held: list[pa.RecordBatch], rows: int) -> tuple[list[pa.RecordBatch], list[pa.RecordBatch]]:
    """Return the full batches that can be made, and what is left over."""
    import pyarrow as pa

    whole = pa.concat_batches(held)
    full = len(whole) // rows
    left = whole.slice(full * rows)
    return [whole.slice(each * rows, rows) for each in range(full)], [left] if len(left) else []
