"""Answers: what one request brought back and what it cost, to be added up over all requests of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.frames import Page
from workbench.items import Units

__all__ = ["Answer", "Change", "Found", "FoundPage"]

Wire = Mapping[str, Any]
NO_UNITS = Units()


@dataclass(frozen=True)
class Found:
    """An item in wire form, and the table it came from."""

    table: str
    item: Wire


@dataclass(frozen=True, eq=False)
class FoundPage:
    """The items of one page in columns, and the table they came from."""

    table: str
    page: Page


@dataclass(frozen=True)
class Change:
    """What a write did to one item: its images before and after in wire form, None where it is not there.

    ``known`` is False where the engine does not tell both images.
    """

    kind: str
    table: str
    key: Wire
    before: Wire | None = None
    after: Wire | None = None
    known: bool = True


@dataclass(frozen=True)
class Answer:
    """What requests brought back: items by key in ``found``, those of a Query or Scan in ``pages``.

    ``computed``, ``reported`` and ``bytes_read`` are None where they are not known.

    ``absent`` is the part of ``computed`` for what is not there: keys not found, pages without items. ``whole`` is what
    DynamoDB Local says of pages of an index for which it reads whole items; None where it reads none.
    """

    found: tuple[Found, ...] = ()
    pages: tuple[FoundPage, ...] = ()
    requests: int = 0
    items_read: int = 0
    items_written: int = 0
    bytes_read: int | None = 0
    computed: Units | None = NO_UNITS
    reported: Units | None = NO_UNITS
    seconds: float = 0.0
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    absent: Units = NO_UNITS
    whole: Units | None = NO_UNITS
    last_key: Wire | None = None

    def __add__(self, other: Answer) -> Answer:
        """Return both together; what either does not know is not known. The last key is the later one's."""
        return Answer(
            found=self.found + other.found,
            pages=self.pages + other.pages,
            requests=self.requests + other.requests,
            items_read=self.items_read + other.items_read,
            items_written=self.items_written + other.items_written,
            bytes_read=None
            if self.bytes_read is None or other.bytes_read is None
            else self.bytes_read + other.bytes_read,
            computed=_both(self.computed, other.computed),
            reported=_both(self.reported, other.reported),
            seconds=self.seconds + other.seconds,
            changes=self.changes + other.changes,
            notes=tuple(dict.fromkeys(self.notes + other.notes)),
            absent=self.absent + other.absent,
            whole=_both(self.whole, other.whole),
            last_key=other.last_key,
        )


def _both(one: Units | None, other: Units | None) -> Units | None:
    return None if one is None or other is None else one + other
