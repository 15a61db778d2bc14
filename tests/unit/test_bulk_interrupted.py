"""Writes stopped where it hurts: threads that cannot start, reports that are lost, a journal that cannot grow."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.scripted_engine import NEW, Engine, Waits, cut, items
from workbench.bulk import journal, lanes, patience
from workbench.errors import EngineError, ItemError, JournalError, WorkbenchError
from workbench.results import Backoff
from workbench.results.segments import in_segments


def slow(engine: Engine, seconds: float = 0.01) -> Engine:
    """Let the engine's answers be waited for."""
    engine.gate = lambda keys: time.sleep(seconds)
    return engine


def in_time(call: Any, seconds: float = 20) -> BaseException | None:
    """Run a call in a thread and return its error; a call that hangs fails the test instead of hanging it."""
    found: list[BaseException | None] = []

    def run() -> None:
        try:
            call()
            found.append(None)
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "the call hangs"
    return found[0]


def test_a_write_whose_thread_cannot_be_started_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, begin, begun = slow(Engine()), threading.Thread.start, list[threading.Thread]()
    monkeypatch.setattr(lanes, "FAR_SECONDS", 0)  # threads from the second request on

    def start(thread: threading.Thread) -> None:
        if thread.name.startswith("workbench-write"):
            begun.append(thread)
            if len(begun) == 3:
                raise RuntimeError("can't start new thread")
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    error = in_time(lambda: engine.write(items(2_000), in_flight=8))

    assert str(error) == "can't start new thread"
    assert not any(thread.is_alive() for thread in begun)


def test_ctrl_c_that_loses_a_report_ends_the_write_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, take, taken = slow(Engine()), lanes.Lanes._next, list[Any]()
    monkeypatch.setattr(lanes, "FAR_SECONDS", 0)  # threads from the second request on

    def interrupted(self: lanes.Lanes) -> Any:
        taken.append(take(self))
        if len(taken) == 2:
            raise KeyboardInterrupt
        return taken[-1]

    monkeypatch.setattr(lanes.Lanes, "_next", interrupted)

    assert isinstance(in_time(lambda: engine.write(items(2_000), in_flight=4)), KeyboardInterrupt)
    assert len(engine.table) < 2_000


def test_an_older_value_does_not_come_back_where_a_note_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"pk": "K", "v": "old"}, *items(80), {"pk": "K", "v": "new"}]  # the new one in the fourth request
    engine, write, calls = Engine(), journal._write, list[int]()
    monkeypatch.setattr("workbench.bulk.confirmed.GROUP_ROWS", 60)  # the note on the old one waits
    monkeypatch.setattr("workbench.bulk.confirmed.GROUP_SECONDS", 3600)
    monkeypatch.setattr(lanes, "FAR_SECONDS", 60)  # no threads, however busy this machine is
    monkeypatch.setattr(lanes, "NEAR_SECONDS", 60)

    def full(file: int, lines: bytes) -> None:
        calls.append(len(lines))
        if len(calls) == 2:  # the first wrote the head of the file
            os.write(file, lines[:7])
            raise OSError(28, "No space left on device")
        write(file, lines)

    monkeypatch.setattr(journal, "_write", full)
    with pytest.raises(JournalError, match="No space left"):
        engine.write(iter(rows), on_duplicate="last", journal=tmp_path / "j", in_flight=8)
    assert engine.table["K"]["v"] == {"S": "new"}  # it was sent ahead
    monkeypatch.setattr(journal, "_write", write)
    engine.write(iter(rows), on_duplicate="last", journal=tmp_path / "j")

    assert engine.table["K"]["v"] == {"S": "new"}
    assert len(engine.table) == 81


def test_an_entry_whose_writing_is_interrupted_is_not_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, write = journal.Journal.open(tmp_path / "j", kind="write", of={}), journal._write
    made.append({"a": 1})
    length = made.length

    def interrupted(file: int, lines: bytes) -> None:
        write(file, lines)
        raise KeyboardInterrupt

    monkeypatch.setattr(journal, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.append({"a": 2})
    made.close()

    assert made.length == length == (tmp_path / "j").stat().st_size
    assert list(journal.Journal.open(tmp_path / "j", kind="write", of={}).entries) == [{"a": 1}]


def test_a_stopped_write_sends_nothing_more_while_requests_wait_for_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine, begun = slow(Engine(), 0.02), time.monotonic()
    monkeypatch.setattr(lanes, "FAR_SECONDS", 0)  # threads from the second request on
    sent: list[int] = []

    def stop(progress: Any) -> None:
        if len(engine.sizes) == 3:
            sent.append(3)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.write(items(2_000), in_flight=4, write_units=25, progress=stop, backoff=None)

    assert sent == [len(engine.sizes)]
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("transactions", [False, True], ids=["puts", "transactions"])
def test_a_ceiling_counts_what_failed_conditions_are_billed(transactions: bool) -> None:
    engine, waits = Engine(), Waits()
    engine.write(items(50))
    engine.write(
        items(50), **NEW, transactions=transactions, on_failure="return", write_units=10, backoff=waits.backoff
    )

    # 50 rows, or 2 cancelled transactions of 25 at 2 units a row: the last of them waits for those before it
    assert max(waits.seconds) > (4 if not transactions else 2)


def test_rows_refused_before_a_write_broke_off_are_in_the_error() -> None:
    engine = Engine(poison="P#3")
    engine.gate = lambda keys: setattr(engine, "always", cut() if "P#100" in keys else None)

    with pytest.raises(EngineError, match=r"1 row was refused before it") as broken:
        engine.write(items(200), on_failure="return")

    assert [each.row for each in broken.value.report.failed] == [3]


def test_a_request_may_be_throttled_more_often_than_a_float_has_exponents() -> None:
    waiting = patience.Patience(Backoff(9, 0.05, 2.0, lambda _: None, lambda: 1.0), 1e9, threading.Event())
    tries = patience.Tries(waiting)
    for _ in range(1_100):
        waiting.progress += 1
        assert tries.wait(progress=False, sleep=lambda seconds: None)


def test_nothing_among_items_is_refused_even_as_the_first() -> None:
    engine = Engine()

    with pytest.raises(ItemError, match="row 0"):
        engine.write(iter([None, {"pk": "a"}]))
    assert not engine.table


def test_segments_that_run_are_stopped_where_the_next_cannot_be_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import ThreadPoolExecutor

    submit, begun = ThreadPoolExecutor.submit, list[int]()

    def refused(self: Any, *arguments: Any) -> Any:
        begun.append(1)
        if len(begun) == 3:
            raise RuntimeError("can't start new thread")
        return submit(self, *arguments)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", refused)
    error = in_time(lambda: in_segments(8, lambda segment, stop: stop.wait(30)), 10)

    assert str(error) == "can't start new thread"


def test_every_error_of_the_workbench_has_a_place_for_a_report() -> None:
    assert WorkbenchError("x").report is None
