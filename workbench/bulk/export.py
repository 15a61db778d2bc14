"""A whole table, or an index, into a folder of Parquet files: while it reads, under a journal, in segments.

Each segment is written in parts. A part is on the disk before the journal tells of it, with the key from behind which
the segment goes on; so a process that is killed, whenever that is, has lost no part, and a run after it doubles none.
When every segment has ended, all files get one schema, that of all the items together, and ``_SUCCESS`` says so.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bulk.described import describe, identity, table_of
from workbench.bulk.expected import Expected, expected
from workbench.bulk.folder import SUCCESS, Folder, Part
from workbench.bulk.parts import part_name, write_json, write_part
from workbench.bulk.patience import check_patience
from workbench.bulk.rates import Ceiling
from workbench.bulk.reached import ExportReport, Meter, ScanProgress
from workbench.bulk.scanning import GO_ON, LIMIT_SECONDS, ScannedPage, Scanner
from workbench.errors import UsageError
from workbench.frames import Columns, Page, Pipeline, fitted, in_order, json_text, schema_of, shapes_of, united
from workbench.frames.shapes import Shapes
from workbench.frames.stored import parquet_table
from workbench.items import amount_text
from workbench.model import Table
from workbench.plans import Request
from workbench.results.backoff import Backoff
from workbench.results.segments import in_segments

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PART_BYTES", "SEGMENTS", "Export", "Settings", "to_parquet"]

SEGMENTS = 8
PART_BYTES = 32 * 2**20
PAGE_BYTES = 2**20
PAGES_OF_LITTLE = 4  # so many times the pages of a part that hold next to nothing, behind a filter, are a part too


@dataclass(frozen=True)
class Settings:
    """How an export reads and writes; see ``to_parquet``."""

    segments: int = SEGMENTS
    part_bytes: int = PART_BYTES
    max_units_per_second: float | None = None
    limit_seconds: float = LIMIT_SECONDS
    backoff: Backoff | None = None
    progress: Callable[[ScanProgress], None] | None = None
    say: Callable[[str], None] | None = None


def to_parquet(client: Any, folder: str | Path, *, model: str | None = None, **options: Any) -> ExportReport:
    """Scan a table through a boto3 client into a folder of Parquet files, and return exact counts.

    ``options`` are ``segments``, ``part_bytes`` (of the items' JSON, the most that a kill makes a segment read
    again), ``max_units_per_second``, ``limit_seconds`` (of waiting for one request that is throttled), ``backoff``,
    ``progress`` (called with a ``ScanProgress`` after every page) and ``say`` (called with the estimate of the cost),
    and boto3's own arguments of Scan: ``TableName``, ``IndexName``, ``FilterExpression``, ``ConsistentRead``, ...

    Run again with the same folder and arguments it goes on where it was; a finished folder is left as it is. The
    items of one segment are in its order, the files in the order of the segments. A Scan is no snapshot: what is
    written meanwhile may be in it or not, and an item that is deleted and put again may be in it twice.

    Raises UsageError for a folder with something else in it, JournalError for one of another table, request or
    number of segments, or in use; TableError, RequestError, EngineError where the engine refuses.
    """
    if not str(folder):
        raise UsageError("folder=''; give the path of a folder")
    request, settings = parted(options)
    export = Export.of(client, request, settings)
    of = export.fingerprint(model)
    opened = Folder.open(Path(folder), of)
    try:
        if (done := opened.done) is not None:
            return ExportReport.of_manifest(Path(folder), done)
        if settings.say is not None:
            settings.say(str(export.expected))
        export.read(opened)
        return export.finish(opened)
    finally:
        opened.close()


def parted(options: Mapping[str, Any]) -> tuple[Request, Settings]:
    """Return boto3's arguments of Scan and this module's own. UsageError for what cannot be meant."""
    own = {name: value for name, value in options.items() if name in Settings.__dataclass_fields__}
    kwargs = {name: value for name, value in options.items() if name not in own}
    strange = [name for name in kwargs if not name[:1].isupper()]
    if strange:
        known = ", ".join(Settings.__dataclass_fields__)
        raise UsageError(f"{strange[0]} is no option: give {known}, or boto3's own arguments of Scan")
    if "TableName" not in kwargs:
        raise UsageError("name a table: TableName=...")
    if given := [name for name in ("Segment", "TotalSegments", "ExclusiveStartKey", "Select") if name in kwargs]:
        raise UsageError(f"{given[0]} cannot be given: every item of every segment is read; say segments=")
    settings = Settings(**own)
    check_patience(settings.limit_seconds, settings.backoff, settings.progress)
    if isinstance(settings.part_bytes, bool) or not isinstance(settings.part_bytes, int) or settings.part_bytes < 1:
        raise UsageError(f"part_bytes={settings.part_bytes!r}; give a number of bytes above 0")
    return Request("Scan", {"ReturnConsumedCapacity": "TOTAL", **kwargs}), settings


@dataclass
class Export:
    """One scan into one folder."""

    request: Request
    settings: Settings
    table: Table
    table_id: str
    expected: Expected
    scanner: Scanner
    seconds: float = 0.0
    _units_now: Decimal = field(default=Decimal(0))

    @classmethod
    def of(cls, client: Any, request: Request, settings: Settings, *, told: str = GO_ON) -> Export:
        """Return the export of a described table; nothing is read yet. ``told`` ends the message of an error."""
        kwargs = request.kwargs
        description = describe(client, kwargs["TableName"])
        cost = expected(description, kwargs.get("IndexName"), consistent=bool(kwargs.get("ConsistentRead")))
        backoff = settings.backoff or Backoff()
        ceiling = None if settings.max_units_per_second is None else Ceiling(settings.max_units_per_second)
        scanner = Scanner(client, request, settings.segments, cost, ceiling, backoff, settings.limit_seconds, told)
        return cls(request, settings, table_of(description), identity(description), cost, scanner)

    def fingerprint(self, model: str | None = None) -> dict[str, Any]:
        """Return what a folder's journal is bound to."""
        others = {k: v for k, v in self.request.kwargs.items() if k not in ("TableName", "IndexName")}
        return {
            "table": self.table.name,
            "id": self.table_id,
            "index": self.request.kwargs.get("IndexName"),
            "model": model,
            "segments": self.settings.segments,
            "request": json_text(others),
        }

    @property
    def keys(self) -> tuple[str, ...]:
        """The key attributes, an index's before its table's."""
        index = self.request.kwargs.get("IndexName")
        first = self.table.indexes[index].keys.names if index else ()
        return tuple(dict.fromkeys((*first, *self.table.keys.names)))

    def read(self, folder: Folder) -> None:
        """Read every segment from where it is to its end."""
        started, meter = time.perf_counter(), Meter.of(folder.parts, self.expected.items, self.settings.progress)
        with Pipeline() as shared:
            in_segments(self.settings.segments, lambda each, stop: self._segment(each, stop, folder, shared, meter))
        self.seconds += time.perf_counter() - started
        self._units_now = meter.units_now

    def _segment(self, segment: int, stop: threading.Event, folder: Folder, shared: Pipeline, meter: Meter) -> None:
        reached = folder.reached(segment)
        if reached.ended:
            return
        held, pipeline, number = _Held(self.settings.part_bytes), Pipeline(beside=shared), reached.number
        for page in self.scanner.pages(segment, reached.after, stop):
            pipeline.add(page.items, last=False)
            held.add(page)
            meter.add(page)
            if page.after is None or held.full:
                pages = [decoded for decoded, _ in pipeline.results()]
                self._write(folder, segment, number, pages, held)
                held, pipeline, number = _Held(self.settings.part_bytes), Pipeline(beside=shared), number + 1

    def _write(self, folder: Folder, segment: int, number: int, pages: Sequence[Page], held: _Held) -> None:
        found, name, shapes = sum(page.rows for page in pages), None, dict[str, Any]()
        written: dict[str, Any] = {}
        if found:
            name = part_name(segment, number)
            table = self._table(pages)
            shapes = shapes_of(table)
            written = write_part(table, folder.path / name)
        folder.add(
            Part(
                segment, number, name, found, held.scanned, held.pages, held.units, held.after, shapes, **written
            )
        )  # fmt: skip

    def _table(self, pages: Sequence[Page]) -> pa.Table:
        """Return pages as a table with the keys, also those that a projection left out: so it has rows in a file."""
        return Columns(pages, tuple(dict.fromkeys((*self.keys, *in_order(pages))))).arrow

    def shapes(self, folder: Folder) -> Shapes:
        """Return the shapes of all parts together, in their order; of no items at all, the keys alone."""
        found = united(part.shapes for part in folder.ordered())
        return found or {name: {} for name in self.keys}

    def finish(self, folder: Folder) -> ExportReport:
        """Give every file the schema of all, say so in ``_SUCCESS``, and return the report."""
        shapes = self.shapes(folder)
        schema = schema_of(shapes)
        files = []
        for part in folder.ordered():
            if part.file:
                files.append({"name": part.file, "items": part.items, **_fit(folder, part, schema)})
        if not files:
            name = part_name(0, 0)
            files = [{"name": name, "items": 0, **_fit_empty(folder, name, schema)}]
        manifest = self._manifest(folder, schema, files)
        write_json(manifest, folder.path / SUCCESS)
        report = ExportReport.of_manifest(folder.path, manifest)
        return replace(report, units_now=self._units_now, seconds=self.seconds, was_done=False)

    def _manifest(self, folder: Folder, schema: pa.Schema, files: list[dict[str, Any]]) -> dict[str, Any]:
        of = self.fingerprint()
        digest = hashlib.sha256("".join(each["sha256"] for each in files).encode()).hexdigest()
        columns = [
            {
                "name": each.name,
                "type": str(each.type),
                "dynamodb": (each.metadata or {}).get(b"dynamodb", b"").decode(),
            }
            for each in schema
        ]
        return {
            "export": 1, "table": of["table"], "index": of["index"], "request": of["request"],
            "segments": of["segments"], "items": sum(part.items for part in folder.parts),
            "scanned": sum(part.scanned for part in folder.parts), "pages": sum(part.pages for part in folder.parts),
            "units": amount_text(sum((part.units for part in folder.parts), Decimal(0))),
            "bytes": sum(each["bytes"] for each in files), "sha256": digest, "columns": columns, "files": files,
        }  # fmt: skip


@dataclass
class _Held:
    """What of a segment is read and not written yet."""

    most: int
    size: int = 0
    pages: int = 0
    scanned: int = 0
    units: Decimal = field(default=Decimal(0))
    after: Mapping[str, Any] | None = None

    def add(self, page: ScannedPage) -> None:
        self.size += page.size
        self.pages += 1
        self.scanned += page.scanned
        self.units += page.units
        self.after = page.after

    @property
    def full(self) -> bool:
        return self.size >= self.most or self.pages * PAGE_BYTES >= PAGES_OF_LITTLE * max(self.most, PAGE_BYTES)


def _fit(folder: Folder, part: Part, schema: pa.Schema) -> dict[str, Any]:
    """Return ``bytes`` and ``sha256`` of a part's file after giving it the schema, where it has it not yet."""
    assert part.file is not None
    if (entry := folder.fitted.get(part.file)) is not None:
        return {"bytes": entry["bytes"], "sha256": entry["sha256"]}
    if schema_of(part.shapes).equals(schema, check_metadata=True):
        return {"bytes": part.bytes, "sha256": part.sha256}
    path = folder.path / part.file
    written = write_part(fitted(parquet_table(path), schema), path)
    folder.add_fitted(part.file, written)
    return written


def _fit_empty(folder: Folder, name: str, schema: pa.Schema) -> dict[str, Any]:
    written = write_part(schema.empty_table(), folder.path / name)
    folder.add_fitted(name, written)
    return written
