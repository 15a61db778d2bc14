"""Writing rows against an engine that throttles, leaves items behind, refuses, breaks off, and never ends."""

from __future__ import annotations

import base64
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pandas as pd
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from hypothesis import example, given, settings
from hypothesis import strategies as st

import workbench
from workbench.bulk import Journal, Progress, WriteReport
from workbench.bulk.failures import explained
from workbench.bulk.patience import Patience, Tries
from workbench.bulk.writer import Settings
from workbench.engines.aws import guard, parse_confirmation
from workbench.errors import (
    EngineError,
    GuardError,
    ItemError,
    JournalError,
    RequestError,
    TableError,
    UsageError,
    WriteError,
)
from workbench.model import Index, KeyAttribute, KeySchema, Table
from workbench.results import Backoff
from workbench.results.faults import SERVER_CODES, THROTTLES

TABLE = Table("lines", KeySchema((KeyAttribute("pk"),)), {"by": Index("by", KeySchema((KeyAttribute("owner"),)))})
Item = dict[str, Any]
Reply = tuple[int, dict[str, Any] | str]
PAGE = "<html><body>Service Unavailable</body></html>"  # of a load balancer, before DynamoDB sees the request


def items(count: int, **more: Any) -> list[Item]:
    return [{"pk": f"P#{number}", "text": f"line {number}", **more} for number in range(count)]


class Raw:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self) -> list[bytes]:
        return [self.content]


class Page:
    """A fault: an HTML page with a status, from somebody who is not DynamoDB."""

    def __init__(self, status: int) -> None:
        self.status = status


class Engine:
    """A table behind a real boto3 client, in the place of the network. ``faults`` say, request by request, what is
    wrong: a number of items left unprocessed, an AWS error code, a Page, or an exception; ``always``
    is the one after them. A batch that holds a key of ``poison`` is refused.
    """

    def __init__(self, *faults: Any, always: Any = None, poison: str | tuple[str, ...] = ()) -> None:
        self.faults = list(faults)
        self.always = always
        self.poison = {poison} if isinstance(poison, str) else set(poison)
        self.table: dict[str, Item] = {}
        self.sizes: list[int] = []
        self.history: list[list[str]] = []
        self.lock = threading.Lock()
        self.table_id = "id-1"
        self.gate: Callable[[list[str]], None] = lambda keys: None
        self.client = boto3.client(
            "dynamodb", region_name="us-east-1", endpoint_url="http://127.0.0.1:9", aws_access_key_id="x",
            aws_secret_access_key="y", config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        self.client.meta.events.register("before-send.dynamodb", self.answer)

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        status, content = getattr(self, operation)(json.loads(request.body))
        text = content if isinstance(content, str) else json.dumps(content)
        return AWSResponse(request.url, status, {}, Raw(text.encode()))

    def _fault(self) -> Any:
        fault = self.faults.pop(0) if self.faults else self.always
        if isinstance(fault, BaseException):
            raise fault
        return fault

    def BatchWriteItem(self, request: dict[str, Any]) -> Reply:  # noqa: N802
        ((table, requests),) = request["RequestItems"].items()
        keys = [next(iter(next(iter(each.values())).values()))["pk"]["S"] for each in requests]
        self.gate(keys)
        with self.lock:
            assert len(requests) <= 25
            assert len(set(keys)) == len(keys), "DynamoDB refuses a batch that names a key twice"
            self.sizes.append(len(requests))
            fault = self._fault()
            if isinstance(fault, str):
                return 400, {"__type": f"x#{fault}", "message": "so it is"}
            if isinstance(fault, Page):
                return fault.status, PAGE
            if disliked := [key for key in keys if key in self.poison]:
                words = f"{disliked[0]} is not liked" if len(self.poison) == 1 else "a value is not liked"
                return 400, {"__type": "x#ValidationException", "message": words}
            left = min(fault or 0, len(requests))
            self.history.append(keys[left:])
            for each, key in zip(requests[left:], keys[left:], strict=True):
                if "PutRequest" in each:
                    self.table[key] = each["PutRequest"]["Item"]
                else:
                    self.table.pop(key, None)
            consumed = [{"TableName": table, "CapacityUnits": 1.0 * (len(requests) - left)}]
            return 200, {"UnprocessedItems": {table: requests[:left]} if left else {}, "ConsumedCapacity": consumed}

    def PutItem(self, request: dict[str, Any]) -> Reply:  # noqa: N802
        with self.lock:
            self.sizes.append(1)
            key = request["Item"]["pk"]["S"]
            after = self.faults.pop(0) if self.faults else None
            if isinstance(after, str):
                return 400, {"__type": f"x#{after}", "message": "so it is"}
            if key in self.table and "attribute_not_exists" in request.get("ConditionExpression", ""):
                there = {"Item": self.table[key]}
                return 400, {"__type": "x#ConditionalCheckFailedException", "message": "it is there", **there}
            self.table[key] = request["Item"]
            if isinstance(after, BaseException):  # written, and the answer is lost
                raise after
            if isinstance(after, Page):
                return after.status, PAGE
            return 200, {"ConsumedCapacity": {"TableName": "lines", "CapacityUnits": 1.0}}

    def TransactWriteItems(self, request: dict[str, Any]) -> Reply:  # noqa: N802
        puts = [each["Put"] for each in request["TransactItems"]]
        self.sizes.append(len(puts))
        after = self.faults.pop(0) if self.faults else None
        reasons = [
            {"Code": "ConditionalCheckFailed", "Message": "it is there", "Item": self.table[put["Item"]["pk"]["S"]]}
            if put["Item"]["pk"]["S"] in self.table else {"Code": "None"}
            for put in puts
        ]  # fmt: skip
        if any(each["Code"] != "None" for each in reasons):
            return 400, {"__type": "x#TransactionCanceledException", "message": "no", "CancellationReasons": reasons}
        self.table |= {put["Item"]["pk"]["S"]: put["Item"] for put in puts}
        if isinstance(after, BaseException):
            raise after
        return 200, {"ConsumedCapacity": [{"TableName": "lines", "CapacityUnits": 2.0 * len(puts)}]}

    def DescribeTable(self, request: dict[str, Any]) -> Reply:  # noqa: N802
        if request["TableName"].rpartition("table/")[2] != "lines":
            return 400, {"__type": "x#ResourceNotFoundException", "message": "no"}
        keys = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}  # fmt: skip
        return 200, {"Table": {"TableName": "lines", "TableId": self.table_id, **keys}}

    def write(self, rows: Any, **options: Any) -> WriteReport:
        return workbench.write(self.client, TABLE, rows, **{"in_flight": 1, "backoff": Waits().backoff, **options})


class Waits:
    """A Backoff that notes its waits instead of waiting; ``chance`` 1 shows the cap of the jitter."""

    def __init__(self, attempts: int = 8, chance: float = 1.0, cap: float = 2.0) -> None:
        self.seconds: list[float] = []
        self.backoff = Backoff(attempts, 0.05, cap, self.seconds.append, lambda: chance)


def cut() -> ConnectionClosedError:
    return ConnectionClosedError(endpoint_url="http://127.0.0.1:9")


def whole(report: WriteReport) -> bool:
    """The counts add up."""
    failed = len(report.failed)
    return report.rows == report.written + report.merged + report.already + failed + report.unsent


@pytest.mark.parametrize("in_flight", [1, 8])
def test_rows_go_out_25_a_request_and_are_counted(in_flight: int) -> None:
    engine = Engine()
    report = engine.write(items(60), in_flight=in_flight)

    assert repr(report) == "lines: 60 rows, 60 written; 3 requests, 60.0 WCU"
    assert sorted(engine.sizes) == [10, 25, 25]
    assert engine.table["P#7"] == {"pk": {"S": "P#7"}, "text": {"S": "line 7"}}
    assert len(engine.table) == 60


@pytest.mark.parametrize(
    "given", [[], iter([]), pd.DataFrame({"pk": []}, dtype="str")], ids=["list", "iterator", "frame"]
)
def test_nothing_to_write_sends_nothing(given: Any) -> None:
    engine = Engine()

    assert repr(engine.write(given)) == "lines: 0 rows, 0 written; 0 requests, 0.0 WCU"
    assert engine.sizes == []


def test_a_table_s_name_is_enough() -> None:
    engine = Engine()

    assert workbench.write(engine.client, "lines", items(3)).written == 3
    with pytest.raises(TableError, match="there is no such table"):
        workbench.write(engine.client, "other", items(3))


ARN = "arn:aws:dynamodb:us-east-1:999999999999:table/lines"


@pytest.mark.parametrize("journal", [False, True])
def test_an_arn_is_not_taken_for_the_table_of_its_name_in_one_s_own_account(tmp_path: Path, journal: bool) -> None:
    engine = Engine()
    guard(engine.client, parse_confirmation("111111111111:lines"))
    options: dict[str, Any] = {"journal": tmp_path / "j"} if journal else {}

    with pytest.raises(UsageError, match=rf"{ARN}.*'lines'.*give table='lines', with a client of that account"):
        workbench.write(engine.client, ARN, items(3), **options)
    with pytest.raises(UsageError, match=ARN):
        workbench.write(engine.client, ARN, [{"pk": "P#0"}], operation="delete", **options)
    assert (engine.sizes, engine.table, list(tmp_path.iterdir())) == ([], {}, [])


def test_rows_of_many_bytes_make_smaller_requests() -> None:
    engine = Engine()
    engine.write([{"pk": str(n), "text": "\n" * 350_000} for n in range(25)])  # 700 KB of JSON each

    assert sum(engine.sizes) == 25
    assert max(engine.sizes) == 22


def test_deletes_name_keys_and_say_so() -> None:
    engine = Engine()
    engine.write(items(30))
    report = engine.write(pd.DataFrame({"pk": [f"P#{n}" for n in range(28)] + ["P#1"]}), operation="delete")

    assert sorted(engine.table) == ["P#28", "P#29"]
    assert repr(report) == "lines: 29 rows, 28 deleted, 1 merged; 2 requests, 28.0 WCU"


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


def test_a_wrong_value_in_memory_is_found_before_anything_is_sent() -> None:
    engine = Engine()

    with pytest.raises(ItemError, match=r"row 59, text: 1.5 is a float.*Nothing was sent\."):
        engine.write([*items(59), {"pk": "P#59", "text": 1.5}])
    assert engine.sizes == []


def test_a_wrong_value_in_an_iterator_ends_it_and_says_how_many_were_written() -> None:
    engine = Engine()

    with pytest.raises(ItemError, match=r"row 59, text: 1.5 is a float.*Before it, 50 items were written\."):
        engine.write(iter([*items(59), {"pk": "P#59", "text": 1.5}]))
    assert len(engine.table) == 50


def test_an_iterator_that_fails_itself_is_not_swallowed() -> None:
    def broken() -> Iterator[Item]:
        yield from items(30)
        raise ZeroDivisionError

    engine = Engine()
    with pytest.raises(ZeroDivisionError):
        engine.write(broken(), in_flight=4)
    assert len(engine.table) == 25


TWICE = [*items(30), {"pk": "P#3", "text": "line 3"}, {"pk": "P#4", "text": "another"}]
STREAMED = pytest.mark.parametrize("streamed", [False, True], ids=["held", "streamed"])


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


def test_progress_is_told_items_total_units_and_time_left() -> None:
    told: list[Progress] = []
    Engine(0, 5).write(items(60), progress=told.append)

    assert [(each.items, each.total, each.units) for each in told] == [
        (25, 60, 25), (45, 60, 45), (50, 60, 50), (60, 60, 60)
    ]  # fmt: skip
    assert told[-1].seconds_left == 0
    assert all(each.seconds_left is not None and each.seconds_left >= 0 for each in told)


def test_progress_of_an_iterator_has_no_total() -> None:
    told: list[Progress] = []
    Engine().write(iter(items(30)), progress=told.append)

    assert [(each.items, each.total, each.seconds_left) for each in told] == [(25, None, None), (30, None, None)]


def test_a_read_only_client_of_aws_refuses_before_anything_is_sent() -> None:
    engine = Engine()
    guard(engine.client, None)

    with pytest.raises(GuardError, match="read-only here: BatchWriteItem on lines was refused before it was sent"):
        engine.write(items(3))
    with pytest.raises(GuardError, match="PutItem on lines was refused"):
        engine.write(items(3), condition="attribute_not_exists(pk)")
    assert engine.sizes == []


NEW = {"condition": "attribute_not_exists(pk)"}


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"operation": "update"}, "operation='update'; give 'put' or 'delete'"),
        ({"on_duplicate": "newest"}, "on_duplicate='newest'"),
        ({"floats": "yes"}, "floats='yes'"),
        ({"on_failure": "ignore"}, "on_failure='ignore'"),
        ({"in_flight": 0}, "in_flight=0; give a number of requests from 1 to 256"),
        ({"in_flight": True}, "in_flight=True"),
        ({"write_units": -5}, "a ceiling of -5"),
        ({"write_units": 0}, "a ceiling of 0"),
        ({"condition": " "}, "give an expression"),
        ({"names": {"#a": "a"}}, "go with a condition"),
        ({"transactions": True}, "go with a condition"),
        ({"condition": "a = b", "operation": "delete"}, "a delete has none here"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_before_anything_is_sent(
    options: dict[str, Any], message: str
) -> None:
    engine = Engine()

    with pytest.raises(UsageError, match=message):
        engine.write(items(3), **options)
    assert engine.sizes == []


def test_ctrl_c_passes_through_and_what_is_in_flight_ends_first() -> None:
    engine = Engine()

    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.write(items(2_000), in_flight=4, progress=interrupt)
    assert 25 <= len(engine.table) < 2_000
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("workbench-write")]


def test_an_answer_that_leaves_items_that_were_not_sent_is_an_error() -> None:
    engine = Engine()
    strange = {"lines": [{"PutRequest": {"Item": {"pk": {"S": "never sent"}}}}]}
    engine.BatchWriteItem = lambda request: (200, {"UnprocessedItems": strange})  # type: ignore[method-assign]

    with pytest.raises(EngineError, match="left items of lines unprocessed, which were not sent"):
        engine.write(items(3))


def test_the_words_of_failures_name_the_cure() -> None:
    assert "Run it again when the engine is up" in str(explained(cut(), "BatchWriteItem", "lines"))


def stopped(after: int) -> Callable[[Progress], None]:
    def interrupt(progress: Progress) -> None:
        if progress.items >= after:
            raise KeyboardInterrupt

    return interrupt


def interrupted(engine: Engine, rows: Any, journal: Path, after: int, **options: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        engine.write(rows, journal=journal, progress=stopped(after), **options)


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


def test_a_real_sigint_ends_a_write_that_waits_for_its_answers_and_the_journal_says_what_is_there(
    tmp_path: Path,
) -> None:
    engine, rows = Engine(), items(2_000)
    engine.gate = lambda keys: time.sleep(0.02)
    timer = threading.Timer(0.15, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        engine.write(rows, journal=tmp_path / "j", in_flight=4)
    there = len(engine.table)
    report = engine.write(rows, journal=tmp_path / "j", in_flight=4)

    assert 0 < there < 2_000
    assert (report.already, report.written, len(engine.table)) == (there, 2_000 - there, 2_000)


def test_a_lane_that_dies_ends_the_write_instead_of_being_waited_for() -> None:
    class DeadError(BaseException):
        pass

    engine = Engine(None, DeadError())
    with pytest.raises(DeadError):
        engine.write(items(500), in_flight=4)


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
