"""Pages recorded from DynamoDB Local hold what was loaded, as DynamoDB writes it."""

from __future__ import annotations

import json

import pytest

from benchmarks import kinds, recordings
from benchmarks.digests import digest_of_items, digest_of_wire
from benchmarks.exactness import compared
from workbench.engines import Store
from workbench.items import item_from_wire

pytestmark = pytest.mark.local


def test_a_recorded_page_is_full_and_holds_the_items_in_order(store: Store) -> None:
    (body,) = recordings.record(store.client(), "wide", count=1)
    page = recordings._page(body)

    assert 900_000 < len(body) < 3_000_000
    assert digest_of_wire(page.wire()) == digest_of_wire(kinds.items("wide", page.count))
    assert page.last_key == {name: page.wire()[-1][name] for name in ("pk", "sk")}
    assert page.items in body
    assert json.loads(body)["Count"] == page.count


def test_items_at_the_edges_come_back_exact_through_boto3s_client(store: Store) -> None:
    client = store.client()
    client.create_table(
        TableName="odd",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    sent = sorted(kinds.items("mixed", 300), key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
    recordings.load_items(client, "odd", sent)

    back = [item_from_wire(item) for item in client.scan(TableName="odd")["Items"]]

    assert compared(back) == (300, digest_of_wire(sent))
    assert digest_of_items(back[1:]) != digest_of_wire(sent)
