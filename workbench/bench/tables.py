"""A table on a bench: scanned by name, and looked at as the item collections that it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.bench.views import View, view_of
from workbench.results import DEFAULT_MAX_PAGES, Result, Session, scan

if TYPE_CHECKING:
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

    def view(self, *, index: str | None = None) -> View:
        """Return the item collections of the table, or of an index, by partition key."""
        return view_of(self.table, self.scan(index=index), index=index)

    def __repr__(self) -> str:
        return (
            f"table {self.name}: {', '.join(self.table.keys.names)}; indexes: {', '.join(self.table.indexes) or 'none'}"
        )
