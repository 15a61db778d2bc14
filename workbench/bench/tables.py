"""A table on a bench: scanned by name, written to in bulk, and looked at as the item collections that it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.bench.views import View, view_of
from workbench.bulk import write
from workbench.errors import DatabaseError, UsageError
from workbench.frames import from_rows
from workbench.results import DEFAULT_MAX_PAGES, Result, Session, scan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.bulk import WriteReport
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

    def scan(self, *, index: str | None = None, max_pages: int = DEFAULT_MAX_PAGES) -> Result:
        """Return every item of the table or of one index, through all pages up to ``max_pages``.

        A Scan reads, and is billed for, everything it passes; the receipt says how much.
        """
        return scan(self.session, self.name, index=index, max_pages=max_pages)

    def put(
        self, rows: Any = None, *, sql: str | None = None, parameters: Mapping[str, Any] | None = None, **options: Any
    ) -> WriteReport:
        """Write rows, or those of a SQL query on the relational side, and return exact counts.

        ``rows``: a DataFrame, Arrow data, a list or an iterator of items. ``parameters`` of the query are written
        ``%(name)s``; a SQL null leaves the attribute out. ``options`` are those of ``workbench.write``.
        """
        if (rows is None) == (sql is None):
            raise UsageError("give rows, or sql= with parameters=, and not both")
        if parameters and sql is None:
            raise UsageError("parameters= go with sql=; give both, or rows alone")
        return write(self.session.client, self.table, self._selected(sql, parameters) if sql else rows, **options)

    def delete(self, keys: Any, **options: Any) -> WriteReport:
        """Delete items by their keys, given as rows of the key's attributes alone, and return exact counts.

        ``options`` are those of ``workbench.write``.
        """
        return write(self.session.client, self.table, keys, operation="delete", **options)

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
