"""Checks and solutions of the exercises in 25_start_conversation."""

from __future__ import annotations

import itertools
import uuid
from decimal import Decimal
from typing import Any

from workbench.items import write_units

wrong_1 = 12
_LONG = {
    "handle": "andrewbrown",
    "other_handle": "sato-keiko",
    "message": "m" * 1500,
    "message_group_uuid": "25b7c8d9-96d3-5f6e-8d3b-4a1f0c9e5d66",
    "message_uuid": "25b7c8d9-1a7c-5d39-9f50-6c8e0a2b4d64",
    "created_at": "2026-03-31T19:00:00Z",
}


def wrong_2(one: str, other: str) -> str:
    """Return a conversation that depends on who starts it."""
    return str(uuid.uuid5(uuid.UUID(one), other))


def solution_1(bench: Any) -> Decimal:
    """Return the units of the five puts, from the items that the plan would write; nothing is sent."""
    plan = bench.pattern("start-conversation").plan(**_LONG)
    rows = {name: bench.database.query(each.source.sql, _LONG) for name, each in plan.pattern.lookups.items()}
    puts = plan.resolve(rows).request.kwargs["TransactItems"]
    parts = [(put["Put"]["Item"], bench.model.table(put["Put"]["TableName"])) for put in puts]
    return sum((write_units(None, item, table, transactional=True).write for item, table in parts), Decimal(0))


def solution_2(bench: Any) -> Any:
    """Return a function that sorts the two before it makes a name of them."""
    return lambda one, other: str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(sorted((one, other)))))


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert Decimal(str(answer)) == solution_1(bench), (
        "an inbox row holds 29 characters of a message at most, so only the message itself grows past 1 KB"
    )
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    people = [str(each) for each in bench.sql("SELECT uuid FROM users ORDER BY created_at")["uuid"]]
    pairs = list(itertools.combinations(people, 2))
    for one, other in pairs:
        uuid.UUID(answer(one, other))
        assert answer(one, other) == answer(other, one), "who starts must not matter; put the two in order first"
        assert answer(one, other) == answer(one, other), "the same two people must always give the same uuid"
    assert len({answer(*pair) for pair in pairs}) == len(pairs), "two different pairs got the same conversation"
    print("right")
