"""Known defects: whether a difference between computed and reported units is the engine's known mistake."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.results.receipts import Receipt
    from workbench.results.session import Session

__all__ = ["defect_of"]


def defect_of(session: Session, receipt: Receipt, traits: Set[str]) -> str | None:
    """Return the sentence about the engine's known defect that fits the receipt; None where none does."""
    try:
        from workbench.engines.defects import known_defect
    except ImportError:
        return None
    found: str | None = known_defect(session.engine.name, receipt.operation, traits)
    return found
