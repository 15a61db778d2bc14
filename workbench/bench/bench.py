"""The bench: the one object that a reader meets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from workbench import checks, seeding, streams
from workbench.bench.fresh import fresh_session
from workbench.bench.patterns import BoundPattern
from workbench.bench.tables import BoundTable
from workbench.errors import DatabaseError, UsageError
from workbench.frames import from_rows

if TYPE_CHECKING:
    from workbench.bench.views import View
    from workbench.checks import Report
    from workbench.engines import Database, Engine, Store
    from workbench.model import Model
    from workbench.results import Session
    from workbench.seeding import SchemaReport, SeedReport
    from workbench.streams import Stream


@dataclass(frozen=True)
class Bench:
    """A model opened on an engine, in a store of its own. Close it, or let its process end, to give the store back."""

    model: Model
    engine: Engine = field(repr=False)
    store: Store = field(repr=False)
    session: Session = field(repr=False)

    def load_schema(self) -> SchemaReport:
        """Create the tables that are not there yet and return what was done, table by table.

        Raises TableError where a table is there with other keys or indexes than the model says.
        """
        return seeding.load_schema(self.session.client, self.model)

    def drop_schema(self) -> SchemaReport:
        """Delete the model's tables and return what was done, table by table."""
        return seeding.drop_schema(self.session.client, self.model)

    def seed(
        self, *, mode: Literal["batch", "put"] = "batch", progress: Callable[[int, int], None] | None = None
    ) -> SeedReport:
        """Write the items that the model's SQL gives, and return the counts by entity. Twice changes nothing."""
        return seeding.seed(self.session, mode=mode, progress=progress)

    def pattern(self, name: str) -> BoundPattern:
        """Return an access pattern by its name; UnknownNameError names the nearest."""
        return BoundPattern(self.model, self.model.pattern(name), self.session)

    @property
    def patterns(self) -> pd.DataFrame:
        """The access patterns, one row each, in the order of the file: name, operation, target, question."""
        rows = [
            {"pattern": p.name, "operation": p.operation, "target": p.index or p.table, "question": p.question}
            for p in self.model.patterns.values()
        ]
        return pd.DataFrame(rows, columns=["pattern", "operation", "target", "question"])

    def table(self, name: str | None = None) -> BoundTable:
        """Return a table by name; without one, the model's only table, or the one that it marks ``main``."""
        table = self.model.table(name) if name is not None else self.model.main_table
        if table is None:
            raise UsageError(
                f"{self.model.name} has {len(self.model.tables)} tables; name one: {', '.join(self.model.tables)}"
            )
        return BoundTable(self.model, table, self.session)

    def view(self, table: str | None = None, *, index: str | None = None) -> View:
        """Return what a table, or one of its indexes, holds: item collections by partition key."""
        if index is not None:
            self.model.index(self.table(table).name, index)
        return self.table(table).view(index=index)

    def stream(self, table: str | None = None) -> Stream:
        """Return the stream of a table; the name may be left out where one table has a stream.

        ``workbench.streams`` reads it and runs handlers over it. Raises StreamError where the table was made without.
        """
        name = streams.streamed_table(self.model, table)
        return streams.find_stream(self.session.client, self.store.streams_client(), name)

    def sql(self, query: str, **parameters: Any) -> pd.DataFrame:
        """Return the rows of a SQL query on the relational side; parameters are written ``%(name)s``. Read only."""
        return from_rows(self.database.query(query, parameters))

    @property
    def database(self) -> Database:
        """The PostgreSQL database of this bench; DatabaseError where the model declares none."""
        if self.session.database is None:
            raise DatabaseError(
                f"the model {self.model.name!r} declares no database; add `database:` to {self.model.path.name}"
            )
        database: Database = self.session.database
        return database

    def check(self, patterns: Sequence[str] | None = None) -> Report:
        """Return the verdicts on every example of the model, or of some patterns.

        Reading examples share a fresh store, each writing example has one of its own: this bench's store, and what
        was changed in it, plays no part.
        """
        return checks.check_model(self.model, self.fresh, patterns=patterns, engine=self.engine.title)

    def fresh(self) -> AbstractContextManager[Session]:
        """Give a session in an empty, isolated store with schema and seed, for as long as a ``with`` block runs."""
        return fresh_session(self.model, self.engine, self.session.clock)

    def close(self) -> None:
        """Give the store and the database back."""
        if self.session.database is not None:
            self.session.database.close()
        self.store.release()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        tables, patterns = len(self.model.tables), len(self.model.patterns)
        return (
            f"{self.model.name} on {self.engine.title}: {tables} table{'s' * (tables != 1)}, "
            f"{len(self.model.entities)} entities, {patterns} access patterns"
        )
