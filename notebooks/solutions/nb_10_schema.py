"""Checks and solutions of the exercises in 10_schema."""

from __future__ import annotations

from typing import Any

wrong_1 = 5
wrong_2 = {"pk", "sk"}


def solution_1(bench: Any) -> int:
    """Return how many such tables fit into the free tier of 25 read and 25 write units."""
    table = bench.model.table("cruddur-messages")
    reads = table.billing.read + sum(index.billing.read for index in table.indexes.values())
    return int(25 // reads)


def solution_2(bench: Any) -> set[str]:
    """Return the attributes that the table declares: those of its keys and of its index's keys."""
    table = bench.model.table("cruddur-messages")
    schemas = (table.keys, *(index.keys for index in table.indexes.values()))
    return {name for keys in schemas for name in keys.names}


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), "one table with its index takes 10 of the 25; count the index too"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert set(answer) == solution_2(bench), "look at AttributeDefinitions in the request"
    print("right")
