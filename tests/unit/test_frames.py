"""Frames lose nothing: every item can be read back from its row."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sent_pages import sets_of
from workbench.errors import ItemError, UsageError
from workbench.frames import NULL, NullType, from_items, from_rows, is_missing, is_null
from workbench.items import item_from_wire, item_to_wire

names = st.one_of(
    st.sampled_from(
        ["pk", "sk", "index", "columns", "shape", "size", "T", "loc", "a.b", "#", "name with blank", "😀", "é"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(Decimal),
    st.decimals("-1e30", "1e30", places=6),
    st.sampled_from(
        ["1E-130", "9.9999999999999999999999999999999999999E125", "-0", "1.50", "0.1", "9007199254740993"]
    ).map(Decimal),
).map(lambda number: item_from_wire(item_to_wire({"n": number}))["n"])
scalars = st.one_of(texts, numbers, st.booleans(), st.none(), st.binary(max_size=6))
sets = sets_of(texts, numbers)
values = st.recursive(
    scalars | sets, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)
items = st.lists(st.dictionaries(names, values, max_size=5), max_size=6)


def read_back(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: undo(value) for name, value in zip(frame.columns, row, strict=True) if not is_missing(value)}
        for row in zip(*(frame.iloc[:, at] for at in range(frame.shape[1])), strict=True)
    ] or [{} for _ in range(len(frame))]


def undo(value: Any) -> Any:
    if value is NULL:
        return None
    if isinstance(value, tuple):
        return frozenset(undo(each) for each in value)
    if isinstance(value, list):
        return [undo(each) for each in value]
    if isinstance(value, dict):
        return {key: undo(each) for key, each in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def typed(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item_to_wire(item) for item in items]  # in wire form 1 and true differ, as they must


@settings(max_examples=150, deadline=None)
@given(items)
def test_every_item_can_be_read_back_from_its_row(items: list[dict[str, Any]]) -> None:
    frame = from_items(items)

    assert typed(read_back(frame)) == typed(items)


@settings(max_examples=80, deadline=None)
@given(items, st.data())
def test_a_column_is_never_float_and_its_order_is_first_appearance(
    items: list[dict[str, Any]], data: st.DataObject
) -> None:
    keys = data.draw(st.lists(names, max_size=2, unique=True))

    frame = from_items(items, keys)

    assert list(frame.columns) == list(dict.fromkeys([*keys, *(name for item in items for name in item)]))
    assert set(map(str, frame.dtypes)) <= {"str", "Int64", "boolean", "object"}
    assert len(frame) == len(items)


@pytest.mark.parametrize(
    ("values", "dtype", "cells"),
    [
        (["a", "b"], "str", ["a", "b"]),
        ([Decimal(1), Decimal(2**63 - 1)], "Int64", [1, 2**63 - 1]),
        ([Decimal(1), Decimal(2**63)], "object", [Decimal(1), Decimal(2**63)]),
        ([Decimal(1), Decimal("-9223372036854775808")], "Int64", [1, -(2**63)]),
        ([Decimal(1), Decimal("0.5")], "object", [Decimal(1), Decimal("0.5")]),
        ([Decimal("0.5"), Decimal("123456789012345678")], "object", [Decimal("0.5"), Decimal("123456789012345678")]),
        ([Decimal(1), Decimal("1E125")], "object", [Decimal(1), Decimal("1E125")]),
        ([Decimal("1.0"), Decimal("-0")], "Int64", [1, 0]),
        ([True, False], "boolean", [True, False]),
        ([True, Decimal(1)], "object", [True, Decimal(1)]),
        (["1", Decimal(1)], "object", ["1", Decimal(1)]),
        ([b"\x00", b""], "object", [b"\x00", b""]),
        ([None, "a"], "object", [NULL, "a"]),
        (
            [frozenset({"b", "a"}), frozenset({Decimal(10), Decimal(9)})],
            "object",
            [("a", "b"), (Decimal(9), Decimal(10))],
        ),
        ([["a", None], []], "object", [["a", None], []]),
        ([{"s": frozenset({"z", "y"})}, {}], "object", [{"s": ("y", "z")}, {}]),
    ],
)
def test_a_column_has_the_dtype_that_holds_its_values_exactly(values: list[Any], dtype: str, cells: list[Any]) -> None:
    column = from_items([{"x": value} for value in values])["x"]

    assert str(column.dtype) == dtype
    assert [type(cell) for cell in column if dtype == "object"] == [type(cell) for cell in cells if dtype == "object"]
    assert list(column) == cells


@pytest.mark.parametrize(
    ("value", "dtype"), [("a", "str"), (Decimal(2**53 + 1), "Int64"), (True, "boolean"), (b"x", "object")]
)
def test_a_missing_attribute_changes_no_dtype_and_no_value(value: Any, dtype: str) -> None:
    column = from_items([{"x": value}, {"y": "z"}])["x"]

    assert str(column.dtype) == dtype
    assert column[0] == value
    assert is_missing(column[1])
    assert list(column.isna()) == [False, True]


def test_null_and_missing_are_told_apart() -> None:
    frame = from_items([{"pk": "a", "x": None}, {"pk": "b"}, {"pk": "c", "x": "NULL"}])

    assert frame["x"][0] is NULL
    assert is_missing(frame["x"][1])
    assert frame["x"][2] == "NULL"
    assert list(frame["x"].isna()) == [False, True, False]


@pytest.mark.parametrize("value", ["x", Decimal(1), Decimal("1.5"), True, b"x", frozenset({"x"}), [None]], ids=repr)
def test_nulls_are_found_in_a_column_of_any_dtype(value: Any) -> None:
    with_null = from_items([{"v": None}, {"v": value}, {}], ["v"])["v"]
    without = from_items([{"v": value}, {}], ["v"])["v"].set_axis(["a", "b"])

    assert is_null(with_null).tolist() == [True, False, False]
    assert is_null(without).tolist() == [False, False]
    assert is_null(without).index.tolist() == ["a", "b"]
    assert is_null(without).dtype == bool
    assert is_null(from_items([], ["v"])["v"]).dtype == bool


def test_there_is_one_null_however_it_is_copied() -> None:
    assert copy.deepcopy(NULL) is NULL
    assert pickle.loads(pickle.dumps(NULL)) is NULL
    assert NullType() is NULL
    assert repr(NULL) == "NULL"
    assert not NULL
    assert from_items([{"x": None}]).copy(deep=True)["x"][0] is NULL


def test_an_empty_answer_keeps_the_key_columns_and_the_known_ones() -> None:
    types = {
        "pk": "string",
        "sk": "timestamp",
        "count": "integer",
        "price": "number",
        "read": "boolean",
        "body": "binary",
    }

    frame = from_items([], ["pk", "sk"], types=types)

    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "pk": "str", "sk": "str", "count": "Int64", "price": "object", "read": "boolean", "body": "object",
    }  # fmt: skip
    assert len(frame) == 0


def test_a_declared_number_is_a_decimal_even_where_it_is_whole_by_chance() -> None:
    pages = [[{"price": Decimal(1), "n": Decimal(1)}], [{"price": Decimal("1.5")}], []]

    dtypes = [
        from_items(page, types={"price": "number", "n": "integer"}).dtypes.astype(str).to_dict() for page in pages
    ]

    assert [each["n"] for each in dtypes] == ["Int64"] * 3
    assert [each["price"] for each in dtypes] == ["object"] * 3


def test_a_mean_of_fractions_is_not_rounded_to_their_digits() -> None:
    frame = from_items([{"g": "a", "p": Decimal(text)} for text in ("6.7", "6.8", "6.7")])

    assert round(float(frame["p"].mean()), 6) == 6.733333
    assert [round(float(each), 6) for each in frame.groupby("g")["p"].mean()] == [6.733333]
    assert list(frame["p"] * 2 * 2) == [Decimal("26.8"), Decimal("27.2"), Decimal("26.8")]


def test_a_value_that_is_not_of_its_declared_type_is_kept_exactly() -> None:
    frame = from_items([{"n": "one", "s": Decimal(1)}, {"n": Decimal(2)}], types={"n": "integer", "s": "string"})

    assert list(frame["n"]) == ["one", Decimal(2)]
    assert frame["s"][0] == 1


def test_names_like_pandas_methods_and_keys_without_values_are_columns() -> None:
    frame = from_items([{"mean": "a", "index": "b", "T": Decimal(1)}], ["pk"])

    assert list(frame.columns) == ["pk", "mean", "index", "T"]
    assert frame["mean"][0] == "a"
    assert frame.index.equals(pd.RangeIndex(1))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (1.5, r"1.5 is a float, which is not exact; give Decimal\('1.5'\)"),
        (float("nan"), "nan is a float.*no NaN and no infinity; leave the attribute out"),
        (Decimal("NaN"), "NaN is no DynamoDB number.*leave the attribute out"),
        (Decimal("-Infinity"), "-Infinity is no DynamoDB number.*leave the attribute out"),
        (10**38 + 1, "has 39 significant digits.*round it, or store it as a string"),
        (Decimal("1E126"), "out of DynamoDB's range.*scale it"),
        ({Decimal(1), 10**38 + 1}, "has 39 significant digits"),
        (set(), "an empty set; DynamoDB has none, leave the attribute out"),
        (object(), "a object is no DynamoDB value; give text"),
        (dt.datetime(2026, 1, 1), "has no time zone"),  # noqa: DTZ001
        (dt.timedelta(1), "is a span of time; give a number of seconds"),
        (np.int64(1), r"is a numpy int64; give .item\(\)"),
        (pd.NA, "is a pandas NAType; leave the attribute out, or give None for NULL"),
        ([2.5], "2.5 is a float"),
        ({"a": {"b": 1.5}}, "1.5 is a float"),
    ],
)
def test_what_dynamodb_cannot_hold_is_refused_with_its_place_and_a_cure(wrong: Any, words: str) -> None:
    with pytest.raises(ItemError, match=f"row 1, attribute 'x': .*{words}"):
        from_items([{"x": "fine"}, {"x": wrong}])


def test_what_is_written_as_text_or_bytes_is_so_in_the_frame_too() -> None:
    key = uuid.UUID("5f1b8a6e-0000-5000-8000-000000000001")
    item = {"id": key, "at": dt.datetime(2026, 3, 2, tzinfo=dt.UTC), "day": dt.date(2026, 3, 2), "raw": bytearray(b"x")}

    row = from_items([item, {"id": [key]}]).iloc[0].to_dict()

    assert row == item_from_wire(item_to_wire(item))


@pytest.mark.parametrize("wrong", ["text", b"bytes", None, 5, {"pk": "a"}, pd.DataFrame({"pk": ["a"]})])
def test_what_holds_no_items_is_a_wrong_use_and_says_so(wrong: Any) -> None:
    with pytest.raises(UsageError, match=rf"a {type(wrong).__name__} holds no items.*: \[item\] for one"):
        from_items(wrong)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"keys": "pk"}, r"keys='pk': give a list of names, \['pk'\] for one"),
        ({"types": ["price"]}, r"types=\['price'\]: give a dict of names and value types"),
        ({"types": {"price": "int"}}, "types: 'price' has the type 'int'. Did you mean 'integer'?"),
    ],
)
def test_columns_that_cannot_be_meant_are_a_wrong_use(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        from_items([{"pk": "a"}], **options)


def test_a_row_that_is_no_item_is_refused_with_its_number() -> None:
    with pytest.raises(ItemError, match=r"row 1: \('a', 1\) is a tuple, not an item; give a dict of names"):
        from_items([{"pk": "a"}, ("a", 1)])  # type: ignore[list-item]


def test_sql_numbers_may_have_more_digits_than_an_item_holds() -> None:
    long = Decimal("1." + "3" * 45)

    frame = from_rows([{"n": long, "list": [long]}])

    assert frame.iloc[0].to_dict() == {"n": long, "list": [long]}
    with pytest.raises(ItemError, match="row 0, attribute 'n': NaN is no DynamoDB number"):
        from_rows([{"n": Decimal("NaN")}])


def test_sql_rows_become_the_text_that_items_hold() -> None:
    key = uuid.UUID("5f1b8a6e-0000-5000-8000-000000000001")
    at = dt.datetime(2026, 3, 2, 10, tzinfo=dt.timezone(dt.timedelta(hours=1)))

    frame = from_rows([{"id": key, "at": at, "n": 3, "price": Decimal("1.50"), "note": None, "ok": True}])

    assert frame.iloc[0].to_dict() | {"note": None} == {
        "id": str(key), "at": "2026-03-02T09:00:00.000000Z", "n": 3, "price": Decimal("1.50"), "note": None, "ok": True,
    }  # fmt: skip
    assert list(from_rows([], ["id"]).columns) == ["id"]
    with pytest.raises(ItemError, match="x::numeric"):
        from_rows([{"x": 0.1}])
