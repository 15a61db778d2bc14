"""Checks and solutions of the exercises in 11_seed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from workbench.items import write_units
from workbench.seeding import items_of

wrong_1 = 25
wrong_2 = 108


def solution_1(bench: Any) -> int:
    """Return how many batches of 25 hold 1,000 items."""
    return -(-1000 // 25)


def solution_2(bench: Any) -> Decimal:
    """Return the write units of the seed when messages are in the index too."""
    total = Decimal(0)
    for entity in bench.model.entities.values():
        table = bench.model.table(entity.table)
        for each in items_of(entity, table, bench.database.query(entity.source.sql, {})):
            item = {"message_group_uuid": {"S": each.wire["pk"]["S"].removeprefix("MSG#")}, **each.wire}
            total += write_units(None, item, table).write
    return total


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), "a batch holds 25 items at most"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert Decimal(str(answer)) == solution_2(bench), "each message then costs 1 WCU in the table and 1 in the index"
    print("right")
