"""The unread counter: exact under concurrency and under repetition, and never reset past a message that came in."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.local.messaging import seeded_session
from workbench.engines import Engine, Store
from workbench.errors import RequestError
from workbench.plans import build
from workbench.results import Backoff, Result, Session, run

pytestmark = pytest.mark.local

GROUP = "50d22f1d-7314-5b24-92d7-5e0766fc740a"


@pytest.fixture
def session(engine: Engine, store: Store) -> Iterator[Session]:
    with seeded_session(engine, store) as made:
        yield made


def do(session: Session, pattern: str, **arguments: Any) -> Result:
    plan = build(session.model, pattern, arguments, clock=session.clock)
    return run(session, plan, backoff=Backoff(attempts=12))


def send(session: Session, number: int) -> Result:
    return do(
        session, "send-to-person", handle="bayko", other_handle="andrewbrown", message_group_uuid=GROUP,
        message=f"message {number}", message_uuid=f"00000000-0000-5000-8000-{number:012d}",
        created_at=f"2026-04-01T09:00:00.{number:06d}Z",
    )  # fmt: skip


def unread(session: Session) -> int:
    return int(do(session, "count-unread", handle="andrewbrown").rows[0]["unread"])


def test_messages_from_many_threads_are_each_counted_once(session: Session) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: send(session, number), range(60)))

    assert unread(session) == 5 + 60


def test_a_message_that_is_sent_again_is_not_counted_again(session: Session) -> None:
    send(session, 1)
    with pytest.raises(RequestError, match="ConditionalCheckFailed"):
        send(session, 1)

    assert unread(session) == 5 + 1


def test_a_reset_takes_away_what_was_shown_and_only_that(session: Session) -> None:
    seen = {
        "message_group_uuid": GROUP,
        "handle": "andrewbrown",
        "seen": 5,
        "read_until": "2026-03-30T22:50:28.259154Z",
    }
    send(session, 1)  # comes in after the figure was shown
    with pytest.raises(RequestError, match="unread = '5'"):
        do(session, "open-conversation", **seen)
    assert unread(session) == 6

    do(session, "open-conversation", **{**seen, "seen": 6, "read_until": "2026-04-01T09:00:00.000001Z"})
    assert unread(session) == 0


def test_the_counters_of_the_seed_are_what_counting_the_messages_gives(session: Session) -> None:
    newest = do(session, "list-messages", message_group_uuid=GROUP, limit=100).rows
    later = [
        row for row in newest if row["created_at"] > "2026-03-30T22:05:00.000000Z" and row["user_handle"] == "bayko"
    ]

    assert unread(session) == len(later) == 5
