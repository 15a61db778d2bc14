"""How far a scan is, and what an export came to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.items import amount_text

if TYPE_CHECKING:
    from workbench.bulk.folder import Part
    from workbench.bulk.scanning import ScannedPage

__all__ = ["ExportReport", "Meter", "ScanProgress"]


@dataclass(frozen=True)
class ScanProgress:
    """How far a scan is, over all segments: what earlier runs of it read is in ``items`` and ``units``.

    ``total`` is DescribeTable's count of items, which AWS takes every six hours: None where it is 0. ``per_second``
    are items of this run. ``seconds_left`` is an estimate, None where it cannot be made.
    """

    items: int
    total: int | None
    units: Decimal
    per_second: float
    seconds_left: float | None

    def __str__(self) -> str:
        of = f" of about {self.total:,}" if self.total else ""
        left = "" if self.seconds_left is None else f", about {self.seconds_left:,.0f} s left"
        items = f"{self.items:,} item{'s' * (self.items != 1)}"
        return f"{items}{of}, {amount_text(self.units)} RCU, {self.per_second:,.0f} items/s{left}"


class Meter:
    """Counts pages of several threads and tells ``progress`` of them, one at a time."""

    def __init__(
        self,
        items: int,
        units: Decimal,
        total: int,
        progress: Callable[[ScanProgress], None] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.items = self._before = items
        self.units = self._units_before = units
        self._total = total or None
        self._progress = progress
        self._clock = clock
        self._start = clock()
        self._lock = threading.Lock()

    @classmethod
    def of(cls, parts: Iterable[Part], total: int, progress: Callable[[ScanProgress], None] | None) -> Meter:
        """Return a meter that begins with what earlier runs read. ``total`` counts what a scan evaluates."""
        known = list(parts)
        return cls(
            sum(part.scanned for part in known), sum((part.units for part in known), Decimal(0)), total, progress
        )

    @property
    def units_now(self) -> Decimal:
        """The units that were spent since the meter began."""
        return self.units - self._units_before

    def add(self, page: ScannedPage) -> None:
        """Count a page and tell of it."""
        with self._lock:
            self.items += page.scanned
            self.units += page.units
            if self._progress is not None:
                self._progress(self.now())

    def now(self) -> ScanProgress:
        """Return how far it is."""
        seconds = self._clock() - self._start
        rate = (self.items - self._before) / seconds if seconds > 0 else 0.0
        left = max(self._total - self.items, 0) / rate if self._total and rate else None
        return ScanProgress(self.items, self._total, self.units, rate, left)


@dataclass(frozen=True)
class ExportReport:
    """What is in the folder of a finished export.

    ``scanned`` items were evaluated, ``items`` kept. ``units`` are the read units that the engine reports for what is
    in the files; pages that a killed run had read in vain are not among them. ``units_now`` are those of this run.
    ``was_done`` is True where the export was finished before, and this run read nothing.
    """

    folder: Path
    table: str
    index: str | None
    segments: int
    items: int
    scanned: int
    pages: int
    units: Decimal
    files: tuple[str, ...]
    bytes: int
    sha256: str
    units_now: Decimal = Decimal(0)
    was_done: bool = True
    seconds: float = field(default=0.0, compare=False)

    @classmethod
    def of_manifest(cls, folder: Path, data: Mapping[str, Any]) -> ExportReport:
        """Return the report of a folder that was finished before."""
        same = {
            name: data[name]
            for name in ("table", "index", "segments", "items", "scanned", "pages", "bytes", "sha256")
        }  # fmt: skip
        return cls(
            folder, units=Decimal(data["units"]), files=tuple(each["name"] for each in data["files"]), **same
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, without seconds and without the folder's place."""
        names = ("table", "index", "segments", "items", "scanned", "pages", "bytes", "sha256", "was_done")
        return {
            **{name: getattr(self, name) for name in names},
            "units": amount_text(self.units),
            "units_now": amount_text(self.units_now),
            "files": list(self.files),
        }

    def __repr__(self) -> str:
        what = f"{self.table} / {self.index}" if self.index else self.table
        files = f"{len(self.files):,} file{'s' * (len(self.files) != 1)}"
        line = (
            f"{what}: {self.items:,} items in {files} of {self.folder.name}/, {self.bytes:,} bytes; "
            f"{self.pages:,} page{'s' * (self.pages != 1)} in {self.segments} segment{'s' * (self.segments != 1)}, "
            f"{amount_text(self.units)} RCU"
        )
        return f"{line}\n  it was finished before; nothing was read" if self.was_done else line
