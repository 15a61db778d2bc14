"""What goes over the wire, by value and by column, is what ``items.to_wire`` says, and nothing else passes."""

from __future__ import annotations

import datetime as dt
import functools
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.lines_table import CHECK, TABLE, wires
from tests.unit.sent_pages import sets_of
from workbench.bulk.encoding import json_form, parsed, value_text, wire_form, wire_text
from workbench.bulk.rows import item_rows, key_of_reply, key_values
from workbench.errors import ItemError
from workbench.frames import NULL, from_items, to_arrow, to_items
from workbench.items import canonical, item_to_wire, to_wire

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.one_of(
    st.integers(-(10**38) + 1, 10**38 - 1),
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20),
    st.sampled_from([Decimal("1E-130"), Decimal("-0"), Decimal("9.9E+125"), Decimal("1." + "2" * 37), 0, 10**37]),
)
plain = st.one_of(text, numbers, st.booleans(), st.none(), st.binary(max_size=8))
sets = sets_of(text, st.integers(-99, 99))
values = st.recursive(
    st.one_of(plain, sets),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(text.filter(bool), inner, max_size=3)),
    max_leaves=6,
)
names = st.sampled_from(["message", "größe", 'a"b', "T", "index", "x" * 300, "😀", "B", "S"])
items = st.fixed_dictionaries({"pk": text.filter(bool), "sk": numbers}, optional={"owner": text.filter(bool)}).flatmap(
    lambda item: st.dictionaries(names, values, max_size=4).map(lambda more: {**item, **more})
)


def canonical_item(wire: dict[str, Any]) -> dict[str, Any]:
    return {name: canonical(av) for name, av in wire.items()}


@given(values)
def test_the_text_of_a_value_is_its_wire_form_as_json(value: Any) -> None:
    assert canonical(wire_form(json.loads(value_text(value)))) == canonical(to_wire(value))


class Amount(Decimal):
    """A number that shows itself rounded, as those of accounting libraries do."""

    def __str__(self) -> str:
        return "2.5"


deep = st.tuples(st.integers(28, 36), st.sampled_from([list, tuple, dict]), plain).map(
    lambda drawn: functools.reduce(
        lambda inner, _: {"a": inner} if drawn[1] is dict else drawn[1]([inner]), range(drawn[0]), drawn[2]
    )
)
strange = st.sampled_from(
    [1.5, float("nan"), frozenset(), {1, "a"}, {True}, {None}, {Decimal("NaN")}, Decimal("Infinity"), 10**38 + 1,
     Decimal("1E126"), {"": 1}, {1: "a"}, {"a": 1, 2: "b"}, {"a" * 300: 1}, (), [], {}, {1.5}, {(1, 2)}, object,
     np.int64(1), dt.date(2026, 1, 2), bytearray(b"x"), {uuid.UUID(int=7)}, Amount("2.75"), [Amount("2.75")],
     uuid.UUID(int=7), Decimal("1E5"), Decimal("0.50"), {Decimal("1.50"), 7}, pd.NA]
)  # fmt: skip


@given(
    st.recursive(
        st.one_of(plain, sets, deep, strange, st.sets(numbers, min_size=1, max_size=4)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(text, inner, max_size=3), st.tuples(inner, inner)
        ),
        max_leaves=5,
    )
)
@settings(max_examples=300, deadline=None)
def test_the_quick_way_has_the_text_of_to_wire_and_its_error(value: Any) -> None:
    assert said(lambda: value_text(value, "v")) == said(lambda: wire_text(to_wire(value, "v")))


def said(call: Callable[[], str]) -> tuple[type, str]:
    try:
        return str, call()
    except ItemError as error:
        return ItemError, str(error)


@given(values, values)
def test_two_values_have_one_text_exactly_when_they_are_the_same_to_dynamodb(one: Any, other: Any) -> None:
    assert (value_text(one) == value_text(other)) == (canonical(to_wire(one)) == canonical(to_wire(other)))


@pytest.mark.parametrize("tag", ["B", "BS", "M", "L", "S"])
def test_an_attribute_or_entry_that_is_named_like_a_type_is_no_value_of_it(tag: str) -> None:
    text = {"B": "aGk=", "BS": ["aGk="], "M": {tag: {"B": "aGk="}}, "L": [{"B": "aGk="}], "S": "hi"}[tag]
    held = {"B": b"hi", "BS": [b"hi"], "M": {tag: {"B": b"hi"}}, "L": [{"B": b"hi"}], "S": "hi"}[tag]

    assert wire_form({"Item": {tag: {tag: text}}}) == {"Item": {tag: {tag: held}}}
    assert json_form({"Item": {tag: {"M": {tag: {tag: held}}}}}) == {"Item": {tag: {"M": {tag: {tag: text}}}}}


@given(values)
def test_wire_form_and_json_form_are_each_other_s_inverse(value: Any) -> None:
    assert wire_form(json_form(to_wire(value))) == to_wire(value)


@given(st.lists(items, max_size=4))
@settings(max_examples=40, deadline=None)
def test_items_one_by_one_are_what_item_to_wire_says(given_items: list[dict[str, Any]]) -> None:
    rows = list(item_rows(given_items, CHECK))

    assert [canonical_item(parsed(b"{" + row.body + b"}")) for row in rows] == [
        canonical_item(item_to_wire(item)) for item in given_items
    ]
    assert [key_values(row.key) for row in rows] == [{"pk": i["pk"], "sk": Decimal(i["sk"])} for i in given_items]


@given(st.lists(items, max_size=4))
@settings(max_examples=40, deadline=None)
def test_frames_column_by_column_are_what_item_to_wire_says(given_items: list[dict[str, Any]]) -> None:
    frame = from_items(given_items)

    assert list(map(canonical_item, wires(frame))) == [canonical_item(item_to_wire(item)) for item in given_items]


@given(st.lists(items, max_size=4))
@settings(max_examples=40, deadline=None)
def test_the_key_of_a_row_is_found_again_in_an_answer_of_the_engine(given_items: list[dict[str, Any]]) -> None:
    for row in item_rows(given_items, CHECK):
        answer = json.loads(b"{" + row.body + b"}")
        answer["sk"] = {"N": f"{Decimal(answer['sk']['N']):E}"}  # another spelling of the same number

        assert key_of_reply(answer, TABLE.keys.names) == row.key


def test_a_frame_of_every_dtype_is_written_exactly() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    frame = pd.DataFrame(
        {
            "pk": pd.array(["a", 'quote " and \\', "line\n"], dtype="str"),
            "sk": np.array([1, 2, 3], dtype="int32"),
            "whole": pd.array([2**62, None, -1], dtype="Int64"),
            "unsigned": np.array([0, 2**64 - 1, 7], dtype="uint64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "plain_flag": [True, False, True],
            "exact": pd.array([Decimal("1.50"), None, Decimal("-0.001")], dtype=pd.ArrowDtype(pa.decimal128(9, 3))),
            "kind": pd.Categorical(["x", None, "y"]),
            "at": pd.to_datetime(["2026-03-02T09:00:00.5+02:00", None, "2026-01-01T00:00:00.0+02:00"]),
            "any": pd.Series([NULL, pd.NA, ("b", "a")], dtype=object),
            "gap": pd.Series([pd.NA, [1, None], {"t": (Decimal(1),), "n": NULL}], dtype=object),
        }
    )
    frame["at"] = frame["at"].dt.tz_convert(zone)

    assert wires(frame) == [
        {"pk": {"S": "a"}, "sk": {"N": "1"}, "whole": {"N": str(2**62)}, "unsigned": {"N": "0"},
         "flag": {"BOOL": True}, "plain_flag": {"BOOL": True}, "exact": {"N": "1.5"}, "kind": {"S": "x"},
         "at": {"S": "2026-03-02T07:00:00.500000Z"}, "any": {"NULL": True}},
        {"pk": {"S": 'quote " and \\'}, "sk": {"N": "2"}, "unsigned": {"N": str(2**64 - 1)},
         "plain_flag": {"BOOL": False}, "gap": {"L": [{"N": "1"}, {"NULL": True}]}},
        {"pk": {"S": "line\n"}, "sk": {"N": "3"}, "whole": {"N": "-1"}, "unsigned": {"N": "7"},
         "flag": {"BOOL": False}, "plain_flag": {"BOOL": True}, "exact": {"N": "-0.001"}, "kind": {"S": "y"},
         "at": {"S": "2025-12-31T22:00:00.000000Z"}, "any": {"SS": ["a", "b"]},
         "gap": {"M": {"n": {"NULL": True}, "t": {"NS": ["1"]}}}},
    ]  # fmt: skip


def test_an_arrow_table_of_every_type_is_written_exactly() -> None:
    table = pa.table(
        {
            "pk": pa.array(["a", "b"]).dictionary_encode(),
            "sk": pa.array([1, 2], pa.int8()),
            "bytes": pa.array([b"\0", None], pa.binary()),
            "list": pa.array([["x"], []], pa.list_(pa.string())),
            "map": pa.array([{"a": 1}, None], pa.struct([("a", pa.int64())])),
            "day": pa.array([dt.date(2026, 3, 2), None]),
            "none": pa.nulls(2),
        }
    )
    first, second = wires(table)

    assert first == {
        "pk": {"S": "a"}, "sk": {"N": "1"}, "bytes": {"B": b"\0"}, "list": {"L": [{"S": "x"}]},
        "map": {"M": {"a": {"N": "1"}}}, "day": {"S": "2026-03-02"},
    }  # fmt: skip
    assert second == {"pk": {"S": "b"}, "sk": {"N": "2"}, "list": {"L": []}}
    assert wires(iter(table.to_batches(max_chunksize=1))) == [first, second]


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.000001Z"])
def test_times_in_a_column_are_written_as_one_time_is(when: str) -> None:
    moment = dt.datetime.fromisoformat(when)
    column = pa.array([moment], pa.timestamp("us", "UTC"))

    assert wires(pa.table({"pk": ["a"], "sk": [1], "at": column}))[0]["at"] == to_wire(moment)


CATEGORIES: list[Any] = [
    pd.Categorical([1, None]), pd.Categorical(["a", None]), pd.Categorical([True, None]), pd.Categorical([None, None]),
    pd.Categorical([Decimal("1.5"), None]), pd.Categorical([1, "a", None]), pd.Categorical([NULL, None]),
    pd.Categorical([("a", "b"), None]), pd.Categorical([b"x", None]), pd.Categorical([1, 2]),
    pd.Categorical([1, None], categories=[1, 2, 3]), pd.Categorical(pd.array([1, None], dtype="Int64")),
    pd.Categorical(pd.to_datetime(["2026-03-02T09:00Z", None])),
]  # fmt: skip


@pytest.mark.parametrize("column", CATEGORIES, ids=lambda column: repr(column.tolist()))
def test_a_column_of_categories_is_written_as_to_items_reads_it(column: Any) -> None:
    keys = {"pk": ["a"] * len(column), "sk": range(len(column))}
    frame = pd.DataFrame({**keys, "x": column}, index=[7] * len(column))

    assert list(map(canonical_item, wires(frame))) == [canonical_item(item_to_wire(item)) for item in to_items(frame)]


def test_floats_among_categories_are_refused_or_taken_as_asked_and_their_gaps_are_gaps() -> None:
    narrow = pd.Categorical(np.array([0.1, np.nan], dtype="float32"))
    frame = pd.DataFrame({"pk": ["a", "b"], "sk": [1, 2], "x": narrow})

    with pytest.raises(ItemError, match=r"row 0, column 'x': 0\.1\d* is a float"):
        wires(frame)
    assert [wire.get("x") for wire in wires(frame, floats="decimal")] == [{"N": "0.1"}, None]


def test_floats_that_are_asked_for_become_the_shortest_decimal_that_reads_back() -> None:
    frame = pd.DataFrame({"pk": ["a"], "sk": [1], "d": [0.1], "f": np.array([0.1], dtype="float32"), "n": [[2.5]]})
    (wire,) = wires(frame, floats="decimal")

    assert (wire["d"], wire["f"], wire["n"]) == ({"N": "0.1"}, {"N": "0.1"}, {"L": [{"N": "2.5"}]})
    assert wires([{"pk": "a", "sk": 1, "x": 1e-7}], floats="decimal")[0]["x"] == {"N": "0.0000001"}


@given(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100).filter(
        lambda v: v == 0 or abs(v) > 1e-100
    )
)
def test_a_float_that_is_asked_for_reads_back_as_the_same_float(value: float) -> None:
    (wire,) = wires(pd.DataFrame({"pk": ["a"], "sk": [1], "x": [value]}), floats="decimal")

    assert float(wire["x"]["N"]) == value


@given(st.lists(items, max_size=4))
@settings(max_examples=40, deadline=None)
def test_arrow_tables_that_frames_made_are_what_item_to_wire_says(given_items: list[dict[str, Any]]) -> None:
    table = to_arrow(from_items(given_items))

    assert list(map(canonical_item, wires(table))) == [canonical_item(item_to_wire(item)) for item in given_items]


@given(st.lists(items, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_frame_is_written_as_to_items_reads_it(given_items: list[dict[str, Any]]) -> None:
    frame = from_items(given_items)

    assert list(map(canonical_item, wires(frame))) == [canonical_item(item_to_wire(item)) for item in to_items(frame)]


def test_values_of_python_s_library_are_written_as_to_wire_writes_them() -> None:
    moment = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    known = {"pk": uuid.UUID(int=7), "sk": 1, "day": moment.date(), "at": moment, "set": {1, 2}, "raw": bytearray(b"x")}

    assert wires([known]) == [item_to_wire(known)]
