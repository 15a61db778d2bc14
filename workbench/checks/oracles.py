"""Holds an answer against the SQL query that must give the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.checks.comparing import difference, different, fingerprint, same, shown_row
from workbench.checks.verdicts import Subject, Verdict
from workbench.checks.words import plural
from workbench.errors import StatementError, did_you_mean

if TYPE_CHECKING:
    from workbench.results import Result, Session

Row = Mapping[str, Any]
Word = Literal["agrees", "differs", "failed", "none", "not comparable"]


@dataclass(frozen=True)
class OracleAnswer:
    """What the oracle said: in a word, how many rows SQL gave, and the verdict where there is one."""

    word: Word = "none"
    rows: int | None = None
    verdict: Verdict | None = None


def ask_oracle(session: Session, result: Result, subject: Subject) -> OracleAnswer:
    """Return whether the pattern's SQL gives the same rows.

    Order counts for a Query. A continued page can't be compared: SQL begins at the beginning.
    """
    pattern = result.plan.pattern
    if pattern.oracle is None:
        return OracleAnswer()
    if result.plan.cursor is not None:
        return OracleAnswer("not comparable")
    if session.database is None:
        wrong = f"{pattern.oracle.path} cannot be asked: the session has no database"
        return OracleAnswer("failed", None, subject.verdict("oracle", "SQL", wrong))
    try:
        wanted = session.database.query(pattern.oracle.sql, oracle_parameters(result))
    except StatementError as error:  # PostgreSQL answered; a database that is down is no verdict on a model
        return OracleAnswer("failed", None, subject.verdict("oracle", pattern.oracle.path, str(error)))
    differs, cause = compare(list(result.rows), wanted, ordered=pattern.operation == "Query", ties=_index_order(result))
    if differs and len(wanted) > len(result.rows) and result.cursor is not None and not cause:
        cause = "the answer stopped at its limit; does the SQL have LIMIT %(limit)s?"
    verdict = subject.verdict(
        "oracle", pattern.oracle.path, differs, f"SQL gives the same {plural(len(wanted), 'row')}", cause=cause
    )
    return OracleAnswer("differs" if differs else "agrees", len(wanted), verdict)


def _index_order(result: Result) -> tuple[str, ...]:
    """Return the sort attributes by which an index orders its items; it may hold several under one key."""
    pattern = result.plan.pattern
    if pattern.index is None:
        return ()
    keys = result.plan.model.index(pattern.table, pattern.index).keys
    return tuple(attribute.name for attribute in keys.sort) or keys.names


def oracle_parameters(result: Result) -> dict[str, Any]:
    """Return what ``%(name)s`` stands for: every argument, and ``limit``, which is None where all pages were read."""
    plan = result.plan
    given = {name: plan.arguments.get(name) for name in plan.pattern.parameters}
    whole = (result.receipt.pages or 1) > 1 and result.cursor is None
    limit = None if whole else plan.limit
    name = str(plan.pattern.limit).strip("{}") if isinstance(plan.pattern.limit, str) else "limit"
    if plan.pattern.limit is not None:
        given[name] = limit
        given.setdefault("limit", limit)
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in given.items()}


def compare(
    rows: Sequence[Row], wanted: Sequence[Row], *, ordered: bool, ties: Sequence[str] = ()
) -> tuple[str | None, str]:
    """Return what is wrong with the answer by the oracle's columns, or None; and the cause where it shows.

    ``ties`` are the sort attributes of an index: rows that have them in common come in any order.
    """
    unknown = _unknown_column(rows, wanted)
    if unknown:
        return unknown, ""
    if rows and not wanted:
        return (
            f"the answer has {plural(len(rows), 'row')} and SQL gives none",
            "is the SQL right, and is the database seeded?",
        )
    if wanted and not rows:
        return f"the answer is empty and SQL gives {plural(len(wanted), 'row')}", ""
    if not wanted:
        return None, ""
    missing, extra = _unmatched(rows, wanted)
    if not missing and not extra:
        return (_order(rows, wanted, ties), "") if ordered else (None, "")
    if missing and extra:
        return _changed(rows, wanted, missing, extra), ""
    counts = f"the answer has {plural(len(rows), 'row')}, SQL {len(wanted)}"
    columns = list(wanted[0])
    if extra:
        return f"{counts}; row {extra[0] + 1} is only in the answer: {shown_row(rows[extra[0]], columns)}", ""
    return f"{counts}; row {missing[0] + 1} of SQL is missing: {shown_row(wanted[missing[0]], columns)}", ""


def _unknown_column(rows: Sequence[Row], wanted: Sequence[Row]) -> str | None:
    if not rows or not wanted:
        return None
    known = list(dict.fromkeys(column for row in rows for column in row))
    for column in wanted[0]:
        if column not in known:
            return f"SQL gives a column {column!r} that the answer has not. {did_you_mean(column, known)}"
    return None


def _unmatched(rows: Sequence[Row], wanted: Sequence[Row]) -> tuple[list[int], list[int]]:
    """Return the places of SQL rows that no row of the answer equals, and of rows that no SQL row equals."""
    columns = list(wanted[0])
    have = Counter(_fingerprint(row, columns) for row in rows)
    want = Counter(_fingerprint(row, columns) for row in wanted)
    return _left(wanted, columns, have), _left(rows, columns, want)


def _left(rows: Sequence[Row], columns: list[str], others: Counter[str]) -> list[int]:
    remaining = Counter(others)
    left = []
    for at, row in enumerate(rows):
        print_ = _fingerprint(row, columns)
        if remaining[print_]:
            remaining[print_] -= 1
        else:
            left.append(at)
    return left


def _fingerprint(row: Row, columns: list[str]) -> str:
    return "|".join(fingerprint(row.get(column)) for column in columns)


def _changed(rows: Sequence[Row], wanted: Sequence[Row], missing: list[int], extra: list[int]) -> str:
    """Return the first row that differs, beside the SQL row that is nearest to it."""
    at = extra[0]
    pair = min(missing, key=lambda place: len(different(rows[at], wanted[place])))
    told = difference(rows[at], wanted[pair], here="in the answer", there="in SQL")
    count = max(len(missing), len(extra))
    others = f"; {plural(count - 1, 'more row')} {'differs' if count == 2 else 'differ'}" if count > 1 else ""
    return f"row {at + 1}: {told}{others}"


def _order(rows: Sequence[Row], wanted: Sequence[Row], ties: Sequence[str]) -> str | None:
    columns = list(wanted[0])
    for start, end in _runs(rows, ties):
        want = Counter(_fingerprint(row, columns) for row in wanted[start:end])
        left = _left(rows[start:end], columns, want)
        if not left:
            continue
        at = start + left[0]
        row, other = rows[at], wanted[at]
        if told := difference(row, other, here="in the answer", there="in SQL"):
            return f"the same rows in another order, from row {at + 1} on: {told}; compare `order:` with ORDER BY"
    return None


def _runs(rows: Sequence[Row], ties: Sequence[str]) -> list[tuple[int, int]]:
    """Return (start, end) of each run of rows that have the tie columns in common; single rows without ties."""
    starts = [
        at
        for at, row in enumerate(rows)
        if at == 0 or not ties or any(not same(row.get(name), rows[at - 1].get(name)) for name in ties)
    ]
    return list(zip(starts, [*starts[1:], len(rows)], strict=True))
