"""The writer on a real DynamoDB Local: every item exact, conditions, transactions, SQL, and kill -9."""

from __future__ import annotations

import importlib.util
import random
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import workbench as wb
from workbench.engines import Engine, Store
from workbench.errors import EngineError, TableError, WriteError
from workbench.frames import from_items
from workbench.items import canonical, item_from_wire, item_to_wire

pytestmark = pytest.mark.local

KILLS = Path(__file__).parents[2] / "benchmarks" / "kill_writer.py"
Item = dict[str, Any]
KEYS = (("pk", "S"), ("sk", "N"), ("by", "S"))


@pytest.fixture(scope="module")
def kills() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kill_writer", KILLS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kill_writer"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def client(store: Store) -> Any:
    made = store.client()
    made.create_table(
        TableName="lines",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in KEYS],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {"IndexName": "by-index", "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}],
             "Projection": {"ProjectionType": "ALL"}}
        ],
        BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    return made


def stored(client: Any) -> list[Item]:
    pages = client.get_paginator("scan").paginate(TableName="lines", ConsistentRead=True)
    return sorted(
        (item for page in pages for item in page["Items"]), key=lambda i: (i["pk"]["S"], Decimal(i["sk"]["N"]))
    )


def exact(wires: list[Item]) -> list[Item]:
    return [{name: canonical(av) for name, av in sorted(wire.items())} for wire in wires]


def mixed(count: int) -> list[Item]:
    odd = [Decimal("1E-130"), Decimal("-9.9E+125"), Decimal("1." + "2" * 37), -(10**37), Decimal("-0.5")]
    kinds = [
        "größe 😀",
        "",
        7,
        b"",
        b"\0\xff",
        True,
        None,
        [],
        {},
        {"a": [{"b": {Decimal(1), Decimal("2.5")}}]},
        {"x"},
        {b"y"},
    ]
    return [
        {"pk": f"P#{n % 13}", "sk": n, "by": f"B#{n % 5}", "mixed": kinds[n % len(kinds)], "odd": odd[n % len(odd)],
         f"only{n % 7} \"'$": n}
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["list", "iterator", "frame"])
@pytest.mark.parametrize("in_flight", [1, 8])
def test_every_item_of_every_type_comes_back_exact(client: Any, kind: str, in_flight: int) -> None:
    rows = mixed(300)
    source: Any = {"list": rows, "iterator": iter(rows), "frame": from_items(rows)}[kind]
    report = wb.write(client, "lines", source, in_flight=in_flight, units=True)

    wanted = sorted((item_to_wire(row) for row in rows), key=lambda i: (i["pk"]["S"], Decimal(i["sk"]["N"])))
    assert exact(stored(client)) == exact(wanted)
    assert (report.written, report.requests) == (300, 12)
    assert report.units == 600  # each item is under 1 KB, and once more in the index


def test_arrow_and_pandas_tables_of_a_user_s_own_are_written(client: Any) -> None:
    frame = pd.DataFrame({"pk": ["a", "b"], "sk": [1, 2], "at": pd.to_datetime(["2026-03-02T09:00:00Z"] * 2)})
    wb.write(client, "lines", frame)
    wb.write(client, "lines", pa.table({"pk": ["c"], "sk": [3], "price": pa.array([Decimal("1.50")])}))

    assert [item_from_wire(item) for item in stored(client)] == [
        {"pk": "a", "sk": 1, "at": "2026-03-02T09:00:00.000000Z"},
        {"pk": "b", "sk": 2, "at": "2026-03-02T09:00:00.000000Z"},
        {"pk": "c", "sk": 3, "price": Decimal("1.5")},
    ]


def test_deletes_take_out_what_they_name(client: Any) -> None:
    wb.write(client, "lines", mixed(60))
    report = wb.write(client, "lines", [{"pk": f"P#{n % 13}", "sk": n} for n in range(50)], operation="delete")

    assert report.written == 50
    assert sorted(int(item["sk"]["N"]) for item in stored(client)) == list(range(50, 60))


@pytest.mark.parametrize("transactions", [False, True], ids=["puts", "transactions"])
def test_conditional_puts_leave_what_is_there_alone_and_say_which(client: Any, transactions: bool) -> None:
    rows = mixed(60)
    wb.write(client, "lines", [{"pk": "P#5", "sk": 5, "text": "older"}, {"pk": "P#1", "sk": 40, "text": "older"}])

    with pytest.raises(WriteError, match=r"58 written, 2 failed") as caught:
        wb.write(client, "lines", rows, condition="attribute_not_exists(pk)", transactions=transactions)
    assert [(each.row, each.key) for each in caught.value.report.failed] == [
        (5, {"pk": "P#5", "sk": 5}), (40, {"pk": "P#1", "sk": 40})
    ]  # fmt: skip
    assert sum("text" in item for item in stored(client)) == 2
    assert len(stored(client)) == 60


def test_a_table_that_is_not_there_is_told(client: Any) -> None:
    with pytest.raises(TableError, match="other: there is no such table"):
        wb.write(client, "other", mixed(3))


def test_an_engine_that_is_stopped_in_mid_write_is_told_with_what_is_written(
    own_hosts: Path, kills: ModuleType, tmp_path: Path
) -> None:
    from workbench.engines import engine_stop, open_engine

    with open_engine("dynamodb-local") as engine, engine.lease(wait=60) as store:
        made = store.client()
        made.create_table(
            TableName="lines", AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        )  # fmt: skip

        def stop(progress: Any) -> None:
            if progress.items == 100:
                engine_stop()

        with pytest.raises(EngineError):
            wb.write(made, "lines", ({"pk": str(n)} for n in range(5_000)), progress=stop, in_flight=2)


@pytest.mark.parametrize("seed", range(4))
def test_a_writer_that_is_killed_is_resumed_by_its_journal_and_ends_exact(
    store: Store, kills: ModuleType, seed: int
) -> None:
    found = kills.trial(store, "killed", 1_500, random.Random(seed), most_kills=2)

    assert found.exact


def test_a_bench_writes_the_rows_of_its_sql_and_deletes_them(engine: Engine) -> None:
    with wb.open("messaging") as bench:
        bench.load_schema()
        table = bench.table()
        columns = "'USER#' || handle AS pk, 'about' AS sk, handle, uuid"
        sql = f"SELECT {columns} FROM users WHERE handle <> %(not)s ORDER BY handle"
        report = table.put(sql=sql, parameters={"not": "nobody"})
        found = table.scan().items

        assert report.written == len(found) == report.rows > 1
        assert found[0].keys() == {"pk", "sk", "handle", "uuid"}
        assert table.delete([{"pk": item["pk"], "sk": item["sk"]} for item in found]).written == len(found)
        assert len(table.scan().items) == 0
