"""The capacity units of a receipt that verdicts go by: computed from bytes where they are, else the engine's own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.items import amount_text

if TYPE_CHECKING:
    from workbench.results import Receipt


def figure(receipt: Receipt, name: str) -> tuple[Decimal | None, str]:
    """Return the read_units or write_units of a receipt, and in words whose figure it is; None where nobody has one."""
    part = name.removesuffix("_units")
    for units, whose in ((receipt.computed, "computed"), (receipt.reported, "by the engine")):
        if units is not None:
            amount: Decimal = getattr(units, part)
            return amount, f"{amount_text(amount)} {whose}"
    return None, "neither computed nor reported"


def as_json(units: Any) -> dict[str, float] | None:
    """Return read and write units for machines; None where there are none."""
    return None if units is None else {"read": float(units.read), "write": float(units.write)}
