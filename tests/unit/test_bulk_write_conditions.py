"""Conditional puts: what is refused is reported, and nothing that was written is."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.scripted_engine import NEW, Engine, cut, items, whole


@pytest.mark.parametrize("in_flight", [1, 8])
@pytest.mark.parametrize("transactions", [False, True], ids=["puts", "transactions"])
def test_a_conditional_put_reports_the_rows_that_are_refused_and_writes_the_others(
    in_flight: int, transactions: bool
) -> None:
    engine = Engine()
    engine.write([{"pk": "P#5", "text": "older"}, {"pk": "P#40", "text": "older"}])
    report = engine.write(items(60), **NEW, in_flight=in_flight, transactions=transactions, on_failure="return")

    assert [each.row for each in report.failed] == [5, 40]
    assert {each.reason for each in report.failed} == {"it is there"}
    assert (report.written, len(engine.table), engine.table["P#5"]["text"]) == (58, 60, {"S": "older"})
    assert whole(report)


@pytest.mark.parametrize("transactions", [False, True], ids=["puts", "transactions"])
def test_a_conditional_put_whose_answer_was_lost_is_not_reported_as_refused(transactions: bool) -> None:
    engine = Engine(cut())
    report = engine.write([{"pk": "a", "b": b"\0", "n": Decimal("1.50")}], **NEW, transactions=transactions)

    assert (report.written, report.failed) == (1, ())
    assert len(engine.sizes) == 2


def test_a_condition_has_names_and_values() -> None:
    engine = Engine()
    bodies: list[dict[str, Any]] = []
    put = engine.PutItem
    engine.PutItem = lambda request: (bodies.append(request), put(request))[1]  # type: ignore[method-assign]
    engine.write([{"pk": "a"}], condition="#v < :v", names={"#v": "version"}, values={":v": 3, ":b": b"\1"})

    assert bodies[-1]["ExpressionAttributeNames"] == {"#v": "version"}
    assert bodies[-1]["ExpressionAttributeValues"] == {":v": {"N": "3"}, ":b": {"B": base64.b64encode(b"\1").decode()}}
