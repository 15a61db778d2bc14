"""The table of defects predicts what DynamoDB Local says of random writes. It fails when one of them is mended."""

from __future__ import annotations

import random
from typing import Any

import pytest

from workbench.engines import Store
from workbench.engines.defects import Touched, known_defect
from workbench.items import Units, condition_check_units, item_to_wire, reported_units, write_units
from workbench.model import Index, KeyAttribute, KeySchema, Table
from workbench.plans import table_request

pytestmark = pytest.mark.local

TABLES = [
    Table(
        "first",
        KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),)),
        indexes={
            "by-group": Index("by-group", KeySchema((KeyAttribute("g"),))),
            "by-two": Index("by-two", KeySchema((KeyAttribute("a"),), (KeyAttribute("b"),)), projection="KEYS_ONLY"),
            "all-two": Index("all-two", KeySchema((KeyAttribute("a"),), (KeyAttribute("b"),))),
            "local-one": Index("local-one", KeySchema((KeyAttribute("pk"),), (KeyAttribute("l"),)), kind="local"),
        },
    ),
    Table("second", KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),))),
]
Image = dict[str, Any]


def some_image(rng: random.Random, key: Image) -> Image:
    item = dict(key) | {"fill": "x" * rng.choice([1, 900, 900, 1900, 3500])}
    item |= {name: rng.choice("xy") for name in ("g", "l", "a", "b") if rng.random() < 0.5}
    return item_to_wire(item)


def some_touch(rng: random.Random, images: dict[Any, Image], sort: str, kinds: list[str]) -> Touched:
    table = rng.choice(TABLES)
    before = images.get((table.name, sort))
    kind = rng.choice(kinds)
    after = {"delete": None, "check": before}.get(kind, some_image(rng, {"pk": "p", "sk": sort}))
    return Touched(kind, table, before, after)


def computed_of(touched: list[Touched], *, transactional: bool) -> Units:
    parts = [
        condition_check_units(each.before)
        if each.kind == "check"
        else write_units(each.before, each.after, each.table, transactional=transactional)
        for each in touched
    ]
    return sum(parts, Units())


def transact_action(each: Touched, key: Image) -> dict[str, Any]:
    name = {"TableName": each.table.name}
    if each.kind == "put":
        return {"Put": name | {"Item": each.after}}
    if each.kind == "delete":
        return {"Delete": name | {"Key": key}}
    condition = "attribute_exists(pk)" if each.before else "attribute_not_exists(pk)"
    return {"ConditionCheck": name | {"Key": key, "ConditionExpression": condition}}


def explained(operation: str, touched: list[Touched], computed: Units, reported: Units | None) -> None:
    assert reported is not None
    if computed != reported:
        assert known_defect("dynamodb-local", operation, computed, reported, touched=touched), (computed, reported)


def remember(images: dict[Any, Image], sorts: list[str], touched: list[Touched]) -> None:
    for sort, each in zip(sorts, touched, strict=True):
        if each.after is None:
            images.pop((each.table.name, sort), None)
        else:
            images[each.table.name, sort] = dict(each.after)


@pytest.mark.parametrize("seed", range(4))
def test_every_difference_of_a_random_write_is_explained(store: Store, seed: int) -> None:
    client, rng, images = store.client(), random.Random(seed), {}  # type: ignore[var-annotated]
    for table in TABLES:
        client.create_table(**table_request(table))
    for _ in range(60):
        sorts = rng.sample([f"s{number}" for number in range(6)], rng.randint(1, 4))
        if rng.random() < 0.6:
            touched = [some_touch(rng, images, sort, ["put", "put", "delete", "check"]) for sort in sorts]
            keys = [item_to_wire({"pk": "p", "sk": sort}) for sort in sorts]
            actions = [transact_action(each, key) for each, key in zip(touched, keys, strict=True)]
            response = client.transact_write_items(TransactItems=actions, ReturnConsumedCapacity="INDEXES")
            operation, transactional = "TransactWriteItems", True
        else:
            touched = [some_touch(rng, images, sort, ["put", "delete"]) for sort in sorts]
            items: dict[str, list[Any]] = {}
            for sort, each in zip(sorts, touched, strict=True):
                key = item_to_wire({"pk": "p", "sk": sort})
                part = {"PutRequest": {"Item": each.after}} if each.after else {"DeleteRequest": {"Key": key}}
                items.setdefault(each.table.name, []).append(part)
            response = client.batch_write_item(RequestItems=items, ReturnConsumedCapacity="INDEXES")
            operation, transactional = "BatchWriteItem", False
        reported = reported_units(response["ConsumedCapacity"], writes=True)
        explained(operation, touched, computed_of(touched, transactional=transactional), reported)
        remember(images, sorts, touched)


def test_a_statement_reports_no_capacity(store: Store) -> None:
    client = store.client()
    client.create_table(**table_request(TABLES[1]))
    response = client.execute_statement(
        Statement="SELECT * FROM second WHERE pk = 'p'", ReturnConsumedCapacity="INDEXES"
    )

    assert "ConsumedCapacity" not in response
