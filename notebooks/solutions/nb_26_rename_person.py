"""Checks and solutions of the exercises in 26_rename_person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from workbench.items import batch_get_units

wrong_1 = 1230
wrong_2 = 1


def solution_1(bench: Any) -> int:
    """Return a unit for each message, and two for each inbox row, which is in the index."""
    return 1200 + 2 * 30


def solution_2(bench: Any) -> Decimal:
    """Return what two names cost with each of the pages of an hour."""
    pages = 3600 * int(bench.model.pattern("list-messages").rate.average)
    return pages * batch_get_units([300, 300]).read


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), (
        "each of the 30 others has an inbox row with the name, and it is in the index too"
    )
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert Decimal(str(answer)) == solution_2(bench), (
        "a BatchGetItem rounds each item on its own, at half a unit each; then 40 pages a second, 3,600 seconds"
    )
    print("right")
