"""Digests: one short text that is the same only where two lists of items are the same, to the byte of every value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.bulk.failures import send
from workbench.errors import SeedError
from workbench.frames import json_text
from workbench.items import item_from_wire
from workbench.seeding.sources import items_of

if TYPE_CHECKING:
    from workbench.results import Session

Wire = Mapping[str, Any]


def store_digest(session: Session) -> str:
    """Return the digest of every item in the model's tables, read strongly consistent through all pages."""
    return digest((name, item) for name in session.model.tables for item in _stored(session.client, name))


def sql_digest(session: Session) -> str:
    """Return the digest of the items that the model's SQL gives now: what the tables should hold.

    Raises SeedError for a model without a database.
    """
    if session.database is None:
        raise SeedError(f"{session.model.name}: no SQL says what the tables should hold; the model has no database")
    return digest(
        (entity.table, each.wire)
        for entity in session.model.entities.values()
        if entity.source is not None
        for each in items_of(entity, session.model.table(entity.table), session.database.query(entity.source.sql, {}))
    )


def digest(items: Iterable[tuple[str, Wire]]) -> str:
    """Return a SHA-256 over (table, wire item), whatever their order; the order of sets and maps plays no part."""
    lines = sorted(json.dumps([table, _types(item), json_text(item_from_wire(item))]) for table, item in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _types(item: Wire) -> list[list[str]]:
    return sorted([name, next(iter(value))] for name, value in item.items())


def _stored(client: Any, table: str) -> Iterator[Wire]:
    request: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
    while True:
        answer = send(client, "scan", "Scan", table, **request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
