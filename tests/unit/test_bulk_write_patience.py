"""Writes that have to wait: unprocessed items, throttles, errors of the server, broken connections, a ceiling."""

from __future__ import annotations

import threading
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.unit.scripted_engine import NEW, Engine, Page, Waits, cut, items, whole
from workbench.bulk.patience import Patience, Tries
from workbench.bulk.writer import Settings
from workbench.errors import EngineError, RequestError, WriteError
from workbench.results import Backoff
from workbench.results.faults import SERVER_CODES, THROTTLES


def test_unprocessed_items_are_sent_again_and_all_are_written_once() -> None:
    engine, waits = Engine(20, 10, 3), Waits()
    report = engine.write(items(25), backoff=waits.backoff)

    assert (report.written, report.requests, report.repeated, report.units) == (25, 4, 3, Decimal(25))
    assert engine.sizes == [25, 20, 10, 3]
    assert Counter(key for keys in engine.history for key in keys) == Counter(f"P#{n}" for n in range(25))
    assert len(waits.seconds) == 3


def test_an_engine_that_never_processes_anything_is_given_up_with_exact_counts() -> None:
    engine, waits = Engine(0, always=25), Waits(attempts=5)

    with pytest.raises(WriteError, match=r"50 rows, 25 written, 25 not sent.*\n.*gave up after 5 attempts") as caught:
        engine.write(items(50), backoff=waits.backoff)
    report = caught.value.report
    assert (report.written, report.unsent, len(engine.table)) == (25, 25, 25)
    assert "25 items came back as UnprocessedItems" in report.gave_up
    assert "write units or wait, then run it again" in str(caught.value)
    assert whole(report)


@pytest.mark.parametrize("in_flight", [1, 8])
def test_an_engine_that_throttles_always_is_given_up_and_named(in_flight: int) -> None:
    engine = Engine(always="ThrottlingException")
    report = engine.write(items(500), in_flight=in_flight, on_failure="return")

    assert (report.written, report.unsent, report.ok) == (0, 500, False)
    assert "were throttled" in report.gave_up
    assert "so it is" in report.gave_up


def test_waits_grow_are_capped_and_jittered() -> None:
    full, half = Waits(attempts=9, cap=1.0), Waits(attempts=9, cap=1.0, chance=0.5)
    for waits in (full, half):
        Engine(always=25).write(items(25), backoff=waits.backoff, on_failure="return")

    assert full.seconds == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0]
    assert half.seconds == [seconds / 2 for seconds in full.seconds]


def test_one_request_waits_no_longer_than_the_limit_though_each_attempt_makes_progress() -> None:
    engine, waits = Engine(*range(24, 0, -1)), Waits(attempts=2)
    report = engine.write(items(25), backoff=waits.backoff, limit_seconds=1.0, on_failure="return")

    assert sum(waits.seconds) == pytest.approx(1.0)
    assert "1.0 s of waiting" in report.gave_up
    assert whole(report)


def test_progress_of_any_request_starts_the_patience_of_all_anew() -> None:
    """A table of few units lets somebody through each time, and not always the same."""
    patience = Patience(Waits(attempts=3).backoff, 300.0, threading.Event())
    others, alone = Tries(patience), Tries(patience)
    for _ in range(10):
        patience.progress += 1

        assert others.wait(progress=False, sleep=lambda _: None)
    assert [alone.wait(progress=False, sleep=lambda _: None) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("code", sorted(THROTTLES | SERVER_CODES | {"TransactionConflictException"}))
def test_throttled_requests_are_repeated(code: str) -> None:
    report = Engine(code, code).write(items(1))

    assert (report.written, report.requests, report.repeated) == (1, 3, 2)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_without_a_code_is_repeated(status: int) -> None:
    report = Engine(Page(status), Page(status)).write(items(30))

    assert (report.written, report.requests, report.repeated) == (30, 4, 2)


def test_a_server_error_that_stays_is_given_up_and_named() -> None:
    report = Engine(always=Page(503)).write(items(30), on_failure="return")

    assert (report.written, report.unsent) == (0, 30)
    assert "met an error of the server" in report.gave_up
    assert "503" in report.gave_up


def test_a_page_that_is_no_server_error_ends_the_write() -> None:
    with pytest.raises(RequestError, match="403"):
        Engine(always=Page(403)).write(items(30))


def test_a_put_that_meets_a_transaction_is_repeated() -> None:
    report = Engine("TransactionConflictException", "TransactionConflictException").write(items(3), **NEW)

    assert (report.written, report.requests, report.failed) == (3, 5, ())


def test_a_conditional_put_that_was_written_behind_a_server_error_is_not_reported_as_refused() -> None:
    engine = Engine(Page(500))
    report = engine.write(items(1), **NEW)

    assert (report.written, report.failed, engine.sizes) == (1, (), [1, 1])


def test_a_connection_that_breaks_in_mid_flight_is_made_good() -> None:
    engine = Engine(None, cut(), cut(), None)

    assert engine.write(items(60)).written == 60
    assert len(engine.table) == 60


def test_an_engine_that_does_not_answer_any_more_is_told_with_what_is_written() -> None:
    engine = Engine(None, always=cut())

    with pytest.raises(EngineError, match=r"did not answer.*25 of 60 items are written") as caught:
        engine.write(items(60))
    assert isinstance(caught.value.__cause__, ConnectionClosedError)


def test_a_ceiling_of_units_is_kept_from_the_start_and_corrected_by_what_is_reported(monkeypatch: Any) -> None:
    now = [0.0]
    monkeypatch.setattr("workbench.bulk.writing.Settings", lambda *a: Settings(*a, clock=lambda: now[0]))

    def sleep(seconds: float) -> None:
        now[0] += seconds

    engine = Engine()
    sent: list[tuple[float, int]] = []
    engine.gate = lambda keys: sent.append((now[0], len(keys)))
    report = engine.write(items(500, x="x" * 1500), write_units=100, backoff=Backoff(sleep=sleep))

    assert report.written == 500
    assert now[0] == pytest.approx(5.0, abs=0.5)  # 500 units as reported, though 1000 were guessed
    assert all(sum(count for at, count in sent if at <= until) <= 100 * until + 1e-6 for until, _ in sent)
