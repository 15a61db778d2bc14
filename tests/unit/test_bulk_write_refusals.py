"""Rows and requests that the engine refuses: named and counted, and the others are written."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.scripted_engine import Engine, interrupted, items, whole
from workbench.errors import RequestError, WriteError


def test_a_refusal_of_all_is_raised_with_code_and_what_is_written() -> None:
    engine = Engine(None, always="AccessDeniedException")

    with pytest.raises(RequestError, match=r"AccessDeniedException: so it is\. 25 of 50 items are written") as caught:
        engine.write(items(50))
    assert caught.value.code == "AccessDeniedException"
    assert engine.sizes == [25, 25]


@pytest.mark.parametrize("in_flight", [1, 8])
def test_a_row_that_the_engine_refuses_is_reported_with_key_and_reason_and_the_others_are_written(
    in_flight: int,
) -> None:
    engine = Engine(poison="P#30")

    with pytest.raises(WriteError, match=r"row 30 \(pk = 'P#30'\): ValidationException: P#30 is not liked") as caught:
        engine.write(items(60), in_flight=in_flight)
    report = caught.value.report
    assert set(engine.table) == {f"P#{n}" for n in range(60)} - {"P#30"}
    assert (report.written, len(report.failed), report.unsent) == (59, 1, 0)
    frame = report.failed_frame
    assert frame[["row", "pk", "code"]].to_numpy().tolist() == [[30, "P#30", "ValidationException"]]


def test_a_refusal_that_every_row_meets_is_no_matter_of_rows_and_ends_it() -> None:
    engine = Engine(always="ValidationException")

    with pytest.raises(RequestError, match="ValidationException: so it is"):
        engine.write(items(500))
    assert len(engine.sizes) <= 2 * 49  # two requests, halved down to their rows, of the twenty


@pytest.mark.parametrize("in_flight", [1, 8])
@pytest.mark.parametrize("bad", [(4, 5), (29, 30), (58, 59), tuple(range(50, 60)), tuple(range(25, 50)), (0, 1, 30)])
def test_rows_that_are_refused_for_one_reason_side_by_side_leave_the_others_alone(
    bad: tuple[int, ...], in_flight: int
) -> None:
    engine = Engine(poison=tuple(f"P#{n}" for n in bad))
    report = engine.write(items(60), in_flight=in_flight, on_failure="return")

    assert [each.row for each in report.failed] == list(bad)
    assert (report.written, report.unsent) == (60 - len(bad), 0)
    assert set(engine.table) == {f"P#{n}" for n in range(60) if n not in bad}
    assert whole(report)


def test_a_first_batch_that_is_refused_as_a_whole_while_another_is_written_is_a_matter_of_its_rows() -> None:
    engine, refused = Engine(poison=tuple(f"P#{n}" for n in range(25))), threading.Event()

    def gate(keys: list[str]) -> None:
        if keys == ["P#24"]:
            refused.set()
        elif keys[0] == "P#25":  # still in flight when the last row of the first batch is refused
            refused.wait(5)
            time.sleep(0.05)

    engine.gate = gate
    report = engine.write(items(50), in_flight=2, on_failure="return")

    assert (report.written, len(report.failed), report.unsent) == (25, 25, 0)


def test_a_batch_that_is_refused_as_a_whole_after_a_resumed_write_is_a_matter_of_its_rows(tmp_path: Path) -> None:
    engine = Engine()
    interrupted(engine, items(50), tmp_path / "j", 25)
    engine.poison = {f"P#{n}" for n in range(25, 50)}
    report = engine.write(items(50), journal=tmp_path / "j", on_failure="return")

    assert (report.already, report.written, len(report.failed)) == (25, 0, 25)


@pytest.mark.parametrize("in_flight", [1, 8])
def test_a_refusal_of_all_in_the_middle_of_halves_loses_no_count_of_what_they_wrote(
    tmp_path: Path, in_flight: int
) -> None:
    engine = Engine(None, None, always="AccessDeniedException", poison="P#20")  # the whole, the first half, the second

    with pytest.raises(RequestError, match=r"AccessDeniedException: so it is\. 12 of 25 items are written"):
        engine.write(items(25), journal=tmp_path / "j", in_flight=in_flight)
    assert len(engine.table) == 12
    engine.always = None
    report = engine.write(items(25), journal=tmp_path / "j", on_failure="return")
    assert (report.already, report.written, [each.row for each in report.failed]) == (12, 12, [20])


@given(
    bad=st.sets(st.integers(0, 59)),
    faults=st.lists(st.sampled_from([None, 3, "ThrottlingException", "AccessDeniedException"]), max_size=12),
    in_flight=st.sampled_from([1, 8]),
)
@example(bad={0}, faults=["ThrottlingException"] * 8, in_flight=1)
@settings(max_examples=100, deadline=None)
def test_whatever_is_refused_the_counts_are_those_of_the_table(
    bad: set[int], faults: list[Any], in_flight: int
) -> None:
    engine = Engine(*faults, poison=tuple(f"P#{n}" for n in bad))
    report, words = None, ""
    try:
        report = engine.write(items(60), on_failure="return", in_flight=in_flight)
    except RequestError as error:
        words = str(error)
    if report is None:
        assert f"{len(engine.table)} of 60 items are written" in words
        assert "AccessDeniedException" in words or (len(engine.table) == 0 and bad >= set(range(25)))
        return
    assert report.written == len(engine.table)
    failed = {each.row for each in report.failed}
    assert failed == bad or (failed < bad and report.unsent and report.gave_up)
    assert bool(report.unsent) == bool(report.gave_up)
    assert whole(report)
