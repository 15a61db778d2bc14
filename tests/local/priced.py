"""A table with an index of each kind, of which the engine says what its reads and writes cost."""

from __future__ import annotations

from typing import Any

from workbench.model import Index, KeyAttribute, KeySchema, Table

TABLE = Table(
    "capacity",
    KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),)),
    indexes={
        "sparse": Index("sparse", KeySchema((KeyAttribute("g"),)), projection="INCLUDE", include=("proj",)),
        "by-number": Index("by-number", KeySchema((KeyAttribute("g"),), (KeyAttribute("n", "N"),))),
        "keys-only": Index("keys-only", KeySchema((KeyAttribute("h"),)), projection="KEYS_ONLY"),
        "local-all": Index("local-all", KeySchema((KeyAttribute("pk"),), (KeyAttribute("l"),)), kind="local"),
        "local-keys": Index(
            "local-keys", KeySchema((KeyAttribute("pk"),), (KeyAttribute("m"),)), kind="local", projection="KEYS_ONLY"
        ),
    },
)
Image = dict[str, Any]


def create(client: Any, table: Table) -> None:
    def schema(keys: KeySchema) -> list[dict[str, str]]:
        kinds = [("HASH", keys.partition), ("RANGE", keys.sort)]
        return [{"AttributeName": key.name, "KeyType": kind} for kind, group in kinds for key in group]

    def indexes(kind: str) -> list[dict[str, Any]]:
        return [
            {
                "IndexName": index.name,
                "KeySchema": schema(index.keys),
                "Projection": {"ProjectionType": index.projection}
                | ({"NonKeyAttributes": list(index.include)} if index.include else {}),
            }
            for index in table.indexes.values()
            if index.kind == kind
        ]

    every = {
        key.name: key.type
        for keys in (table.keys, *(i.keys for i in table.indexes.values()))
        for key in keys.attributes
    }
    client.create_table(
        TableName=table.name,
        KeySchema=schema(table.keys),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in every.items()],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": found} if (found := indexes("global")) else {}),
        **({"LocalSecondaryIndexes": found} if (found := indexes("local")) else {}),
    )
