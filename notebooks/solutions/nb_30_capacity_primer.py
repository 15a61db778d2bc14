"""Checks and solutions of the exercises in 30_capacity_primer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from workbench.items import batch_get_units, item_size, item_to_wire, query_units

wrong_1 = 14
wrong_2 = (10, 3)


def solution_1(bench: Any) -> int:
    """Return 2 + 1 for pk, 1 + 4 for n (one byte, two halves of one each, a minus sign), 4 + 3 for tags."""
    return item_size(item_to_wire({"pk": "A", "n": Decimal("-12.5"), "tags": {"a", "bc"}}))


def solution_2(bench: Any) -> tuple[Decimal, Decimal]:
    """Return 10,000 bytes rounded once, and 1,000 bytes rounded ten times."""
    sizes = [1000] * 10
    return query_units([sizes], consistent=True).read, batch_get_units(sizes, consistent=True).read


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), (
        "names count too; the number has 1 byte, 1 a side of its point, and 1 for its sign"
    )
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert tuple(Decimal(str(each)) for each in answer) == solution_2(bench), (
        "the Query adds 10,000 bytes and rounds once to 4 KB; the batch rounds each item up to 4 KB"
    )
    print("right")
