"""Checks and solutions of the exercises in 20_list_messages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

wrong_1 = 40
wrong_2 = 84


def solution_1(bench: Any) -> int:
    """Return the most messages that a page holds for 1.5 read units."""
    inbox = bench.pattern("list-conversations").run(handle="andrewbrown")
    group = inbox.rows[0]["message_group_uuid"]
    limit = 20
    while _units(bench, group, limit + 1) <= Decimal("1.5"):
        limit += 1
    return limit


def solution_2(bench: Any) -> int:
    """Return the minutes until fewer than 50 of the 104 messages, one a minute, are still to come."""
    return 104 - 50


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), "1.5 RCU are three steps, 12,288 bytes; try each limit and read the receipt"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_2(bench), "it is visible once fewer than 50 of the 104 messages are newer"
    print("right")


def _units(bench: Any, group: str, limit: int) -> Decimal:
    units: Decimal = bench.pattern("list-messages").run(message_group_uuid=group, limit=limit).receipt.computed.read
    return units
