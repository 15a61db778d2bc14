"""Delivery: every record is handled, set aside or stops the run; none is skipped, and none is handled out of order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from workbench.errors import GuardError, StreamError, UnreachableError
from workbench.results import Backoff
from workbench.streams import DeadLetters, MemoryCheckpoints, Position, Settings, read_lines, replay
from workbench.streams.delivery import Delivery

ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/chats/stream/x"
SHARD = "shard"


def record(number: int) -> dict[str, Any]:
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number), "Keys": {"pk": {"S": f"item {number}"}}}}


def numbers(event: dict[str, Any]) -> list[int]:
    return [int(each["dynamodb"]["SequenceNumber"]) for each in event["Records"]]


class Unit(MemoryCheckpoints):
    """Checkpoints with a transaction: what a handler adds to ``pending`` is kept only when the unit ends well."""

    transactional = True

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[int] = []
        self.pending: list[int] = []

    @contextmanager
    def unit(self) -> Iterator[Any]:
        self.pending = []
        yield self.pending
        self.kept += self.pending


def delivery(
    handler: Callable[..., Any], *, slept: list[float] | None = None, attempts: int = 3, **more: Any
) -> Delivery:
    sleeping = (slept if slept is not None else []).append
    backoff = Backoff(attempts=attempts, base=1.0, cap=60.0, sleep=sleeping, chance=lambda: 1)
    return Delivery(handler, "counter", ARN, more.pop("checkpoints", MemoryCheckpoints()), backoff, **more)


def position(made: Delivery) -> str | None:
    at = made.checkpoints.load(ARN).get(SHARD)
    return at.sequence if at else None


def letters(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_batch_is_handed_over_as_a_lambda_event_and_its_checkpoint_saved() -> None:
    seen: list[Any] = []

    def handler(event: Any, context: Any) -> None:
        seen.append((event, context))

    made = delivery(handler)
    made.deliver(SHARD, [record(1), record(2)])

    ((event, context),) = seen
    assert numbers(event) == [1, 2]
    assert {each["eventSourceARN"] for each in event["Records"]} == {ARN}
    assert (context.function_name, context.aws_request_id, context.connection) == ("counter", "shard/1", None)
    assert context.get_remaining_time_in_millis() == 900_000
    assert position(made) == "2"
    assert vars(made.tally) == {"records": 2, "calls": 1, "retries": 0, "set_aside": 0}


def test_a_poison_record_is_found_by_halving_and_set_aside_with_its_reason(tmp_path: Path) -> None:
    done: list[int] = []

    def handler(event: Any, _context: Any) -> None:
        if 6 in numbers(event):
            raise ValueError("poison")
        done.extend(numbers(event))

    made = delivery(handler, dead_letters=DeadLetters(tmp_path / "left.jsonl"))
    made.deliver(SHARD, [record(number) for number in range(1, 10)])

    assert done == [1, 2, 3, 4, 5, 7, 8, 9]
    (letter,) = letters(tmp_path / "left.jsonl")
    assert letter["record"]["dynamodb"]["SequenceNumber"] == "6"
    assert letter["error"].startswith("ValueError: poison (test_streams_delivery.py, line ")
    assert (letter["attempts"], letter["consumer"]) == (3, "counter")
    assert position(made) == "9"
    assert made.tally.set_aside == 1
    assert made.tally.records == 8


def test_without_a_file_for_dead_letters_the_run_ends_at_the_poison_record_and_begins_with_it_again() -> None:
    def handler(event: Any, _context: Any) -> None:
        if 3 in numbers(event):
            raise ValueError("poison")

    made = delivery(handler)
    with pytest.raises(StreamError, match=r"counter failed 3 times on the record 3 \(INSERT pk = 'item 3'\).*poison"):
        made.deliver(SHARD, [record(number) for number in range(1, 6)])

    assert position(made) == "2"


def test_a_record_that_recovers_is_handled_after_pauses_that_grow() -> None:
    failures = iter([True, True, False])

    def handler(_event: Any, _context: Any) -> None:
        if next(failures):
            raise ValueError("not yet")

    slept: list[float] = []
    made = delivery(handler, slept=slept)
    made.deliver(SHARD, [record(1)])

    assert slept == [2.0, 4.0]
    assert position(made) == "1"
    assert made.tally.retries == 2


def test_of_a_reported_batch_those_before_the_failure_are_done_and_the_failed_one_goes_alone() -> None:
    calls: list[list[int]] = []

    def handler(event: Any, _context: Any) -> dict[str, Any]:
        calls.append(numbers(event))
        failed = 4 in calls[-1] and len(calls) < 3
        return {"batchItemFailures": [{"itemIdentifier": "4"}] if failed else []}

    made = delivery(handler)
    made.deliver(SHARD, [record(number) for number in range(2, 7)])

    assert calls == [[2, 3, 4, 5, 6], [4], [4], [5, 6]]
    assert position(made) == "6"
    assert vars(made.tally) == {"records": 5, "calls": 4, "retries": 2, "set_aside": 0}


def test_the_lowest_reported_number_counts_and_numbers_are_integers() -> None:
    calls: list[list[int]] = []

    def handler(event: Any, _context: Any) -> dict[str, Any]:
        calls.append(numbers(event))
        return {"batchItemFailures": [{"itemIdentifier": "100"}, {"itemIdentifier": "99"}]} if len(calls) == 1 else {}

    made = delivery(handler)
    made.deliver(SHARD, [record(98), record(99), record(100)])

    assert calls == [[98, 99, 100], [99], [100]]


@pytest.mark.parametrize("identifier", ["", "7", None, 1])
def test_a_report_of_a_record_that_was_not_handed_over_is_a_failure_of_the_batch(
    identifier: Any, tmp_path: Path
) -> None:
    made = delivery(
        lambda *_: {"batchItemFailures": [{"itemIdentifier": identifier}]}, dead_letters=DeadLetters(tmp_path / "left")
    )
    made.deliver(SHARD, [record(1), record(2)])

    assert [letter["record"]["dynamodb"]["SequenceNumber"] for letter in letters(tmp_path / "left")] == ["1", "2"]
    assert "which is the sequence number of no record" in letters(tmp_path / "left")[0]["error"]


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, "fine", 3])
def test_an_answer_without_failures_is_success_as_in_lambda(answer: Any) -> None:
    made = delivery(lambda *_: answer)
    made.deliver(SHARD, [record(1)])

    assert position(made) == "1"


OUTAGES = [
    EndpointConnectionError(endpoint_url="x"),
    psycopg.OperationalError("gone"),
    ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "PutItem"),
    ClientError({"Error": {"Code": ""}, "ResponseMetadata": {"HTTPStatusCode": 502}}, "PutItem"),  # type: ignore[typeddict-item]
]


@pytest.mark.parametrize("error", OUTAGES, ids=str)
def test_an_outage_is_no_records_fault_nothing_is_set_aside_and_the_run_ends(error: Exception, tmp_path: Path) -> None:
    calls: list[list[int]] = []

    def handler(event: Any, _context: Any) -> None:
        calls.append(numbers(event))
        raise error

    made = delivery(handler, dead_letters=DeadLetters(tmp_path / "left"))
    with pytest.raises(UnreachableError, match="No record is to blame"):
        made.deliver(SHARD, [record(1), record(2)])

    assert calls == [[1, 2]] * 3
    assert letters(tmp_path / "left") == []
    assert position(made) is None


def test_an_outage_that_passes_costs_only_time() -> None:
    errors = iter([OUTAGES[0], OUTAGES[0], None])
    calls: list[list[int]] = []

    def handler(event: Any, _context: Any) -> None:
        calls.append(numbers(event))
        if error := next(errors):
            raise error

    made = delivery(handler)
    made.deliver(SHARD, [record(1), record(2)])

    assert calls == [[1, 2]] * 3
    assert position(made) == "2"


def test_a_refused_write_to_aws_ends_the_run_at_once(tmp_path: Path) -> None:
    calls: list[Any] = []

    def handler(event: Any, _context: Any) -> None:
        calls.append(event)
        raise GuardError("AWS is read-only here")

    with pytest.raises(GuardError):
        delivery(handler, dead_letters=DeadLetters(tmp_path / "left")).deliver(SHARD, [record(1), record(2)])

    assert len(calls) == 1


def test_a_ctrl_c_in_a_handler_leaves_its_batch_for_the_next_run() -> None:
    def handler(_event: Any, _context: Any) -> None:
        raise KeyboardInterrupt

    made = delivery(handler)
    with pytest.raises(KeyboardInterrupt):
        made.deliver(SHARD, [record(1)])

    assert position(made) is None


def test_checkpoints_that_another_run_moved_end_this_one() -> None:
    checkpoints = MemoryCheckpoints()
    calls: list[Any] = []

    def handler(event: Any, _context: Any) -> None:
        calls.append(event)
        checkpoints.save(ARN, SHARD, Position("50"))

    with pytest.raises(StreamError, match="handled up to sequence number 50 by another run"):
        delivery(handler, checkpoints=checkpoints).deliver(SHARD, [record(1), record(2)])
    assert len(calls) == 1


def test_in_a_transaction_a_report_undoes_the_batch_and_those_before_it_go_again_without_it() -> None:
    unit = Unit()

    def handler(event: Any, context: Any) -> dict[str, Any]:
        context.connection.extend(numbers(event))  # of the failing one a part is written too
        return {"batchItemFailures": [{"itemIdentifier": "3"}]} if 3 in numbers(event) else {}

    made = delivery(handler, checkpoints=unit)
    with pytest.raises(StreamError, match="on the record 3"):
        made.deliver(SHARD, [record(number) for number in range(1, 6)])

    assert unit.kept == [1, 2]
    assert position(made) == "2"


@given(
    st.integers(1, 30),
    st.sets(st.integers(1, 30)),
    st.sampled_from(["raises", "reports"]),
    st.booleans(),
)
@hypothesis_settings(deadline=None)
def test_every_record_is_handled_once_in_order_or_set_aside(
    count: int, poison: set[int], manner: str, transactional: bool
) -> None:
    kept: list[int] = []
    aside: list[int] = []
    unit = Unit() if transactional else MemoryCheckpoints()

    class Letters:
        def add(self, letter: Any, **_more: Any) -> None:
            aside.append(int(letter["dynamodb"]["SequenceNumber"]))

    def handler(event: Any, context: Any) -> dict[str, Any]:
        into = kept if context.connection is None else context.connection
        if manner == "raises" and poison & set(numbers(event)):
            raise ValueError("poison")
        for number in numbers(event):
            if number in poison:
                return {"batchItemFailures": [{"itemIdentifier": str(number)}]}
            into.append(number)
        return {}

    made = delivery(handler, checkpoints=unit, dead_letters=Letters())  # type: ignore[arg-type]
    made.deliver(SHARD, [record(number) for number in range(1, count + 1)])

    everything = set(range(1, count + 1))
    assert (unit.kept if isinstance(unit, Unit) else kept) == sorted(everything - poison)
    assert aside == sorted(everything & poison)
    assert position(made) == str(count)
    assert made.tally.records + made.tally.set_aside == count


def test_dead_letters_are_handed_over_again_from_their_file(tmp_path: Path) -> None:
    file = tmp_path / "left.jsonl"
    broken = delivery(lambda *_: 1 / 0, dead_letters=DeadLetters(file))  # type: ignore[arg-type]
    broken.deliver(SHARD, [record(1), record(2)])
    seen: list[int] = []

    report = replay(
        read_lines(file), lambda event, _: seen.extend(numbers(event)), consumer="counter", settings=Settings(batch=1)
    )

    assert seen == [1, 2]
    assert repr(report) == "counter: 2 records of the file in 2 calls"


def test_a_letter_after_one_that_a_kill_tore_begins_on_a_line_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "left.jsonl"
    file.write_text('{"torn": ')
    DeadLetters(file).add(record(1), consumer="c", error="e", attempts=1)

    torn, letter = file.read_text().splitlines()

    assert torn == '{"torn": '
    assert json.loads(letter)["record"] == record(1)
