"""Exports that have to wait: throttles, errors of the server, a ceiling; and what they tell meanwhile."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.scanned_table import Item, Table, export, items, wire
from workbench import frames
from workbench.bulk import ScanProgress
from workbench.bulk.expected import expected
from workbench.errors import RequestError, TableError
from workbench.results import Backoff


def throttled(request: Item) -> None:
    raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow"}}, "Scan")


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
