"""The requests that make a table as the model declares it."""

from __future__ import annotations

from typing import Any

from workbench.errors import ModelError
from workbench.model import Billing, Index, KeySchema, Table


def table_request(table: Table) -> dict[str, Any]:
    """Return the arguments of CreateTable; ModelError for what AWS would refuse.

    TTL is not part of CreateTable: ``ttl_request`` has its own.
    """
    return {
        "TableName": table.name,
        "AttributeDefinitions": _definitions(table),
        "KeySchema": _key_schema(table.keys),
        **_indexes(table),
        "BillingMode": "PROVISIONED" if table.billing.mode == "provisioned" else "PAY_PER_REQUEST",
        **_throughput(table.billing, f"table {table.name}"),
        **_stream(table),
        **({"DeletionProtectionEnabled": True} if table.deletion_protection else {}),
    }


def ttl_request(table: Table) -> dict[str, Any] | None:
    """Return the arguments of UpdateTimeToLive, or None for a table without a TTL attribute."""
    if table.ttl is None:
        return None
    return {"TableName": table.name, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": table.ttl}}


def _definitions(table: Table) -> list[dict[str, str]]:
    types: dict[str, str] = {}
    for keys in (table.keys, *(index.keys for index in table.indexes.values())):
        for attribute in keys.attributes:
            if types.setdefault(attribute.name, attribute.type) != attribute.type:
                raise ModelError(
                    f"table {table.name}: key attribute {attribute.name} is {types[attribute.name]} in one key and "
                    f"{attribute.type} in another; an attribute has one type, make them the same"
                )
    return [{"AttributeName": name, "AttributeType": type_} for name, type_ in types.items()]


def _key_schema(keys: KeySchema) -> list[dict[str, str]]:
    return [{"AttributeName": each.name, "KeyType": "HASH"} for each in keys.partition] + [
        {"AttributeName": each.name, "KeyType": "RANGE"} for each in keys.sort
    ]


def _indexes(table: Table) -> dict[str, list[dict[str, Any]]]:
    local = [_index(index) for index in table.indexes.values() if index.kind == "local"]
    global_ = [
        {**_index(index), **_index_throughput(table, index)}
        for index in table.indexes.values()
        if index.kind == "global"
    ]
    return {
        **({"LocalSecondaryIndexes": local} if local else {}),
        **({"GlobalSecondaryIndexes": global_} if global_ else {}),
    }


def _index(index: Index) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.projection == "INCLUDE":
        projection["NonKeyAttributes"] = list(index.include)
    return {"IndexName": index.name, "KeySchema": _key_schema(index.keys), "Projection": projection}


def _index_throughput(table: Table, index: Index) -> dict[str, Any]:
    if table.billing.mode == "on-demand":
        return {}
    billing = table.billing if index.billing is None else index.billing
    return _throughput(billing, f"table {table.name}: index {index.name}")


def _throughput(billing: Billing, place: str) -> dict[str, Any]:
    if billing.mode == "on-demand":
        return {}
    if not billing.read or not billing.write:
        raise ModelError(
            f"{place}: provisioned billing needs read and write units of 1 or more, such as read: 5, write: 5"
        )
    return {"ProvisionedThroughput": {"ReadCapacityUnits": billing.read, "WriteCapacityUnits": billing.write}}


def _stream(table: Table) -> dict[str, Any]:
    if table.stream is None:
        return {}
    return {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": table.stream}}
