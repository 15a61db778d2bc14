"""Where reading stands in a shard, and where it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Position", "Start", "is_later"]

Start = Literal["trim_horizon", "latest"]


@dataclass(frozen=True)
class Position:
    """How far a shard was handled: up to the record with that sequence number, None before its first.

    ``done`` is a closed shard that was handled to its end; only then its children may be read.
    """

    sequence: str | None = None
    done: bool = False

    def __str__(self) -> str:
        at = f"sequence number {self.sequence}" if self.sequence else "its beginning"
        return f"{at}, read to its end" if self.done else at


def is_later(one: str | None, other: str | None) -> bool:
    """Return whether the first sequence number comes after the second; None comes before every one.

    They are digits in text, of lengths that differ: compared as integers. They tell an order within a shard only.
    """
    if one is None:
        return False
    return other is None or int(one) > int(other)
