"""Conditional puts: what is refused is reported, and nothing that was written is."""

from __future__ import annotations

import base64
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.scripted_engine import NEW, Engine, cut, items, whole
from workbench.errors import JournalError, RequestError, UsageError


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


@pytest.mark.parametrize("resumed", [True, False], ids=["of an earlier run", "sent again by boto3"])
def test_a_row_that_is_there_counts_as_written_for_a_client_that_is_called_by_its_methods(
    tmp_path: Path, resumed: bool
) -> None:
    engine, attempts = Engine(), 0 if resumed else 1

    def put_item(**request: Any) -> dict[str, Any]:
        answer = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "it is there"}}
        there = {"Item": request["Item"], "ResponseMetadata": {"RetryAttempts": attempts}}
        raise ClientError(answer | there, "PutItem")  # type: ignore[arg-type]

    engine.client.put_item = put_item
    if resumed:
        engine.write(iter([]), **NEW, journal=tmp_path / "j")
    report = engine.write([{"pk": "a", "b": b"abc"}], **NEW, journal=tmp_path / "j")

    assert (report.written, report.failed) == (1, ())


def test_a_transaction_that_is_sent_again_has_its_token() -> None:
    engine, seen = Engine(cut()), list[tuple[str, int]]()
    transact = engine.TransactWriteItems

    def noted(request: dict[str, Any]) -> Any:
        seen.append((request["ClientRequestToken"], len(request["TransactItems"])))
        return transact(request)

    engine.TransactWriteItems = noted  # type: ignore[method-assign]
    engine.write(items(30), **NEW, transactions=True)

    assert [count for _, count in seen] == [25, 25, 5]
    assert seen[0] == seen[1]
    assert seen[2][0] != seen[1][0]


def test_a_journal_is_of_one_meaning_of_a_condition(tmp_path: Path) -> None:
    engine = Engine()
    asked = {"condition": "#v < :v", "names": {"#v": "version"}, "journal": tmp_path / "j"}
    engine.write(items(2), **asked, values={":v": 3})

    assert engine.write(items(2), **asked, values={":v": 3}).already == 2
    for other in ({"values": {":v": 4}}, {"values": {":v": 3}, "names": {"#v": "other"}}):
        with pytest.raises(JournalError, match="asked"):
            engine.write(items(2), **asked | other)


def test_an_empty_condition_is_refused_and_never_a_write_without_one() -> None:
    engine = Engine()

    with pytest.raises(UsageError, match="condition=''"):
        engine.write(items(1), condition="")
    assert not engine.table


@pytest.mark.parametrize("transactions", [False, True], ids=["puts", "transactions"])
def test_a_condition_that_cannot_be_read_ends_the_write_and_is_not_tried_for_every_row(transactions: bool) -> None:
    engine, words = Engine(), "Invalid ConditionExpression: Invalid function name; function: attribute_not_exist"
    refused = (400, {"__type": "com.amazon.coral.validate#ValidationException", "message": words})
    engine.PutItem = engine.TransactWriteItems = lambda request: refused  # type: ignore[method-assign]

    with pytest.raises(RequestError, match=r"attribute_not_exist.*0 of 2,000 items are written"):
        engine.write(items(2_000), condition="attribute_not_exist(pk)", transactions=transactions, in_flight=4)
    assert len(engine.sizes) < 50
    assert not engine.table


@pytest.mark.parametrize("transactions", [False, True], ids=["puts", "transactions"])
def test_units_that_no_answer_names_are_said_and_only_where_there_are_any(transactions: bool) -> None:
    engine, asked = Engine(), {"transactions": transactions, "on_failure": "return", "units": True}
    first = engine.write(items(25), **NEW, **asked)
    again = engine.write(items(25), **NEW, **asked)
    unasked = engine.write(items(25), **NEW, **asked | {"units": False})

    assert not [note for note in (*first.notes, *unasked.notes) if "billed" in note]
    assert [note.split(" billed like a write; ")[0] for note in again.notes] == [
        "1 request whose condition failed is" if transactions else "25 requests whose conditions failed are"
    ]
    assert "no answer says the units" in repr(again)
