"""Exports to Parquet: against a table in memory that throttles and refuses, stopped at every step, and resumed."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import frames
from workbench.bulk import Journal, ScanProgress, batches, dask, parts, to_parquet
from workbench.bulk.dask import Place, partition_items, scan
from workbench.bulk.expected import expected
from workbench.errors import ItemError, JournalError, RequestError, TableError, UsageError
from workbench.items import item_to_wire
from workbench.results import Backoff, read

Item = dict[str, Any]


def items(count: int) -> list[Item]:
    """Items whose attribute ``n`` is a whole number, later a decimal one, later text: a column that grows."""
    values: list[Any] = [Decimal(1), Decimal("0.25"), "text", None, frozenset({Decimal(2)}), {"a": [Decimal(1)]}]
    return [
        {"pk": f"P{number:04d}", "n": values[number * len(values) // count], f"only{number % 3}": number % 2 == 0}
        for number in range(count)
    ]


class Table:
    """A table in the place of a client: a segment holds a range of the items, a page ``per_page`` of them.

    ``fault`` is called with the request before each answer, and may raise.
    """

    def __init__(self, held: list[Item], per_page: int = 3, fault: Callable[[Item], None] = lambda request: None):
        self.held = held
        self.per_page = per_page
        self.fault = fault
        self.id = "id-1"
        self.requests: list[Item] = []
        self.lock = threading.Lock()

    def describe_table(self, TableName: str) -> Item:  # noqa: N803
        return {
            "Table": {
                "TableName": TableName, "TableId": self.id, "ItemCount": len(self.held), "TableSizeBytes": 4096 * 8,
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            }
        }  # fmt: skip

    def scan(self, **request: Any) -> Item:
        with self.lock:
            self.requests.append(request)
            self.fault(request)
        segment, segments = request.get("Segment", 0), request.get("TotalSegments", 1)
        first, end = (len(self.held) * each // segments for each in (segment, segment + 1))
        if start := request.get("ExclusiveStartKey"):
            first = 1 + next(at for at, item in enumerate(self.held) if item["pk"] == start["pk"]["S"])
        page = self.held[first : min(first + self.per_page, end)]
        more = {"LastEvaluatedKey": {"pk": {"S": page[-1]["pk"]}}} if first + self.per_page < end else {}
        units = {"ConsumedCapacity": {"TableName": request["TableName"], "CapacityUnits": 2.0}}
        return {"Items": [item_to_wire(item) for item in page], "Count": len(page), "ScannedCount": len(page)} | (
            units | more
        )


def throttled(request: Item) -> None:
    raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow"}}, "Scan")


def wire(found: list[Item]) -> list[Item]:
    return [item_to_wire(item) for item in found]


def export(table: Table, folder: Path, **more: Any) -> Any:
    return to_parquet(table, folder, **{"TableName": "lines", "segments": 3, "part_bytes": 400, **more})


def test_an_export_holds_every_item_in_the_order_of_the_segments_with_one_schema(tmp_path: Path) -> None:
    table = Table(items(40))

    report = export(table, tmp_path / "out")

    assert wire(frames.to_items(tmp_path / "out")) == wire(table.held)
    assert (report.items, report.scanned, report.units) == (40, 40, Decimal(2 * len(table.requests)))
    assert len(report.files) > 3
    schemas = [pq.read_schema(tmp_path / "out" / name) for name in report.files]
    assert all(each.equals(schemas[0], check_metadata=True) for each in schemas)
    assert (
        schemas[0].remove_metadata()
        == read(table, "Scan", TableName="lines", keys=["pk"]).arrow.select(schemas[0].names).schema.remove_metadata()
    )


class Killed(BaseException):
    """The process ended here."""


class Fuse:
    """Ends the process at the n-th step, before or after it: a request, a file put in place, an entry written."""

    def __init__(self, steps: int, *, after: bool) -> None:
        self.left = steps
        self.after = after
        self.lock = threading.Lock()
        self.blown = False

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.lock:
                self.left -= 1
                ends = self.left <= 0
                self.blown |= ends
            if ends and not self.after:
                raise Killed
            result = call(*args, **kwargs)
            if ends:
                raise Killed
            return result

        return wrapped


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(1, 25), st.booleans()), min_size=1, max_size=4), st.integers(1, 4))
def test_an_export_that_is_stopped_at_any_steps_and_run_again_is_exact(
    tmp_path_factory: pytest.TempPathFactory, stops: list[tuple[int, bool]], segments: int
) -> None:
    folder, table = tmp_path_factory.mktemp("stopped") / "out", Table(items(36))
    for steps, after in stops:
        fuse = Fuse(steps, after=after)
        with (
            patch.object(table, "scan", fuse.around(table.scan)),
            patch("workbench.bulk.parts._in_place", fuse.around(parts._in_place)),
            patch.object(Journal, "append", fuse.around(Journal.append)),
        ):
            try:
                export(table, folder, segments=segments)
            except Killed:
                assert not (folder / "_SUCCESS").exists() or fuse.after

    report = export(table, folder, segments=segments)

    assert wire(frames.to_items(folder)) == wire(table.held)
    assert report.items == len(table.held)
    assert sorted(each.name for each in folder.glob("*.parquet")) == sorted(report.files)
    assert list(folder.glob(".*")) == []


def test_a_run_after_a_stop_reads_no_page_again_that_a_file_holds(tmp_path: Path) -> None:
    table = Table(items(60), per_page=5)
    fuse = Fuse(7, after=False)
    with patch.object(table, "scan", fuse.around(table.scan)), pytest.raises(Killed):
        export(table, tmp_path / "out", segments=1, part_bytes=1)
    before = len(table.requests)

    report = export(table, tmp_path / "out", segments=1, part_bytes=1)

    assert before == 6
    assert len(table.requests) - before == 6
    assert (report.pages, report.units, report.units_now) == (12, Decimal(24), Decimal(12))


def test_a_finished_export_is_left_as_it_is_and_nothing_is_read(tmp_path: Path) -> None:
    table = Table(items(20))
    first = export(table, tmp_path / "out")
    before = {each.name: each.stat().st_mtime_ns for each in (tmp_path / "out").glob("*.parquet")}
    table.requests.clear()

    second = export(table, tmp_path / "out")

    assert table.requests == []
    assert (second.was_done, second.units_now, second.sha256) == (True, 0, first.sha256)
    assert "nothing was read" in repr(second)
    assert {each.name: each.stat().st_mtime_ns for each in (tmp_path / "out").glob("*.parquet")} == before


def test_an_empty_table_gives_one_empty_file_with_its_keys(tmp_path: Path) -> None:
    for _ in range(2):
        report = export(Table([]), tmp_path / "out")

        assert (report.items, report.files) == (0, ("part-000000-000000.parquet",))
        assert frames.to_items(tmp_path / "out") == []
        assert pq.read_table(tmp_path / "out").column_names == ["pk"]


@pytest.mark.parametrize("name", ["notes.txt", "part-000000-000000.parquet", "_SUCCESS"])
def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")

    with pytest.raises(UsageError, match=f"holds '{name}'"):
        export(Table(items(3)), tmp_path)

    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {name: "mine"}


def test_a_foreign_file_beside_the_parts_is_refused(tmp_path: Path) -> None:
    export(Table(items(3)), tmp_path / "out")
    (tmp_path / "out" / "more.parquet").write_text("mine")

    with pytest.raises(UsageError, match=r"holds 'more\.parquet'"):
        export(Table(items(3)), tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"segments": 4}, "its segments is 3, now 4"),
        ({"TableName": "others"}, "its table is 'lines', now 'others'"),
        ({"model": "shop"}, "its model is None, now 'shop'"),
        ({"ConsistentRead": True}, "its request is"),
    ],
)
def test_a_folder_goes_on_with_the_arguments_it_began_with_only(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    export(Table(items(9)), tmp_path / "out")

    with pytest.raises(JournalError, match=words):
        export(Table(items(9)), tmp_path / "out", **change)


def test_a_table_that_was_made_anew_under_its_name_is_another_table(tmp_path: Path) -> None:
    table = Table(items(9))
    export(table, tmp_path / "out")
    table.id = "id-2"

    with pytest.raises(JournalError, match="its id is 'id-1', now 'id-2'"):
        export(table, tmp_path / "out")


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-20])])
def test_a_part_that_is_gone_or_cut_is_not_passed_over(tmp_path: Path, harm: Callable[[Path], Any]) -> None:
    export(Table(items(9)), tmp_path / "out")
    harm(tmp_path / "out" / "part-000001-000000.parquet")

    with pytest.raises(JournalError, match=r"part-000001-000000\.parquet is missing or broken; begin anew"):
        export(Table(items(9)), tmp_path / "out")


def test_two_exports_into_one_folder_at_a_time_are_refused(tmp_path: Path) -> None:
    said: list[str] = []

    def meanwhile(request: Item) -> None:
        if not said:
            with pytest.raises(JournalError) as caught:
                export(Table(items(9)), tmp_path / "out")
            said.append(str(caught.value))

    export(Table(items(9), fault=meanwhile), tmp_path / "out", segments=1)

    assert "in use" in said[0]


def test_throttles_are_waited_for_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    turns = iter([True, False, True, True] + [False] * 100)
    waits: list[float] = []
    table = Table(items(20), fault=lambda request: throttled(request) if next(turns) else None)

    export(table, tmp_path / "out", segments=1, backoff=Backoff(sleep=waits.append, chance=lambda: 1.0))

    assert wire(frames.to_items(tmp_path / "out")) == wire(table.held)
    assert waits == [0.1, 0.1, 0.2]


@pytest.mark.parametrize(("code", "status"), [("InternalServerError", 500), ("", 502), ("503", 503)])
def test_a_server_error_is_waited_for_with_a_code_and_without(tmp_path: Path, code: str, status: int) -> None:
    told: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    faults = [ClientError(told, "Scan")]

    def fault(request: Item) -> None:
        if faults:
            raise faults.pop()

    table = Table(items(5), fault=fault)
    export(table, tmp_path / "out", segments=1, backoff=Backoff(sleep=lambda seconds: None))

    assert wire(frames.to_items(tmp_path / "out")) == wire(table.held)


def test_a_throttle_without_an_end_is_given_up_says_its_segment_and_goes_on_later(tmp_path: Path) -> None:
    table = Table(items(60), fault=lambda request: throttled(request) if request["Segment"] == 1 else None)
    patience = Backoff(attempts=3, sleep=lambda seconds: None)

    with pytest.raises(RequestError, match=r"^segment 1 of 2: Scan on lines: Provisioned.*run it again") as caught:
        export(table, tmp_path / "out", segments=2, backoff=patience)
    assert caught.value.code == "ProvisionedThroughputExceededException"

    table.fault = lambda request: None
    export(table, tmp_path / "out", segments=2)
    assert wire(frames.to_items(tmp_path / "out")) == wire(table.held)


def test_waiting_for_one_request_has_a_limit_in_all(tmp_path: Path) -> None:
    waits: list[float] = []
    patience = Backoff(attempts=1000, base=1.0, cap=4.0, sleep=waits.append, chance=lambda: 1.0)

    with pytest.raises(RequestError):
        export(Table(items(5), fault=throttled), tmp_path / "out", segments=1, backoff=patience, limit_seconds=9.0)

    assert sum(waits) == 9.0


def test_a_missing_table_is_told_as_such(tmp_path: Path) -> None:
    def gone(request: Item) -> None:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "gone"}}, "Scan")

    with pytest.raises(TableError, match="there is no such table"):
        export(Table(items(5), fault=gone), tmp_path / "out")


def test_progress_tells_items_units_rate_and_what_is_left(tmp_path: Path) -> None:
    told: list[ScanProgress] = []

    export(Table(items(30)), tmp_path / "out", progress=told.append)

    assert [each.items for each in told] == sorted(each.items for each in told)
    assert (told[-1].items, told[-1].total, told[-1].units) == (30, 30, Decimal(2 * len(told)))
    assert told[-1].seconds_left == 0.0
    assert all(each.per_second > 0 for each in told)
    assert "30 items of about 30" in str(told[-1])


def test_the_estimate_is_said_before_anything_is_read(tmp_path: Path) -> None:
    said: list[tuple[int, str]] = []
    table = Table(items(30))

    export(table, tmp_path / "out", say=lambda words: said.append((len(table.requests), words)))

    assert said == [(0, str(expected(table.describe_table("lines")["Table"])))]
    assert "about 30 items, 32,768 bytes, 4 RCU to scan (an estimate" in said[0][1].replace("4.0", "4")


def test_a_ceiling_is_kept_by_all_segments_together(tmp_path: Path) -> None:
    table, ceiling = Table(items(30)), 100.0

    report = export(table, tmp_path / "out", max_units_per_second=ceiling)

    assert report.units / Decimal(report.seconds) <= Decimal(ceiling)


def test_a_stop_does_not_wait_for_the_ceiling(tmp_path: Path) -> None:
    def fail(request: Item) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Scan")

    start = time.monotonic()
    with pytest.raises(RequestError, match="AccessDenied"):
        export(Table(items(30), fault=fail), tmp_path / "out", max_units_per_second=1)

    assert time.monotonic() - start < 4  # the ceiling lets the segments ask after 1.5, 3 and 4.5 seconds


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"segments": 0}, "segments=0"),
        ({"segments": True}, "segments=True"),
        ({"part_bytes": 0}, "part_bytes=0"),
        ({"max_units_per_second": 0}, "units a second"),
        ({"segmets": 3}, "segmets is no option"),
        ({"Segment": 1}, "Segment cannot be given"),
        ({"Select": "COUNT"}, "Select cannot be given"),
        ({"IndexName": "by"}, "no index 'by'"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_a_folder_is_made(
    tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        export(Table(items(3)), tmp_path / "out", **options)

    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").glob("*.parquet"))


@pytest.mark.parametrize("rows", [1, 7, 40, 1000])
def test_batches_have_one_schema_and_one_size_and_lose_nothing(tmp_path: Path, rows: int) -> None:
    table = Table(items(40))

    reader = batches(table, rows=rows, spool=tmp_path, TableName="lines", segments=3, part_bytes=400)
    found = list(reader)

    assert [len(each) for each in found] == [rows] * (40 // rows) + ([40 % rows] if 40 % rows else [])
    assert all(each.schema.equals(reader.schema, check_metadata=True) for each in found)
    assert wire([item for each in found for item in frames.to_items(each)]) == wire(table.held)
    assert list(tmp_path.iterdir()) == []


def test_batches_that_nobody_reads_to_the_end_leave_no_files(tmp_path: Path) -> None:
    reader = batches(Table(items(40)), rows=5, spool=tmp_path, TableName="lines", part_bytes=400)
    next(reader)
    assert list(tmp_path.iterdir()) != []

    reader.close()
    del reader

    assert list(tmp_path.iterdir()) == []


def test_batches_of_an_empty_table_are_none_and_the_schema_has_its_keys(tmp_path: Path) -> None:
    reader = batches(Table([]), TableName="lines", spool=tmp_path)

    assert reader.schema.names == ["pk"]
    assert list(reader) == []


def test_a_value_that_dynamodb_cannot_hold_stops_the_export_with_its_segment(tmp_path: Path) -> None:
    table = Table(items(4))
    with (
        patch("workbench.bulk.export.shapes_of", side_effect=ItemError("column 'n': broken")),
        pytest.raises(ItemError, match=r"segment \d of 2: column 'n': broken"),
    ):
        export(table, tmp_path / "out", segments=2)


def test_a_file_that_no_line_of_the_journal_tells_of_is_taken_away(tmp_path: Path) -> None:
    table, fuse = Table(items(12), per_page=2), Fuse(3, after=False)
    with patch.object(Journal, "append", fuse.around(Journal.append)), pytest.raises(Killed):
        export(table, tmp_path / "out", segments=1, part_bytes=1)
    assert len(list((tmp_path / "out").glob("*.parquet"))) == 3
    (tmp_path / "out" / ".part-000000-000009.parquet.tmp").write_text("torn")
    table.held = table.held[:4]  # what the third file holds was deleted meanwhile

    report = export(table, tmp_path / "out", segments=1, part_bytes=1)

    assert sorted(each.name for each in (tmp_path / "out").glob("*part*")) == sorted(report.files)
    assert wire(frames.to_items(tmp_path / "out")) == wire(table.held)


class Projected(Table):
    """A table of two segments, of which a projection leaves no key: ``pages`` are the items of each."""

    def __init__(self, *pages: list[Item]) -> None:
        super().__init__([item for page in pages for item in page])
        self.pages = pages

    def scan(self, **request: Any) -> Item:
        page = wire(self.pages[request["Segment"]])
        units = {"TableName": request["TableName"], "CapacityUnits": 2.0}
        return {"Items": page, "Count": len(page), "ScannedCount": len(page), "ConsumedCapacity": units}


WITHOUT_ATTRIBUTES = pytest.mark.parametrize("second", [[{"x": "1"}, {}], [{}, {}]], ids=["a part", "all"])


@WITHOUT_ATTRIBUTES
def test_an_export_keeps_items_of_which_the_projection_leaves_no_attribute(tmp_path: Path, second: list[Item]) -> None:
    table = Projected([{}, {}], second)

    report = export(table, tmp_path / "out", segments=2, ProjectionExpression="x")

    assert report.items == 4
    assert frames.to_items(tmp_path / "out") == table.held
    assert all("pk" in pq.read_schema(tmp_path / "out" / name).names for name in report.files)
    assert export(table, tmp_path / "out", segments=2, ProjectionExpression="x").was_done


@WITHOUT_ATTRIBUTES
def test_batches_keep_items_of_which_the_projection_leaves_no_attribute(tmp_path: Path, second: list[Item]) -> None:
    table = Projected([{}, {}], second)

    found = list(batches(table, spool=tmp_path, TableName="lines", segments=2, ProjectionExpression="x"))

    assert [item for each in found for item in frames.to_items(each)] == table.held


@WITHOUT_ATTRIBUTES
def test_partitions_keep_items_of_which_the_projection_leaves_no_attribute(second: list[Item]) -> None:
    pytest.importorskip("dask.dataframe")
    table = Projected([{}, {}], second)
    place = Place(region="local")
    with patch("workbench.bulk.dask._client", lambda place: table):
        travelled = [
            pickle.loads(pickle.dumps(dask._segment(place, {"TableName": "lines"}, each, 2, None))) for each in (0, 1)
        ]
        schema = frames.schema_of(frames.united(map(frames.shapes_of, travelled)) or {"pk": {}})

        parts = scan(place, segments=2, TableName="lines", ProjectionExpression="x").partitions
        lengths = [len(part) for part in parts]

    assert lengths == [2, 2]
    assert [item for each in travelled for item in partition_items(dask._frame(each, schema), schema)] == table.held


def test_a_partition_needs_a_schema_with_columns() -> None:
    with pytest.raises(UsageError, match="the schema has no columns"):
        scan(Place(), schema=pa.schema([]), TableName="lines")


@pytest.mark.parametrize("read", [frames.to_items, frames.read_parquet])
@pytest.mark.parametrize("above", [False, True], ids=["its folder", "the folder above"])
def test_an_export_that_is_not_finished_is_not_read_as_if_it_were_whole(
    tmp_path: Path, read: Callable[[Path], Any], above: bool
) -> None:
    def refused(request: Item) -> None:
        if request["Segment"] == 1:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Scan")

    table = Table(items(12), per_page=2, fault=refused)
    with pytest.raises(RequestError):
        export(table, tmp_path / "out", segments=2, part_bytes=1)
    place = tmp_path if above else tmp_path / "out"

    with pytest.raises(UsageError, match="out: the export is not finished; run to_parquet again"):
        read(place)

    table.fault = lambda request: None
    export(table, tmp_path / "out", segments=2, part_bytes=1)
    assert wire(frames.to_items(read(place) if read is frames.read_parquet else place)) == wire(table.held)
