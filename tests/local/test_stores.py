"""Promises of stores: one's own, empty at first, refused once they are another's."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from workbench.engines import Engine, Store, open_engine
from workbench.errors import EngineError

pytestmark = pytest.mark.local


@pytest.fixture(params=["dynamodb-local", "moto"])
def either(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Engine]:
    """Both engines that the workbench runs itself."""
    if request.param == "dynamodb-local":
        yield engine
        return
    with open_engine("moto") as opened:
        yield opened


def make_table(store: Store, name: str = "things", **more: Any) -> None:
    store.client().create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )


def tables(store: Store) -> list[str]:
    return list(store.client().list_tables()["TableNames"])


def test_a_table_of_one_store_is_not_in_another(either: Engine) -> None:
    with either.lease() as first, either.lease() as second:
        make_table(first)
        first.client().put_item(TableName="things", Item={"pk": {"S": "mine"}})
        make_table(second)

        assert second.client().scan(TableName="things")["Items"] == []
        assert first.client().scan(TableName="things")["Items"] == [{"pk": {"S": "mine"}}]


def test_a_store_that_is_used_again_is_empty_even_of_protected_tables(own_hosts: Any) -> None:
    with open_engine("dynamodb-local") as engine:
        with engine.lease() as store:
            facts = store.facts
            make_table(store, "protected", DeletionProtectionEnabled=True)
            stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
            make_table(store, "streaming", StreamSpecification=stream)
        until = time.monotonic() + 10
        while (again := engine.lease()).facts != facts:
            assert time.monotonic() < until

        assert tables(again) == []
        client = again.streams_client()
        left = [client.describe_stream(StreamArn=s["StreamArn"]) for s in client.list_streams()["Streams"]]
        assert {s["StreamDescription"]["StreamStatus"] for s in left} == {"DISABLED"}  # as on AWS, for a day there


def test_emptying_a_store_says_how_many_tables_there_were(either: Engine) -> None:
    with either.lease() as store:
        make_table(store, "protected", DeletionProtectionEnabled=True)
        make_table(store, "open")

        assert store.empty() == 2
        assert store.empty() == 0
        assert tables(store) == []


def test_emptying_a_store_works_beyond_a_page_of_100_tables(engine: Engine, store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: make_table(store, f"table{number:03}"), range(101)))

    assert store.empty() == 101


def test_a_named_store_is_the_same_for_all_and_stays(own_hosts: Any) -> None:
    with open_engine("moto") as engine:
        with engine.lease("default") as first:
            make_table(first)
        with engine.lease("default") as second, engine.lease("other") as other:
            assert tables(second) == ["things"]
            assert tables(other) == []
            assert (second.isolated, second.name) == (False, "default")


def test_a_client_keeps_its_store_although_nobody_else_does(either: Engine) -> None:
    client = open_engine(either.name).lease().client()
    gc.collect()
    client.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    time.sleep(0.3)

    assert client.list_tables()["TableNames"] == ["things"]


def test_a_client_of_a_released_store_is_refused(either: Engine) -> None:
    store = either.lease()
    client = store.client()
    store.release()
    store.release()

    with pytest.raises(EngineError, match="this lease was released"):
        client.list_tables()


def test_the_pool_is_bounded_and_says_so(own_hosts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_STORES", "3")
    with open_engine("moto") as engine:
        held = [engine.lease() for _ in range(3)]

        with pytest.raises(EngineError, match="all 3 stores of the engine are in use"):
            engine.lease(wait=0.2)
        held[1].release()
        assert tables(engine.lease(wait=10)) == []


def test_settings_of_a_client_can_be_overridden(store: Store) -> None:
    config = store.client(max_pool_connections=50).meta.config

    assert config.max_pool_connections == 50
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert config.connect_timeout == 5


def test_stores_can_be_leased_by_many_threads_at_once(either: Engine) -> None:
    def use(number: int) -> list[str]:
        with either.lease(wait=60) as store:
            make_table(store, f"table{number}")
            return tables(store)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(use, range(24)))

    assert answers == [[f"table{number}"] for number in range(24)]


def test_reprs_hold_no_address_and_no_key(store: Store) -> None:
    text = f"{store!r} {store.engine!r} {store._lease!r}"

    assert text == (
        "<Store of its own on DynamoDB Local 3.3.1> <Engine DynamoDB Local 3.3.1> <Lease of dynamodb-local>"
    )


@pytest.mark.local
def test_the_items_whose_stream_records_stay_behind_are_counted(own_hosts: Any) -> None:
    from workbench.engines.clients import streamed_items

    with open_engine("dynamodb-local") as engine, engine.lease() as store:
        client = store.client()
        for name, stream in (("streamed", {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}), ("plain", None)):
            client.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                **({"StreamSpecification": stream} if stream else {}),
            )
            for number in range(3):
                client.put_item(TableName=name, Item={"pk": {"S": str(number)}})

        assert streamed_items(client) == 3
