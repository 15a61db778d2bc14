"""Writing rows against an engine that throttles, leaves items behind, refuses, breaks off, and never ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import workbench
from tests.unit.scripted_engine import TABLE, Engine, Item, cut, items
from workbench.bulk import Progress, to_parquet
from workbench.bulk.failures import explained
from workbench.engines.aws import guard, parse_confirmation
from workbench.errors import EngineError, GuardError, ItemError, RequestError, TableError, UsageError


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


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(1_250, 5_000, Decimal("1250.5"), 2.4), "1,250 items of 5,000, 1250.5 WCU, about 2 s left"),
        (Progress(1, None, None, None), "1 item, WCU not known"),
    ],
)
def test_progress_prints_as_a_line(progress: Progress, line: str) -> None:
    assert str(progress) == line


def test_a_read_only_client_of_aws_refuses_before_anything_is_sent() -> None:
    engine = Engine()
    guard(engine.client, None)

    with pytest.raises(GuardError, match="read-only here: BatchWriteItem on lines was refused before it was sent"):
        engine.write(items(3))
    with pytest.raises(GuardError, match="PutItem on lines was refused"):
        engine.write(items(3), condition="attribute_not_exists(pk)")
    assert engine.sizes == []


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
        ({"write_units": "5"}, "a ceiling of '5' units a second; give a number above 0"),
        ({"limit_seconds": "5"}, "limit_seconds='5'; give a number of seconds"),
        ({"limit_seconds": -1}, "limit_seconds=-1; give a number of seconds"),
        ({"limit_seconds": float("nan")}, "limit_seconds=nan"),
        ({"backoff": 3}, "backoff=3; give a workbench.results.Backoff"),
        ({"progress": True}, "progress=True; give a function"),
        ({"units": "yes"}, "units='yes'; give True or False"),
        ({"journal": ""}, "journal=''; give the path of a file"),
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


@pytest.mark.parametrize("client", [None, pd.DataFrame(), object(), "dynamodb"])
def test_what_is_no_client_is_refused_and_named(client: Any) -> None:
    for table in ("lines", TABLE):
        with pytest.raises(UsageError, match=rf"a {type(client).__name__} was given as the client; give boto3\.client"):
            workbench.write(client, table, items(3))


@pytest.mark.parametrize("table", [None, b"lines", "", 5, ["lines"]])
def test_what_is_no_table_is_refused_and_named(table: Any) -> None:
    engine = Engine()

    with pytest.raises(UsageError, match=r"table=.*; give the name of a table, or a model's Table"):
        workbench.write(engine.client, table, items(3))
    assert engine.sizes == []


def test_a_request_that_boto3_does_not_send_is_not_taken_for_an_engine_that_is_down(tmp_path: Path) -> None:
    words = r"(?s)Scan on lines was not sent: Parameter validation failed.*parameter Limit, value: 0.*run it again"
    with pytest.raises(RequestError, match=words) as caught:
        to_parquet(Engine().client, tmp_path / "out", TableName="lines", Limit=0)

    assert caught.value.code == "ParamValidationError"
    assert "did not answer" not in str(caught.value)


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


def test_a_lane_that_dies_ends_the_write_instead_of_being_waited_for() -> None:
    class DeadError(BaseException):
        pass

    engine = Engine(None, DeadError())
    with pytest.raises(DeadError):
        engine.write(items(500), in_flight=4)
