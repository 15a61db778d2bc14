"""Two rows of one key: merged, refused, or the one that was asked for."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.scripted_engine import STREAMED, Engine, items, whole
from workbench.errors import WriteError

TWICE = [*items(30), {"pk": "P#3", "text": "line 3"}, {"pk": "P#4", "text": "another"}]


@STREAMED
def test_two_rows_of_one_key_that_differ_are_refused_and_both_are_named(streamed: bool) -> None:
    engine = Engine()

    with pytest.raises(
        WriteError, match=r"rows 4 and 31 have one key \(pk = 'P#4'\) and differ.*on_duplicate"
    ) as caught:
        engine.write(iter(TWICE) if streamed else TWICE)
    assert (caught.value.report.written, len(engine.table)) == ((25, 25) if streamed else (0, 0))


@STREAMED
@pytest.mark.parametrize(("rule", "text"), [("first", "line 4"), ("last", "another")])
@pytest.mark.parametrize("in_flight", [1, 8])
def test_of_two_rows_that_differ_the_one_that_was_asked_for_stays(
    streamed: bool, rule: Any, text: str, in_flight: int
) -> None:
    engine = Engine()
    report = engine.write(iter(TWICE) if streamed else TWICE, on_duplicate=rule, in_flight=in_flight)

    assert engine.table["P#4"]["text"] == {"S": text}
    assert len(engine.table) == 30
    assert whole(report)
    assert report.ok
    assert report.written + report.merged == 32


@STREAMED
def test_identical_rows_are_merged_however_they_are_spelled(streamed: bool) -> None:
    twice = [{"pk": "a", "n": Decimal("1.0"), "s": {"x", "y"}, "m": {"a": 1, "b": 2}},
             {"m": {"b": 2, "a": 1}, "s": {"y", "x"}, "n": 1, "pk": "a"}]  # fmt: skip
    report = Engine().write(iter(twice) if streamed else twice)

    assert (report.written, report.merged) == (1, 1)


def test_the_last_of_a_key_is_not_overtaken_by_an_earlier_one_in_flight() -> None:
    engine, opened = Engine(), threading.Event()
    rows = ([{"pk": "k", "text": "old"}] + [{"pk": f"f{n}", "text": ""} for n in range(24)]
            + [{"pk": f"g{n}", "text": ""} for n in range(24)] + [{"pk": "k", "text": "new"}])  # fmt: skip
    held_back: list[bool] = []

    def gate(keys: list[str]) -> None:
        if keys[0] == "k":  # the first request is slow
            threading.Timer(0.2, opened.set).start()
            opened.wait(5)
        elif "k" in keys:
            held_back.append(opened.is_set())

    engine.gate = gate
    engine.write(iter(rows), on_duplicate="last", in_flight=8)

    assert held_back == [True]
    assert engine.table["k"]["text"] == {"S": "new"}


class Picky(Engine):
    """Refuses what is called bad, as long as it does."""

    picky = True

    def BatchWriteItem(self, request: dict[str, Any]) -> Any:  # noqa: N802
        ((_, requests),) = request["RequestItems"].items()
        if self.picky and any(each["PutRequest"]["Item"]["text"]["S"] == "bad" for each in requests):
            return 400, {"__type": "x#ValidationException", "message": "bad is bad"}
        return super().BatchWriteItem(request)


def between(*texts: str) -> list[dict[str, Any]]:
    """Return rows of the key k with these texts, each in a request of its own, with others between them."""
    return [
        row
        for number, text in enumerate(texts)
        for row in ({"pk": "k", "text": text}, *({"pk": f"{number}-{each}", "text": ""} for each in range(24)))
    ]


def test_a_refused_row_does_not_come_back_once_a_later_one_of_its_key_is_written(tmp_path: Path) -> None:
    engine, journal = Picky(), tmp_path / "w.journal"
    first = engine.write(iter(between("bad", "good")), on_duplicate="last", journal=journal)

    assert (first.ok, first.failed, first.merged, first.written) == (True, (), 1, 49)
    assert whole(first)

    engine.picky = False
    again = engine.write(iter(between("bad", "good")), on_duplicate="last", journal=journal)

    assert engine.table["k"]["text"] == {"S": "good"}
    assert (again.already, again.written, again.requests) == (50, 0, 0)


@STREAMED
@pytest.mark.parametrize("rows", [between("old", "bad"), between("bad", "bad"), between("old", "bad")[24:]])
def test_where_the_last_of_a_key_is_refused_it_alone_failed(streamed: bool, rows: list[dict[str, Any]]) -> None:
    last = max(number for number, row in enumerate(rows) if row["text"] == "bad")
    report = Picky().write(iter(rows) if streamed else rows, on_duplicate="last", on_failure="return")

    assert [each.row for each in report.failed] == [last]
    assert report.unsent == 0
    assert whole(report)


def test_earlier_rows_in_one_request_with_a_refused_last_one_are_merged_and_not_unsent() -> None:
    rows = [{"pk": "k", "text": "old"}, {"pk": "other", "text": ""}, {"pk": "k", "text": "bad"}]
    reports = [Picky().write(source, on_duplicate="last", on_failure="return") for source in (iter(rows), rows)]

    assert [(each.merged, each.unsent, [row.row for row in each.failed]) for each in reports] == [(1, 0, [2])] * 2
