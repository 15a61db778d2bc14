"""Exports to Parquet: against a table in memory that throttles and refuses, stopped at every step, and resumed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.scanned_table import Item, Table, export, items, wire
from workbench import frames
from workbench.bulk import Journal, parts
from workbench.errors import ItemError, JournalError, RequestError, UsageError
from workbench.results import read


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


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"segments": 0}, "segments=0"),
        ({"segments": True}, "segments=True"),
        ({"part_bytes": 0}, "part_bytes=0"),
        ({"max_units_per_second": 0}, "units a second"),
        ({"max_units_per_second": "5"}, "a ceiling of '5' units a second"),
        ({"limit_seconds": "5"}, "limit_seconds='5'"),
        ({"backoff": 3}, "backoff=3"),
        ({"progress": 5}, "progress=5; give a function"),
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
