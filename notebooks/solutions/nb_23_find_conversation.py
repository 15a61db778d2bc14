"""Checks and solutions of the exercises in 23_find_conversation."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from workbench.items import query_units

ROW_BYTES = 251
wrong_1 = 30


def wrong_2(one: str, other: str) -> str:
    """Return a key that depends on who asks."""
    return f"PAIR#{one}#{other}"


def solution_1(bench: Any) -> int:
    """Return the whole rows in two half units of 4,096 bytes."""
    return 2 * 4096 // ROW_BYTES


def solution_2(bench: Any) -> Any:
    """Return a function that puts the two in order first."""
    return lambda one, other: "PAIR#" + "#".join(sorted((one, other)))


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert query_units([[ROW_BYTES] * answer]).read <= Decimal(1), (
        "that costs more than 1 unit; a half pays for 4,096 bytes"
    )
    assert query_units([[ROW_BYTES] * (answer + 1)]).read > Decimal(1), "one row more still costs 1 unit"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    people = [str(each) for each in bench.sql("SELECT uuid FROM users ORDER BY created_at")["uuid"]]
    pairs = list(itertools.combinations(people, 2))
    for one, other in pairs:
        key = answer(one, other)
        assert key == answer(other, one), "who asks must not matter; put the two in order first"
        assert key.startswith("PAIR#"), f"{key!r} does not begin with PAIR#"
        assert key.count("#") == 2, f"{key!r} is not of the form PAIR#one#other"
    assert len({answer(*pair) for pair in pairs}) == len(pairs), "two different pairs got the same key"
    print("right")
