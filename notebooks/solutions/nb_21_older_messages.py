"""Checks and solutions of the exercises in 21_older_messages."""

from __future__ import annotations

from typing import Any

wrong_1 = 10
wrong_2 = "2026-03-30T22:50:28.259154Z"


def solution_1(bench: Any) -> int:
    """Return how many pages of 10 messages the conversation fills."""
    return int(_conversation(bench, 10).receipt.pages)


def solution_2(bench: Any) -> str:
    """Return the time of the first message."""
    return str(_conversation(bench, 20).rows[-1]["created_at"])


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_1(bench), "104 messages, 10 on a page; the last page is not full, and it counts"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert answer == solution_2(bench), "pages[-1].rows[-1]['created_at']: newest first, so the first message is last"
    print("right")


def _conversation(bench: Any, limit: int) -> Any:
    inbox = bench.pattern("list-conversations").run(handle="andrewbrown")
    return bench.pattern("list-messages").all(message_group_uuid=inbox.rows[0]["message_group_uuid"], limit=limit)
