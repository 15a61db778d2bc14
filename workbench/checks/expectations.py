"""Holds an answer against what its example declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.checks.comparing import canonical, difference, nearest, shown, shown_row
from workbench.checks.figures import figure
from workbench.checks.verdicts import NO_EXAMPLE, Subject, Verdict
from workbench.checks.words import plural
from workbench.items import amount_text
from workbench.results import recognise

if TYPE_CHECKING:
    from workbench.model import Expectation
    from workbench.results import Result

Row = dict[str, Any]


def declares(expect: Expectation) -> bool:
    """Return whether an example says anything about its answer."""
    return expect != type(expect)()


def check_expectation(result: Result, expect: Expectation, subject: Subject, *, empty_cause: str = "") -> list[Verdict]:
    """Return one verdict for everything that is declared, in a fixed order.

    An empty answer fails unless ``rows: 0`` is declared; ``empty_cause`` says why it is empty.
    """
    return list(_verdicts(result, expect, subject, empty_cause))


def _verdicts(result: Result, expect: Expectation, subject: Subject, empty_cause: str) -> Iterator[Verdict]:
    rows = list(result.rows)
    if expect.rows is not None or not rows:
        wrong = _wrong_count(len(rows), expect.rows, subject)
        cause = empty_cause if not rows else _limit_cause(result, len(rows), expect.rows or 0)
        yield subject.verdict("expectation", "rows", wrong, plural(len(rows), "row"), cause=cause)
    for name, wrong in _about_rows(rows, expect):
        yield subject.verdict("expectation", name, wrong, "as expected")
    if expect.deleted is not None:
        yield subject.verdict("expectation", "deleted", _wrong_deleted(result, expect.deleted), "as expected")
    yield from _about_cost(result, expect, subject)


def _wrong_count(count: int, expected: int | None, subject: Subject) -> str | None:
    if expected is None:
        where = "give these arguments an example that expects" if subject.example == NO_EXAMPLE else "write"
        return f"the answer is empty; where that is right, {where} `rows: 0`"
    return None if count == expected else f"{plural(count, 'row')}, expected {expected}"


def _limit_cause(result: Result, count: int, expected: int) -> str:
    limit, more = result.plan.limit, result.cursor is not None
    if count < expected and more and limit is not None:
        return f"the page ends at the limit of {limit}, and there is more; `limit:` is too small for {expected} rows"
    if count > expected and limit is not None and count >= limit:
        return f"the limit is {limit}; to get {expected} rows a page, `limit:` must be {expected}"
    if count > expected and limit is None:
        return "the pattern has no limit, so it reads the whole item collection"
    if count < expected and more:
        return "the page ends at 1 MB, and there is more; use all_pages: true"
    return ""


def _about_rows(rows: list[Row], expect: Expectation) -> Iterator[tuple[str, str | None]]:
    if expect.ordered_by is not None:
        yield "ordered_by", _wrong_order(rows, *expect.ordered_by)
    if expect.keys is not None:
        yield "keys", _wrong_keys(rows, expect.keys)
    for name, at, wanted in (("first", 0, expect.first), ("last", -1, expect.last)):
        if wanted is not None:
            yield name, _wrong_row(rows, at, wanted, name)
    for wanted in expect.contains:
        yield "contains", _lacks(rows, wanted)
    if expect.entities is not None:
        yield "entities", _wrong_entities(rows, expect.entities)


def _wrong_order(rows: list[Row], column: str, direction: str) -> str | None:
    for at, row in enumerate(rows):
        if row.get(column) is None:
            return f"row {at + 1} has no {column} to be ordered by"
    values = [canonical(row[column]) for row in rows]
    for at, (one, two) in enumerate(pairwise(values)):
        if one[0] != two[0] or (two < one if direction == "ascending" else one < two):
            return (
                f"not {direction} by {column}: row {at + 1} has {shown(rows[at][column])}, row {at + 2} has "
                f"{shown(rows[at + 1][column])}; is the pattern's `order:` right?"
            )
    return None


def _wrong_keys(rows: list[Row], keys: tuple[Row, ...]) -> str | None:
    for at, wanted in enumerate(keys):
        if at >= len(rows):
            return f"{plural(len(rows), 'row')}, and key {at + 1} of {len(keys)} is missing: {shown_row(wanted)}"
        if told := difference(rows[at], wanted, here="in the answer", there="expected"):
            return f"row {at + 1}: {told}"
    if len(rows) > len(keys):
        extra = shown_row(rows[len(keys)], keys[0] if keys else None)
        return f"row {len(keys) + 1} is not among the expected keys: {extra}"
    return None


def _wrong_row(rows: list[Row], at: int, wanted: Row, name: str) -> str | None:
    if not rows:
        return f"there is no {name} row"
    told = difference(rows[at], wanted, here=f"in the {name} row", there="expected")
    return told or None


def _lacks(rows: list[Row], wanted: Row) -> str | None:
    at = nearest(rows, wanted)
    if at is None:
        return f"no row is {shown_row(wanted)}"
    told = difference(rows[at], wanted, here="there", there="expected")
    return f"no row is {shown_row(wanted)}; the nearest is row {at + 1}: {told}" if told else None


def _wrong_entities(rows: list[Row], expected: dict[str, int]) -> str | None:
    found = Counter(row.get("entity") or "(no entity fits)" for row in rows)
    if dict(found) == {name: count for name, count in expected.items() if count}:
        return None
    return f"{_counts(found)}, expected {_counts(expected)}"


def _wrong_deleted(result: Result, expected: dict[str, int]) -> str | None:
    gone = [change for change in result.changes if change.before is not None and change.after is None]
    kinds = [recognise(result.plan.model, change.table, change.before or {}).entity for change in gone]
    found = Counter(entity.name if entity else "(no entity fits)" for entity in kinds)
    if dict(found) == {name: count for name, count in expected.items() if count}:
        return None
    return f"{_counts(found)}, expected {_counts(expected)}"


def _counts(counts: dict[str, int] | Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


def _about_cost(result: Result, expect: Expectation, subject: Subject) -> Iterator[Verdict]:
    receipt = result.receipt
    counts: tuple[tuple[str, object, object], ...] = (
        ("pages", expect.pages, receipt.pages),
        ("items_read", expect.items_read, receipt.items_read),
        ("more", expect.more, result.cursor is not None),
    )
    for name, expected, got in counts:
        if expected is not None:
            wrong = None if expected == got else f"{_word(got)}, expected {_word(expected)}"
            yield subject.verdict("expectation", name, wrong, _word(got))
    for name, units in (("read_units", expect.read_units), ("write_units", expect.write_units)):
        if units is not None:
            amount, words = figure(receipt, name)
            wrong = None if amount == Decimal(units) else f"{words}, expected {amount_text(units)}"
            yield subject.verdict("expectation", name, wrong, words)


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
