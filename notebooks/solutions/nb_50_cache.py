"""Checks and solutions of the exercises in 50_cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Key = Callable[[dict[str, Any]], str]
REMOVED = {"eventName": "REMOVE", "dynamodb": {"Keys": {"pk": {"S": "GRP#1"}, "sk": {"S": "2026"}}}}

wrong_1 = 80


def wrong_2(record: dict[str, Any]) -> str:
    """Look where a removal has nothing."""
    return str(record["dynamodb"].get("NewImage", {}).get("pk", {}).get("S"))


def solution_1(bench: Any) -> float:
    """Return the share of 40 read units a second that 5 do not pay for."""
    rate = bench.model.pattern("list-messages").rate.average
    units = bench.table().table.billing.read
    return float(100 * (1 - units / rate))


def solution_2(bench: Any) -> Key:
    """Return a function that reads the record's keys, which every record has."""
    return lambda record: str(record["dynamodb"]["Keys"]["pk"]["S"])


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert abs(float(answer) - solution_1(bench)) < 0.05, (
        "5 of 40 reads may reach the table in a second; the others must be answered by the cache"
    )
    print("right")


def check_2(answer: Key | None, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    keys = {"pk": {"S": "MSG#7"}, "sk": {"S": "2026"}}
    added = {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": {**keys, "message": {"S": "Hello"}}}}
    assert answer(added) == "MSG#7", "the key is in DynamoDB JSON: {'S': 'text'} stands for the text"
    assert answer(REMOVED) == "GRP#1", "a removal has no new image; every record has its Keys"
    print("right")
