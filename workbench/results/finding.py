"""Find, then write: a pattern that is run unless a row is there, and what is run instead where it is.

The row that decides has a key that both sides of a race make alike, and the write puts it with a condition. So of two
that find nothing at once, one writes and the other is refused, looks again, and finds the winner's row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.errors import RequestError
from workbench.items import Units, item_from_wire
from workbench.plans import Plan, build
from workbench.results.backoff import Backoff
from workbench.results.columns import key_columns
from workbench.results.entities import ordered, recognise
from workbench.results.failures import is_unmet
from workbench.results.lookups import resolved
from workbench.results.receipts import Receipt
from workbench.results.result import Result
from workbench.results.settled import settled

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["run_unless"]

Row = Mapping[str, Any]
_BEFORE = "an earlier attempt had done it; nothing was written now"


def run_unless(session: Session, plan: Plan, one: Callable[[Plan], Result], backoff: Backoff) -> Result:
    """Look for the row, run the pattern or the one that stands in for it, and return its result.

    The receipt holds what looking cost as well. ``one`` runs a single plan. A write that is refused is looked at once
    more: where another row is there by now, the other pattern is run; where the write's own items are there, an
    earlier attempt had made them and nothing is left to do; else the refusal is raised.
    """
    looks = _Looks(session, plan, one)
    row = looks.look()
    for attempt in range(1, backoff.attempts + 1):
        due = plan if row is None else _instead(plan, row)
        try:
            return looks.told(one(due), row)
        except RequestError as error:
            if not is_unmet(error):
                raise
            done = _done(session, due, backoff)
            if done is not None:
                return looks.told(done, row)
            looks.refused(error)
            seen, row = row, looks.look()
            if row == seen or attempt == backoff.attempts:
                raise looks.final(error) from error.__cause__
            backoff.wait(attempt)
    raise AssertionError("the last attempt returns or raises")


class _Looks:
    """What was looked for, how often, and what looking and losing cost."""

    def __init__(self, session: Session, plan: Plan, one: Callable[[Plan], Result]) -> None:
        assert plan.pattern.unless is not None
        self.session, self.plan, self.one, self.unless = session, plan, one, plan.pattern.unless
        finds = plan.model.pattern(self.unless.finds)
        arguments = {name: value for name, value in plan.arguments.items() if name in finds.parameters}
        self.finds = build(plan.model, finds, arguments)
        self.paid: list[Receipt] = []

    def look(self) -> Row | None:
        found = self.one(self.finds)
        self.paid.append(found.receipt)
        return found.rows[0] if found.rows else None

    def refused(self, error: RequestError) -> None:
        if error.receipt is not None:
            self.paid.append(error.receipt)

    def told(self, result: Result, row: Row | None) -> Result:
        """Return the result with the whole price, and with a note where the other pattern was run."""
        note = f"run by {self.plan.pattern.name}: {self.unless.finds} found a row"
        receipt = _sum(result.receipt, self.paid)
        return replace(result, receipt=replace(receipt, notes=(*receipt.notes, *([note] if row is not None else []))))

    def final(self, error: RequestError) -> RequestError:
        receipt = None if error.receipt is None else _sum(error.receipt, self.paid[:-2] + self.paid[-1:])
        return RequestError(str(error), code=error.code, operation=error.operation, receipt=receipt)


def _instead(plan: Plan, row: Row) -> Plan:
    unless = plan.pattern.unless
    assert unless is not None
    then = plan.model.pattern(unless.then)
    arguments = {name: value for name, value in plan.arguments.items() if name in then.parameters}
    return build(plan.model, then, {**arguments, **{name: row[name] for name in unless.takes}})


def _done(session: Session, due: Plan, backoff: Backoff) -> Result | None:
    """Return the result of a refused plan whose work an earlier attempt has done; None where it has not."""
    ready = resolved(session, due)
    found = settled(session, ready.request, due.pattern.name, backoff)
    if found is None:
        return None
    items = [item_from_wire(each.item) for each in found]
    recognised = tuple(recognise(due.model, each.table, item) for each, item in zip(found, items, strict=True))
    keys = key_columns(ready)
    shown = [ordered(item, keys, each.entity) for item, each in zip(items, recognised, strict=True)]
    receipt = Receipt(due.pattern.operation, items_returned=len(items), notes=(_BEFORE,), writes=True)
    return Result(ready, shown, receipt, known=recognised)


def _sum(last: Receipt, others: list[Receipt]) -> Receipt:
    every = [*others, last]
    return replace(
        last,
        requests=sum(each.requests for each in every),
        items_read=sum(each.items_read for each in every),
        computed=_units([each.computed for each in every]),
        reported=_units([each.reported for each in every]),
        defect=next((each.defect for each in reversed(every) if each.defect), None),
        notes=tuple(dict.fromkeys(note for each in every for note in each.notes)),
        seconds=sum(each.seconds for each in every),
    )


def _units(parts: list[Units | None]) -> Units | None:
    total = Units()
    for part in parts:
        if part is None:
            return None
        total += part
    return total
