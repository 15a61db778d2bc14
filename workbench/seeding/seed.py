"""Seeding: SQL -> entities -> items. Twice changes nothing, and half a seed is mended by another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.bulk.writer import LIMIT_SECONDS
from workbench.errors import RequestError, SeedError
from workbench.model import Entity, Table
from workbench.results import Backoff
from workbench.seeding.batches import Mode, Progress, Wire, key_of, merge_duplicates, same, write_items
from workbench.seeding.moved import moved_items
from workbench.seeding.reading import existing_items
from workbench.seeding.schema import refuse_other_keys
from workbench.seeding.sources import SourceItem, items_of

if TYPE_CHECKING:
    from workbench.results import Session


@dataclass(frozen=True)
class EntityCount:
    """What became of the rows of one entity: ``rows`` = ``written`` + ``unchanged`` + ``merged`` + ``moved``.

    ``written`` were missing or different in the table, ``unchanged`` were there already, ``merged`` are identical
    duplicates of an earlier row. ``moved`` are in the table under another sort key (see ``one_per`` of an entity),
    and were left there.
    """

    entity: str
    table: str
    source: str
    rows: int
    written: int
    unchanged: int
    merged: int
    moved: int = 0


@dataclass(frozen=True)
class SeedReport:
    """What was seeded, entity by entity in the order of the model file. Iterating gives the counts."""

    entities: tuple[EntityCount, ...]

    def __iter__(self) -> Iterator[EntityCount]:
        return iter(self.entities)

    def __len__(self) -> int:
        return len(self.entities)

    @property
    def rows(self) -> int:
        """Rows that the SQL gave, of all entities."""
        return sum(count.rows for count in self.entities)

    @property
    def written(self) -> int:
        """Items that were written because they were missing or different."""
        return sum(count.written for count in self.entities)

    @property
    def unchanged(self) -> int:
        """Items that were in the table already, as the SQL gives them."""
        return sum(count.unchanged for count in self.entities)

    def __repr__(self) -> str:
        lines = [
            f"{each.entity}: {each.rows:,} row{'s' * (each.rows != 1)}, {each.written:,} written, "
            f"{each.unchanged:,} unchanged"
            + (f", {each.merged:,} merged" if each.merged else "")
            + (f", {each.moved:,} moved on and left where it is" if each.moved else "")
            for each in self.entities
        ]
        return "\n".join(lines) or "nothing to seed: no entity has a source"

    def records(self) -> list[dict[str, Any]]:
        """Return one dict an entity, for JSON."""
        names = ("entity", "table", "source", "rows", "written", "unchanged", "merged", "moved")
        return [{name: getattr(each, name) for name in names} for each in self.entities]


def seed(
    session: Session,
    *,
    mode: Literal["batch", "put"] = "batch",
    progress: Progress | None = None,
    backoff: Backoff | None = None,
    limit_seconds: float = LIMIT_SECONDS,
) -> SeedReport:
    """Write the items that the model's SQL gives to the session's store, and return the counts by entity.

    Items that are there already as they should be are not written again; items that SQL does not give stay. An item
    that moved on to another sort key since (``one_per``) stays where it is, and its old self is not put back. All rows
    are read and checked before the first write, so SeedError (a row that cannot become an item, two rows of one key)
    leaves the store untouched. TableError where a table is missing or has other keys. ``mode`` "put" writes one item a
    request, to compare. ``progress`` is told (done, total) in items.
    """
    tables = {entity.table: session.model.table(entity.table) for entity in _seeded(session)}
    sourced = {name: _sourced(session, table) for name, table in tables.items()}
    writer = _Writer(session, mode, progress, backoff, limit_seconds, sum(map(len, sourced.values())))
    counts: dict[str, EntityCount] = {}
    for name, table in tables.items():
        try:
            counts |= {count.entity: count for count in writer.write(table, sourced[name])}
        except RequestError as error:
            if error.code == "ValidationException":  # most likely the table's keys; then say which, and the cure
                refuse_other_keys(session.client, table)
            raise
    return SeedReport(tuple(counts[entity.name] for entity in _seeded(session)))


def _seeded(session: Session) -> list[Entity]:
    return [entity for entity in session.model.entities.values() if entity.source is not None]


def _sourced(session: Session, table: Table) -> list[SourceItem]:
    """Return the items of every entity of a table."""
    found: list[SourceItem] = []
    for entity in _seeded(session):
        if entity.table == table.name and entity.source is not None:
            if session.database is None:
                raise SeedError(
                    f"{session.model.name}: {entity.name} is filled by {entity.source.path}, and the model declares no "
                    f"database. Add `database:` to the model file, or take the source out."
                )
            found += items_of(entity, table, session.database.query(entity.source.sql, {}))
    return found


@dataclass
class _Writer:
    session: Session
    mode: Mode
    progress: Progress | None
    backoff: Backoff | None
    limit_seconds: float
    total: int
    done: int = 0

    def write(self, table: Table, sourced: Sequence[SourceItem]) -> list[EntityCount]:
        """Write what is missing or different in one table and return a count for each of its entities."""
        keys = table.keys.names
        merge_duplicates(table.name, keys, [each.wire for each in sourced], [each.place for each in sourced])
        first = {key_of(keys, each.wire): each for each in reversed(sourced)}
        there = existing_items(self.session.client, table, [each.wire for each in first.values()], self.backoff)
        due = [each for each in sourced if first[key_of(keys, each.wire)] is each]
        missing = [each for each in due if not _is_there(each.wire, there.get(key_of(keys, each.wire)))]
        moved = moved_items(self.session.client, table, self.session.model.entities, missing)
        away = {id(each) for each in moved}
        missing = [each for each in missing if id(each) not in away]
        self._advance(len(sourced) - len(missing))
        write_items(
            self.session.client, table.name, keys, [each.wire for each in missing], mode=self.mode,
            progress=self.progress, already=self.done, total=self.total, backoff=self.backoff,
            limit_seconds=self.limit_seconds,
        )  # fmt: skip
        self.done += len(missing)
        return [
            self._count(entity, sourced, due, missing, moved)
            for entity in _seeded(self.session)
            if entity.table == table.name
        ]

    def _advance(self, count: int) -> None:
        self.done += count
        if count and self.progress:
            self.progress(self.done, self.total)

    def _count(
        self,
        entity: Entity,
        sourced: Sequence[SourceItem],
        due: Sequence[SourceItem],
        missing: Sequence[SourceItem],
        moved: Sequence[SourceItem],
    ) -> EntityCount:
        parts = (sourced, due, missing, moved)
        rows, unique, written, away = (sum(each.entity == entity.name for each in part) for part in parts)
        source = entity.source.path if entity.source else ""
        unchanged = unique - written - away
        return EntityCount(entity.name, entity.table, source, rows, written, unchanged, rows - unique, away)


def _is_there(wanted: Wire, found: Wire | None) -> bool:
    return found is not None and same(wanted, found)
