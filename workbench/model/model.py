"""The model: everything that one design says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from workbench.errors import UnknownNameError, did_you_mean
from workbench.model.entities import Entity, Source
from workbench.model.patterns import Example, Pattern
from workbench.model.tables import Index, Table


@dataclass(frozen=True)
class Rows:
    """A CSV file that is copied into a PostgreSQL table while the database is seeded."""

    table: str
    path: Path


@dataclass(frozen=True)
class Database:
    """The relational side: statements that make the schema, then SQL and CSV rows that fill it, each in order."""

    schema: tuple[Source, ...] = ()
    seed: tuple[Source | Rows, ...] = ()


@dataclass(frozen=True)
class Model:
    """A design: tables, entities, access patterns, and the relational database that they are proved against."""

    name: str
    path: Path
    description: str = ""
    tables: dict[str, Table] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    patterns: dict[str, Pattern] = field(default_factory=dict)
    database: Database | None = None

    def __repr__(self) -> str:
        """Say in one line what the design holds."""
        return (
            f"model {self.name}: {len(self.tables)} table{'s' * (len(self.tables) != 1)}, "
            f"{len(self.entities)} entities, {len(self.patterns)} access patterns"
        )

    def table(self, name: str) -> Table:
        """Return the table of that name; UnknownNameError names the nearest."""
        return _named("table", name, self.tables, self.name)

    def entity(self, name: str) -> Entity:
        """Return the entity of that name; UnknownNameError names the nearest."""
        return _named("entity", name, self.entities, self.name)

    def pattern(self, name: str) -> Pattern:
        """Return the access pattern of that name; UnknownNameError names the nearest."""
        return _named("access pattern", name, self.patterns, self.name)

    @property
    def main_table(self) -> Table | None:
        """The table that is meant where none is named: the only one, or the one that is marked ``main``; else None."""
        if len(self.tables) == 1:
            return next(iter(self.tables.values()))
        return next((table for table in self.tables.values() if table.main), None)

    def index(self, table: str, name: str) -> Index:
        """Return an index of a table; UnknownNameError names the nearest."""
        return _named("index", name, self.table(table).indexes, table)

    def example(self, pattern: str, name: str) -> Example:
        """Return an example of a pattern; UnknownNameError names the nearest."""
        return _named("example", name, self.pattern(pattern).examples, pattern)

    def entities_of(self, table: str) -> list[Entity]:
        """Return the entities stored in a table, in the order of the file."""
        return [entity for entity in self.entities.values() if entity.table == table]


T = TypeVar("T")


def _named(kind: str, name: str, known: dict[str, T], owner: str) -> T:
    try:
        return known[name]
    except KeyError:
        raise UnknownNameError(f"{owner} has no {kind} {name!r}. {did_you_mean(name, list(known))}") from None
