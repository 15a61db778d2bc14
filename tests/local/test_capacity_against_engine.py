"""Computed units beside those of DynamoDB Local, over the same requests: equal but where it has a known defect."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.local.priced import TABLE, Image, create
from workbench.errors import ItemError
from workbench.items import (
    MAX_NESTING,
    Units,
    failed_condition_units,
    from_wire,
    get_units,
    half_units,
    index_entry_units,
    index_view,
    item_size,
    item_to_wire,
    lsi_fetch_units,
    number_text,
    query_units,
    reported_units,
    to_wire,
    transact_get_units,
    write_units,
)

pytestmark = pytest.mark.local
PARTITIONS = ("a", "b")
SORTS = tuple(f"s{number}" for number in range(6))


@pytest.fixture
def client(store: Any) -> Iterator[Any]:
    client = store.client()
    create(client, TABLE)
    yield client
    client.delete_table(TableName=TABLE.name)


def some_item(rng: random.Random, key: Image) -> Image:
    item: Image = dict(key)
    chances: dict[str, Any] = {
        "g": lambda: rng.choice("xy"),
        "n": lambda: Decimal(rng.choice(["1", "-2.5", "1E20", "12345678901234567890"])),
        "h": lambda: rng.choice("xy"),
        "l": lambda: rng.choice("123"),
        "m": lambda: rng.choice("123"),
        "proj": lambda: "p" * rng.choice([1, 1, 1030, 2100]),
        "other": lambda: "o" * rng.choice([1, 1000, 3000, 5000]),
        "tags": lambda: frozenset(rng.sample(["red", "green", "blue"], rng.randint(1, 3))),
        "deep": lambda: {"list": [None, True, 1, b"xyz", {"a": Decimal("-0.5")}], "é": "ü"},
    }
    item |= {name: make() for name, make in chances.items() if rng.random() < 0.6}
    return {name: value for name, value in item.items() if name != "n" or "g" in item}


def agree(computed: Units, consumed: Any, *, writes: bool) -> None:
    reported = reported_units(consumed, writes=writes)
    assert reported is not None
    assert reported == Units(computed.read, computed.write, computed.table, dict(sorted(computed.indexes.items())))


def as_the_engine_counts(before: Image | None, after: Image | None) -> Units:
    """The computed units, with the one known defect: 100 bytes more for each entry of a local index."""
    units = write_units(before, after, TABLE)
    more = {
        name: half_units(2 * index_entry_units(before, after, TABLE, index, overhead=100)) - units.indexes.get(name, 0)
        for name, index in TABLE.indexes.items()
        if index.kind == "local"
    }
    return units + Units(
        write=sum(more.values(), Decimal(0)), indexes={name: extra for name, extra in more.items() if extra}
    )


def update_of(before: Image, after: Image) -> dict[str, Any]:
    """The UpdateItem arguments that turn one wire image into another."""
    changed = [name for name in after if name not in ("pk", "sk") and before.get(name) != after[name]]
    gone = [name for name in before if name not in after]
    names = {f"#{name}": name for name in (*changed, *gone) if name.isascii()}
    sets = ", ".join(f"#{name} = :{name}" for name in changed)
    removes = ", ".join(f"#{name}" for name in gone)
    expression = " ".join(([f"SET {sets}"] if sets else []) + ([f"REMOVE {removes}"] if removes else []))
    request: dict[str, Any] = {"Key": {name: after[name] for name in ("pk", "sk")}}
    if expression:
        request |= {"UpdateExpression": expression, "ExpressionAttributeNames": names}
    if changed:
        request["ExpressionAttributeValues"] = {f":{name}": after[name] for name in changed}
    return request


@pytest.mark.parametrize("seed", range(4))
def test_random_writes_and_reads_cost_what_the_engine_says(client: Any, seed: int) -> None:
    rng = random.Random(seed)
    images: dict[tuple[str, str], Image] = {}
    for _ in range(120):
        one_write(client, rng, images)
        if rng.random() < 0.4:
            one_read(client, rng, images)


def one_write(client: Any, rng: random.Random, images: dict[tuple[str, str], Image]) -> None:
    key = {"pk": rng.choice(PARTITIONS), "sk": rng.choice(SORTS)}
    place = (key["pk"], key["sk"])
    before = images.get(place)
    after: Image | None = item_to_wire(some_item(rng, key))
    common = {"TableName": TABLE.name, "ReturnConsumedCapacity": "INDEXES"}
    kind = rng.choice(["put", "put", "update", "same", "delete"])
    if kind == "delete":
        after = None
        response = client.delete_item(Key=item_to_wire(key), **common)
    elif kind == "same" and before:
        after = before
        response = client.put_item(Item=before, **common)
    elif kind == "update" and before and after:
        response = client.update_item(**update_of(before, after), **common)
    else:
        response = client.put_item(Item=after, **common)
    agree(as_the_engine_counts(before, after), response["ConsumedCapacity"], writes=True)
    if after is None:
        images.pop(place, None)
    else:
        images[place] = after


def one_read(client: Any, rng: random.Random, images: dict[tuple[str, str], Image]) -> None:
    common = {"TableName": TABLE.name, "ReturnConsumedCapacity": "INDEXES"}
    consistent = rng.random() < 0.5
    name = rng.choice([None, "sparse", "by-number", "keys-only", "local-all", "scan", "get"])
    if name == "get":
        place = (rng.choice(PARTITIONS), rng.choice(SORTS))
        response = client.get_item(
            Key=item_to_wire({"pk": place[0], "sk": place[1]}), ConsistentRead=consistent, **common
        )
        size = item_size(images[place]) if place in images else None
        agree(get_units(size, consistent=consistent), response["ConsumedCapacity"], writes=False)
        return
    if name == "scan":
        response = client.scan(ConsistentRead=consistent, **common)
        sizes = [item_size(image) for image in images.values()]
        agree(page_as_the_engine_counts(sizes, consistent, None), response["ConsumedCapacity"], writes=False)
        return
    index = TABLE.indexes.get(name or "")
    partition = (index or TABLE).keys.partition[0].name
    value = rng.choice(PARTITIONS if partition == "pk" else ("x", "y"))
    consistent = consistent and not (index and index.kind == "global")
    response = client.query(
        KeyConditionExpression="#p = :p",
        ExpressionAttributeNames={"#p": partition},
        ExpressionAttributeValues={":p": {"S": value}},
        ConsistentRead=consistent,
        **({"IndexName": name} if name else {}),
        **common,
    )
    held = [index_view(image, TABLE, index) if index else image for image in images.values()]
    sizes = [item_size(view) for view in held if view and view[partition] == {"S": value}]
    assert response["Count"] == len(sizes)
    agree(page_as_the_engine_counts(sizes, consistent, name), response["ConsumedCapacity"], writes=False)


def page_as_the_engine_counts(sizes: list[int], consistent: bool, index: str | None) -> Units:
    """The computed units, with a known defect: an empty page costs nothing, not the minimum."""
    return query_units([sizes], consistent=consistent, index=index) if sizes else Units()


def test_a_filter_a_projection_and_a_count_cost_what_they_read(client: Any) -> None:
    items = [item_to_wire({"pk": "p", "sk": f"{number:03d}", "fill": "x" * 900}) for number in range(12)]
    for item in items:
        client.put_item(TableName=TABLE.name, Item=item)
    expected = query_units([[item_size(item) for item in items]])
    for more in (
        {},
        {"FilterExpression": "sk = :none", "ExpressionAttributeValues": {":p": {"S": "p"}, ":none": {"S": "no"}}},
        {"ProjectionExpression": "sk"},
        {"Select": "COUNT"},
    ):
        if "FilterExpression" in more:
            more["FilterExpression"] = "fill = :none"
        request = {"ExpressionAttributeValues": {":p": {"S": "p"}}, **more}
        response = client.query(
            TableName=TABLE.name, KeyConditionExpression="pk = :p", ReturnConsumedCapacity="INDEXES", **request
        )

        agree(expected, response["ConsumedCapacity"], writes=False)


def test_pages_are_rounded_one_by_one(client: Any) -> None:
    items = [item_to_wire({"pk": "p", "sk": f"{number:03d}", "fill": "x" * 1500}) for number in range(10)]
    for item in items:
        client.put_item(TableName=TABLE.name, Item=item)
    pages = client.get_paginator("query").paginate(
        TableName=TABLE.name,
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "p"}},
        ReturnConsumedCapacity="INDEXES",
        PaginationConfig={"PageSize": 3},
    )
    reported = [page["ConsumedCapacity"] for page in pages]
    sizes = [item_size(item) for item in items]

    agree(query_units([sizes[0:3], sizes[3:6], sizes[6:9], sizes[9:]]), reported, writes=False)


def test_a_local_index_fetches_what_it_does_not_project(client: Any) -> None:
    items = [item_to_wire({"pk": "p", "sk": f"{n}", "m": f"{n}", "fill": "x" * 9000}) for n in range(3)]
    for item in items:
        client.put_item(TableName=TABLE.name, Item=item)
    entries = [item_size(index_view(item, TABLE, TABLE.indexes["local-keys"]) or {}) for item in items]
    for consistent in (False, True):
        response = client.query(
            TableName=TABLE.name,
            IndexName="local-keys",
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": "p"}},
            Select="ALL_ATTRIBUTES",
            ConsistentRead=consistent,
            ReturnConsumedCapacity="INDEXES",
        )
        fetched = [item_size(item) for item in items]

        agree(
            lsi_fetch_units([entries], fetched, index="local-keys", consistent=consistent),
            response["ConsumedCapacity"],
            writes=False,
        )


def test_transactional_gets_agree(client: Any) -> None:
    item = item_to_wire({"pk": "p", "sk": "s", "fill": "x" * 5000})
    client.put_item(TableName=TABLE.name, Item=item)
    gets = [{"Get": {"TableName": TABLE.name, "Key": item_to_wire({"pk": "p", "sk": sk})}} for sk in ("s", "none")]
    response = client.transact_get_items(TransactItems=gets, ReturnConsumedCapacity="INDEXES")

    agree(transact_get_units([item_size(item), None]), response["ConsumedCapacity"], writes=False)


def test_a_failed_condition_says_nothing_of_what_it_cost(client: Any) -> None:
    item = item_to_wire({"pk": "p", "sk": "s", "fill": "x" * 2000})
    client.put_item(TableName=TABLE.name, Item=item)
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as caught:
        client.put_item(
            TableName=TABLE.name,
            Item=item,
            ConditionExpression="attribute_not_exists(pk)",
            ReturnConsumedCapacity="INDEXES",
        )

    assert "ConsumedCapacity" not in caught.value.response
    assert str(failed_condition_units(item).write) == "2.0"


def test_the_engine_gives_back_every_value_as_it_was_written(client: Any) -> None:
    item: Image = {
        "pk": "p", "sk": "s", "n38": Decimal("1.2345678901234567890123456789012345678E-130"),
        "big": Decimal("9.9999999999999999999999999999999999999E125"), "zero": Decimal("-0"), "empty": "", "none": None,
        "bytes": b"", "list": [], "map": {}, "yes": True, "strings": frozenset({"a", ""}), "é": "🦊",
        "numbers": frozenset({Decimal("1.50"), Decimal(10) ** 30}), "binaries": frozenset({b"a", b""}),
    }  # fmt: skip
    client.put_item(TableName=TABLE.name, Item=item_to_wire(item))
    stored = client.get_item(TableName=TABLE.name, Key=item_to_wire({"pk": "p", "sk": "s"}))["Item"]

    assert {name: from_wire(value) for name, value in stored.items()} == item
    assert stored["n38"]["N"] == number_text(item["n38"])
    assert stored["big"]["N"] == number_text(item["big"])
    assert stored["zero"]["N"] == "0"


def test_the_engine_takes_32_levels_of_nesting_and_no_more(client: Any) -> None:
    def nested(levels: int) -> dict[str, Any]:
        value: dict[str, Any] = {"S": "x"}
        for _ in range(levels - 1):
            value = {"L": [value]}
        return {**item_to_wire({"pk": "p", "sk": "s"}), "deep": value}

    client.put_item(TableName=TABLE.name, Item=nested(MAX_NESTING))
    with pytest.raises(client.exceptions.ClientError, match=r"[Nn]esting"):
        client.put_item(TableName=TABLE.name, Item=nested(MAX_NESTING + 1))
    assert to_wire(from_wire(nested(MAX_NESTING)["deep"])) == nested(MAX_NESTING)["deep"]
    with pytest.raises(ItemError, match="nested deeper"):
        to_wire(from_wire(nested(MAX_NESTING + 1)["deep"]))
