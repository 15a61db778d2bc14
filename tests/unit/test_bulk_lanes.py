"""Two requests in flight without threads: what is sent ahead is waited for, whatever becomes of the one before it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from workbench.bulk.lanes import Lanes, Report, Task
from workbench.bulk.operations import BatchWrite
from workbench.bulk.patience import Patience
from workbench.bulk.rates import Ceiling
from workbench.bulk.rows import Row
from workbench.results import Backoff

Answer = Callable[[], dict[str, Any]]


@pytest.fixture(autouse=True)
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every answer for near, however busy this machine is: no threads are taken."""
    monkeypatch.setattr("workbench.bulk.lanes.FAR_SECONDS", 60)
    monkeypatch.setattr("workbench.bulk.lanes.NEAR_SECONDS", 60)


class Wire:
    """A sender that notes what is sent and when an answer is read; ``answers`` by number of the request."""

    note = ""
    repeats = False

    def __init__(self, answers: dict[int, Any] | None = None) -> None:
        self.answers = answers or {}
        self.log: list[str] = []

    def begin(self, operation: str, body: bytes) -> Answer:
        number = sum(each.startswith("sent") for each in self.log)
        self.log.append(f"sent {number}")

        def answer() -> dict[str, Any]:
            self.log.append(f"read {number}")
            found = self.answers.get(number, {})
            if isinstance(found, BaseException):
                raise found
            return found

        return answer

    def close(self) -> None:
        """Do nothing."""


def tasks(count: int) -> list[Task]:
    return [Task([Row(n, f'"pk":{{"S":"{n}"}}'.encode(), f'"pk":{{"S":"{n}"}}')], []) for n in range(count)]


def lanes(wire: Wire, count: int = 8, ceiling: Ceiling | None = None) -> Lanes:
    patience = Patience(Backoff(3, 0, 0, lambda _: None), 10, threading.Event())
    return Lanes(count, BatchWrite("lines", ("pk",)), wire, patience, ceiling, again=False)


def written(reports: list[Report]) -> list[int]:
    return [row.number for report in reports for row in report.outcome.done]


def test_the_next_request_is_sent_before_the_answer_to_the_last_is_read() -> None:
    wire, reports = Wire(), list[Report]()
    made = lanes(wire)
    for task in tasks(3):
        made.run(task, reports.append)
    made.wait(reports.append)

    assert wire.log == ["sent 0", "sent 1", "read 0", "sent 2", "read 1", "read 2"]
    assert written(reports) == [0, 1, 2]
    assert made.running == 0


@pytest.mark.parametrize(("count", "ceiling"), [(1, None), (8, Ceiling(1000.0))])
def test_one_in_flight_or_a_ceiling_means_one_after_another(count: int, ceiling: Ceiling | None) -> None:
    wire, reports = Wire(), list[Report]()
    made = lanes(wire, count, ceiling)
    for task in tasks(2):
        made.run(task, reports.append)

    assert wire.log == ["sent 0", "read 0", "sent 1", "read 1"]
    assert written(reports) == [0, 1]


def test_what_was_sent_ahead_is_read_and_counted_after_an_error_of_the_one_before() -> None:
    wire, reports = Wire({0: ValueError("no")}), list[Report]()
    made = lanes(wire)
    for task in tasks(2):
        made.run(task, reports.append)
    made.wait(reports.append)

    assert wire.log[-1] == "read 1"
    assert [str(report.error) for report in reports] == ["no", "None"]
    assert written(reports) == [1]


def test_an_interruption_while_an_answer_is_awaited_leaves_the_one_sent_ahead_to_be_counted() -> None:
    wire, reports = Wire({0: KeyboardInterrupt()}), list[Report]()
    made = lanes(wire)
    first, second = tasks(2)
    made.run(first, reports.append)
    with pytest.raises(KeyboardInterrupt):
        made.run(second, reports.append)
    made._patience.stop.set()
    made.wait(reports.append)

    assert wire.log[-1] == "read 1"
    assert written(reports) == [1]


def test_items_left_unprocessed_go_again_while_another_request_is_in_flight() -> None:
    left = {"UnprocessedItems": {"lines": [{"PutRequest": {"Item": {"pk": {"S": "0"}}}}]}}
    wire, reports = Wire({0: left}), list[Report]()
    made = lanes(wire)
    for task in tasks(2):
        made.run(task, reports.append)
    made.wait(reports.append)

    assert wire.log == ["sent 0", "sent 1", "read 0", "sent 2", "read 2", "read 1"]
    assert sorted(written(reports)) == [0, 1]


def test_to_wait_for_one_thing_reads_no_more_than_it_needs() -> None:
    wire, reports = Wire(), list[Report]()
    made = lanes(wire)
    for task in tasks(2):
        made.run(task, reports.append)
    made.wait(reports.append, until=lambda: 0 in written(reports))

    assert wire.log[-1] == "read 0"
    made.close()
