"""Checkpoints in a file: replaced as a whole, held by one run, never moved back; and a run that goes on from them."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import StreamError
from workbench.results import Backoff
from workbench.streams import (
    FileCheckpoints,
    MemoryCheckpoints,
    Pace,
    Position,
    Rules,
    Settings,
    Shard,
    Stream,
    checkpoints,
    run,
)
from workbench.streams.shards import Listing

ARN = "arn:stream"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "checkpoints.json"


def test_what_was_saved_is_there_for_the_next_run(file: Path) -> None:
    first = FileCheckpoints(file, "inbox")
    first.save(ARN, "a", Position("0012"))
    first.save(ARN, "a", Position("0012", done=True))
    first.save("arn:older", "z", Position("7"))
    first.close()

    second = FileCheckpoints(file, "inbox")

    assert second.load(ARN) == {"a": Position("0012", done=True)}
    assert second.load("arn:never") == {}
    assert second.others(ARN) == 1
    assert second.others("arn:never") == 2


def test_the_file_is_the_owners_alone(file: Path) -> None:
    FileCheckpoints(file, "inbox").save(ARN, "a", Position("1"))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_crash_while_saving_leaves_the_checkpoint_before_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = FileCheckpoints(file, "inbox")
    kept.save(ARN, "a", Position("1"))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        kept.save(ARN, "a", Position("2"))
    monkeypatch.undo()
    kept.close()

    assert FileCheckpoints(file, "inbox").load(ARN) == {"a": Position("1")}
    assert sorted(os.listdir(file.parent)) == ["checkpoints.json", "checkpoints.json.lock"]


def test_what_a_killed_save_left_behind_is_removed_by_the_next_run(file: Path) -> None:
    FileCheckpoints(file, "inbox").close()
    (file.parent / ".checkpoints.json.x1y2z3").write_text("half")
    (file.parent / ".other.json.x1y2z3").write_text("somebody else's")

    FileCheckpoints(file, "inbox").close()

    assert sorted(os.listdir(file.parent)) == [".other.json.x1y2z3", "checkpoints.json.lock"]


@pytest.mark.parametrize(("was", "now"), [("9", "8"), ("10", "9"), ("10", "10"), ("0100", "99"), ("5", None)])
def test_a_checkpoint_never_moves_back(file: Path, was: str, now: str | None) -> None:
    kept = FileCheckpoints(file, "inbox")
    kept.save(ARN, "a", Position(was))

    with pytest.raises(StreamError, match="by another run"):
        kept.save(ARN, "a", Position(now))
    assert kept.load(ARN) == {"a": Position(was)}


def test_two_runs_cannot_hold_one_file(file: Path) -> None:
    kept = FileCheckpoints(file, "inbox")
    with pytest.raises(StreamError, match="another run holds the checkpoints in"):
        FileCheckpoints(file, "inbox")
    kept.close()

    FileCheckpoints(file, "inbox").close()


def test_checkpoints_of_another_consumer_are_refused(file: Path) -> None:
    kept = FileCheckpoints(file, "inbox")
    kept.save(ARN, "a", Position("1"))
    kept.close()

    with pytest.raises(StreamError, match="holds the checkpoints of 'inbox', not of 'search'"):
        FileCheckpoints(file, "search")
    FileCheckpoints(file, "inbox").close()  # the refusal did not keep the lock


BROKEN = [
    "",
    "[]",
    "{}",
    "nonsense",
    '{"consumer": "inbox", "streams": {"x": {"s": {"sequence": "9a", "done": false}}}}',
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_holds_no_checkpoints_is_never_taken_for_an_empty_one(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)

    with pytest.raises(StreamError, match="holds no checkpoints of the workbench"):
        FileCheckpoints(file, "inbox")
    assert file.read_text() == text


class Streams:
    """A stream of one shard whose records are given; the shard is closed when ``closed``."""

    def __init__(self, count: int, *, arn: str = ARN) -> None:
        self.numbers = list(range(1, count + 1))
        self.closed = False
        self.asked = 0
        self.stream = Stream(self, arn, "chats", "NEW_IMAGE")

    def describe_stream(self, **_: Any) -> dict[str, Any]:
        return {"StreamDescription": {"StreamStatus": "ENABLED", "Shards": [{"ShardId": "s"}]}}

    def get_shard_iterator(self, **asked: Any) -> dict[str, Any]:
        return {"ShardIterator": asked.get("SequenceNumber", "0")}

    def get_records(self, **asked: Any) -> dict[str, Any]:
        self.asked += 1
        after = int(asked["ShardIterator"])
        found = [number for number in self.numbers if number > after][: asked["Limit"]]
        records = [{"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(n), "Keys": {}}} for n in found]
        last = found[-1] if found else after
        more = {} if self.closed and last == self.numbers[-1] else {"NextShardIterator": str(last)}
        return {"Records": records, **more}


class Handled(list[int]):
    """A handler that keeps what it is given, and dies before the record ``dies_at``."""

    dies_at = 0

    def __call__(self, event: dict[str, Any], _context: Any) -> None:
        for each in event["Records"]:
            number = int(each["dynamodb"]["SequenceNumber"])
            if number == self.dies_at:
                raise KeyboardInterrupt
            self.append(number)


def settings(**more: Any) -> Settings:
    told = more.pop("told", [])
    return Settings(
        batch=more.pop("batch", 3),
        backoff=Backoff(attempts=1, sleep=lambda _: None),
        rules=Rules(limit=4, told=told.append),
        pace=Pace(patience=1, sleep=lambda _: None),
        **more,
    )


def test_a_run_goes_on_at_its_checkpoint_and_repeats_only_the_batch_that_was_being_handled() -> None:
    streams, kept, handler = Streams(10), MemoryCheckpoints(), Handled()
    handler.dies_at = 6
    with pytest.raises(KeyboardInterrupt):
        run(streams.stream, handler, kept, settings=settings())
    handler.dies_at = 0

    report = run(streams.stream, handler, kept, consumer="all", settings=settings())

    assert handler == [1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10]
    assert repr(report) == "all: 6 records of chats in 3 calls"
    assert run(streams.stream, handler, kept, settings=settings()).records == 0


def test_latest_passes_over_what_is_there_once_and_for_all() -> None:
    streams, kept, handler = Streams(5), MemoryCheckpoints(), Handled()

    first = run(streams.stream, handler, kept, settings=settings(start="latest"))
    streams.numbers += [6, 7]
    second = run(streams.stream, handler, kept, settings=settings(start="latest"))

    assert (first.records, first.passed_over) == (0, 5)
    assert repr(first) == "handler: 0 records of chats in 0 calls, 5 passed over at the start"
    assert (second.records, second.passed_over) == (2, 0)
    assert handler == [6, 7]


def test_latest_on_an_empty_stream_loses_nothing_that_comes_before_the_next_run() -> None:
    streams, kept, handler = Streams(0), MemoryCheckpoints(), Handled()
    run(streams.stream, handler, kept, settings=settings(start="latest"))
    streams.numbers += [1, 2]

    run(streams.stream, handler, kept, settings=settings(start="latest"))

    assert handler == [1, 2]


def test_a_stream_that_is_another_one_than_last_time_is_said_aloud() -> None:
    kept, handler, told = MemoryCheckpoints(), Handled(), []
    run(Streams(2).stream, handler, kept, settings=settings())

    run(Streams(3, arn="arn:new").stream, handler, kept, settings=settings(told=told))

    assert handler == [1, 2, 1, 2, 3]
    assert len(told) == 1
    assert "another one than last time" in told[0]


def test_a_run_that_is_asked_to_end_does_so_after_its_batch_and_nothing_is_lost() -> None:
    streams, kept, handler = Streams(10), MemoryCheckpoints(), Handled()
    asked = settings()
    stopping = Pace(patience=1, sleep=lambda _: None, stopping=lambda: len(handler) >= 3)
    run(streams.stream, handler, kept, follow=True, settings=Settings(batch=3, rules=asked.rules, pace=stopping))
    assert handler == [1, 2, 3]

    run(streams.stream, handler, kept, settings=settings())

    assert handler == list(range(1, 11))


def test_progress_is_told_as_the_number_of_records_so_far() -> None:
    told: list[int] = []

    run(Streams(7).stream, Handled(), settings=settings(progress=told.append))

    assert told == [3, 4, 7]


def test_a_shard_that_is_done_and_gone_is_forgotten(file: Path) -> None:
    kept = FileCheckpoints(file, "inbox")
    kept.save(ARN, "old", Position("5", done=True))

    run(Streams(2).stream, Handled(), kept, settings=settings())

    assert set(json.loads(file.read_text())["streams"][ARN]) == {"s"}


def test_a_closed_shard_that_was_handled_to_its_end_is_kept_as_done_and_not_asked_for_again() -> None:
    streams, kept, handler = Streams(4), MemoryCheckpoints(), Handled()
    streams.closed = True
    run(streams.stream, handler, kept, settings=settings())
    asked = streams.asked

    run(streams.stream, handler, kept, settings=settings())

    assert kept.load(ARN) == {"s": Position("4", done=True)}
    assert (handler, streams.asked) == ([1, 2, 3, 4], asked)


def test_a_listing_knows_whether_records_still_come() -> None:
    assert Listing("ENABLED", (Shard("s"),)).enabled
    assert not Listing("DISABLED", ()).enabled
