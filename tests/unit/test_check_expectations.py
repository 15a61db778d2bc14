"""Expectations and budgets: each declared thing gets a verdict, and a bad one says what is wrong and why."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.checks.budgets import check_budget
from workbench.checks.expectations import check_expectation, declares
from workbench.checks.verdicts import Subject, Verdict, status_of
from workbench.items import Units
from workbench.model import Budget, Expectation
from workbench.results import Receipt

SUBJECT = Subject("list", "first")
ROWS = [
    {"entity": "Book", "pk": "SHELF#poetry", "isbn": "001", "year": Decimal(1999)},
    {"entity": "Book", "pk": "SHELF#poetry", "isbn": "002", "year": Decimal(2004)},
    {"entity": "Loan", "pk": "READER#mia", "isbn": "002", "year": None},
]


def result(
    rows: list[dict[str, Any]] | None = None, *, cursor: str | None = None, limit: int | None = None, **receipt: Any
) -> Any:
    rows = ROWS if rows is None else rows
    figures = {"pages": 1, "items_read": len(rows), "items_returned": len(rows), "computed": Units(read=Decimal("0.5"))}
    return SimpleNamespace(
        rows=rows, cursor=cursor, plan=SimpleNamespace(limit=limit), receipt=Receipt("Query", **{**figures, **receipt})
    )


def wrong(expect: Expectation, **given: Any) -> list[str]:
    return [str(verdict) for verdict in check_expectation(result(**given), expect, SUBJECT) if not verdict.ok]


@pytest.mark.parametrize(
    "expect",
    [
        Expectation(rows=3),
        Expectation(ordered_by=("isbn", "ascending")),
        Expectation(keys=({"isbn": "001"}, {"isbn": "002"}, {"pk": "READER#mia"})),
        Expectation(contains=({"isbn": "002", "year": 2004},)),
        Expectation(first={"isbn": "001", "year": 1999}),
        Expectation(last={"entity": "Loan"}),
        Expectation(entities={"Book": 2, "Loan": 1}),
        Expectation(pages=1, items_read=3, read_units="0.50", more=False),
    ],
)
def test_what_is_as_declared_passes(expect: Expectation) -> None:
    verdicts = check_expectation(result(), expect, SUBJECT)

    assert verdicts
    assert [verdict for verdict in verdicts if not verdict.ok] == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        (Expectation(rows=2), "rows: 3 rows, expected 2"),
        (Expectation(ordered_by=("isbn", "descending")), "not descending by isbn: row 1 has '001', row 2 has '002'"),
        (Expectation(ordered_by=("year", "ascending")), "row 3 has no year to be ordered by"),
        (Expectation(keys=({"isbn": "001"},)), "row 2 is not among the expected keys: {isbn: '002'}"),
        (Expectation(keys=({"isbn": "001"}, {"isbn": "003"})), "row 2: isbn is '002' in the answer, '003' expected"),
        (Expectation(keys=({"isbn": "001"}, {"isbn": "002"}, {"isbn": "002"}, {"isbn": "4"})), "key 4 of 4 is missing"),
        (
            Expectation(contains=({"isbn": "002", "year": 2005},)),
            "the nearest is row 2: year is 2004 there, 2005 expected",
        ),
        (Expectation(contains=({"isbn": "009"},)), "contains: no row is {isbn: '009'}"),
        (Expectation(first={"year": 2000}), "first: year is 1999 in the first row, 2000 expected"),
        (Expectation(last={"isbn": "001"}), "last: isbn is '002' in the last row, '001' expected"),
        (Expectation(entities={"Book": 3}), "entities: 2 Book, 1 Loan, expected 3 Book"),
        (Expectation(pages=2), "pages: 1, expected 2"),
        (Expectation(items_read=20), "items_read: 3, expected 20"),
        (Expectation(more=True), "more: no, expected yes"),
        (Expectation(read_units="1"), "read_units: 0.5 computed, expected 1.0"),
        (Expectation(write_units="1"), "write_units: 0.0 computed, expected 1.0"),
    ],
)
def test_what_is_not_as_declared_says_what_is_there(expect: Expectation, message: str) -> None:
    assert len(wrong(expect)) == 1
    assert message in wrong(expect)[0]


def test_an_empty_answer_fails_unless_it_is_expected() -> None:
    assert "the answer is empty; where that is right, write `rows: 0`" in wrong(Expectation(), rows=[])[0]
    assert wrong(Expectation(more=False), rows=[])
    assert wrong(Expectation(rows=0), rows=[]) == []


def test_the_cause_of_an_empty_answer_stands_below_it() -> None:
    verdicts = check_expectation(result([]), Expectation(rows=3), SUBJECT, empty_cause="nothing was seeded")

    assert str(verdicts[0]) == "rows: 0 rows, expected 3\nnothing was seeded"


@pytest.mark.parametrize(
    ("rows", "limit", "cursor", "cause"),
    [
        (5, 3, "more", "the page ends at the limit of 3, and there is more; `limit:` is too small for 5 rows"),
        (2, 3, None, "the limit is 3; to get 2 rows a page, `limit:` must be 2"),
        (2, None, None, "the pattern has no limit, so it reads the whole item collection"),
        (5, None, "more", "the page ends at 1 MB"),
    ],
)
def test_a_wrong_limit_is_named_as_the_cause(rows: int, limit: int | None, cursor: str | None, cause: str) -> None:
    assert cause in wrong(Expectation(rows=rows), limit=limit, cursor=cursor)[0]


def test_units_are_the_engines_own_where_none_are_computed() -> None:
    given = {"computed": None, "reported": Units(read=Decimal(1))}

    assert wrong(Expectation(read_units="1"), **given) == []
    assert wrong(Expectation(read_units="2"), **given) == ["read_units: 1.0 by the engine, expected 2.0"]
    assert wrong(Expectation(read_units="2"), computed=None) == [
        "read_units: neither computed nor reported, expected 2.0"
    ]


def test_nothing_declared_gives_no_verdict_on_rows_that_are_there() -> None:
    assert check_expectation(result(), Expectation(), SUBJECT) == []
    assert not declares(Expectation())
    assert declares(Expectation(rows=0))


def budget(most: Budget, **receipt: Any) -> list[Verdict]:
    return list(check_budget(result(**receipt).receipt, most, SUBJECT))


def test_a_run_within_its_budget_passes() -> None:
    verdicts = budget(Budget(read_units="0.5", write_units="0", pages=1, items_read=3))

    assert [verdict.ok for verdict in verdicts] == [True] * 4


@pytest.mark.parametrize(
    ("most", "message"),
    [
        (Budget(read_units="0.4"), "read_units: 0.5 computed, over the budget of 0.4"),
        (Budget(items_read=2), "items_read: 3, over the budget of 2\n3 items were read and 1 returned"),
        (Budget(pages=0), "pages: 1, over the budget of 0"),
    ],
)
def test_a_run_over_its_budget_fails_with_both_figures(most: Budget, message: str) -> None:
    assert str(budget(most, items_returned=1)[0]).startswith(message)


def test_a_cost_that_nobody_knows_is_not_within_a_budget() -> None:
    assert not budget(Budget(read_units="100"), computed=None)[0].ok


def test_a_budget_alone_proves_no_answer() -> None:
    assert status_of(budget(Budget(read_units="1"))) == "unproved"
    assert status_of([]) == "unproved"
    assert status_of([SUBJECT.verdict("oracle", "x.sql", None)]) == "ok"
    assert status_of([SUBJECT.verdict("oracle", "x.sql", None), *budget(Budget(pages=0))]) == "failed"
