"""Holds what one run cost against the most that it may cost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from workbench.checks.figures import figure
from workbench.checks.verdicts import Subject, Verdict
from workbench.items import amount_text

if TYPE_CHECKING:
    from workbench.model import Budget
    from workbench.results import Receipt


def check_budget(receipt: Receipt, budget: Budget, subject: Subject) -> Iterator[Verdict]:
    """Give one verdict for each limit of the budget."""
    for name in ("read_units", "write_units"):
        most = getattr(budget, name)
        if most is not None:
            amount, words = figure(receipt, name)
            over = amount is None or amount > Decimal(most)
            wrong = f"{words}, over the budget of {amount_text(most)}" if over else None
            yield subject.verdict("budget", name, wrong, f"{words} of {amount_text(most)}")
    for name in ("pages", "items_read"):
        most = getattr(budget, name)
        if most is not None:
            count = getattr(receipt, name) or 0  # only a Query or Scan has pages; the model says so when it is loaded
            cause = _wasteful(receipt) if name == "items_read" else ""
            wrong = f"{count}, over the budget of {most}" if count > most else None
            yield subject.verdict("budget", name, wrong, f"{count} of {most}", cause=cause)


def _wasteful(receipt: Receipt) -> str:
    if receipt.items_returned >= receipt.items_read:
        return ""
    return f"{receipt.items_read} items were read and {receipt.items_returned} returned; the filter pays for the rest"
