"""Rows that a table cannot hold, and sources that hold no rows: refused with row, column, value and cure."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.unit.lines_table import TABLE, wires
from workbench.bulk.rows import KeyCheck
from workbench.errors import ItemError, UsageError
from workbench.frames import from_items
from workbench.items import item_to_wire

NAN = float("nan")
REFUSED: list[tuple[str, Any, str]] = [
    ("a float", [Decimal(1), 1.5], r"row 1, column 'x': 1.5 is a float; floats are not exact: .*floats='decimal'"),
    ("NaN", pd.Series(["a", NAN], dtype=object), r"row 1, column 'x': nan is a float.*no NaN"),
    ("None", pd.Series(["a", None], dtype=object), r"row 1, column 'x': None may be a NULL.*give frames.NULL"),
    ("a float column", np.array([1.0, NAN]), r"row 0, column 'x': 1.0 is a float"),
    ("NaN as a Decimal", [Decimal(1), Decimal("NaN")], r"row 1, column 'x': NaN is no DynamoDB number"),
    ("infinity", [Decimal(1), Decimal("-Infinity")], r"row 1, column 'x': -Infinity is no DynamoDB number"),
    ("39 digits", [1, 10**38 + 1], r"row 1, column 'x': .* has 39 significant digits.*round it"),
    ("out of range", [1, Decimal("1E126")], r"row 1, column 'x': 1E\+126 is out of DynamoDB's range"),
    ("an empty set", [frozenset("a"), frozenset()], r"row 1, column 'x': an empty set; DynamoDB has none"),
    ("an empty tuple", [("a",), ()], r"row 1, column 'x': an empty set"),
    ("a mixed set", [("a",), ("a", Decimal(1))], r"row 1, column 'x': a set of N and S"),
    ("a naive time",
     pd.to_datetime(["2026-03-02", "2026-03-03"]), r"row 0, column 'x': 2026-03-02 00:00:00 has no time zone"),
    ("a naive time among others", ["a", dt.datetime(2026, 3, 2)],  # noqa: DTZ001
     r"row 1, column 'x': 2026-03-02T00:00:00 has no time zone"),
    ("nanoseconds", pd.to_datetime(["2026-03-02T00:00:00Z", "2026-03-02T00:00:00.000000001Z"], format="ISO8601"),
     r"row 1, column 'x': .*nanoseconds"),
    ("half a surrogate pair", ["a", "\ud800"], r"row 1, column 'x': .*half of a surrogate pair"),
    ("a numpy float", pd.Series(["a", np.float32(1.5)], dtype=object), r"row 1, column 'x': 1.5 is a float"),
    ("a member twice", ["a", ("b", "b")], r"row 1, column 'x': .*has a member twice"),
    ("a time with nanoseconds", pd.Series(["a", pd.Timestamp(1, unit="ns", tz="UTC")], dtype=object),
     r"row 1, column 'x': .* has nanoseconds"),
    ("a complex number", [1, 1j], r"row 1, column 'x': a complex is no DynamoDB value"),
    ("too deep", ["a", json.loads("[" * 32 + "]" * 32)], r"row 1, column 'x'.*: nested deeper than 32 levels"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_dynamodb_cannot_hold_is_refused_with_row_column_value_and_cure(column: Any, message: str) -> None:
    series = column if isinstance(column, pd.Series | pd.Index | np.ndarray) else pd.Series(column, dtype=object)
    frame = pd.DataFrame({"pk": ["a", "b"], "sk": [1, 2], "x": series})

    with pytest.raises(ItemError, match=message):
        wires(frame)


def test_the_row_of_an_error_counts_over_the_whole_frame() -> None:
    frame = pd.DataFrame({"pk": "a", "sk": range(10_050), "x": pd.Series(["x"] * 10_049 + [1.5], dtype=object)})

    with pytest.raises(ItemError, match=r"row 10,049, column 'x': 1\.5"):
        wires(frame)


@pytest.mark.parametrize("value", [1.5, [1.5], {"a": 1.5}, NAN, float("inf"), "\ud800", ["\ud800"], set(), 10**38 + 1])
def test_an_item_one_by_one_is_refused_with_row_attribute_and_cure(value: Any) -> None:
    with pytest.raises(ItemError, match=r"row 1, x.*;"):
        wires([{"pk": "a", "sk": 1}, {"pk": "a", "sk": 2, "x": value}])


@pytest.mark.parametrize("item", [{1: "x", "pk": "a", "sk": 1}, {"": "x", "pk": "a", "sk": 1}, "text", None])
def test_what_is_no_item_is_refused_with_its_row(item: Any) -> None:
    with pytest.raises(ItemError, match=r"row 0, .*(names are text|not an item)"):
        wires([item])


@pytest.mark.parametrize("value", [NAN, float("inf"), 1e300])
def test_floats_that_dynamodb_has_not_are_refused_also_when_floats_are_asked_for(value: float) -> None:
    frame = pd.DataFrame({"pk": ["a"], "sk": [1], "x": [value]})

    with pytest.raises(ItemError, match="row 0, column 'x'"):
        wires(frame, floats="decimal")


ROWS: list[tuple[dict[str, Any], str]] = [
    ({"sk": 1}, r"row 1.*pk: missing, and table lines has the key pk and sk"),
    ({"pk": "", "sk": 1}, r"row 1.*pk, a key attribute of table lines, is empty"),
    ({"pk": "a", "sk": "1"}, r"row 1.*sk, .*is declared N and the value is S"),
    ({"pk": "a" * 2049, "sk": 1}, r"row 1.*has 2,049 bytes, at most 2,048"),
    ({"pk": "ä" * 1025, "sk": 1}, r"row 1.*has 2,050 bytes, at most 2,048"),
    ({"pk": "a", "sk": 1, "owner": ""}, r"row 1.*owner, a key attribute of index by-owner, is empty"),
    ({"pk": "a", "sk": 1, "owner": 7}, r"row 1.*owner, .*is declared S and the value is N"),
    ({"pk": "a", "sk": 1, "owner": None}, r"row 1.*owner, .*is declared S and the value is NULL"),
    ({"pk": "a", "sk": 1, "x": "x" * 409_600}, r"row 1.*an item of 409,\d+ bytes, .* its largest attribute is x"),
]


@pytest.mark.parametrize(("item", "message"), ROWS)
@pytest.mark.parametrize("as_frame", [False, True], ids=["items", "frame"])
def test_an_item_that_the_table_cannot_hold_is_refused_with_its_row(
    item: dict[str, Any], message: str, as_frame: bool
) -> None:
    given_items = [{"pk": "a", "sk": 0}, item]

    with pytest.raises(ItemError, match=message):
        wires(from_items(given_items) if as_frame else given_items)


@pytest.mark.parametrize("item", [
    {"pk": "a" * 2048, "sk": 1}, {"pk": "\n" * 2048, "sk": 1}, {"pk": "a", "sk": 1, "x": "\n" * 300_000},
    {"pk": "a", "sk": 10**37},
])  # fmt: skip
@pytest.mark.parametrize("as_frame", [False, True], ids=["items", "frame"])
def test_an_item_at_a_limit_passes_though_its_json_is_longer(item: dict[str, Any], as_frame: bool) -> None:
    assert wires(from_items([item]) if as_frame else [item]) == [item_to_wire(item)]


def test_a_delete_takes_keys_and_nothing_else() -> None:
    keys = KeyCheck(TABLE, keys_only=True)

    assert wires([{"sk": 1, "pk": "a"}], keys) == [{"pk": {"S": "a"}, "sk": {"N": "1"}}]
    with pytest.raises(ItemError, match=r"row 0.*x: not in the key of table lines"):
        wires([{"pk": "a", "sk": 1, "x": "x"}], keys)
    with pytest.raises(ItemError, match=r"the column 'x' is not in the key of lines.*frame\[\['pk', 'sk'\]\]"):
        wires(pd.DataFrame({"pk": ["a"], "sk": [1], "x": ["x"]}), keys)


def test_a_column_that_is_there_twice_or_has_no_name_is_refused() -> None:
    with pytest.raises(ItemError, match="'pk' is there more than once"):
        wires(pd.DataFrame([["a", "b", 1]], columns=["pk", "pk", "sk"]))
    with pytest.raises(ItemError, match="0 is no attribute name"):
        wires(pd.DataFrame([["a", 1]]))


def test_an_index_that_has_a_name_is_not_dropped_in_silence() -> None:
    frame = pd.DataFrame({"pk": ["a"], "sk": [1], "text": ["x"]})

    with pytest.raises(ItemError, match="the index 'text' is no column and would be lost"):
        wires(frame.set_index("text"))
    assert wires(frame.set_index("text").reset_index()) == wires(frame)


@pytest.mark.parametrize("source", [{"pk": "a"}, "rows", 7, None, b"x"])
def test_what_holds_no_rows_is_refused(source: Any) -> None:
    with pytest.raises(UsageError, match="holds no rows to write"):
        wires(source)
