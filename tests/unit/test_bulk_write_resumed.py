"""Writes with a journal: stopped, torn or given up, and run again until every row is there once."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scripted_engine import NEW, STREAMED, Engine, interrupted, items, whole
from workbench.bulk import Journal
from workbench.errors import JournalError, WriteError


@pytest.mark.parametrize("in_flight", [1, 8])
@STREAMED
def test_after_ctrl_c_the_journal_holds_what_is_confirmed_and_the_rest_is_sent(
    tmp_path: Path, in_flight: int, streamed: bool
) -> None:
    engine, rows = Engine(), items(500)
    source = (lambda: iter(rows)) if streamed else (lambda: rows)
    interrupted(engine, source(), tmp_path / "j", 200, in_flight=in_flight)
    there, sent = len(engine.table), sum(engine.sizes)
    report = engine.write(source(), journal=tmp_path / "j", in_flight=in_flight)

    assert 200 <= there < 500
    assert (report.already, report.written, report.unsent) == (there, 500 - there, 0)
    assert sum(engine.sizes) == sent + 500 - there
    assert len(engine.table) == 500
    assert "j holds" in report.notes[0]


@pytest.mark.usefixtures("restarting_sigint")
def test_a_real_sigint_ends_a_write_that_waits_for_its_answers_and_the_journal_says_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.bulk.lanes.FAR_SECONDS", 0)  # threads from the second request on
    engine, rows, stopped = Engine(), items(2_000), list[str]()

    def gate(keys: list[str]) -> None:
        time.sleep(0.02)
        if "P#1000" in keys and not stopped:
            stopped.append(threading.current_thread().name)
            os.kill(os.getpid(), signal.SIGINT)

    engine.gate = gate
    with pytest.raises(KeyboardInterrupt):
        engine.write(rows, journal=tmp_path / "j", in_flight=4)
    there = len(engine.table)
    report = engine.write(rows, journal=tmp_path / "j", in_flight=4)

    assert "workbench-write" in stopped[0]  # while the caller's thread waited
    assert 1_000 < there < 2_000
    assert report.already in (there, there - 25)  # the report in hand when the signal comes may be lost: sent again
    assert (report.already + report.written, len(engine.table)) == (2_000, 2_000)


def test_a_write_that_was_finished_sends_nothing_again(tmp_path: Path) -> None:
    engine = Engine()
    engine.write(items(60), journal=tmp_path / "j")
    report = engine.write(items(60), journal=tmp_path / "j")

    assert (report.already, report.written, report.requests, report.ok) == (60, 0, 0, True)


def test_what_was_given_up_is_sent_by_the_next_run(tmp_path: Path) -> None:
    engine = Engine(0, 10, always=25)
    with pytest.raises(WriteError, match="run it again with the same journal"):
        engine.write(items(60), journal=tmp_path / "j")
    engine.always = None
    report = engine.write(items(60), journal=tmp_path / "j")

    assert (report.already, report.written) == (40, 20)


TORN = [{"pk": f"P#{n // 2 % 40}", "text": f"version {n}"} for n in range(150)]


@given(
    cut_at=st.integers(0, 10_000),
    rule=st.sampled_from(["first", "last"]),
    streamed=st.booleans(),
    lanes=st.sampled_from([1, 4]),
)
@settings(max_examples=60, deadline=None)
def test_wherever_the_journal_is_torn_the_next_run_ends_exact(
    tmp_path_factory: Any, cut_at: int, rule: Any, streamed: bool, lanes: int
) -> None:
    path = tmp_path_factory.mktemp("torn") / "j"
    source = (lambda: iter(TORN)) if streamed else (lambda: TORN)
    whole_engine = Engine()
    with patch("workbench.bulk.confirmed.GROUP_ROWS", 20):
        whole_engine.write(source(), journal=path, on_duplicate=rule, in_flight=lanes)
        wanted = whole_engine.table
        content = path.read_bytes()
        header = content.index(b"\n") + 1
        cut_at = header + cut_at % (len(content) - header + 1)
        path.write_bytes(content[:cut_at])
        # the table at a kill: what the journal speaks of, and nothing else
        killed = Engine()
        kept = content[header:cut_at].rpartition(b"\n")[0].splitlines()
        done = sorted(row for line in kept for pair in pairs(json.loads(line)["rows"]) for row in range(*pair))
        killed.table = {TORN[row]["pk"]: {n: {"S": v} for n, v in TORN[row].items()} for row in done}
        report = killed.write(source(), journal=path, on_duplicate=rule, in_flight=lanes)

    assert killed.table == wanted
    assert report.already == len(done)
    assert whole(report)
    assert report.ok


def pairs(numbers: list[int]) -> list[tuple[int, int]]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@STREAMED
def test_other_rows_than_those_of_the_journal_are_refused(tmp_path: Path, streamed: bool) -> None:
    engine, rows = Engine(), items(100)
    interrupted(engine, rows, tmp_path / "j", 50)
    changed = [*rows[:10], {"pk": "P#10", "text": "changed"}, *rows[11:]]

    with pytest.raises(JournalError, match="the rows given now, up to row 24, are not those that it confirms"):
        engine.write(iter(changed) if streamed else changed, journal=tmp_path / "j")
    assert engine.table["P#10"]["text"] == {"S": "line 10"}
    with pytest.raises(JournalError, match="fewer were given now"):
        engine.write(rows[:30], journal=tmp_path / "j")
    assert engine.write(rows, journal=tmp_path / "j").already == 50


@pytest.mark.parametrize("held_first", [True, False])
def test_under_last_a_journal_of_held_rows_is_not_that_of_an_iterator(tmp_path: Path, held_first: bool) -> None:
    """Which rows are sent differs: of held rows the last of each key, of an iterator each one as it comes."""
    engine, rows = Engine(), [{"pk": "k", "text": "old"}, {"pk": "k", "text": "new"}, {"pk": "z", "text": "z"}]
    ways: list[Callable[[], Any]] = [lambda: rows, lambda: iter(rows)]
    first, second = ways if held_first else ways[::-1]
    engine.write(first(), on_duplicate="last", journal=tmp_path / "j")

    with pytest.raises(JournalError, match=r"its rows is '.*', now '.*'\. Give another file"):
        engine.write(second(), on_duplicate="last", journal=tmp_path / "j")
    assert engine.table["k"]["text"] == {"S": "new"}
    assert engine.write(first(), on_duplicate="last", journal=tmp_path / "j").written == 0


@pytest.mark.parametrize("rule", ["refuse", "first"])
def test_under_the_other_rules_held_rows_and_an_iterator_have_one_journal(tmp_path: Path, rule: Any) -> None:
    engine = Engine()
    interrupted(engine, items(60), tmp_path / "j", 25, on_duplicate=rule)

    assert engine.write(iter(items(60)), on_duplicate=rule, journal=tmp_path / "j").already == 25


def test_a_journal_is_of_one_table_one_operation_and_one_rule(tmp_path: Path) -> None:
    engine = Engine()
    engine.write(items(3), journal=tmp_path / "j")

    with pytest.raises(JournalError, match="its operation is 'put', now 'delete'"):
        engine.write([{"pk": "P#0"}], operation="delete", journal=tmp_path / "j")
    with pytest.raises(JournalError, match="its on_duplicate is 'refuse', now 'last'"):
        engine.write(items(3), on_duplicate="last", journal=tmp_path / "j")
    engine.table_id = "id-2"
    with pytest.raises(JournalError, match="its id is 'id-1', now 'id-2'"):
        engine.write(items(3), journal=tmp_path / "j")


@pytest.mark.parametrize("transactions", [False, True], ids=["puts", "transactions"])
def test_a_conditional_write_that_was_killed_before_its_first_entry_goes_on_without_a_false_refusal(
    tmp_path: Path, transactions: bool
) -> None:
    engine, rows = Engine(), items(60)
    engine.write([{"pk": "P#50", "text": "somebody else's"}])
    engine.write(rows[:30])  # written by the run that was killed, and not noted yet
    of = {"table": "lines", "id": "id-1", "operation": "put", "condition": NEW["condition"], "on_duplicate": "refuse"}
    Journal.open(tmp_path / "j", kind="write", of=of).close()
    report = engine.write(rows, **NEW, transactions=transactions, journal=tmp_path / "j", on_failure="return")

    assert [each.row for each in report.failed] == [50]
    assert report.written == 59
