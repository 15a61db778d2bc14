"""Traits: circumstances of a request in which some engine is known to report a wrong capacity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from workbench.model import Model, Table
    from workbench.results.answers import Change

__all__ = ["Trait", "write_traits"]

Trait = Literal[
    "empty page",  # a Query or Scan that evaluated nothing
    "missing item",  # a key that a read found nothing under
    "missing item deleted",
    "several items of one table",
    "condition check",
    "index",  # a table with an index of any kind
    "local index",
    "two-part index key",  # a global index with more than one key attribute
]


def write_traits(changes: Sequence[Change], model: Model) -> frozenset[Trait]:
    """Return the traits of a request that wrote these changes."""
    traits: set[Trait] = set()
    if any(each.kind == "delete" and each.known and each.before is None for each in changes):
        traits.add("missing item deleted")
    if any(each.kind == "check" for each in changes):
        traits.add("condition check")
    counts = Counter(each.table for each in changes)
    if max(counts.values(), default=0) > 1:
        traits.add("several items of one table")
    for table in counts:
        traits |= _index_traits(model.table(table))
    return frozenset(traits)


def _index_traits(table: Table) -> set[Trait]:
    indexes = table.indexes.values()
    traits: set[Trait] = {"index"} if indexes else set()
    if any(index.kind == "local" for index in indexes):
        traits.add("local index")
    if any(index.kind == "global" and len(index.keys.attributes) > 1 for index in indexes):
        traits.add("two-part index key")
    return traits
