"""Segments as a Dask DataFrame: two worker processes on loopback, DynamoDB Local as any endpoint."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workbench import frames
from workbench.bulk import to_parquet, write
from workbench.bulk.dask import Place, partition_items, scan
from workbench.engines import Store
from workbench.errors import ItemError, UsageError
from workbench.items import item_to_wire

pytestmark = [pytest.mark.local, pytest.mark.filterwarnings("default")]
Item = dict[str, Any]


@pytest.fixture(scope="module")
def workers() -> Iterator[Any]:
    """A Dask client on two worker processes of this machine."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def items(count: int = 300) -> list[Item]:
    kinds: list[Any] = [Decimal(1), Decimal("0.125"), None, {"m": [Decimal("1E-20")]}, frozenset({Decimal("2.5")})]
    return [
        {"pk": f"P#{n:04d}", "count": Decimal(n), "price": Decimal(n) / 8, "n": kinds[n % 5],
         **({"late": "x"} if n == 7 else {})}
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with one table of mixed items."""
    client = store.client()
    client.create_table(
        TableName="lines", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    write(client, "lines", items())
    return store


def wire(found: list[Item]) -> list[Item]:
    return sorted((item_to_wire(item) for item in found), key=lambda item: str(item["pk"]))


def test_two_workers_read_every_item_in_columns_of_one_type(filled: Store, workers: Any, tmp_path: Path) -> None:
    frame = scan(filled, segments=4, TableName="lines")
    to_parquet(filled.client(), tmp_path / "out", TableName="lines", segments=4)
    schema = next(iter(frames_schema(tmp_path / "out")))

    assert frame.npartitions == 4
    assert len(workers.ncores()) == 2
    assert frame["count"].sum().compute() == 300 * 299 // 2
    assert frame["price"].compute().sum() == Decimal("5606.25")
    parts = [part.compute() for part in frame.partitions]
    assert all((part.dtypes == frame.dtypes).all() for part in parts)
    assert wire([item for part in parts for item in partition_items(part, schema)]) == wire(items())


def frames_schema(folder: Path) -> list[Any]:
    import pyarrow.parquet as pq

    return [pq.read_schema(each) for each in sorted(folder.glob("*.parquet"))]


def test_with_the_schema_of_an_export_nothing_is_read_before_it_is_computed(
    filled: Store, workers: Any, tmp_path: Path
) -> None:
    to_parquet(filled.client(), tmp_path / "out", TableName="lines", segments=2)

    frame = scan(filled, segments=3, schema=tmp_path / "out", TableName="lines")
    write(filled.client(), "lines", [{"pk": "later", "count": Decimal(10**6)}])

    assert frame["count"].max().compute() == 10**6


def test_a_partition_that_a_schema_does_not_hold_is_an_error_and_not_a_guess(
    filled: Store, workers: Any, tmp_path: Path
) -> None:
    to_parquet(filled.client(), tmp_path / "out", TableName="lines", segments=2)
    frame = scan(filled, segments=2, schema=tmp_path / "out", TableName="lines")
    write(filled.client(), "lines", [{"pk": "later", "count": "many"}])

    with pytest.raises(ItemError, match="'count' holds"):
        frame["price"].compute()


def test_an_empty_table_is_a_frame_of_its_keys(store: Store, workers: Any) -> None:
    store.client().create_table(
        TableName="none", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip

    frame = scan(store, segments=2, TableName="none").compute()

    assert (list(frame.columns), len(frame)) == (["pk"], 0)


def test_any_endpoint_that_takes_credentials_of_the_environment_works(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    dask = pytest.importorskip("dask")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", filled.facts["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    place = Place(region=filled.facts["region"], endpoint=filled.engine.endpoint)

    with dask.config.set(scheduler="threads"):
        frame = scan(place, segments=2, TableName="lines")
        assert len(frame.compute()) == 300


def test_what_travels_to_a_worker_holds_no_secret_and_shows_no_key(filled: Store) -> None:
    place = Place.of(filled)

    assert pickle.loads(pickle.dumps(place)) == place
    assert filled.facts["access_key"] not in repr(place)
    assert b"secret" not in pickle.dumps(place).lower()


@pytest.mark.parametrize("place", [None, "local", 5])
def test_what_does_not_say_where_tables_are_is_refused(place: Any) -> None:
    with pytest.raises(UsageError, match=f"a {type(place).__name__} says not where tables are; give a bench, a store"):
        scan(place, segments=2, TableName="lines")


@pytest.mark.parametrize("segments", [0, "2", True, 100_001])
def test_a_number_of_segments_that_is_none_is_refused(filled: Store, segments: Any) -> None:
    with pytest.raises(UsageError, match=f"segments={segments!r}; give from 1 to 100,000"):
        scan(filled, segments=segments, TableName="lines")


def test_a_folder_that_is_no_export_is_no_schema(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no finished export"):
        scan(filled, segments=2, schema=tmp_path, TableName="lines")


def test_the_items_of_an_export_are_those_of_the_table(filled: Store, tmp_path: Path) -> None:
    to_parquet(filled.client(), tmp_path / "out", TableName="lines", segments=2)

    assert wire(frames.to_items(tmp_path / "out")) == wire(items())
