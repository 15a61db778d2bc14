"""Checks and solutions of the exercises in 27_leave."""

from __future__ import annotations

from typing import Any

wrong_1 = 1200 + 30
wrong_2 = 1200 // 25

_CONVERSATIONS, _MESSAGES = 30, 1200


def solution_1(bench: Any) -> int:
    """Return a unit for each message, pair and counter, and two for each inbox row, which is in the index."""
    return _MESSAGES + _CONVERSATIONS + 2 * _CONVERSATIONS + 2 * (2 * _CONVERSATIONS)


def solution_2(bench: Any) -> int:
    """Return the batches that all items fill: messages, and a pair, two inbox rows and two counters a conversation."""
    return -(-(_MESSAGES + 5 * _CONVERSATIONS) // 25)


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), (
        "a conversation has a pair, two counters, and two inbox rows, and an inbox row leaves the index as well"
    )
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_2(bench), (
        "count the items, five a conversation and the messages, and do not forget that a batch takes 25"
    )
    print("right")
