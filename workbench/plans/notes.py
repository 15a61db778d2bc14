"""What a reader should know before a plan is sent: the traps of each operation, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.model import SortCondition
from workbench.plans.plan import Plan

_YEAR = re.compile(r"(?:^|[^0-9])((?:19|20)[0-9]{2})(?:-[0-9]{2})*-?$")


def notes(plan: Plan) -> tuple[str, ...]:
    """Return the notes of a plan, the costliest first."""
    return (
        *_first(plan),
        *_waiting(plan),
        *_reading(plan),
        *_key_notes(plan),
        *_index(plan),
        *_writing(plan),
        *_requests(plan),
    )


def _first(plan: Plan) -> Iterator[str]:
    unless = plan.pattern.unless
    if unless is not None:
        yield f"asked first: {unless.finds}; where it finds a row, {unless.then} is run instead of this"


def _waiting(plan: Plan) -> Iterator[str]:
    if plan.unresolved:
        made = ", ".join(f"{lookup.name} ({lookup.source.path})" for lookup in plan.unresolved)
        yield (
            f"looked up first: {made}; <{plan.unresolved[0].name}.column> stands for what comes back, and the request "
            f"can't be sent as it is"
        )


def _reading(plan: Plan) -> Iterator[str]:
    pattern = plan.pattern
    if pattern.operation == "Scan":
        yield f"a Scan reads everything in {pattern.index or pattern.table}, page by page, and all of it is paid for"
    if pattern.filter is not None:
        yield "the filter works after reading: what it drops is paid for, and a page may be empty with more behind it"
    if pattern.filter is not None and plan.limit is not None:
        yield f"Limit counts before the filter: {plan.limit} items are read a page, and fewer may come back"
    if pattern.projection:
        yield "a projection makes the answer smaller, not the price: items are paid for whole"
    if pattern.consistent:
        yield "a strongly consistent read costs twice an eventually consistent one"


def _key_notes(plan: Plan) -> Iterator[str]:
    for condition in plan.pattern.key.sort if plan.pattern.key else ():
        yield from _year(condition)


def _year(condition: SortCondition) -> Iterator[str]:
    if condition.operator != "begins_with":
        return
    template = condition.values[0]
    last = template.parts[-1]
    match = _YEAR.search(last) if isinstance(last, str) else None
    if match:
        yield (
            f"{condition.attribute} begins with the fixed year {match[1]}: on 1 January the answer is empty; "
            f"take the condition out and read the newest first with a limit"
        )
    elif any(re.search(r"year|date|month|today", name) for name in template.fields):
        yield (
            f"{condition.attribute} begins with a date: at the turn of the year or month the answer is empty though "
            f"there are older items"
        )


def _index(plan: Plan) -> Iterator[str]:
    pattern = plan.pattern
    if pattern.index is None:
        return
    index = plan.model.index(pattern.table, pattern.index)
    if index.kind == "global":
        yield f"{index.name} is a global index, so eventually consistent: a write may be missing from it for a moment"
    if index.projection == "ALL":
        return
    held = ", ".join(dict.fromkeys((*plan.model.table(pattern.table).keys.names, *index.keys.names, *index.include)))
    if index.kind == "global":
        yield f"{index.name} holds only {held}; other attributes do not come back"
    else:
        yield f"{index.name} holds only {held}; another attribute is fetched from the table, each item at its own price"


def _writing(plan: Plan) -> Iterator[str]:
    pattern = plan.pattern
    kinds = {action.kind for action in pattern.actions}
    open_ = {action.kind for action in pattern.actions if action.condition is None}
    if pattern.operation.startswith("Transact"):
        yield "a transaction costs double" + (", on the table; its indexes cost once" if pattern.writes else "")
    if pattern.operation == "BatchWriteItem":
        yield "a batch is no transaction: some writes may be done and others not (UnprocessedItems)"
    if "put" in open_:
        yield "a put without a condition replaces an item that is there with the same key"
    if "update" in open_:
        yield "an update without a condition makes the item where there is none; attribute_exists refuses that"
    if pattern.writes and kinds - open_:
        yield "a failed condition is paid for as well, by the size of the item that is there"


def _requests(plan: Plan) -> Iterator[str]:
    if not plan.requests:
        yield "nothing to do: the lookup of `each` gave no rows"
    elif len(plan.requests) > 1 or (plan.open_rows and not plan.pattern.operation.startswith("Transact")):
        count = f"{len(plan.requests)} requests" if not plan.open_rows else "requests"
        yield f"{count} one after the other: they are no unit, and a crash leaves some undone"
