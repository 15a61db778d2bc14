"""Rows that moved on: an item whose sort key changes is in the table under another key than SQL says.

Seeding puts what is missing and deletes nothing, so it would put such an item back beside its newer self. An entity
that says ``one_per`` is looked at before: what the table holds under another sort key stays, and is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.bulk.failures import send
from workbench.items import canonical
from workbench.model import Entity, Table
from workbench.seeding.reading import is_empty
from workbench.seeding.sources import SourceItem

Wire = dict[str, Any]


def moved_items(
    client: Any, table: Table, entities: Mapping[str, Entity], missing: Sequence[SourceItem]
) -> list[SourceItem]:
    """Return those of the missing items that the table holds under another sort key; strongly consistent.

    One Query a partition key, and none where nothing is missing or the table is empty.
    """
    movable = [each for each in missing if entities[each.entity].one_per]
    if not movable or is_empty(client, table.name):
        return []
    names = [attribute.name for attribute in table.keys.partition]
    held: dict[Any, set[Any]] = {}
    for each in movable:
        partition = {name: each.wire[name] for name in names}
        if _comparable(partition) not in held:
            held[_comparable(partition)] = set(_values(client, table, partition, _attributes(entities)))
    return [
        each
        for each in movable
        if _mark(each.wire, str(entities[each.entity].one_per)) in held[_comparable({n: each.wire[n] for n in names})]
    ]


def _attributes(entities: Mapping[str, Entity]) -> list[str]:
    return list(dict.fromkeys(entity.one_per for entity in entities.values() if entity.one_per))


def _values(client: Any, table: Table, partition: Wire, attributes: Sequence[str]) -> Iterator[Any]:
    """Yield (attribute, value) of every item under a partition key."""
    names = list(partition)
    condition = " AND ".join(f"#k{at} = :k{at}" for at in range(len(names)))
    request: dict[str, Any] = {
        "TableName": table.name,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {f"#k{at}": name for at, name in enumerate(names)},
        "ExpressionAttributeValues": {f":k{at}": partition[name] for at, name in enumerate(names)},
        "ConsistentRead": True,
    }
    while True:
        answer = send(client, "query", "Query", table.name, **request)
        for item in answer["Items"]:
            yield from (_mark(item, name) for name in attributes if name in item)
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _mark(item: Mapping[str, Any], attribute: str) -> tuple[str, str]:
    return attribute, repr(canonical(item[attribute])) if attribute in item else ""


def _comparable(partition: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(repr(canonical(value)) for value in partition.values())
