"""Values between Python and the wire: nothing is lost, and what would be lost is refused with path and cure."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import OrderedDict
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ItemError
from workbench.items import MAX_NESTING, canonical, from_wire, item_from_wire, item_size, item_to_wire, to_wire

numbers = st.builds(
    lambda sign, digits, magnitude: Decimal((sign, digits, magnitude - len(digits) + 1)),
    st.integers(0, 1),
    st.builds(lambda first, rest: (first, *rest), st.integers(1, 9), st.lists(st.integers(0, 9), max_size=37)),
    st.integers(-130, 125),
) | st.sampled_from([Decimal("0"), Decimal("-0"), Decimal("1E-130"), Decimal("9.99E125"), Decimal("1.00")])
texts = st.text(st.characters(codec="utf-8"))
names = st.text(st.characters(codec="utf-8"), min_size=1)
scalars = st.none() | st.booleans() | numbers | texts | st.binary()
sets = st.frozensets(texts, min_size=1) | st.frozensets(numbers, min_size=1) | st.frozensets(st.binary(), min_size=1)
values = st.recursive(
    scalars | sets,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
items = st.dictionaries(names, values, max_size=6)

WRITTEN = [
    ("", {"S": ""}),
    ("naïve 🦊", {"S": "naïve 🦊"}),
    (7, {"N": "7"}),
    (Decimal("0042.1200"), {"N": "42.12"}),
    (Decimal("-0"), {"N": "0"}),
    (True, {"BOOL": True}),
    (False, {"BOOL": False}),
    (None, {"NULL": True}),
    (b"", {"B": b""}),
    (bytearray(b"ab"), {"B": b"ab"}),
    (memoryview(b"ab"), {"B": b"ab"}),
    ([], {"L": []}),
    ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
    ({}, {"M": {}}),
    (OrderedDict(b=1, a=None), {"M": {"b": {"N": "1"}, "a": {"NULL": True}}}),
    ({"b", "a"}, {"SS": ["a", "b"]}),
    ({10, Decimal("9.50"), 1}, {"NS": ["1", "9.5", "10"]}),
    (frozenset({b"b", b"a"}), {"BS": [b"a", b"b"]}),
    (uuid.UUID(int=1), {"S": "00000000-0000-0000-0000-000000000001"}),
    (dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=1))), {"S": "2026-03-02T08:00:00.000000Z"}),
    (dt.date(2026, 3, 2), {"S": "2026-03-02"}),
]
REFUSED = [
    (1.5, "v: 1.5 is a float, which is not exact; give Decimal\\('1.5'\\)"),
    (float("nan"), "v: nan is a float, which is not exact; DynamoDB has no NaN and no infinity"),
    (float("-inf"), "no infinity"),
    (Decimal("NaN"), "v: NaN is no DynamoDB number"),
    (Decimal("sNaN"), "v: sNaN is no DynamoDB number"),
    (Decimal("-Infinity"), "leave the attribute out"),
    (int("1" * 39), "v: .* has 39 significant digits.* store it as a string"),
    (Decimal("1E126"), "v: 1E.126 is out of DynamoDB's range"),
    (Decimal("1E-131"), "v: 1E-131 is out of DynamoDB's range"),
    (set(), "v: an empty set; DynamoDB has none, leave the attribute out"),
    ({"a", 1}, "v: a set of N and S; give only text, only numbers or only bytes"),
    ({True}, "v: a set of BOOL"),
    ({(1, 2)}, "v: a set of L"),
    ({1: "a"}, "v: the name 1 is a int; names are text, give str"),
    ({"": 1}, "v: an attribute name is empty"),
    ({"a": [0, {"b": 0.5}]}, r"v\.a\[1\]\.b: 0.5 is a float"),
    (dt.datetime(2026, 3, 2), "v: 2026-03-02T00:00:00 has no time zone; give an offset"),  # noqa: DTZ001 (the mistake)
    (dt.timedelta(1), r"v: datetime.timedelta\(days=1\) is a span of time; give a number of seconds, or text"),
    (object, "v: a type is no DynamoDB value"),
    (1j, "v: a complex is no DynamoDB value"),
    (range(3), "v: a range is no DynamoDB value"),
    ("half \ud83e", "v: character 5 is half of a surrogate pair.* repair the text"),
    ({"\udc00": 1}, "half of a surrogate pair"),
    (np.int64(7), r"v: np.int64\(7\) is a numpy int64; give .item\(\)"),
    (np.float64(7), r"is a numpy float64; give .item\(\)"),
    (np.bool_(True), r"is a numpy bool; give .item\(\)"),
    (np.array([1]), r"is a numpy ndarray; give .item\(\), or .tolist\(\) of an array"),
    (pd.NA, "v: <NA> is a pandas NAType; leave the attribute out, or give None for NULL"),
    (pd.NaT, "v: NaT is a pandas NaTType; leave the attribute out"),
    (pd.Timestamp("2026-03-02", tz="UTC"), r"pandas Timestamp; give .to_pydatetime\(\) of a time"),
    (pd.Series([1]), "pandas Series; give"),
]
NO_WIRE_VALUES = [
    ({}, "is no attribute value; write one such as"),
    ({"S": "a", "N": "1"}, "is no attribute value"),
    ("text", "is no attribute value"),
    ({"X": 1}, "'X' is no DynamoDB type; known: B, BOOL, BS"),
    ({"N": "NaN"}, "value: 'NaN' is no number"),
    ({"L": [{"M": {"a": {"N": "x"}}}]}, r"value\[0\]\.a: 'x' is no number"),
    ({"NS": ["1", "one"]}, "value: 'one' is no number"),
]


def nested(levels: int, inner: Any = "x") -> Any:
    for _ in range(levels):
        inner = [inner]
    return inner


@pytest.mark.parametrize(("value", "wire"), WRITTEN)
def test_a_value_is_written_in_one_form(value: Any, wire: dict[str, Any]) -> None:
    assert to_wire(value) == wire
    assert list(to_wire(value)) == list(wire)


@pytest.mark.parametrize(("value", "words"), REFUSED)
def test_a_value_that_dynamodb_cannot_hold_is_refused_with_path_and_cure(value: Any, words: str) -> None:
    with pytest.raises(ItemError, match=words):
        to_wire(value, "v")


@pytest.mark.parametrize(("wire", "words"), NO_WIRE_VALUES)
def test_what_is_no_wire_value_is_refused_with_its_path(wire: Any, words: str) -> None:
    with pytest.raises(ItemError, match=words):
        from_wire(wire)


@given(items)
def test_every_legal_item_comes_back_as_it_was(item: dict[str, Any]) -> None:
    wire = item_to_wire(item)
    back = item_from_wire(wire)

    assert back == item
    assert list(back) == list(item)
    assert repr(item_to_wire(back)) == repr(wire)


@given(values)
def test_types_survive_the_round_trip_where_python_finds_values_equal(value: Any) -> None:
    assert type(from_wire(to_wire(value))) is type(value)


@given(items)
def test_the_size_of_an_item_is_the_sum_of_its_attributes_alone(item: dict[str, Any]) -> None:
    wire = item_to_wire(item)

    assert item_size(wire) == sum(item_size({name: value}) for name, value in wire.items())
    assert item_size(wire) >= sum(len(name.encode()) for name in item)


@given(values)
def test_a_size_is_the_same_for_every_writing_of_a_value(value: Any) -> None:
    wire = to_wire(value)

    assert item_size({"a": canonical(wire)}) == item_size({"a": wire})
    assert canonical(canonical(wire)) == canonical(wire)


def test_32_levels_of_nesting_are_held_and_one_more_is_refused() -> None:
    deepest = nested(MAX_NESTING - 1)  # captured: the attribute is level 1, so 31 lists put the text on level 32

    assert from_wire(to_wire(deepest)) == deepest
    for too_deep in (nested(MAX_NESTING), nested(MAX_NESTING - 1, {}), nested(MAX_NESTING - 1, [])):
        with pytest.raises(ItemError, match="nested deeper than 32 levels; flatten it"):
            to_wire(too_deep)


def test_a_list_that_holds_itself_is_refused_and_does_not_recurse_for_ever() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ItemError, match="nested deeper than 32"):
        to_wire(loop)


def test_a_name_that_is_no_text_is_refused_at_the_top_too() -> None:
    with pytest.raises(ItemError, match="item: the name 1 is a int"):
        item_to_wire({1: "a"})  # type: ignore[dict-item]


def test_numbers_of_an_engine_that_does_not_normalise_them_are_read_as_aws_would() -> None:
    assert from_wire({"N": "1.0"}) == Decimal("1")
    assert str(from_wire({"N": "1.0"})) == "1"
    assert from_wire({"NS": ["1.0", "1", "00042"]}) == frozenset({Decimal(1), Decimal(42)})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"N": "1.0"}, {"N": "1"}, True),
        ({"SS": ["b", "a"]}, {"SS": ["a", "b"]}, True),
        ({"NS": ["2", "1.0"]}, {"NS": ["1", "2"]}, True),
        ({"M": {"a": {"S": ""}, "b": {"N": "2.0"}}}, {"M": {"b": {"N": "2"}, "a": {"S": ""}}}, True),
        ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}, False),
        ({"N": "1"}, {"BOOL": True}, False),
        ({"N": "1"}, {"S": "1"}, False),
        ({"S": "a"}, {"B": b"a"}, False),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}, False),
    ],
)
def test_values_are_the_same_exactly_when_dynamodb_stores_the_same(one: Any, other: Any, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same
