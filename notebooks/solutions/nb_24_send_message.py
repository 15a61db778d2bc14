"""Checks and solutions of the exercises in 24_send_message."""

from __future__ import annotations

from typing import Any

from workbench.items import item_size, item_to_wire
from workbench.model import KeyTemplate

wrong_1 = 802
wrong_2 = "{created_at}"

_TIMES = ("2026-03-31T17:05:00.000000Z", "2026-03-31T17:05:00.000001Z")
_UUIDS = ("9c1f6ad0-52f1-5e0b-8f44-1b0c6a3f7f21", "1d7f4c0e-8a35-5b8f-8c59-6f0f3f1f0b13")


def solution_1(bench: Any) -> int:
    """Return what 1,024 bytes leave for the text of a message by Andrew Brown, in characters of three bytes."""
    group = bench.sql("SELECT uuid FROM message_groups")["uuid"][0]
    (item,) = (
        bench.pattern("older-messages").run(message_group_uuid=group, before="2026-03-02T23:06:00Z", limit=1).items
    )
    return (1024 - item_size(item_to_wire({**item, "message": ""}))) // len("☃".encode())


def solution_2(bench: Any) -> str:
    """Return a template that begins with the time and ends with what is unique."""
    return "{created_at}#{message_uuid}"


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    most = solution_1(bench)
    assert answer <= most, "too many: each has three bytes, and names of attributes, keys and author count as well"
    assert answer == most, f"{answer} of them cost one unit, but there is room for more in 1,024 bytes"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    template = KeyTemplate.of(answer)
    keys = [template.render({"created_at": time, "message_uuid": uuid}) for time in _TIMES for uuid in _UUIDS]
    assert len(set(keys)) == len(keys), f"{answer!r} gives two messages of one microsecond the same key"
    assert max(keys[:2]) < min(keys[2:]), f"{answer!r} does not sort by time; what must come first?"
    print("right")
