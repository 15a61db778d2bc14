"""Two rows of one key: merged, refused, or the one that was asked for."""

from __future__ import annotations

import threading
from decimal import Decimal
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
