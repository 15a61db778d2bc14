"""Checks and solutions of the exercises in 00_start_here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

wrong_1 = 1
wrong_2 = 1


def solution_1(bench: Any) -> int:
    """Return how many conversations mferrante has."""
    return len(bench.pattern("list-conversations").run(handle="mferrante"))


def solution_2(bench: Any) -> Decimal:
    """Return the read units of a page of 50 messages."""
    inbox = bench.pattern("list-conversations").run(handle="andrewbrown")
    page = bench.pattern("list-messages").run(message_group_uuid=inbox.rows[0]["message_group_uuid"], limit=50)
    return page.receipt.computed.read


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), "run inbox.run(handle='mferrante') and count the items, or take len() of it"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert Decimal(str(answer)) == solution_2(bench), "the receipt's line 'computed' has it: result.receipt"
    print("right")
