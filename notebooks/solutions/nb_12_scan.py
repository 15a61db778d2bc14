"""Checks and solutions of the exercises in 12_scan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

wrong_1 = 5500
wrong_2 = 2


def solution_1(bench: Any) -> Decimal:
    """Return the read units of a Scan over 1,000 conversations, rounded up once."""
    steps = -(-1000 * 42_114 // 4096)
    return Decimal(steps) / 2


def solution_2(bench: Any) -> int:
    """Return the pages that a Scan of the index takes."""
    return int(bench.table().scan(index="message-group-sk-index").receipt.pages)


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    right = solution_1(bench)
    assert abs(Decimal(str(answer)) - right) <= 1, "all the bytes, in steps of 4,096, 0.5 RCU a step"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_2(bench), "the index holds inbox rows only, however many messages there are"
    print("right")
