"""Receipts: what a run of a plan read, wrote and cost, as computed from bytes and as the engine reports it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from workbench.items import Units, amount_text

__all__ = ["Receipt", "units_text"]


@dataclass(frozen=True)
class Receipt:
    """The price of one result.

    ``pages`` are the pages of a Query or Scan, None for any other operation. ``requests`` are those of the pattern,
    without reads that only measure. ``items_read`` counts what was evaluated, ``items_returned`` what was kept.
    ``bytes_read`` is what the computed units are of, before filter and projection. ``computed``, ``reported`` and
    ``bytes_read`` are None where they are not known; a note says why.
    ``defect`` names the engine's known mistake that a difference comes from. ``seconds`` were spent waiting for the
    engine; they are in no repr and no JSON, since they differ from run to run.
    """

    operation: str
    pages: int | None = None
    requests: int = 0
    items_read: int = 0
    items_written: int = 0
    items_returned: int = 0
    bytes_read: int | None = None
    computed: Units | None = None
    reported: Units | None = None
    defect: str | None = None
    notes: tuple[str, ...] = ()
    writes: bool = False
    seconds: float = field(default=0.0, compare=False, repr=False)

    @property
    def differs(self) -> bool:
        """Whether computed and reported units differ, in sum or on an arm, without a known defect that says why."""
        return self._unequal and self.defect is None

    @property
    def difference(self) -> str | None:
        """The difference between computed and reported units in words, and why it is there; None without one."""
        if not self._unequal:
            return None
        why = f"a known defect: {self.defect}" if self.defect else "UNEXPLAINED; please report it"
        assert self.computed is not None
        assert self.reported is not None
        return f"computed {units_text(self.computed)}, the engine says {units_text(self.reported)}: {why}"

    @property
    def price(self) -> str:
        """The price in a few words: ``0.5 RCU (engine: 0.5)``."""
        word = "WCU" if self.writes else "RCU"
        both = self.computed is not None and self.computed.read and self.computed.write
        computed = _amounts(self.computed, word) if self.computed is not None else f"{word} not known"
        engine = _amounts(self.reported, word if both else "") if self.reported is not None else "not said"
        remark = ", DIFFERS" if self.differs else ", a known defect" if self._unequal else ""
        return f"{computed} (engine: {engine}{remark})"

    @property
    def reach(self) -> str:
        """How often was asked, in words: ``2 pages`` of a Query or Scan, else ``1 request``."""
        return counted(self.requests, "request") if self.pages is None else counted(self.pages, "page")

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as plain data, without seconds; units as ``{"read": "0.5", ...}``.

        The engine's own units are ``engine``, as in the JSON of a check; ``pages`` is null for what has none.
        """
        return {
            "operation": self.operation,
            "pages": self.pages,
            "requests": self.requests,
            "items_read": self.items_read,
            "items_written": self.items_written,
            "items_returned": self.items_returned,
            "bytes_read": self.bytes_read,
            "computed": _plain(self.computed),
            "engine": _plain(self.reported),
            "differs": self.differs,
            "defect": self.defect,
            "notes": list(self.notes),
        }

    @property
    def _unequal(self) -> bool:
        return self.computed is not None and self.reported is not None and self.computed != self.reported

    def __repr__(self) -> str:
        done = f"{self.items_written} written" if self.writes else f"{self.items_read} read"
        size = "" if self.writes else f", {'?' if self.bytes_read is None else f'{self.bytes_read:,}'} bytes"
        lines = [
            f"{self.operation}: {self.reach}, {done}, {self.items_returned} returned{size}",
            f"  computed  {units_text(self.computed) if self.computed is not None else 'not known'}",
            f"  engine    {units_text(self.reported) if self.reported is not None else 'not said'}",
        ]
        lines += [f"  {self.difference}"] if self.difference else []
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def units_text(units: Units) -> str:
    """Return units with their arms: ``3.0 WCU (table 1.0, by-author 2.0)``; arms only where an index has one."""
    total = _with_unit(units.write, "WCU") if units.write else _with_unit(units.read, "RCU")
    if units.read and units.write:
        total = f"{_with_unit(units.read, 'RCU')} and {_with_unit(units.write, 'WCU')}"
    if not units.indexes:
        return total
    arms = ", ".join(f"{name} {amount_text(amount)}" for name, amount in sorted(units.indexes.items()))
    return f"{total} (table {amount_text(units.table)}, {arms})"


def _amounts(units: Units, word: str) -> str:
    """Return both kinds of units where there are both, else the total with its word."""
    if units.read and units.write:
        return f"{_with_unit(units.read, 'RCU')} and {_with_unit(units.write, 'WCU')}"
    return _with_unit(units.total, word) if word else amount_text(units.total)


def _with_unit(amount: Decimal, unit: str) -> str:
    return f"{amount_text(amount)} {unit}"


def _plain(units: Units | None) -> dict[str, Any] | None:
    if units is None:
        return None
    return {
        "read": amount_text(units.read),
        "write": amount_text(units.write),
        "table": amount_text(units.table),
        "indexes": {name: amount_text(amount) for name, amount in sorted(units.indexes.items())},
    }


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 page``, ``2 pages``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
