"""Capacity units of writes, from the images of an item before and after. A write unit is 1 KB.

Sources: AWS developer guide (write capacity, GSI throughput considerations), and captures of the real service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.items.sizes import item_size
from workbench.items.units import WRITE_BLOCK, ZERO, Units, blocks, half_units
from workbench.items.values import canonical
from workbench.items.views import index_view
from workbench.model.tables import Index, Table

Image = Mapping[str, Any] | None


def write_units(before: Image, after: Image, table: Table, *, transactional: bool = False) -> Units:
    """Return the units of writing one item, from its wire images; None is "not there".

    The table's arm is the larger image in KB, at least 1, doubled in a transaction. The arm of an index compares what
    it stores before and after (``index_entry_units``); an index that keeps its entry as it is has no arm at all, and a
    transaction does not double indexes. A delete is an ``after`` of None; nothing deleted costs 1.
    """
    on_table = blocks(max(_size(before), _size(after)), WRITE_BLOCK) * (2 if transactional else 1)
    arms = {name: index_entry_units(before, after, table, index) for name, index in sorted(table.indexes.items())}
    charged = {name: count for name, count in arms.items() if count}
    return Units(
        write=half_units(2 * (on_table + sum(charged.values()))),
        table=half_units(2 * on_table),
        indexes={name: half_units(2 * count) for name, count in charged.items()},
    )


def index_entry_units(before: Image, after: Image, table: Table, index: Index, *, overhead: int = 0) -> int:
    """Return the write units that one index pays for a change of one item.

    Entering pays the new entry, leaving the old one, a change in place the larger of both; an entry whose index key
    moves is deleted and put, each rounded on its own; an entry that stays the same pays nothing. ``overhead`` is what
    an engine adds to each entry, in bytes; AWS adds nothing here, only to storage.
    """
    old = None if before is None else index_view(before, table, index)
    new = None if after is None else index_view(after, table, index)
    if old is None and new is None:
        return 0
    if old is None or new is None:
        return blocks(_size(old) + _size(new) + overhead, WRITE_BLOCK)
    if _same(old, new):
        return 0
    if any(canonical(old[name]) != canonical(new[name]) for name in index.keys.names):
        return blocks(_size(old) + overhead, WRITE_BLOCK) + blocks(_size(new) + overhead, WRITE_BLOCK)
    return blocks(max(_size(old), _size(new)) + overhead, WRITE_BLOCK)


def failed_condition_units(before: Image, *, transactional: bool = False) -> Units:
    """Return the units of a write whose condition failed: by the item that is there, 1 when there is none."""
    return _on_table(blocks(_size(before), WRITE_BLOCK) * (2 if transactional else 1))


def condition_check_units(before: Image) -> Units:
    """Return the units of a ConditionCheck in a transaction: twice the item's size in KB, 2 when there is none."""
    return failed_condition_units(before, transactional=True)


def _on_table(count: int) -> Units:
    amount = half_units(2 * count)
    return Units(read=ZERO, write=amount, table=amount)


def _size(image: Image) -> int:
    return 0 if image is None else item_size(image)


def _same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return old.keys() == new.keys() and all(canonical(old[name]) == canonical(new[name]) for name in old)
