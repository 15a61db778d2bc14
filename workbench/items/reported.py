"""Capacity units as an engine reports them in ConsumedCapacity, in the same form as the computed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from workbench.items.units import Units

ConsumedCapacity = Mapping[str, Any]


def reported_units(consumed: ConsumedCapacity | Sequence[ConsumedCapacity] | None, *, writes: bool) -> Units | None:
    """Return the units of a response's ConsumedCapacity, asked for with INDEXES; None when the engine gave none.

    A batch or transaction gives a list, one entry a table: they are added up. ``writes`` says what an operation that
    reports only ``CapacityUnits`` counts. Arms of 0 are left out.
    """
    if not consumed:
        return None
    parts = [consumed] if isinstance(consumed, Mapping) else consumed
    return sum((_one(part, writes) for part in parts), Units())


def _one(consumed: ConsumedCapacity, writes: bool) -> Units:
    total = _units(consumed)
    indexes = {
        name: _units(arm)
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for name, arm in (consumed.get(kind) or {}).items()
    }
    charged = {name: indexes[name] for name in sorted(indexes) if indexes[name]}
    # Without INDEXES there is no Table entry; then everything is the table's.
    on_table = _units(consumed["Table"]) if consumed.get("Table") else total
    return Units(
        read=Decimal("0.0") if writes else total,
        write=total if writes else Decimal("0.0"),
        table=on_table,
        indexes=charged,
    )


def _units(arm: Mapping[str, Any]) -> Decimal:
    return Decimal(f"{float(arm.get('CapacityUnits', 0)):.1f}")
