"""First messages that are sent at once: one conversation a pair, whoever wins, and every message in it."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from benchmarks import race_first_messages
from workbench.engines import Engine
from workbench.errors import RequestError
from workbench.model import Model
from workbench.plans import build
from workbench.results import Session, run

pytestmark = pytest.mark.local

PEOPLE, MESSAGES = 10, 250


def test_first_messages_at_once_give_one_conversation_a_pair_and_lose_none(engine: Engine) -> None:
    with race_first_messages.race_session(engine, PEOPLE) as session:
        messages = race_first_messages.first_messages(session, PEOPLE, MESSAGES, random.Random(3))
        outcome = race_first_messages.race(session, messages, threads=16)

    assert outcome.wrong == ()
    assert (outcome.pairs, outcome.started, outcome.replied) == (45, 45, MESSAGES - 45)
    assert outcome.lost > 0  # else nothing raced, and nothing was shown


def without_the_pairs_condition(model: Model) -> Model:
    pattern = model.pattern("start-conversation")
    actions = tuple(
        replace(action, condition=None) if action.entity in ("Pair", "Unread") else action for action in pattern.actions
    )
    changed = replace(pattern, actions=actions)
    return replace(model, patterns={**model.patterns, pattern.name: changed})


def test_without_the_condition_on_the_pair_the_same_race_is_found_wrong(engine: Engine) -> None:
    with race_first_messages.race_session(engine, PEOPLE) as session:
        broken = replace(session, model=without_the_pairs_condition(session.model))
        messages = race_first_messages.first_messages(session, PEOPLE, MESSAGES, random.Random(3))
        outcome = race_first_messages.race(broken, messages, threads=16)

    assert any("conversations were started" in sentence for sentence in outcome.wrong)


@pytest.fixture
def empty(engine: Engine) -> Any:
    with race_first_messages.race_session(engine, 8) as session:
        yield session


ARGUMENTS = {
    "handle": "andrewbrown",
    "other_handle": "mferrante",
    "message": "Nine out of ten.",
    "message_group_uuid": "7e0b4c1a-96d3-5f6e-8d3b-4a1f0c9e5d22",
    "message_uuid": "b2d6f8e4-1a7c-5d39-9f50-6c8e0a2b4d61",
    "created_at": "2026-03-31T18:00:00.000000Z",
}


def test_a_first_message_sent_again_is_recognised_and_counted_once(empty: Session) -> None:
    run(empty, build(empty.model, "start-conversation", ARGUMENTS))
    again = run(empty, build(empty.model, "start-conversation", ARGUMENTS))

    assert {row["entity"]: row.get("unread") for row in again.rows} == {"Message": None, "Unread": 1}
    assert again.receipt.items_written == 0
    assert any("an earlier attempt had done it" in note for note in again.receipt.notes)


def test_another_message_of_the_same_moment_is_refused_and_said_so(empty: Session) -> None:
    run(empty, build(empty.model, "start-conversation", ARGUMENTS))
    other = {**ARGUMENTS, "message": "Ten out of ten.", "message_uuid": "b2d6f8e4-1a7c-5d39-9f50-6c8e0a2b4d62"}

    with pytest.raises(RequestError, match=r"put pk = 'MSG#7e0b4c1a.*ConditionalCheckFailed"):
        run(empty, build(empty.model, "start-conversation", other))


def test_the_answer_goes_into_the_conversation_that_the_first_message_made(empty: Session) -> None:
    run(empty, build(empty.model, "start-conversation", ARGUMENTS))
    answer = {"handle": "mferrante", "other_handle": "andrewbrown", "message": "Generous."}
    result = run(empty, build(empty.model, "start-conversation", answer, clock=empty.clock))

    assert result.plan.pattern.name == "send-to-person"
    assert result.rows[0]["message_group_uuid"] == ARGUMENTS["message_group_uuid"]
    assert (result.receipt.computed.read, result.receipt.computed.write) == (1, 6)
