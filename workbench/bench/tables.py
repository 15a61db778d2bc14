"""A table on a bench: scanned by name, written to in bulk, and looked at as the item collections that it holds."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.bench.views import View, view_of
from workbench.bulk import Ceiling, batches, to_parquet, write
from workbench.bulk.batches import ROWS
from workbench.bulk.described import describe
from workbench.bulk.expected import Expected, expected
from workbench.errors import DatabaseError, UsageError
from workbench.frames import from_rows
from workbench.results import DEFAULT_MAX_PAGES, Result, Session, scan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from workbench.bulk import ExportReport, WriteReport
    from workbench.model import Model, Table


@dataclass(frozen=True)
class BoundTable:
    """One table of a bench."""

    model: Model
    table: Table
    session: Session = field(repr=False)

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    def scan(
        self,
        *,
        index: str | None = None,
        segments: int | None = None,
        max_pages: int = DEFAULT_MAX_PAGES,
        max_units_per_second: float | None = None,
    ) -> Result:
        """Return every item of the table or of one index, through all pages up to ``max_pages``.

        A Scan reads, and is billed for, everything it passes; the receipt says how much. ``segments`` are read side
        by side and stand one after another, which on DynamoDB Local is the order of a serial scan; ``max_pages`` then
        counts the pages of all of them. ``max_units_per_second`` read units are spent at most.
        """
        pace = None if max_units_per_second is None else Ceiling(max_units_per_second)
        return scan(self.session, self.name, index=index, segments=segments, max_pages=max_pages, pace=pace)

    def expected(self, *, index: str | None = None, consistent: bool = False) -> Expected:
        """Return what one scan of the table or of an index is likely to cost; one DescribeTable, nothing is read."""
        return expected(describe(self.session.client, self.name), index, consistent=consistent)

    def batches(self, rows: int = ROWS, *, index: str | None = None, **options: Any) -> pa.RecordBatchReader:
        """Return every item as Arrow record batches of ``rows``, with one schema for all of them.

        The table is read before the first batch comes, into temporary files. ``options`` are those of
        ``workbench.bulk.batches``: segments, max_units_per_second, progress, ...
        """
        return batches(self.session.client, rows=rows, **self._scan_options(index, options))

    def to_parquet(self, folder: str | Path, *, index: str | None = None, **options: Any) -> ExportReport:
        """Write every item of the table or of one index into a folder of Parquet files, and return exact counts.

        Run again with the same folder it goes on where it was stopped or killed. ``options`` are those of
        ``workbench.bulk.to_parquet``: segments, part_bytes, max_units_per_second, progress, ... On an engine that
        bills, the estimate of the cost is said first.
        """
        return to_parquet(self.session.client, folder, model=self.model.name, **self._scan_options(index, options))

    def _scan_options(self, index: str | None, options: dict[str, Any]) -> dict[str, Any]:
        if options.get("TableName", self.name) != self.name:
            raise UsageError(f"this is the table {self.name}; for another say bench.table({options['TableName']!r})")
        if index is not None:
            options = {"IndexName": self.model.index(self.name, index).name, **options}
        if not self.session.engine.is_near:
            options = {"say": _say, **options}
        return {"TableName": self.name, **options}

    def put(
        self, rows: Any = None, *, sql: str | None = None, parameters: Mapping[str, Any] | None = None, **options: Any
    ) -> WriteReport:
        """Write rows, or those of a SQL query on the relational side, and return exact counts.

        ``rows``: a DataFrame, Arrow data, a list or an iterator of items. ``parameters`` of the query are written
        ``%(name)s``; a SQL null leaves the attribute out. ``options`` are those of ``workbench.write``; the engine
        is asked for units unless ``units=False``.
        """
        if (rows is None) == (sql is None):
            raise UsageError("give rows, or sql= with parameters=, and not both")
        if parameters and sql is None:
            raise UsageError("parameters= go with sql=; give both, or rows alone")
        given = self._selected(sql, parameters) if sql else rows
        return write(self.session.client, self.table, given, **{"units": True, **options})

    def delete(self, keys: Any, **options: Any) -> WriteReport:
        """Delete items by their keys, given as rows of the key's attributes alone, and return exact counts.

        ``options`` are those of ``workbench.write``; the engine is asked for units unless ``units=False``.
        """
        return write(self.session.client, self.table, keys, operation="delete", **{"units": True, **options})

    def _selected(self, sql: str, parameters: Mapping[str, Any] | None) -> Any:
        if self.session.database is None:
            raise DatabaseError(
                f"the model {self.model.name!r} declares no database; add `database:` to {self.model.path.name}"
            )
        return from_rows(self.session.database.query(sql, dict(parameters or {})))

    def view(self, *, index: str | None = None) -> View:
        """Return the item collections of the table, or of an index, by partition key."""
        return view_of(self.table, self.scan(index=index), index=index)

    def __repr__(self) -> str:
        return (
            f"table {self.name}: {', '.join(self.table.keys.names)}; indexes: {', '.join(self.table.indexes) or 'none'}"
        )


def _say(words: str) -> None:
    print(words, file=sys.stderr)
