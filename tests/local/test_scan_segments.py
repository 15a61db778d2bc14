"""Segments on DynamoDB Local: the same items, in the same order, at the price that the engine says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import workbench as wb
from workbench import frames
from workbench.bulk import write
from workbench.engines import Engine, Store
from workbench.errors import RequestError, TableError, UsageError
from workbench.items import item_to_wire

pytestmark = pytest.mark.local

MODEL = """
model: shop
tables:
  orders:
    keys: {partition: pk, sort: {name: sk, type: N}}
    indexes:
      by-colour: {keys: {partition: colour}, projection: ALL}
entities:
  Order:
    keys: {partition: "P#{customer}", sort: "{number}"}
    fields: {number: integer}
    attributes: {text: string}
"""
ROOT = Path(__file__).parents[2]
Item = dict[str, Any]


def items() -> list[Item]:
    """Types that change on the way, and enough bytes for several pages of 1 MB."""
    kinds: list[Any] = [Decimal(1), Decimal("0.125"), "text", None, frozenset({"a", "b"}), {"m": [Decimal("1E-20")]}]
    return [
        {"pk": f"P#{number % 211}", "sk": Decimal(number), "n": kinds[number % 6 if number > 300 else 0],
         "text": "é" * 1000, **({"colour": "red"} if number % 5 == 0 else {})}
        for number in range(1500)
    ]  # fmt: skip


def model_file(folder: Path) -> Path:
    path = folder / "model.yaml"
    path.write_text(MODEL)
    return path


@pytest.fixture(scope="module")
def bench(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[wb.Bench]:
    """A table of 1,500 mixed items, about 3 MB."""
    path = model_file(tmp_path_factory.mktemp("model"))
    with wb.open(path, engine="dynamodb-local") as opened:
        opened.load_schema()
        write(opened.session.client, "orders", items())
        yield opened


def wire(found: Any) -> list[Item]:
    return [item_to_wire(item) for item in found]


def by_key(found: list[Item]) -> list[Item]:
    return sorted(wire(found), key=lambda item: int(item["sk"]["N"]))


@pytest.mark.parametrize("segments", [1, 2, 3, 8, 40])
def test_a_scan_in_segments_gives_the_items_of_a_serial_scan_in_its_order(bench: wb.Bench, segments: int) -> None:
    serial, parallel = bench.table().scan(), bench.table().scan(segments=segments)

    assert by_key(parallel.items) == by_key(items())
    assert wire(parallel.items) == wire(serial.items)
    assert parallel.df.equals(serial.df)
    assert parallel.arrow.equals(serial.arrow, check_metadata=True)
    assert parallel.cursor is None
    assert not parallel.incomplete


def test_the_receipt_of_segments_has_every_page_and_its_units_are_the_engine_s(bench: wb.Bench) -> None:
    receipt = bench.table().scan(segments=3).receipt

    assert receipt.computed == receipt.reported
    assert receipt.pages >= 3
    assert (receipt.items_read, receipt.items_returned) == (1500, 1500)


def test_a_scan_of_an_index_in_segments_has_the_index_s_items_and_units(bench: wb.Bench) -> None:
    serial = bench.table().scan(index="by-colour")
    parallel = bench.table().scan(index="by-colour", segments=4)

    assert by_key(parallel.items) == by_key(serial.items)
    assert len(parallel) == 300
    assert parallel.receipt.reported == parallel.receipt.computed


def test_a_bound_of_pages_is_for_all_segments_and_is_said(bench: wb.Bench) -> None:
    result = bench.table().scan(segments=4, max_pages=3)

    assert result.receipt.pages == 3
    assert (result.incomplete, result.cursor) == (True, None)
    assert any("segments have no common cursor" in each for each in result.remarks)
    assert any("not read to their end" in each for each in result.remarks)


@pytest.mark.parametrize("segments", [2, 8])
def test_reading_without_a_model_takes_segments_too(bench: wb.Bench, segments: int) -> None:
    client = bench.session.client
    serial = wb.read(client, "Scan", TableName="orders", keys=["pk", "sk"])

    found = wb.read(client, "Scan", TableName="orders", keys=["pk", "sk"], segments=segments)

    assert wire(found.items) == wire(serial.items)
    assert found.arrow.select(serial.arrow.column_names).equals(serial.arrow, check_metadata=False)
    assert found.reported is not None
    assert found.reported.total > 0
    assert (found.following, found.pages >= segments) == ({}, True)


@pytest.mark.parametrize(
    ("operation", "more", "words"),
    [
        ("Query", {}, "has no segments"),
        ("Scan", {"max_pages": 3}, "max_pages does not go with segments"),
        ("Scan", {"Segment": 1, "TotalSegments": 2}, "Segment does not go with segments="),
        ("Scan", {"segments": 0}, "from 1 to 1,000,000"),
    ],
)
def test_segments_that_cannot_be_meant_are_refused(
    bench: wb.Bench, operation: str, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        wb.read(bench.session.client, operation, TableName="orders", **{"segments": 2, **more})


def test_a_table_of_a_bench_is_not_scanned_for_another(bench: wb.Bench, tmp_path: Path) -> None:
    for scan in (bench.table("orders").batches, lambda **of: bench.table("orders").to_parquet(tmp_path / "out", **of)):
        with pytest.raises(UsageError, match=r"this is the table orders; for another say bench.table\('others'\)"):
            scan(TableName="others")
    assert not (tmp_path / "out").exists()


def test_an_error_in_a_segment_stops_all_and_says_which(bench: wb.Bench) -> None:
    client, asked = bench.session.client, []

    def refuse(params: dict[str, Any], **_: Any) -> None:
        asked.append(params["body"])
        if b'"Segment": 2' in params["body"] or '"Segment": 2' in str(params["body"]):
            raise RequestError("made up", code="Made", operation="Scan")

    client.meta.events.register_first("before-call.dynamodb.Scan", refuse)
    try:
        with pytest.raises(RequestError, match="segment 2 of 5: made up") as caught:
            bench.table().scan(segments=5)
    finally:
        client.meta.events.unregister("before-call.dynamodb.Scan", refuse)

    assert caught.value.code == "Made"


def test_a_missing_table_is_told_once_with_its_segment(bench: wb.Bench) -> None:
    with pytest.raises(TableError, match="there is no such table"):
        wb.bulk.to_parquet(bench.session.client, "/nonexistent", TableName="no-such-table")


def test_an_export_is_exact_and_every_reader_reads_it(bench: wb.Bench, tmp_path: Path) -> None:
    report = bench.table().to_parquet(tmp_path / "out", segments=3, part_bytes=300_000)

    back = frames.to_items(tmp_path / "out")
    table = pq.read_table(tmp_path / "out")
    assert by_key(back) == by_key(items())
    assert wire(back) == wire(bench.table().scan().items)
    assert len(report.files) > 3
    assert table.num_rows == report.items == 1500
    assert set(table.column_names) == {"pk", "sk", "n", "text", "colour"}
    assert report.units == bench.table().scan(segments=3).receipt.reported.total


def test_pandas_polars_and_duckdb_read_an_export_of_an_ordinary_table(store: Store, tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    client = store.client()
    client.create_table(
        TableName="plain", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    sent = [{"pk": f"{n:04d}", "price": Decimal(n) / 4, "count": Decimal(n), "ok": n % 2 == 0} for n in range(200)]
    write(client, "plain", sent)

    wb.bulk.to_parquet(client, tmp_path / "out", TableName="plain", segments=2, part_bytes=2000)

    frame = pd.read_parquet(tmp_path / "out").sort_values("pk")
    assert [str(each) for each in frame.dtypes] == ["str", "Int64", "boolean", "object"]
    assert frame["price"].tolist() == [each["price"] for each in sent]
    assert frame["count"].sum() == 199 * 100
    duckdb = pytest.importorskip("duckdb")
    found = duckdb.sql(f"select count(*), sum(price), sum(count) from read_parquet('{tmp_path}/out/*.parquet')")
    assert found.fetchall() == [(200, Decimal("4975.00"), 19900)]
    polars = pytest.importorskip("polars")
    assert polars.read_parquet(tmp_path / "out" / "*.parquet").height == 200


def test_batches_of_a_table_have_one_schema_and_stand_in_the_order_of_the_scan(bench: wb.Bench) -> None:
    reader = bench.table().batches(400, segments=3, part_bytes=300_000)
    found = list(reader)

    assert [len(each) for each in found] == [400, 400, 400, 300]
    assert {each.schema for each in found} == {reader.schema}
    assert wire(frames.to_items(pa.Table.from_batches(found))) == wire(bench.table().scan().items)


def test_an_engine_by_its_address_exports_the_same(engine: Engine, tmp_path: Path) -> None:
    with wb.open(model_file(tmp_path), engine=engine.endpoint) as bench:
        bench.load_schema()
        write(bench.session.client, "orders", items()[:200])

        report = bench.table().to_parquet(tmp_path / "out", segments=2)

    assert report.items == 200
    assert by_key(frames.to_items(tmp_path / "out")) == by_key(items()[:200])


def test_exports_that_are_killed_at_random_moments_end_exact() -> None:
    command = [
        sys.executable,
        str(ROOT / "benchmarks" / "kill_parquet.py"),
        "--count",
        "3",
        "--kills",
        "1",
        "--items",
        "1000",
    ]
    trials = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), timeout=250)

    assert trials.returncode == 0, trials.stdout + trials.stderr
    assert "3 exact, 0 wrong" in trials.stdout


@pytest.mark.usefixtures("restarting_sigint")
@pytest.mark.parametrize("segments", [None, 4])
def test_ctrl_c_ends_a_scan_that_waits_under_its_ceiling_at_once(bench: wb.Bench, segments: int | None) -> None:
    """Its threads wait two minutes for the 128 units of a page, and no signal wakes a thread."""
    interrupted: list[float] = []

    def interrupt() -> None:
        interrupted.append(time.monotonic())
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # type: ignore[arg-type]  # as a terminal does

    threading.Timer(0.5, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        bench.table("orders").scan(segments=segments, max_units_per_second=1)

    assert time.monotonic() - interrupted[0] < 1.0
