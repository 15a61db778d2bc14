"""Known defects: whether a difference between computed and reported units is the engine's known mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.engines.defects import Touched, known_defect

if TYPE_CHECKING:
    from workbench.results.answers import Answer
    from workbench.results.receipts import Receipt
    from workbench.results.session import Session

__all__ = ["defect_of"]


def defect_of(session: Session, receipt: Receipt, answer: Answer) -> str | None:
    """Return the sentence about the engine's known defect that fits the receipt exactly; None where none does."""
    if receipt.computed is None or receipt.reported is None:
        return None
    touched = [
        Touched(each.kind, session.model.table(each.table), each.before, each.after)
        for each in answer.changes
        if each.known
    ]
    return known_defect(
        session.engine.name,
        receipt.operation,
        receipt.computed,
        receipt.reported,
        touched=touched,
        absent=answer.absent,
        whole=answer.whole,
    )
