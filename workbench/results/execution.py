"""Running a plan: lookups asked, requests sent, pages followed up to a bound, the price worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.errors import RequestError, UsageError
from workbench.items import item_from_wire
from workbench.plans import Plan
from workbench.results.answers import Answer, Change, Found
from workbench.results.backoff import Backoff
from workbench.results.columns import answer_columns, key_columns
from workbench.results.defects import defect_of
from workbench.results.entities import ordered, recognise
from workbench.results.finding import run_unless
from workbench.results.gets import read_keys
from workbench.results.lookups import resolved
from workbench.results.pages import read_pages
from workbench.results.receipts import Receipt, counted
from workbench.results.result import ItemChange, Result
from workbench.results.segments import Pace, read_segments
from workbench.results.stepping import Steps, step_by_step
from workbench.results.writes import Refusal, write

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["DEFAULT_MAX_PAGES", "run", "run_segments"]

DEFAULT_MAX_PAGES = 100


def run_segments(session: Session, plan: Plan, segments: int, *, pages: int, pace: Pace | None = None) -> Result:
    """Send a Scan's requests in ``segments`` at once and return the result, segment after segment.

    ``pages`` bounds the pages of all segments together; when more are left, the result is ``incomplete`` and has no
    cursor, since each segment has a place of its own. Raises what ``run`` raises, with the segment's number.
    """
    if pages < 1:
        raise UsageError(f"{plan.pattern.name}: {pages} pages; ask for 1 or more")
    if plan.cursor is not None:
        raise UsageError(f"{plan.pattern.name}: a cursor goes on one serial scan; leave it out, or leave out segments")
    answer, unended = read_segments(session, plan, segments, pages, pace)
    if unended:
        answer = replace(answer, notes=(*answer.notes, _unended(unended, segments)))
    return _result(session, plan, answer, None, incomplete=bool(unended))


def _unended(unended: Sequence[int], segments: int) -> str:
    numbers = ", ".join(map(str, unended[:8])) + (", ..." if len(unended) > 8 else "")
    return f"not read to their end: {counted(len(unended), 'segment')} of {segments} ({numbers})"


def run(
    session: Session, plan: Plan, *, pages: int = 1, backoff: Backoff | None = None, steps: Steps | None = None
) -> Result:
    """Send a plan's requests and return the result.

    A Query or Scan reads at most ``pages`` pages; when more are left, the result keeps the cursor, and is marked
    ``incomplete`` where more than one was asked for. Lookups without rows are read from the session's database first.
    A pattern with ``unless`` looks for a row first, and runs another pattern where it is there. ``steps`` says which
    requests an earlier run has done, and is told of each that is done. Raises LookupFailedError, RequestError (its
    ``receipt`` says what was paid), TableError, EngineError.
    """
    if pages < 1:
        raise UsageError(f"{plan.pattern.name}: {pages} pages; ask for 1 or more")
    patience = backoff or Backoff()
    if plan.pattern.unless is not None:
        return run_unless(session, plan, lambda each: _run(session, each, 1, patience, None), patience)
    return _run(session, plan, pages, patience, steps)


def _run(session: Session, plan: Plan, pages: int, backoff: Backoff, steps: Steps | None) -> Result:
    ready = resolved(session, plan)
    if steps is not None:
        answer, refusal = step_by_step(session, ready, steps, backoff)
        if refusal is not None:
            paid = _receipt(session, ready, answer)
            raise RequestError(str(refusal), code=refusal.code, operation=refusal.operation, receipt=paid)
        return _result(session, ready, answer, None, incomplete=False)
    answer = read_pages(session, ready, pages) if ready.pages else _requests(session, ready, backoff)
    cursor = ready.cursor_after(answer.last_key)
    return _result(session, ready, answer, cursor, incomplete=cursor is not None and pages > 1)


def _requests(session: Session, plan: Plan, backoff: Backoff) -> Answer:
    """Send every request of a plan that has no pages, one after another."""
    total, name = Answer(), plan.pattern.name
    for number, request in enumerate(plan.requests, start=1):
        try:
            if plan.pattern.writes:
                total += write(session, request, name, backoff)
            else:
                total += read_keys(session, request, name, backoff)
        except Refusal as refusal:
            error = refusal.error
            done = f" {number - 1} of {len(plan.requests)} requests were done before it." if number > 1 else ""
            paid = _receipt(session, plan, total + refusal.answer)
            message = f"{error}{done}"
            raise RequestError(message, code=error.code, operation=error.operation, receipt=paid) from error.__cause__
    return total


def _result(session: Session, plan: Plan, answer: Answer, cursor: str | None, *, incomplete: bool) -> Result:
    if plan.pages:
        columns = answer_columns(plan, [each.page for each in answer.pages])
        return Result(plan, columns, _receipt(session, plan, answer, len(columns)), cursor, incomplete)
    found = _touched(answer) if plan.pattern.writes else answer.found
    items = [item_from_wire(each.item) for each in found]
    recognised = tuple(recognise(plan.model, each.table, item) for each, item in zip(found, items, strict=True))
    keys = key_columns(plan)
    shown = [ordered(item, keys, each.entity) for item, each in zip(items, recognised, strict=True)]
    receipt = _receipt(session, plan, answer, len(items))
    changes = tuple(_change(plan, each) for each in answer.changes)
    return Result(plan, shown, receipt, cursor, incomplete, changes, recognised)


def _change(plan: Plan, change: Change) -> ItemChange:
    before, after = (_python(plan, change.table, image) for image in (change.before, change.after))
    return ItemChange(change.kind, change.table, item_from_wire(change.key), before, after, change.known)


def _touched(answer: Answer) -> tuple[Found, ...]:
    """Return the items that a write touched, as they are now, each once; those that are gone are left out.

    What earlier runs of the same steps touched comes first.
    """
    last = {}
    for change in answer.changes:
        if change.kind != "check":
            last[change.table, repr(sorted(change.key.items()))] = change
    return answer.found + tuple(
        Found(change.table, change.after) for change in last.values() if change.after is not None
    )


def _python(plan: Plan, table: str, image: Any) -> dict[str, Any] | None:
    if image is None:
        return None
    item = item_from_wire(image)
    return ordered(item, plan.model.table(table).keys.names, recognise(plan.model, table, item).entity)


def _receipt(session: Session, plan: Plan, answer: Answer, returned: int = 0) -> Receipt:
    receipt = Receipt(
        operation=plan.pattern.operation,
        pages=answer.requests if plan.pages else None,
        requests=answer.requests,
        items_read=answer.items_read,
        items_written=answer.items_written,
        items_returned=returned,
        bytes_read=None if plan.pattern.writes else answer.bytes_read,
        computed=answer.computed,
        reported=answer.reported,
        notes=answer.notes,
        writes=plan.pattern.writes,
        seconds=answer.seconds,
    )
    return replace(receipt, defect=defect_of(session, receipt, answer)) if receipt.differs else receipt
