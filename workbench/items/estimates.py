"""What a read is likely to cost, from typical sizes, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.items.units import Units, query_units
from workbench.model.types import ValueType

PAGE_SIZE = 1_048_576
# Bytes of a usual value of each type; text and binary are guesses that sample sizes should replace.
TYPICAL_BYTES: dict[ValueType, int] = {
    "string": 24, "uuid": 36, "timestamp": 27, "date": 10, "integer": 3, "number": 4, "boolean": 1, "binary": 64,
    "list": 40, "map": 60, "string_set": 40, "number_set": 10, "binary_set": 64, "any": 24,
}  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """What a read of ``items`` evaluated items of ``item_bytes`` each will take."""

    items: int
    item_bytes: int
    bytes: int
    pages: int
    units: Units


def query_estimate(items: int, item_bytes: int, *, consistent: bool = False, index: str | None = None) -> Estimate:
    """Return what a Query or Scan of ``items`` evaluated items of ``item_bytes`` costs, in pages of 1 MB."""
    a_page = max(1, PAGE_SIZE // max(1, item_bytes))
    full, rest = divmod(items, a_page)
    pages = [[item_bytes * a_page]] * full + ([[item_bytes * rest]] if rest or not full else [])
    units = query_units(pages, consistent=consistent, index=index)
    return Estimate(items, item_bytes, items * item_bytes, len(pages), units)
