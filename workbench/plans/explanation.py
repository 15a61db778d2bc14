"""A plan explained: what is key and what is filter, the requests, the price to expect, and what to know before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.plans.estimating import Estimate, estimate
from workbench.plans.notes import notes
from workbench.plans.plan import Plan
from workbench.plans.requests import Request
from workbench.plans.words import distinct, shortened, target_text

MOST_REQUESTS = 3
MOST_LINES = 40


@dataclass(frozen=True, repr=False)
class Explanation:
    """What a plan does. Everything but figures and requests is in words; empty where it does not apply.

    ``key`` is looked up; ``filter`` is read first, paid for, then dropped. ``does`` are the steps of writes, batches
    and gets. ``requests`` are exactly what is sent. ``notes`` come with the costliest first.
    """

    pattern: str
    question: str
    operation: str
    target: str
    index: str | None
    key: tuple[str, ...]
    filter: tuple[str, ...]
    does: tuple[str, ...]
    updates: tuple[str, ...]
    conditions: tuple[str, ...]
    order: str
    limit: int | None
    projection: tuple[str, ...]
    pages: str
    estimate: Estimate
    unresolved: tuple[str, ...]
    requests: tuple[Request, ...]
    notes: tuple[str, ...]

    def lines(self) -> list[tuple[str, str]]:
        """Return (label, words) of everything but notes and requests, in reading order."""
        found = [("operation", self.target)]
        found += [("key", f"{line} (looked up)") for line in self.key]
        found += [("filter", f"{line} (read first, paid for, then dropped)") for line in self.filter]
        found += [("does", line) for line in shortened(self.does)]
        found += [("update", line) for line in self.updates] + [("only if", line) for line in self.conditions]
        found += [("order", self.order)] if self.order else []
        found += [("limit", f"{self.limit} items read a page")] if self.limit else []
        found += [("returns", ", ".join(self.projection))] if self.projection else []
        return [*found, ("pages", self.pages), ("price", f"{self.estimate} ({self.estimate.basis})")]

    def __repr__(self) -> str:
        head = f"{self.pattern}: {self.question}" if self.question else self.pattern
        body = [f"  {label:<10}{words}" for label, words in self.lines()]
        remarks = [f"  note      {note}" for note in self.notes]
        shown = [_code(request) for request in self.requests[:MOST_REQUESTS]]
        more = len(self.requests) - len(shown)
        return "\n".join([head, *body, *remarks, "", *shown, *([f"... and {more} more requests"] if more else [])])


def explain(plan: Plan, *, sizes: Mapping[str, int] | None = None) -> Explanation:
    """Return the explanation of a plan; ``sizes`` are average bytes of an item by entity, guessed when left out."""
    pattern = plan.pattern
    return Explanation(
        pattern=pattern.name,
        question=pattern.question,
        operation=pattern.operation,
        target=target_text(plan),
        index=pattern.index,
        key=() if plan.steps else plan.key_conditions,
        filter=plan.filters,
        does=plan.key_conditions if plan.steps else (),
        updates=distinct(step.update for step in plan.steps),
        conditions=distinct(step.condition for step in plan.steps),
        order=_order(plan),
        limit=plan.limit,
        projection=pattern.projection,
        pages=_pages(plan),
        estimate=estimate(plan, sizes),
        unresolved=tuple(lookup.name for lookup in plan.unresolved),
        requests=plan.requests,
        notes=notes(plan),
    )


def _code(request: Request) -> str:
    lines = request.code().splitlines()
    if len(lines) <= MOST_LINES:
        return "\n".join(lines)
    rest = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], f"    ... {rest} more lines; request.code() has them all"])


def _order(plan: Plan) -> str:
    pattern = plan.pattern
    if pattern.operation != "Query":
        return ""
    table = plan.model.table(pattern.table)
    keys = table.keys if pattern.index is None else plan.model.index(pattern.table, pattern.index).keys
    by = ", ".join(attribute.name for attribute in keys.sort)
    return f"{pattern.order} by {by}" if by else ""


def _pages(plan: Plan) -> str:
    if plan.open_rows:
        rows = " and of ".join(plan.open_rows)
        whole = plan.pattern.operation.startswith("Transact")
        return f"1 request with every row of {rows}" if whole else f"requests for every row of {rows}; one is shown"
    if not plan.pages:
        count = len(plan.requests)
        return f"{count} request{'' if count == 1 else 's'}, no pages"
    if plan.limit is not None:
        return f"1, of at most {plan.limit} items; the cursor gives the next"
    return "as many as there are, of 1 MB each"
