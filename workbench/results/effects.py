"""Effects: what a write did to one item and to its entry in each index, and what each arm costs, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.items import (
    canonical,
    condition_check_units,
    half_units,
    index_entry_units,
    index_view,
    item_from_wire,
    item_size,
    item_to_wire,
    write_units,
)
from workbench.model import Index, Model, Table

__all__ = ["Arm", "Effect", "effect_of"]

Item = Mapping[str, Any]
Wire = Mapping[str, Any] | None


@dataclass(frozen=True)
class Arm:
    """One arm of the price: the table's, ``index`` None, or an index's, with its entry before and after.

    ``before`` and ``after`` are the key of the entry, in the order of the index, and of the item for the table's arm;
    None where it is not there. ``why`` says in words where the units come from.
    """

    index: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    units: Decimal
    why: str


@dataclass(frozen=True)
class Effect:
    """What a write did to one item: ``kind`` of the action, the item before and after, and every arm of the price.

    The first arm is the table's; one follows for each index, in the order of the model.
    """

    kind: str
    table: str
    entity: str | None
    key: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    arms: tuple[Arm, ...]

    @property
    def units(self) -> Decimal:
        """All arms together, in write units."""
        return sum((arm.units for arm in self.arms), Decimal("0.0"))


def effect_of(
    model: Model,
    *,
    kind: str,
    table: str,
    entity: str | None,
    key: dict[str, Any],
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    transactional: bool,
) -> Effect:
    """Return the effect of a write on one item, from its images in Python form."""
    design = model.table(table)
    old, new = _wire(before), _wire(after)
    names = design.keys.names
    there = {name: key[name] for name in names if name in key}
    checked = kind == "check"
    units = condition_check_units(old) if checked else write_units(old, new, design, transactional=transactional)
    why = _why(kind, old, new, transactional)
    arms = [Arm(None, there if before else None, there if after else None, units.table, why)]
    if not checked:
        arms += [_index_arm(old, new, design, index) for index in design.indexes.values()]
    return Effect(kind, table, entity, key, before, after, tuple(arms))


def _wire(item: Item | None) -> Wire:
    return None if item is None else item_to_wire(item)


def _why(kind: str, old: Wire, new: Wire, transactional: bool) -> str:
    double = ", twice in a transaction" if transactional or kind == "check" else ""
    if old is None and new is None:
        return f"nothing is there; 1 unit at least{double}"
    sizes = [item_size(each) for each in (old, new) if each is not None]
    if kind == "check":
        return f"{sizes[0]:,} bytes checked{double}"
    larger = " (the larger of both)" if len(set(sizes)) == 2 else ""
    return f"{max(sizes):,} bytes{larger}{double}"


def _index_arm(old: Wire, new: Wire, table: Table, index: Index) -> Arm:
    was = None if old is None else index_view(old, table, index)
    now = None if new is None else index_view(new, table, index)
    units = half_units(2 * index_entry_units(old, new, table, index))
    return Arm(index.name, _entry(was, index), _entry(now, index), units, _moved(was, now, index))


def _entry(view: Wire, index: Index) -> dict[str, Any] | None:
    return None if view is None else item_from_wire({name: view[name] for name in index.keys.names})


def _moved(was: Wire, now: Wire, index: Index) -> str:
    if was is None and now is None:
        return "not in the index"
    if was is None or now is None:
        return f"{'enters' if was is None else 'leaves'}: {item_size(was or now or {}):,} bytes"
    if was.keys() == now.keys() and all(canonical(was[name]) == canonical(now[name]) for name in was):
        return "its entry stays as it is"
    if any(canonical(was[name]) != canonical(now[name]) for name in index.keys.names):
        return f"its key moves: {item_size(was):,} bytes leave, {item_size(now):,} bytes enter"
    return f"its entry changes in place: {max(item_size(was), item_size(now)):,} bytes"
