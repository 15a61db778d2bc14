"""What a scan of a whole table is likely to cost, said before it begins: from DescribeTable's own figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.errors import UsageError, did_you_mean
from workbench.items import amount_text

__all__ = ["Expected", "expected"]

UNIT_BYTES = 4096
PAGE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Expected:
    """Items, bytes and read units of one scan of a table or an index. AWS counts items and bytes every six hours."""

    name: str
    items: int
    size: int
    consistent: bool = False

    @property
    def units(self) -> Decimal:
        """Read units of one whole scan; a filter or a projection makes it no cheaper."""
        return _units(self.size, self.consistent)

    def first_page(self, segments: int) -> Decimal:
        """Return the units that the first page of one segment costs, by these figures."""
        whole = _units(PAGE_BYTES, self.consistent)
        return min(whole, max(_units(self.size // segments, self.consistent), Decimal(1))) if self.size else whole

    def __str__(self) -> str:
        return (
            f"{self.name}: about {self.items:,} item{'s' * (self.items != 1)}, {self.size:,} bytes, "
            f"{amount_text(self.units)} RCU to scan (an estimate from DescribeTable, which AWS counts every six hours)"
        )


def expected(description: dict[str, Any], index: str | None = None, *, consistent: bool = False) -> Expected:
    """Return what a scan is likely to cost, from a table's description. UsageError where it has no such index.

    An index of which there are no figures is taken to be as large as its table.
    """
    part, name = description, str(description["TableName"])
    if index is not None:
        kinds = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        found = {each["IndexName"]: each for kind in kinds for each in description.get(kind) or []}
        if index not in found:
            raise UsageError(f"{name} has no index {index!r}. {did_you_mean(index, list(found))}")
        part, name = {**description, **found[index]}, f"{name} / {index}"
    size = part.get("IndexSizeBytes", part.get("TableSizeBytes", 0)) if index else part.get("TableSizeBytes", 0)
    return Expected(name, int(part.get("ItemCount") or 0), int(size or 0), consistent)


def _units(size: int, consistent: bool) -> Decimal:
    return Decimal(-(-size // UNIT_BYTES)) / (1 if consistent else 2)
