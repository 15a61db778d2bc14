"""Checks and solutions of the exercises in 51_identity."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

User = dict[str, Any]
PAGE = 60
NAMED = {"Username": "a", "Attributes": [{"Name": "sub", "Value": "1"}, {"Name": "preferred_username", "Value": "ann"}]}
NAMELESS = {"Username": "b", "Attributes": [{"Name": "sub", "Value": "2"}]}
BARE = {"Username": "c"}

wrong_1 = 1


def wrong_2(user: User) -> str | None:
    """Take the name that somebody signs in with."""
    return str(user["Username"])


def solution_1(bench: Any) -> int:
    """Return the pages of 60 users."""
    return math.ceil(1000 / PAGE)


def solution_2(bench: Any) -> Callable[[User], str | None]:
    """Return a function that looks through the attributes."""
    return lambda user: next(
        (each["Value"] for each in user.get("Attributes", []) if each["Name"] == "preferred_username"), None
    )


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), "a page has 60 users at most, and the last one is not full"
    print("right")


def check_2(answer: Callable[[User], str | None] | None, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer(NAMED) == "ann", "it is one of the Attributes, each with a Name and a Value"
    assert answer(NAMELESS) is None, "a user without the attribute has no name: return None"
    assert answer(BARE) is None, "a user may come without any Attributes at all"
    print("right")
