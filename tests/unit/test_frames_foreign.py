"""Frames and Arrow tables that others have made: what has a form of its own elsewhere is kept, or refused in words."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.scripted_engine import Engine
from workbench import frames
from workbench.errors import ItemError, UsageError
from workbench.frames import Columns, Decoder

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
        (pa.array([[("a", "b"), ("a", "c")]], MAPS), "column 'x': a map has a key twice"),
        (pa.array([pa.MonthDayNano([1, 2, 3])], pa.month_day_nano_interval()), "column 'x': .* a span of time"),
    ],
    ids=["key twice", "interval"],
)
def test_what_arrow_has_and_dynamodb_has_not_is_refused(column: pa.Array, words: str) -> None:
    with pytest.raises(ItemError, match=words):
        frames.to_items(pa.table({"x": column}))


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
