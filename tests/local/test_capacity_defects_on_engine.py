"""Prices that the engine says wrongly, see the table of defects: when one of these fails, the engine was mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local.priced import TABLE, Image, create
from workbench.items import (
    Units,
    batch_get_units,
    condition_check_units,
    item_size,
    item_to_wire,
    query_units,
    reported_units,
    write_units,
)

pytestmark = pytest.mark.local


@pytest.fixture
def client(store: Any) -> Iterator[Any]:
    client = store.client()
    create(client, TABLE)
    yield client
    client.delete_table(TableName=TABLE.name)


def test_the_engine_forgets_missing_items_of_a_batch_get(client: Any) -> None:
    item = item_to_wire({"pk": "p", "sk": "s", "fill": "x" * 2000})
    client.put_item(TableName=TABLE.name, Item=item)
    keys = [item_to_wire({"pk": "p", "sk": sk}) for sk in ("s", "none")]
    response = client.batch_get_item(RequestItems={TABLE.name: {"Keys": keys}}, ReturnConsumedCapacity="INDEXES")
    reported = reported_units(response["ConsumedCapacity"], writes=False)

    assert reported is not None
    assert (str(reported.read), str(batch_get_units([item_size(item), None]).read)) == ("0.5", "1.0")


def transact(client: Any, *actions: dict[str, Any]) -> Units:
    response = client.transact_write_items(TransactItems=list(actions), ReturnConsumedCapacity="INDEXES")
    return reported_units(response["ConsumedCapacity"], writes=True) or Units()


def put_of(item: Image) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE.name, "Item": item}}


def test_the_engine_counts_items_of_equal_price_in_a_transaction_once(client: Any) -> None:
    small, same, large = (
        item_to_wire({"pk": "p", "sk": f"{n}", "fill": "x" * size}) for n, size in enumerate((900, 900, 2000))
    )
    computed = [write_units(None, item, TABLE, transactional=True) for item in (small, same, large)]

    assert [str(units.write) for units in computed] == ["2.0", "2.0", "4.0"]
    assert str(transact(client, *map(put_of, (small, same, large))).write) == "6.0"
    assert transact(client, put_of(small), put_of(large)) == computed[0] + computed[2]
    assert transact(client, put_of(small)) == computed[0]


def test_the_engine_doubles_the_indexes_of_a_transaction(client: Any) -> None:
    item = item_to_wire({"pk": "p", "sk": "s", "g": "x"})
    computed = write_units(None, item, TABLE, transactional=True)

    assert (str(computed.table), str(computed.indexes["sparse"])) == ("2.0", "1.0")
    reported = transact(client, put_of(item))

    assert (str(reported.table), str(reported.indexes["sparse"])) == ("2.0", "2.0")


def test_the_engine_charges_a_condition_check_as_a_read(client: Any) -> None:
    item = item_to_wire({"pk": "p", "sk": "s", "fill": "x" * 5000})
    client.put_item(TableName=TABLE.name, Item=item)
    key = item_to_wire({"pk": "p", "sk": "s"})
    check = {"TableName": TABLE.name, "Key": key, "ConditionExpression": "attribute_exists(pk)"}

    assert str(condition_check_units(item).write) == "10.0"
    assert str(transact(client, {"ConditionCheck": check}).write) == "4.0"


@pytest.mark.parametrize("index", [None, "sparse", "local-all"])
def test_the_engine_forgets_the_minimum_of_an_empty_page(client: Any, index: str | None) -> None:
    response = client.query(
        TableName=TABLE.name,
        KeyConditionExpression="#p = :p",
        ExpressionAttributeNames={"#p": "g" if index == "sparse" else "pk"},
        ExpressionAttributeValues={":p": {"S": "nobody"}},
        ReturnConsumedCapacity="INDEXES",
        **({"IndexName": index} if index else {}),
    )

    assert (reported_units(response["ConsumedCapacity"], writes=False) or Units()).read == 0
    assert str(query_units([[]], index=index).read) == "0.5"


def test_the_engine_adds_100_bytes_to_the_entries_of_local_indexes(client: Any) -> None:
    item = item_to_wire({"pk": "p", "sk": "s", "l": "1", "g": "1", "n": 1, "fill": "x" * 910})
    assert 924 < item_size(item) < 1024
    response = client.put_item(TableName=TABLE.name, Item=item, ReturnConsumedCapacity="INDEXES")
    reported = reported_units(response["ConsumedCapacity"], writes=True)

    assert reported is not None
    assert (str(reported.indexes["local-all"]), str(reported.indexes["by-number"])) == ("2.0", "1.0")
    assert str(write_units(None, item, TABLE).indexes["local-all"]) == "1.0"


def test_the_engine_charges_for_an_entry_that_never_was_when_one_half_of_an_index_key_replaces_the_other(
    client: Any,
) -> None:
    before, after = (item_to_wire({"pk": "p", "sk": "s", **half}) for half in ({"g": "x"}, {"n": 1}))
    client.put_item(TableName=TABLE.name, Item=before)
    response = client.put_item(TableName=TABLE.name, Item=after, ReturnConsumedCapacity="INDEXES")
    reported = reported_units(response["ConsumedCapacity"], writes=True)

    assert reported is not None
    assert str(reported.indexes["by-number"]) == "1.0"
    assert "by-number" not in write_units(before, after, TABLE).indexes


def test_the_engine_charges_two_for_a_batch_delete_of_a_missing_item(client: Any) -> None:
    delete = {"DeleteRequest": {"Key": item_to_wire({"pk": "p", "sk": "none"})}}
    response = client.batch_write_item(RequestItems={TABLE.name: [delete]}, ReturnConsumedCapacity="INDEXES")
    reported = reported_units(response["ConsumedCapacity"], writes=True)

    assert reported is not None
    assert (str(reported.write), str(write_units(None, None, TABLE).write)) == ("2.0", "1.0")
