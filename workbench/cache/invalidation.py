"""Which item collections a write makes stale: a pure function of a stream record.

A Query or GetItem reads one item collection of a table or an index, and that is what an answer is kept by. A record of
DynamoDB Streams names the item's key and, as the stream's view says, its images: so the collections it was, and is, in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.items import canonical, item_to_wire

if TYPE_CHECKING:
    from workbench.model import KeySchema, Model, Table
    from workbench.plans import Plan
    from workbench.results.result import ItemChange

__all__ = ["Collection", "blind_indexes", "collections_of", "stale_collections", "stream_record"]

Wire = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Collection:
    """One item collection: its table, its index or "", and its partition key values in canonical wire form as JSON."""

    table: str
    index: str
    partition: str

    @property
    def key(self) -> str:
        """The name that a cache knows it by."""
        return f"version:{self.table}:{self.index}:{self.partition}"

    def __str__(self) -> str:
        values = [str(next(iter(each.values()))) for each in json.loads(self.partition)]
        return f"{self.index or self.table} {', '.join(values)}"


def stale_collections(table: Table, record: Mapping[str, Any]) -> tuple[Collection, ...]:
    """Return the collections of the table and its indexes that a stream record's item was or is in, sorted.

    ``record`` has the shape of DynamoDB Streams: ``eventName``, and ``dynamodb`` with ``Keys`` and the images that the
    stream's view gives. UsageError where it is no such record. An index entry that only a missing old image could
    name is not among them: ``blind_indexes`` says where that can be.
    """
    try:
        change = record["dynamodb"]
        keys = change["Keys"]
        images = [change[name] for name in ("OldImage", "NewImage") if change.get(name)]
    except (KeyError, TypeError):
        raise UsageError(
            f"this is no record of DynamoDB Streams: it has no dynamodb.Keys: {str(record)[:80]}"
        ) from None
    found = set(_collections(table.name, "", table.keys, keys))
    for index in table.indexes.values():
        found |= set(_collections(table.name, index.name, index.keys, keys))  # its partition key is in the table's key
        for image in images:
            if set(index.keys.names) <= image.keys():  # a sparse index has no entry for others
                found |= set(_collections(table.name, index.name, index.keys, image))
    if not found:
        raise UsageError(f"this record is of another table than {table.name}: its key is {', '.join(keys)}")
    return tuple(sorted(found))


def blind_indexes(table: Table) -> tuple[str, ...]:
    """Return the indexes whose old entry a record of the table's stream may not name: they lack the old image."""
    if table.stream == "NEW_AND_OLD_IMAGES":
        return ()
    own = set(table.keys.names)
    return tuple(
        index.name
        for index in table.indexes.values()
        if not {each.name for each in index.keys.partition} <= own or table.stream is None
    )


def collections_of(plan: Plan) -> tuple[Collection, ...]:
    """Return the collections that a plan, its lookups resolved, reads; UsageError for a Scan, which reads them all."""
    model, pattern = plan.model, plan.pattern
    if pattern.operation == "Scan" or pattern.writes:
        raise UsageError(f"{pattern.name}: a {pattern.operation} is not kept in a cache; only reads by key are")
    if pattern.operation == "Query":
        index = pattern.index or ""
        schema = model.index(pattern.table, index).keys if index else model.table(pattern.table).keys
        return tuple(_collections(pattern.table, index, schema, _queried(plan, schema)))
    keys = [(step.table, step.key) for step in plan.steps] or [(pattern.table, plan.request.kwargs["Key"])]
    found = {each for name, key in keys for each in _collections(name, "", model.table(name).keys, key)}
    return tuple(sorted(found))


def stream_record(model: Model, change: ItemChange) -> dict[str, Any] | None:
    """Return the record that the table's stream gives for a change; None for one that changed nothing, or no stream."""
    view = model.table(change.table).stream
    if view is None or change.before == change.after:
        return None
    content: dict[str, Any] = {"Keys": item_to_wire(change.key), "StreamViewType": view}
    images = {"OldImage": ("OLD", change.before), "NewImage": ("NEW", change.after)}
    content |= {name: item_to_wire(image) for name, (word, image) in images.items() if word in view and image}
    event = "INSERT" if change.before is None else "REMOVE" if change.after is None else "MODIFY"
    return {"eventName": event, "eventSource": "aws:dynamodb", "dynamodb": content}


def _collections(table: str, index: str, schema: KeySchema, values: Wire) -> Iterator[Collection]:
    if all(each.name in values for each in schema.partition):
        wire = [canonical(values[each.name]) for each in schema.partition]
        yield Collection(table, index, json.dumps(wire, default=_hexadecimal, ensure_ascii=False))


def _hexadecimal(content: Any) -> str:
    return bytes(content).hex()


def _queried(plan: Plan, schema: KeySchema) -> dict[str, Any]:
    """Return the partition key values of a Query, from the equalities that its key condition begins with."""
    kwargs = plan.request.kwargs
    found = {}
    for part in kwargs["KeyConditionExpression"].split(" AND ")[: len(schema.partition)]:
        name, _, value = part.partition(" = ")
        found[kwargs.get("ExpressionAttributeNames", {}).get(name, name)] = kwargs["ExpressionAttributeValues"][value]
    return found
