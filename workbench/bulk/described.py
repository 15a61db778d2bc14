"""A table as DescribeTable tells it: keys and indexes, and which table of that name it is."""

from __future__ import annotations

from typing import Any, cast

from workbench.bulk.failures import send
from workbench.model import Index, KeyAttribute, KeySchema, Table

__all__ = ["describe", "identity"]


def describe(client: Any, name: str) -> dict[str, Any]:
    """Return the description of a table; TableError where there is none, EngineError where nobody answers."""
    found: dict[str, Any] = send(client, "describe_table", "DescribeTable", name, TableName=name)["Table"]
    return found


def table_of(description: dict[str, Any]) -> Table:
    """Return the keys and indexes of a described table."""
    types = {each["AttributeName"]: each["AttributeType"] for each in description["AttributeDefinitions"]}
    kinds = (("global", "GlobalSecondaryIndexes"), ("local", "LocalSecondaryIndexes"))
    indexes = [
        Index(
            each["IndexName"],
            _keys(each["KeySchema"], types),
            kind=cast(Any, kind),
            projection=each.get("Projection", {}).get("ProjectionType", "ALL"),
            include=tuple(each.get("Projection", {}).get("NonKeyAttributes") or ()),
        )
        for kind, member in kinds
        for each in description.get(member) or []
    ]
    return Table(
        description["TableName"], _keys(description["KeySchema"], types), {index.name: index for index in indexes}
    )


def identity(description: dict[str, Any]) -> str:
    """Return what tells a table from a later one of the same name: its id, or the moment of its creation."""
    created = description.get("CreationDateTime") or ""  # boto3 gives it in the zone of whoever runs
    return str(description.get("TableId") or (created.timestamp() if hasattr(created, "timestamp") else created))


def _keys(schema: list[dict[str, Any]], types: dict[str, str]) -> KeySchema:
    def of(kind: str) -> tuple[KeyAttribute, ...]:
        return tuple(
            KeyAttribute(each["AttributeName"], cast(Any, types[each["AttributeName"]]))
            for each in schema
            if each["KeyType"] == kind
        )

    return KeySchema(of("HASH"), of("RANGE"))
