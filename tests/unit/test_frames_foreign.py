"""Frames and Arrow tables that others have made: what has a form of its own elsewhere is kept, or refused in words."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.scripted_engine import Engine
from workbench import frames
from workbench.errors import ItemError, UsageError
from workbench.frames import Columns, Decoder
from workbench.items import item_from_wire

MAPS = pa.map_(pa.string(), pa.string())


def written(rows: Any, **options: Any) -> list[dict[str, Any]]:
    engine = Engine()
    engine.write(rows, **options)
    return list(engine.table.values())


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        (MAPS, [("a", "b")], {"a": "b"}),
        (pa.list_(MAPS), [[("a", "b")]], [{"a": "b"}]),
        (pa.struct({"in": MAPS}), {"in": [("a", "b")]}, {"in": {"a": "b"}}),
    ],
    ids=["bare", "in a list", "in a struct"],
)
def test_a_map_of_arrow_is_a_map(tmp_path: Path, type_: pa.DataType, value: Any, wanted: Any) -> None:
    table = pa.table({"pk": ["k"], "m": pa.array([value], type_)})
    pq.write_table(table, tmp_path / "m.parquet")

    assert frames.to_items(table) == [{"pk": "k", "m": wanted}]
    assert frames.to_items(tmp_path / "m.parquet") == [{"pk": "k", "m": wanted}]
    assert written(table) == written([{"pk": "k", "m": wanted}])


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pa.array([[("a", "b"), ("a", "c")]], MAPS), "row 0, column '?x.*: a map has the key 'a' twice"),
        (pa.array([[("a", None)]], MAPS), "row 0, column '?x.*: the null under 'a' of a map may be NULL or nothing"),
        (pa.array([["a", None]]), "row 0, column '?x.*: .* a null in a list may be NULL or nothing; fill it"),
        (pa.array([{"in": [1, None]}]), "row 0, column '?x.*: .* a null in a list may be NULL or nothing; fill it"),
        (pa.array([pa.MonthDayNano([1, 2, 3])], pa.month_day_nano_interval()), "row 0, column '?x.*a span of time"),
        (pa.array([5], pa.duration("s")), "row 0, column '?x.*a span of time; give a number of seconds"),
        (pa.array([0], pa.timestamp("s")), "row 0, column '?x.*has no time zone; say which"),
        (pa.array([[0]], pa.list_(pa.timestamp("s"))), "row 0, column '?x.*has no time zone; say which"),
        (pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]),
         "column '?x.*: a struct has the field 'a' twice"),
    ],
    ids=["key twice", "null of a map", "null of a list", "null within", "interval", "duration", "naive", "naive within",
         "field twice"],
)  # fmt: skip
@pytest.mark.parametrize("arrow", [True, False], ids=["table", "frame"])
def test_what_arrow_has_and_dynamodb_has_not_is_refused(column: pa.Array, words: str, arrow: bool) -> None:
    table = pa.table({"pk": ["k"], "x": column})
    source = table if arrow else pd.DataFrame({"pk": ["k"], "x": pd.arrays.ArrowExtensionArray(column)})

    with pytest.raises(ItemError, match=words):
        frames.to_items(source)
    with pytest.raises(ItemError, match=words):
        written(source)


def test_a_null_field_of_a_struct_is_a_name_that_the_map_has_not() -> None:
    column = pa.array([{"a": 1, "in": {"b": None}}, {"a": None, "in": None}, None])
    wanted: list[dict[str, Any]] = [{"x": {"a": Decimal(1), "in": {}}}, {"x": {}}, {}]
    keys = ["k0", "k1", "k2"]
    frame = pd.DataFrame({"pk": keys, "x": pd.arrays.ArrowExtensionArray(column)})
    items = [{"pk": key, **each} for key, each in zip(keys, wanted, strict=True)]

    assert frames.to_items(pa.table({"x": column})) == wanted
    assert frames.to_items(frame) == items
    assert written(frame) == written(pa.table({"pk": keys, "x": column})) == written(items)


def test_naive_times_are_no_matter_where_there_are_none() -> None:
    table = pa.table({"pk": ["k"], "t": pa.array([None], pa.timestamp("us"))})

    assert frames.to_items(table) == [{"pk": "k"}]
    assert written(table) == [{"pk": {"S": "k"}}]


NARROW = pa.array([0.1, None], pa.float32())


@pytest.mark.parametrize(
    "column",
    [NARROW, pa.array([0.1, None], pa.float16()), pa.array([{"f": 0.1}, None], pa.struct({"f": pa.float32()})),
     pa.array([[0.1], None], pa.list_(pa.float32())), NARROW.dictionary_encode()],
    ids=["bare", "half", "in a struct", "in a list", "dictionary"],
)  # fmt: skip
def test_a_narrow_float_of_arrow_has_its_own_digits_wherever_it_stands(column: pa.Array) -> None:
    table = pa.table({"pk": ["k", "l"], "x": column})

    one, none = frames.to_items(table, floats="decimal")
    assert str(one["x"]) in ("0.1", "{'f': Decimal('0.1')}", "[Decimal('0.1')]")
    assert none == {"pk": "l"}
    assert written(table, floats="decimal") == written([one, none])
    with pytest.raises(ItemError, match=r"row 0, column 'x': 0\.1\d* is a float; .*floats='decimal'"):
        frames.to_items(table)


def tagged(**parts: pa.Array) -> pa.Table:
    """A column of several types as ``frames.arrow`` has it, whose struct somebody has filtered or filled."""
    made = frames.to_arrow(frames.from_items([{"x": Decimal(1)}, {"x": "a"}]))
    field = made.schema.field("x")
    arrays = [parts[each.name] for each in field.type]
    column = pa.StructArray.from_arrays(arrays, fields=list(field.type), mask=parts.get("mask"))
    return pa.table([column], schema=pa.schema([field]))


def test_a_column_of_several_types_is_read_as_a_whole() -> None:
    numbers, texts = pa.array([1, None, None]), pa.array([None, "a", "b"])
    hidden = tagged(N=numbers, S=texts, mask=pa.array([False, False, True]))

    assert frames.to_items(hidden) == [{"x": Decimal(1)}, {"x": "a"}, {}]
    with pytest.raises(ItemError, match=r"row 1, column 'x': has two values, .*2.* and 'a'"):
        frames.to_items(tagged(N=pa.array([1, 2, None]), S=texts))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (([1],), r"a tuple stands for a set, and a set has no lists, maps and sets; give a list"),
        (({"a": 1}, "b"), r"a set has no lists, maps and sets"),
        (pd.Timedelta("1s"), "a span of time; give a number of seconds, or text"),
        (pd.Interval(1, 2), r"a pandas Interval; .*str\(\) of the others"),
        (pd.Period("2026-03"), r"a pandas Period; .*str\(\) of the others"),
    ],
    ids=["list in a tuple", "map in a tuple", "span", "interval", "period"],
)
@pytest.mark.parametrize("typed", [True, False], ids=["by dtype", "as objects"])
def test_a_cell_of_no_dynamodb_type_is_refused_with_its_place_and_a_cure(cell: Any, words: str, typed: bool) -> None:
    column = pd.Series([cell] if typed else [cell, "x"][:1], dtype=None if typed else object)
    frame = pd.DataFrame({"pk": ["k"], "x": column})

    for way in (frames.to_items, written):
        with pytest.raises(ItemError, match=f"row 0, column '?x'?: .*{words}"):
            way(frame)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"a": {1, "b"}}, "row 1, attribute 'a': .* a set has only text, only numbers or only bytes; give a list"),
        ({"a": {True}}, "row 1, attribute 'a': .* a set has only text"),
        ({"a": [{None, "b"}]}, "row 1, attribute 'a': .* a set has only text"),
        ({1: "a"}, "row 1: the name 1 is a int; names are text"),
        ({"a": {"b": {None: 1}}}, "row 1: the name None is a NoneType; names are text"),
    ],
    ids=["mixed", "booleans", "null", "number for a name", "none for a name"],
)
def test_an_item_that_is_none_makes_no_frame(item: Any, words: str) -> None:
    with pytest.raises(ItemError, match=words):
        frames.from_items([{"pk": "k"}, item])


def test_a_set_of_numpy_s_texts_is_a_set_of_texts() -> None:
    frame = frames.from_items([{"a": {np.str_("y"), "x"}}, {"a": {np.bytes_(b"z")}}])

    assert frames.to_items(frame) == [{"a": frozenset({"x", "y"})}, {"a": frozenset({b"z"})}]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_cure_for_nan_in_a_column_of_floats_works(dtype: str) -> None:
    frame = pd.DataFrame({"pk": ["k", "l"], "x": pd.Series([float("nan"), 0.1], dtype=dtype)})
    items = [{"pk": "k"}, {"pk": "l", "x": Decimal("0.1")}]

    for way in (frames.to_items, written):
        with pytest.raises(ItemError, match=r"where it means a missing attribute, say frame\.astype\((.*)\)") as told:
            way(frame, floats="decimal")
        cure = re.search(r"astype\((.*)\)", str(told.value))
        assert cure is not None
        cured = frame.astype(ast.literal_eval(cure[1]))
        assert way(cured, floats="decimal") == (items if way is frames.to_items else written(items))


@pytest.mark.parametrize(("value", "fill"), [(1, 0), (0.5, float("nan"))])
def test_a_sparse_column_is_the_column_that_it_stands_for(value: Any, fill: Any) -> None:
    column = pd.arrays.SparseArray([value, value], fill_value=fill)
    frame = pd.DataFrame({"pk": ["k", "l"], "x": column})

    items = frames.to_items(frame, floats="decimal")
    assert items == [{"pk": "k", "x": Decimal(str(value))}, {"pk": "l", "x": Decimal(str(value))}]
    assert written(frame, floats="decimal") == written(items)


@pytest.mark.parametrize(
    "value", [np.datetime64("2026-03-02T10:00", "ns"), np.timedelta64(5, "ns"), np.datetime64("NaT")]
)
@pytest.mark.parametrize("nested", [False, True], ids=["bare", "in a list"])
def test_times_of_numpy_in_cells_are_refused_and_never_numbers(value: Any, nested: bool) -> None:
    cells = pd.Series([None], dtype=object)
    cells[0] = [value] if nested else value
    frame = pd.DataFrame({"pk": ["k"], "t": cells})

    with pytest.raises(ItemError, match=r"row 0.*t.*(no time zone|a span of time)"):
        frames.to_items(frame)
    with pytest.raises(ItemError, match=r"row 0.*t.*(no time zone|a span of time)"):
        written(frame)


@pytest.mark.parametrize("name", ["__filename", "__fragment_index", "__batch_index", "__last_in_fragment"])
def test_names_that_arrow_keeps_for_itself_come_back_from_parquet(tmp_path: Path, name: str) -> None:
    items = [{"pk": "A", name: "x"}]

    assert frames.to_items(frames.to_parquet(frames.from_items(items), tmp_path / "f.parquet")) == items


@pytest.mark.parametrize("rule", ["refuse", "decimal"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_nan_is_refused_whatever_becomes_of_floats(rule: Any, dtype: str) -> None:
    frame = pd.DataFrame({"pk": ["k", "l"], "x": pd.Series([float("nan"), 1.5], dtype=dtype)})

    with pytest.raises(ItemError, match=r"row 0, column 'x'.*(NaN|nan)"):
        frames.to_items(frame, floats=rule)
    with pytest.raises(ItemError, match="row 0"):
        written(frame, floats=rule)


def test_a_nullable_float_without_a_value_is_missing() -> None:
    frame = pd.DataFrame({"x": pd.array([1.5, pd.NA], dtype="Float64")})

    assert frames.to_items(frame, floats="decimal") == [{"x": Decimal("1.5")}, {}]


@pytest.mark.parametrize("cell", [pd.Series([0.1], dtype="float32"), pd.Series([np.float32(0.1)], dtype=object)])
def test_a_narrow_float_has_its_own_digits_whoever_takes_it(cell: pd.Series) -> None:
    frame = pd.DataFrame({"pk": ["k"], "x": cell})

    assert frames.to_items(frame, floats="decimal") == [{"pk": "k", "x": Decimal("0.1")}]
    assert written(frame, floats="decimal") == [{"pk": {"S": "k"}, "x": {"N": "0.1"}}]


@pytest.mark.parametrize("value", [np.float64(0.5), (0.5,), [np.float64(0.5)]], ids=["numpy", "tuple", "list"])
def test_floats_in_items_become_decimals_where_asked_for(value: Any) -> None:
    (item,) = written([{"pk": "k", "x": value}], floats="decimal")

    assert "0.5" in str(item["x"])
    assert "float" not in str(item["x"])


@pytest.mark.parametrize("rows", [50, 101, 5_000])
@pytest.mark.parametrize("tag", ["N", "BOOL"])
def test_a_frame_that_was_read_can_be_corrected(rows: int, tag: str) -> None:
    value = '"1"' if tag == "N" else "true"
    body = "[" + ",".join(f'{{"pk":{{"S":"{row:030}"}},"n":{{"{tag}":{value}}}}}' for row in range(rows)) + "]"
    frame = Columns([Decoder().decode(body.encode())]).df
    new = 5 if tag == "N" else False
    frame.loc[0, "n"] = new
    frame.at[1, "n"] = pd.NA

    assert frame["n"].iloc[0] == new
    assert frame["n"].isna().sum() == 1


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame.from_dict({"A": {"n": 1}}, orient="index"),
        pd.DataFrame({"pk": ["a"]}, index=pd.MultiIndex.from_tuples([("A", "B")])),
        pd.DataFrame({"pk": ["a"]}, index=pd.Index(["A"], name="key")),
    ],
    ids=["labels", "several", "named"],
)
def test_an_index_that_says_more_than_row_numbers_is_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(ItemError, match=r"the index .*'(A|key)'.* would be lost.*reset_index"):
        frames.to_items(frame)
    with pytest.raises(ItemError, match=r"the index .*reset_index"):
        written(frame.assign(pk="k"))


def test_the_row_numbers_of_a_part_of_a_frame_are_no_index_to_keep() -> None:
    frame = pd.DataFrame({"pk": ["a", "b", "c"]})

    assert frames.to_items(frame[frame["pk"] > "a"]) == [{"pk": "b"}, {"pk": "c"}]
    assert len(written(frame[frame["pk"] > "a"])) == 2


def test_a_parquet_file_has_the_mode_of_any_new_file_or_of_the_one_it_replaces(tmp_path: Path) -> None:
    frame, path = frames.from_items([{"pk": "a"}]), tmp_path / "f.parquet"
    before = os.umask(0o022)
    try:
        frames.to_parquet(frame, path)
        new = path.stat().st_mode & 0o777
        path.chmod(0o640)
        frames.to_parquet(frame, path)
    finally:
        os.umask(before)

    assert (new, path.stat().st_mode & 0o777) == (0o644, 0o640)
    assert [each.name for each in tmp_path.iterdir()] == ["f.parquet"]


def test_names_that_differ_by_case_alone_are_refused_for_duckdb() -> None:
    with pytest.raises(UsageError, match="'Id' and 'id' are one name to DuckDB"):
        frames.to_duckdb(frames.to_arrow(frames.from_items([{"Id": "a", "id": "b"}])))


def test_true_and_1_are_two_answers() -> None:
    one, true, same = (
        Columns([Decoder().decode(body)])
        for body in (b'[{"a":{"N":"1"}}]', b'[{"a":{"BOOL":true}}]', b'[{"a":{"N":"1.0"}}]')
    )

    assert one != true
    assert one == same


@pytest.mark.parametrize("make", ["polars", "duckdb", "reader"])
def test_what_hands_over_an_arrow_table_is_read_and_written_like_one(make: str) -> None:
    table = pa.table({"pk": ["a", "b"], "n": [1, None], "list": [["x"], []]})
    made = {
        "polars": lambda: pl.from_arrow(table),
        "duckdb": lambda: duckdb.from_arrow(table).filter("pk <> 'c'"),
        "reader": table.to_reader,
    }[make]
    wanted = [{"pk": "a", "n": Decimal(1), "list": ["x"]}, {"pk": "b", "list": []}]
    engine = Engine()
    engine.write(made())

    assert frames.to_items(made()) == wanted
    assert [item_from_wire(engine.table[key]) for key in ("a", "b")] == wanted


@pytest.mark.parametrize("make", [lambda: pl.Series(["a"]), lambda: pd.Series(["a"]), lambda: pa.array(["a"])])
def test_a_single_column_is_no_table_of_items(make: Callable[[], Any]) -> None:
    with pytest.raises(UsageError, match="holds no items; give a DataFrame, an Arrow table"):
        frames.to_items(make())
