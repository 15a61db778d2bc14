"""Comparing DynamoDB's values with PostgreSQL's: typed, exact, and the first difference in words."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.checks.comparing import canonical, difference, fingerprint, nearest, same, shown
from workbench.checks.oracles import compare
from workbench.frames import NULL

INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
GROUP = "0ddba11a-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("stored", "sql"),
    [
        (Decimal("1.10"), Decimal("1.1")),
        (Decimal(7), 7),
        (Decimal("0.5"), 0.5),
        (GROUP, uuid.UUID(GROUP)),
        ("2026-03-02T09:00:00.000000Z", dt.datetime(2026, 3, 2, 14, 30, tzinfo=INDIA)),
        ("2026-03-02", dt.date(2026, 3, 2)),
        (b"hi", memoryview(b"hi")),
        (frozenset({"a", "b"}), ["b", "a"]),
        (frozenset({Decimal(1)}), [1]),
        ([Decimal(1), "x"], [1, "x"]),
        ({"a": {"b": Decimal(2)}}, {"a": {"b": 2}}),
        (NULL, None),
        (True, True),
    ],
)
def test_the_same_value_is_the_same_in_both_systems(stored: object, sql: object) -> None:
    assert same(stored, sql)
    assert fingerprint(stored) == fingerprint(sql)


@pytest.mark.parametrize(
    ("stored", "sql"),
    [
        (Decimal(1), "1"),
        (True, 1),
        (False, 0),
        (None, ""),
        (None, False),
        ("2026-03-02T09:00:00Z", dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)),
        ("2026-03-02T09:00:00.000000Z", dt.datetime(2026, 3, 2, 9)),  # noqa: DTZ001
        (Decimal("12345678901234567890123456789012345678"), Decimal("12345678901234567890123456789012345679")),
        (b"1", "1"),
        (["a", "b"], ["b", "a"]),
        (frozenset({"a"}), ["a", "a", "b"]),
        ("A", "a"),
        ("a", "a "),
    ],
)
def test_values_that_only_look_alike_are_different(stored: object, sql: object) -> None:
    assert not same(stored, sql)
    if not (isinstance(stored, list) and isinstance(sql, list)):
        assert fingerprint(stored) != fingerprint(sql)


@given(
    st.one_of(st.decimals(allow_nan=False, allow_infinity=False), st.text(), st.integers(), st.booleans(), st.binary())
)
def test_every_value_is_the_same_as_itself(value: object) -> None:
    assert same(value, value)
    assert canonical(value) == canonical(value)


def test_a_difference_names_the_first_column_and_both_values() -> None:
    told = difference({"a": 1, "b": "x", "c": 3}, {"a": 1, "b": "y", "c": 4}, here="in the answer", there="in SQL")

    assert told == "b is 'x' in the answer, 'y' in SQL (also c)"


def test_a_missing_column_is_said_to_be_missing_and_long_text_is_cut() -> None:
    told = difference({}, {"b": "y" * 500}, here="in the answer", there="in SQL")

    assert told.startswith("b is missing in the answer, 'yyy")
    assert told.endswith("... (502 characters) in SQL")


def test_the_nearest_row_is_the_one_with_the_fewest_differences() -> None:
    rows = [{"a": 1, "b": 2}, {"a": 1, "b": 3}]

    assert nearest(rows, {"a": 1, "b": 3}) == 1
    assert nearest(rows, {"a": 9, "b": 9}) is None
    assert nearest([], {"a": 1}) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "missing"),
        (Decimal("1E+3"), "1000"),
        (frozenset({"b", "a"}), "{'a', 'b'}"),
        (uuid.UUID(GROUP), f"'{GROUP}'"),
        (dt.datetime(2026, 3, 2, tzinfo=dt.UTC), "'2026-03-02T00:00:00.000000Z'"),
        (memoryview(b"x"), "b'x'"),
    ],
)
def test_values_are_shown_plainly_and_never_with_an_address(value: object, text: str) -> None:
    assert shown(value) == text


ROWS: list[dict[str, Any]] = [
    {"n": Decimal(1), "t": "one"},
    {"n": Decimal(2), "t": "two"},
    {"n": Decimal(3), "t": "three"},
]
SQL = [{"n": 1, "t": "one"}, {"n": 2, "t": "two"}, {"n": 3, "t": "three"}]


def test_an_answer_that_agrees_has_nothing_wrong() -> None:
    assert compare(ROWS, SQL, ordered=True) == (None, "")
    assert compare([], [], ordered=True) == (None, "")
    assert compare([{**row, "pk": "x"} for row in ROWS], SQL, ordered=True) == (None, "")


def test_order_counts_for_a_query_only() -> None:
    backwards = SQL[::-1]

    assert compare(ROWS, backwards, ordered=False) == (None, "")
    wrong, _ = compare(ROWS, backwards, ordered=True)
    assert wrong is not None
    assert wrong.startswith("the same rows in another order, from row 1 on: n is 1 in the answer, 3 in SQL")


@pytest.mark.parametrize("ordered", [True, False])
def test_a_changed_row_is_named_with_its_column_and_both_values(ordered: bool) -> None:
    changed = [SQL[0], {**SQL[1], "t": "zwei"}, SQL[2]]

    assert compare(ROWS, changed, ordered=ordered) == ("row 2: t is 'two' in the answer, 'zwei' in SQL", "")


def test_rows_on_one_side_only_are_shown_with_the_counts() -> None:
    assert compare(ROWS, SQL[:2], ordered=True)[0] == (
        "the answer has 3 rows, SQL 2; row 3 is only in the answer: {n: 3, t: 'three'}"
    )
    assert (
        compare(ROWS[:2], SQL, ordered=True)[0]
        == "the answer has 2 rows, SQL 3; row 3 of SQL is missing: {n: 3, t: 'three'}"
    )
    assert compare(ROWS, [], ordered=True)[0] == "the answer has 3 rows and SQL gives none"
    assert compare([], SQL, ordered=True)[0] == "the answer is empty and SQL gives 3 rows"


def test_duplicates_are_counted() -> None:
    assert compare([ROWS[0], ROWS[0]], [SQL[0]], ordered=False)[0] is not None


def test_a_column_that_the_answer_has_not_is_a_mistake_in_the_sql() -> None:
    assert compare(ROWS, [{"tt": "one"}], ordered=True)[0] == (
        "SQL gives a column 'tt' that the answer has not. Did you mean 't'?"
    )


def test_rows_that_an_index_holds_under_one_key_may_come_in_any_order() -> None:
    rows = [{"sk": "1", "t": "a"}, {"sk": "1", "t": "b"}, {"sk": "2", "t": "c"}]
    swapped = [rows[1], rows[0], rows[2]]

    assert compare(rows, swapped, ordered=True, ties=("sk",)) == (None, "")
    assert compare(rows, swapped, ordered=True)[0] is not None
    assert compare(rows, [rows[0], rows[2], rows[1]], ordered=True, ties=("sk",))[0] is not None
