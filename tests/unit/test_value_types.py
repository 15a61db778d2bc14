"""Value types: what a person writes becomes one canonical value, or is refused with the cure."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model import DYNAMODB_TYPE, TYPES, format_timestamp, parse

INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("type_", "written", "canonical"),
    [
        ("string", "x", "x"),
        ("string", uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("uuid", "0DDBA11A-0000-4000-8000-000000000000", "0ddba11a-0000-4000-8000-000000000000"),
        ("timestamp", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00.000000Z"),
        ("timestamp", "2026-03-02T14:30:00.5+05:30", "2026-03-02T09:00:00.500000Z"),
        ("timestamp", dt.datetime(2026, 3, 2, 14, 30, tzinfo=INDIA), "2026-03-02T09:00:00.000000Z"),
        ("timestamp", dt.datetime(33, 3, 2, tzinfo=dt.UTC), "0033-03-02T00:00:00.000000Z"),
        ("date", "2026-3-2", "2026-03-02"),
        ("date", dt.date(2026, 3, 2), "2026-03-02"),
        ("integer", "42", 42),
        ("integer", Decimal("42.0"), 42),
        ("number", "1.10", Decimal("1.10")),
        ("number", 3, Decimal(3)),
        ("boolean", "True", True),
        ("binary", "aGk=", b"hi"),
        ("binary", bytearray(b"hi"), b"hi"),
        ("list", (1, 2), [1, 2]),
        ("map", {"a": 1}, {"a": 1}),
        ("string_set", ["b", "a", "b"], frozenset({"a", "b"})),
        ("number_set", ["1", 1], frozenset({Decimal(1)})),
        ("any", 1.5, 1.5),
    ],
)
def test_a_value_becomes_canonical(type_: str, written: object, canonical: object) -> None:
    value = parse(type_, written)

    assert (value, type(value)) == (canonical, type(canonical))


@pytest.mark.parametrize(
    ("type_", "written", "message"),
    [
        ("string", 5, "5 is a int, not a string; quote it"),
        ("string", None, "leave the argument out"),
        ("uuid", "not-a-uuid", "8-4-4-4-12"),
        ("timestamp", "2026-03-02T09:00:00", "has no time zone"),
        ("timestamp", dt.datetime(2026, 3, 2), "has no time zone"),  # noqa: DTZ001
        ("timestamp", dt.datetime(1, 1, 1, tzinfo=INDIA), "before the year 1"),
        ("timestamp", "yesterday", "write 2026-03-02T09:00:00Z"),
        ("date", dt.datetime(2026, 3, 2, tzinfo=dt.UTC), "is a time, not a date"),
        ("date", "2026-02-30", "is not a date"),
        ("integer", True, "not an integer"),
        ("integer", "1_000", "not an integer"),
        ("integer", "٤٢", "not an integer"),
        ("integer", " 4", "not an integer"),
        ("integer", Decimal("Infinity"), "not an integer"),
        ("integer", 1.0, "not an integer"),
        ("number", 1.1, "is a float, which is not exact"),
        ("number", "NaN", "not a finite number"),
        ("number", "1_000", "is not a number"),
        ("number", True, "not a number"),
        ("boolean", "yes", "write true or false"),
        ("binary", "not base64!", "base64"),
        ("list", "abc", "not a list"),
        ("map", {1: 2}, "text keys"),
        ("string_set", [], "an empty set"),
        ("string_set", "abc", "write a list"),
    ],
)
def test_a_wrong_value_is_refused_with_the_cure(type_: str, written: object, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse(type_, written)


@given(st.datetimes(timezones=st.just(dt.UTC)), st.datetimes(timezones=st.just(dt.UTC)))
def test_timestamps_have_one_width_and_sort_as_times(one: dt.datetime, two: dt.datetime) -> None:
    first, second = format_timestamp(one), format_timestamp(two)

    assert len(first) == len(second) == 27
    assert (first < second) == (one < two)


@given(
    st.sampled_from(TYPES),
    st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.binary(max_size=4), st.none()),
)
def test_parsing_twice_changes_nothing_and_nothing_but_value_error_is_raised(type_: str, value: object) -> None:
    try:
        once = parse(type_, value)
    except ValueError:
        return

    assert parse(type_, once) == once


def test_every_type_but_any_is_stored_as_one_dynamodb_type() -> None:
    assert set(TYPES) - {"any"} == set(DYNAMODB_TYPE)
