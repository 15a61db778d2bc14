"""Pattern E: the inbox row is the newest message, for both members, exactly one row a member, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fake_table import FakeTable
from tests.inbox_handlers import famous, ours, rehearsal

Conversation = tuple[str, str, str]
CONVERSATIONS: tuple[Conversation, ...] = (("g1", "ann", "bob"), ("g2", "ann", "cid"), ("g3", "bob", "cid"))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours.keep_fresh, "__kwdefaults__", {"sleep": lambda _seconds: None})


def time(number: int) -> str:
    return f"2026-03-31T17:00:00.{number:06}Z"


def row(conversation: Conversation, member: str, at: int, **more: Any) -> dict[str, Any]:
    group, one, two = conversation
    other = two if member == one else one
    named = {"user_uuid": other, "user_handle": f"@{other}", "user_display_name": other.title()}
    values = {"pk": f"GRP#{member}", "sk": time(at), "message_group_uuid": group, "message": "hello", **named, **more}
    return {name: {"S": value} for name, value in values.items()}


def message(conversation: Conversation, author: str, at: int, text: str = "", event: str = "INSERT") -> dict[str, Any]:
    keys = {"pk": {"S": f"MSG#{conversation[0]}"}, "sk": {"S": time(at)}}
    image = {"message": {"S": text or f"text {at}"}, "user_uuid": {"S": author}, **keys}
    return {"eventName": event, "dynamodb": {"Keys": keys, "NewImage": image, "SequenceNumber": str(at)}}


def filled(*, lag: Any = lambda: 0) -> Any:
    """A table with both members' rows of every conversation, at the times 1, 2 and 3."""
    table = FakeTable(lag)
    for at, conversation in enumerate(CONVERSATIONS, start=1):
        for member in conversation[1:]:
            table.put_item(Item=row(conversation, member, at))
    return table


def inbox_rows(table: Any) -> list[dict[str, Any]]:
    return [item for item in table.items.values() if item["pk"]["S"].startswith("GRP#")]


def truth(records: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, str]]:
    """For each group and member the newest message; the one that the table began with where none came."""
    newest = {(c[0], member): (time(at), "hello") for at, c in enumerate(CONVERSATIONS, start=1) for member in c[1:]}
    for record in records:
        group = record["dynamodb"]["Keys"]["pk"]["S"].removeprefix("MSG#")
        shown = record["dynamodb"]["Keys"]["sk"]["S"], record["dynamodb"]["NewImage"]["message"]["S"]
        newest |= {place: shown for place, was in newest.items() if place[0] == group and shown > was}
    return newest


@st.composite
def days(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Any]]:
    """Messages at times of their own, and calls: every one at least once, some again, in any order, some killed."""
    times = draw(st.lists(st.integers(10, 999), unique=True, min_size=1, max_size=12))
    records = []
    for at in sorted(times):
        conversation = draw(st.sampled_from(CONVERSATIONS))
        records.append(message(conversation, draw(st.sampled_from(conversation[1:])), at))
    order = draw(st.permutations(records)) + draw(st.lists(st.sampled_from(records), max_size=8))
    calls = []
    while order:
        size = draw(st.integers(1, 4))
        calls.append(rehearsal.Call(order[:size], draw(st.none() | st.integers(0, 5))))
        order = order[size:]
    return records, calls


@given(days(), st.lists(st.integers(0, 6), max_size=40))
@settings(max_examples=300, deadline=None)
def test_the_inbox_row_is_the_newest_message_for_both_members_exactly_one_row_a_member(
    day: tuple[list[dict[str, Any]], list[Any]], lags: list[int]
) -> None:
    records, calls = day
    behind: Iterator[int] = iter(lags)
    table = filled(lag=lambda: next(behind, 0))

    rehearsal.live_through(calls, ours.handler, table)

    verdicts = rehearsal.losses(inbox_rows(table), truth(records))
    assert verdicts == {"right": 2 * len(CONVERSATIONS)}
    assert {item["user_display_name"]["S"] for item in inbox_rows(table)} == {"Ann", "Bob", "Cid"}


def test_the_famous_handler_loses_rows_on_the_same_days() -> None:
    total = rehearsal.Counter()
    for seed in range(20):
        records = [message(CONVERSATIONS[at % 3], CONVERSATIONS[at % 3][1], at) for at in range(10, 40)]
        table = filled()
        rehearsal.live_through(rehearsal.bad_day(records, seed=seed), famous.handler, table)
        total += rehearsal.losses(inbox_rows(table), truth(records))

    assert total["missing"] > 0
    assert total["old"] > 0
    assert total["right"] < sum(total.values()) / 2


def test_a_good_day_is_all_that_the_famous_handler_can_stand() -> None:
    records = [message(CONVERSATIONS[at % 3], CONVERSATIONS[at % 3][1], at) for at in range(10, 40)]
    table = filled()

    rehearsal.live_through([rehearsal.Call([record]) for record in records], famous.handler, table)

    assert rehearsal.losses(inbox_rows(table), truth(records)) == {"right": 6}


def test_rows_that_the_handler_wrote_are_no_messages_and_nothing_is_read_or_written_for_them() -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was asked for")

    put = row(CONVERSATIONS[0], "ann", 50)
    keys = {"pk": put["pk"], "sk": put["sk"]}
    written = [
        {"eventName": "REMOVE", "dynamodb": {"Keys": keys, "SequenceNumber": "1"}},
        {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": put, "SequenceNumber": "2"}},
    ]
    message_gone = {"eventName": "REMOVE", "dynamodb": {**message(CONVERSATIONS[0], "ann", 9)["dynamodb"]}}
    del message_gone["dynamodb"]["NewImage"]
    renamed = message(CONVERSATIONS[0], "ann", 900, event="MODIFY")

    answer = ours.handler({"Records": [*written, message_gone, renamed]}, None, Untouchable())

    assert answer == {"batchItemFailures": []}


def test_a_message_that_is_older_than_the_row_writes_nothing() -> None:
    table = filled()
    ours.handler({"Records": [message(CONVERSATIONS[0], "ann", 500)]}, None, table)
    written = len(table.writes)

    ours.handler(
        {"Records": [message(CONVERSATIONS[0], "bob", 400), message(CONVERSATIONS[0], "ann", 500)]}, None, table
    )

    assert len(table.writes) == written


def test_each_row_is_moved_by_one_transaction() -> None:
    table = filled()
    table.writes.clear()

    ours.handler({"Records": [message(CONVERSATIONS[0], "ann", 500)]}, None, table)

    assert table.writes == ["transaction", "transaction"]


def test_a_name_that_is_changed_between_reading_and_writing_is_kept() -> None:
    """The index shows the row before the rename; put back from there, the old name would stand again."""
    table = filled(lag=iter([1] + [0] * 9).__next__)
    table.put_item(Item=row(CONVERSATIONS[0], "ann", 1, user_display_name="Robert"))

    ours.handler({"Records": [message(CONVERSATIONS[0], "ann", 500)]}, None, table)

    names = {item["user_display_name"]["S"] for item in inbox_rows(table) if item["sk"]["S"] == time(500)}
    assert names == {"Robert", "Ann"}


def test_attributes_that_the_handler_does_not_know_move_with_the_row() -> None:
    table = FakeTable()
    for member in CONVERSATIONS[0][1:]:
        table.put_item(Item=row(CONVERSATIONS[0], member, 1, unread="3"))

    ours.handler({"Records": [message(CONVERSATIONS[0], "ann", 500)]}, None, table)

    assert [item["unread"]["S"] for item in inbox_rows(table)] == ["3", "3"]


@pytest.mark.parametrize("author", ["ann", "bob"])
def test_a_row_that_the_index_does_not_show_yet_is_found_in_the_table(author: str) -> None:
    table = FakeTable(lambda: 1)  # the last write is never in the index
    table.put_item(Item=row(CONVERSATIONS[0], "ann", 1))
    table.put_item(Item=row(CONVERSATIONS[0], "bob", 1))

    ours.handler({"Records": [message(CONVERSATIONS[0], author, 500)]}, None, table)

    assert sorted(item["pk"]["S"] for item in inbox_rows(table) if item["sk"]["S"] == time(500)) == [
        "GRP#ann",
        "GRP#bob",
    ]


def test_a_row_that_a_query_misses_while_it_moves_is_seen_at_the_second_look() -> None:
    """A Query is no part of a transaction: it may read a row's new place before the put, and its old one after."""
    table = filled()

    class Blinking(FakeTable):  # type: ignore[misc, valid-type]
        looks = 0

        def query(self, **request: Any) -> Any:
            page = table.query(**request)
            self.looks += 1
            return page if self.looks > 2 else {"Items": [i for i in page["Items"] if i["pk"]["S"] != "GRP#bob"]}

        transact_write_items = table.transact_write_items

    ours.handler({"Records": [message(CONVERSATIONS[0], "ann", 500)]}, None, Blinking())

    assert sorted(item["pk"]["S"] for item in inbox_rows(table) if item["sk"]["S"] == time(500)) == [
        "GRP#ann",
        "GRP#bob",
    ]


def test_of_two_rows_that_the_index_shows_for_a_member_the_newest_is_moved() -> None:
    table = filled()
    table.put_item(Item=row(CONVERSATIONS[0], "ann", 7))  # a double, as the famous handler leaves it

    ours.handler({"Records": [message(CONVERSATIONS[0], "bob", 500)]}, None, table)

    assert sorted(i["sk"]["S"] for i in inbox_rows(table) if i["pk"]["S"] == "GRP#ann") == [time(1), time(2), time(500)]


def test_a_member_who_left_gets_no_row_and_the_other_one_stays_fresh() -> None:
    table = FakeTable()
    table.put_item(Item=row(CONVERSATIONS[0], "ann", 1))

    answer = ours.handler({"Records": [message(CONVERSATIONS[0], "ann", 500)]}, None, table)

    assert answer == {"batchItemFailures": []}
    assert [(item["pk"]["S"], item["sk"]["S"]) for item in inbox_rows(table)] == [("GRP#ann", time(500))]


def test_another_conversation_at_the_same_microsecond_is_not_replaced_and_the_record_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = filled()
    first = message(CONVERSATIONS[0], "ann", 500)
    second = message(CONVERSATIONS[1], "ann", 500)
    second["dynamodb"]["SequenceNumber"] = "501"

    answer = ours.handler({"Records": [first, second]}, None, table)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "501"}]}
    assert "KeyTakenError: GRP#ann has a row of another conversation" in capsys.readouterr().out
    groups = sorted(item["message_group_uuid"]["S"] for item in inbox_rows(table) if item["pk"]["S"] == "GRP#ann")
    assert groups == ["g1", "g2"]


def test_a_record_that_cannot_be_read_is_reported_with_those_before_it_done() -> None:
    table = filled()
    broken = message(CONVERSATIONS[1], "ann", 600)
    del broken["dynamodb"]["NewImage"]["message"]

    answer = ours.handler({"Records": [message(CONVERSATIONS[0], "ann", 500), broken]}, None, table)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "600"}]}
    assert [item["sk"]["S"] for item in inbox_rows(table) if item["message_group_uuid"]["S"] == "g1"] == [time(500)] * 2


def test_rows_that_others_change_at_every_look_make_the_record_come_again() -> None:
    table = filled(lag=lambda: 1)

    class Restless:
        """Somebody renames a member before each transaction."""

        exceptions = table.exceptions

        def __init__(self) -> None:
            self.renamed = 0

        def query(self, **request: Any) -> Any:
            return table.query(**request)

        def transact_write_items(self, **request: Any) -> Any:
            self.renamed += 1
            for member in CONVERSATIONS[0][1:]:
                table.put_item(Item=row(CONVERSATIONS[0], member, 1, user_display_name=f"Name {self.renamed}"))
            return table.transact_write_items(**request)

    answer = ours.handler({"Records": [message(CONVERSATIONS[0], "ann", 500)]}, None, Restless())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "500"}]}
