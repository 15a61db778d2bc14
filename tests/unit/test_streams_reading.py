"""Reading a stream: shards through all pages, parents first, and whatever iterators and trimmed records do."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.fake_streams import ARN, FakeStreams, record, refusal
from workbench.errors import EngineError, RequestError, StreamError
from workbench.results import Backoff
from workbench.results.faults import THROTTLES
from workbench.streams import Pace, Position, Reader, Rules, Shard, Stream, is_later, parents_first, read_all


def stream_of(client: Any) -> Stream:
    return Stream(client, ARN, "chats", "NEW_IMAGE")


def patient(slept: list[float] | None = None, attempts: int = 4) -> Backoff:
    return Backoff(
        attempts=attempts, base=1.0, cap=3.0, sleep=(slept if slept is not None else []).append, chance=lambda: 1
    )


def quick(**more: Any) -> Pace:
    return Pace(**{"patience": 1, "sleep": lambda _seconds: None, "clock": lambda: 0.0, **more})


def read(client: FakeStreams, *, start: Any = "trim_horizon", told: list[str] | None = None, **more: Any) -> list[str]:
    """Every record that is there, as ``shard sequence number``, in the order in which they came."""
    rules = Rules(
        limit=more.pop("limit", 1000),
        skip_trimmed=more.pop("skip_trimmed", False),
        backoff=more.pop("backoff", patient()),
        told=(told if told is not None else []).append,
    )
    positions, pace = more.pop("positions", None), more.pop("pace", quick())
    assert more == {}
    reader = Reader(stream_of(client), start=start, positions=positions, rules=rules, pace=pace)
    pages = reader.pages(follow=False)
    return [f"{page.shard} {each['dynamodb']['SequenceNumber']}" for page in pages for each in page.records]


def test_every_page_of_shards_is_listed() -> None:
    client = FakeStreams({f"s{number}": [number] for number in range(250)})

    listing = stream_of(client).listing()

    assert [shard.id for shard in listing.shards] == [f"s{number}" for number in range(250)]


def test_a_child_is_read_when_its_parent_was_read_to_its_end() -> None:
    client = FakeStreams({"child": [5, 6], "parent": [1, 2], "grandchild": [9]}, page=1)
    client.parents = {"child": "parent", "grandchild": "child"}
    client.closed = {"parent", "child"}

    assert read(client) == ["parent 1", "parent 2", "child 5", "child 6", "grandchild 9"]


def test_no_record_of_a_child_comes_between_the_pages_of_its_parent() -> None:
    client = FakeStreams({"parent": [1, 2, 3], "child": [5, 6]}, parents={"child": "parent"})
    client.closed = {"parent"}

    assert read(client, limit=1) == ["parent 1", "parent 2", "parent 3", "child 5", "child 6"]


def test_a_child_waits_until_the_caller_is_done_with_the_last_page_of_its_parent() -> None:
    client = FakeStreams({"parent": [1, 2], "child": [5]}, parents={"child": "parent"})
    client.closed = {"parent"}
    pages = Reader(stream_of(client), pace=quick()).pages(follow=False)

    page = next(pages)

    assert page.ended
    assert [shard for shard, _ in client.asked] == ["parent"]
    assert [each.shard for each in pages] == ["child"]


def test_a_shard_whose_parent_was_trimmed_away_is_read() -> None:
    client = FakeStreams({"child": [5]}, parents={"child": "long gone"})

    assert read(client) == ["child 5"]


@settings(deadline=None)
@given(st.permutations(range(12)))
def test_parents_stand_before_their_children_in_whatever_order_shards_are_listed(order: list[int]) -> None:
    shards = [Shard(str(number), str((number - 1) // 2) if number else None, str(99 - number)) for number in order]

    places = {shard.id: place for place, shard in enumerate(parents_first(shards))}

    assert len(places) == 12
    assert all(places[shard.parent] < places[shard.id] for shard in shards if shard.parent)


@settings(deadline=None)
@given(st.integers(0, 10**40), st.integers(0, 10**40))
def test_sequence_numbers_are_compared_as_integers(one: int, other: int) -> None:
    assert is_later(str(one), str(other)) == (one > other)
    assert is_later(f"{one:050}", str(other)) == (one > other)


def test_a_page_holds_at_most_as_many_records_as_asked_for() -> None:
    client = FakeStreams({"s": list(range(1, 8))})
    reader = Reader(stream_of(client), rules=Rules(limit=3), pace=quick())

    assert [len(page.records) for page in reader.pages(follow=False)] == [3, 3, 1]


def test_an_iterator_that_expired_is_replaced_by_one_after_the_last_record() -> None:
    client = FakeStreams({"s": [1, 2, 3]})
    reader = Reader(stream_of(client), rules=Rules(limit=2), pace=quick())
    pages = reader.pages(follow=False)
    next(pages)
    client.errors["GetRecords"] = [refusal("ExpiredIteratorException")]

    (page,) = pages

    assert [each["dynamodb"]["SequenceNumber"] for each in page.records] == ["3"]
    assert client.asked == [("s", "TRIM_HORIZON"), ("s", "AFTER_SEQUENCE_NUMBER 2")]


def test_iterators_that_expire_at_once_are_an_error_not_a_loop() -> None:
    client = FakeStreams({"s": [1]})
    client.errors["GetRecords"] = [refusal("ExpiredIteratorException") for _ in range(9)]

    with pytest.raises(RequestError, match="ExpiredIteratorException"):
        read(client)


def test_an_iterator_at_the_end_that_expired_before_any_record_says_what_may_be_missed() -> None:
    client = FakeStreams({"s": [1]})
    client.errors["GetRecords"] = [refusal("ExpiredIteratorException")]
    told: list[str] = []

    assert read(client, start="latest", told=told) == []
    assert ["records that came in between are not shown" in text for text in told] == [True]


def test_records_that_were_trimmed_unread_are_an_error_with_the_cure() -> None:
    client = FakeStreams({"s": [7, 8]})
    client.trimmed = 7

    with pytest.raises(StreamError, match=r"after sequence number 3 were trimmed.*--skip-trimmed"):
        read(client, positions={"s": Position("3")})


def test_where_it_is_asked_for_reading_goes_on_at_the_oldest_record_left_and_says_so() -> None:
    client = FakeStreams({"s": [7, 8]})
    client.trimmed = 7
    told: list[str] = []

    assert read(client, positions={"s": Position("3")}, skip_trimmed=True, told=told) == ["s 7", "s 8"]
    assert told == [
        "s of the stream of chats: records after sequence number 3 were trimmed unread; going on at the oldest left"
    ]


def test_trimming_that_is_faster_than_reading_is_an_error_not_a_loop() -> None:
    client = FakeStreams({"s": [7, 8]})
    client.errors["GetRecords"] = [refusal("TrimmedDataAccessException") for _ in range(9)]

    with pytest.raises(StreamError, match="loses records faster than they are read"):
        read(client, skip_trimmed=True)


def test_a_shard_that_is_gone_before_it_was_read_to_its_end_is_an_error() -> None:
    client = FakeStreams({"new": [50]}, parents={"new": "old"})

    with pytest.raises(StreamError, match="old of the stream of chats: records after sequence number 30 were trimmed"):
        read(client, positions={"old": Position("30")})
    assert read(client, positions={"old": Position("30")}, skip_trimmed=True) == ["new 50"]
    assert read(client, positions={"old": Position("30", done=True)}) == ["new 50"]


def test_reading_goes_on_after_the_positions_and_passes_over_shards_that_are_done() -> None:
    client = FakeStreams({"a": [1, 2], "b": [3, 4], "c": [5]}, parents={"b": "a", "c": "b"})
    client.closed = {"a", "b"}

    assert read(client, positions={"a": Position("2", done=True), "b": Position("3")}) == ["b 4", "c 5"]


@pytest.mark.parametrize("code", sorted(THROTTLES))
@pytest.mark.parametrize("operation", ["DescribeStream", "GetShardIterator", "GetRecords"])
def test_a_throttle_is_waited_out_with_pauses_that_grow_up_to_a_cap(operation: str, code: str) -> None:
    client = FakeStreams({"s": [1]})
    client.errors[operation] = [refusal(code) for _ in range(3)]
    slept: list[float] = []

    assert read(client, backoff=patient(slept)) == ["s 1"]
    assert slept == [2.0, 3.0, 3.0]


@pytest.mark.parametrize(("code", "status"), [("InternalServerError", 500), ("", 502), ("503", 503)])
def test_a_server_error_is_waited_out_with_a_code_and_without(code: str, status: int) -> None:
    client = FakeStreams({"s": [1]})
    client.errors["GetRecords"] = [refusal(code, status)]

    assert read(client) == ["s 1"]


def test_a_throttle_that_does_not_end_is_an_error_after_the_last_attempt() -> None:
    client = FakeStreams({"s": [1]})
    client.errors["GetRecords"] = [refusal("ThrottlingException") for _ in range(9)]

    with pytest.raises(RequestError, match=r"GetRecords on s of the stream of chats.*4 attempts were made") as caught:
        read(client)
    assert caught.value.code == "ThrottlingException"
    assert len(client.errors["GetRecords"]) == 5


def test_an_engine_that_is_away_is_an_engine_error() -> None:
    client = FakeStreams({"s": [1]})
    client.errors["GetRecords"] = [EndpointConnectionError(endpoint_url="http://127.0.0.1:1")]

    with pytest.raises(EngineError, match="GetRecords on s of the stream of chats: the engine did not answer"):
        read(client)


def test_an_empty_page_is_not_the_end_where_more_patience_is_asked_for() -> None:
    client = FakeStreams({"s": [1, 2]})
    client.empty_pages = ["s", "s"]

    assert read(client, pace=quick(patience=3)) == ["s 1", "s 2"]


def test_a_closed_shard_is_read_to_its_end_whatever_empty_pages_it_gives() -> None:
    client = FakeStreams({"s": [1, 2]})
    client.closed = {"s"}
    client.empty_pages = ["s"] * 5

    assert read(client, pace=quick(patience=1)) == ["s 1", "s 2"]


def test_latest_begins_at_the_end_of_open_shards_and_at_the_beginning_of_those_that_come_later() -> None:
    client = FakeStreams({"closed": [1], "open": [2, 3]}, parents={"open": "closed"})
    client.closed = {"closed"}
    rounds = iter(range(9))

    def sleep(_seconds: float) -> None:
        match next(rounds):
            case 0:
                client.records["open"].append(4)
            case 1:
                client.records |= {"next": [5, 6]}
                client.parents["next"] = "open"
                client.closed.add("open")

    seen: list[str] = []
    reader = Reader(stream_of(client), start="latest", pace=quick(sleep=sleep, stopping=lambda: len(seen) == 3))
    for page in reader.pages(follow=True):
        seen += [f"{page.shard} {each['dynamodb']['SequenceNumber']}" for each in page.records]

    assert seen == ["open 4", "next 5", "next 6"]
    assert client.asked == [("open", "LATEST"), ("next", "TRIM_HORIZON")]


def test_from_the_latest_on_every_shard_is_marked_before_any_is_read() -> None:
    client = FakeStreams({"one": [1], "two": [2]})
    reader = Reader(stream_of(client), start="latest", pace=quick())
    reader.open()
    client.records["one"].append(3)

    seen: list[str] = []
    for page in reader.pages(follow=False):
        seen += [f"{page.shard} {each['dynamodb']['SequenceNumber']}" for each in page.records]
        if page.shard == "one":  # while this page is handled, another shard gets a record
            client.records["two"].append(4)

    assert seen == ["one 3", "two 4"]
    assert client.asked == [("one", "LATEST"), ("two", "LATEST")]


def test_shards_are_listed_again_after_a_while_when_reading_goes_on() -> None:
    client = FakeStreams({"one": [1]})
    times = iter(range(0, 1000, 10))
    seen: list[str] = []

    def sleep(_seconds: float) -> None:
        client.records["two"] = [2]

    reader = Reader(
        stream_of(client), pace=quick(sleep=sleep, clock=lambda: next(times), stopping=lambda: len(seen) == 2)
    )
    for page in reader.pages(follow=True):
        seen.append(page.shard)

    assert seen == ["one", "two"]


def test_a_stream_that_was_switched_off_is_read_to_its_end_and_following_it_ends() -> None:
    client = FakeStreams({"s": [1]})
    client.closed, client.status = {"s"}, "DISABLED"
    told: list[str] = []
    reader = Reader(stream_of(client), rules=Rules(told=told.append), pace=quick())

    assert [page.ended for page in reader.pages(follow=True)] == [True]
    assert told == ["the stream of chats was switched off, and is read to its end"]


def test_all_records_are_read_shard_by_shard() -> None:
    client = FakeStreams({"a": [1, 2], "b": [10]})

    assert read_all(stream_of(client), pace=quick()) == [record(1), record(2), record(10)]
