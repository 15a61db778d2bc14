"""Frames that people made themselves: taken where nothing has to be guessed, else refused with row, column and cure."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.errors import ItemError, UsageError, WorkbenchError
from workbench.frames import (
    NULL,
    from_items,
    read_feather,
    read_parquet,
    to_arrow,
    to_duckdb,
    to_items,
    to_parquet,
    to_polars,
)

AT = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pd.Series(["a", None, ""]), ["a", "missing", ""]),
        (pd.Series([1, 2], dtype="int8"), [Decimal(1), Decimal(2)]),
        (pd.Series([2**63], dtype="uint64"), [Decimal(2**63)]),
        (pd.Series([1, None], dtype="Int64"), [Decimal(1), "missing"]),
        (pd.Series([True, False]), [True, False]),
        (pd.Series([True, None], dtype="boolean"), [True, "missing"]),
        (pd.Series(["a", "b", "a"], dtype="category"), ["a", "b", "a"]),
        (pd.Series([AT, pd.NaT]), ["2026-03-02T10:00:00.000000Z", "missing"]),
        (pd.Series([AT, "x"], dtype=object), ["2026-03-02T10:00:00.000000Z", "x"]),
        (pd.Series([NULL, pd.NA, Decimal("1.50")], dtype=object), [None, "missing", Decimal("1.5")]),
        (pd.Series([[1, {"a": NULL}], (1, 2), {"x"}], dtype=object),
         [[Decimal(1), {"a": None}], frozenset({Decimal(1), Decimal(2)}), frozenset({"x"})]),
        (pd.Series([np.int64(7), np.bool_(True), np.str_("s")], dtype=object), [Decimal(7), True, "s"]),
        (pd.Series([uuid.UUID(int=1), b"\x00", bytearray(b"\x01")], dtype=object),
         ["00000000-0000-0000-0000-000000000001", b"\x00", b"\x01"]),
        (pd.Series([Decimal("1.5"), None], dtype=pd.ArrowDtype(pa.decimal128(5, 2))), [Decimal("1.5"), "missing"]),
        (pd.Series(["a", None], dtype=pd.ArrowDtype(pa.string())), ["a", "missing"]),
    ],
)  # fmt: skip
def test_a_cell_becomes_the_value_that_it_can_only_mean(column: pd.Series, values: list[Any]) -> None:
    expected = [{} if isinstance(value, str) and value == "missing" else {"x": value} for value in values]

    assert to_items(pd.DataFrame({"x": column})) == expected


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (pd.Series([1.5, 2.5]), r"row 0, column 'x': .*1\.5.* is a float; floats are not exact.*floats='decimal'"),
        (pd.Series([1.0, None]), r"row 0, column 'x'.* is a float"),
        ([None, Decimal(1)], r"row 0, column 'x': None may be a NULL or a missing attribute; give frames.NULL"),
        ([Decimal(1), float("nan")], r"row 1, column 'x': nan is a float; DynamoDB has no NaN"),
        ([Decimal("Infinity")], r"row 0, column 'x': Infinity is no DynamoDB number"),
        ([Decimal("1" * 39)], r"row 0, column 'x': .* has 39 significant digits.*round it"),
        ([Decimal("1E126")], r"row 0, column 'x': .* out of DynamoDB's range.*scale it"),
        ([frozenset()], r"row 0, column 'x': an empty set; DynamoDB has none"),
        ([()], r"row 0, column 'x': an empty set"),
        ([(1, 1)], r"row 0, column 'x': \(1, 1\): a tuple stands for a set, and has a member twice"),
        ([(1, "a")], r"row 0, column 'x': a set of N and S"),
        ([[1.5]], r"row 0, column 'x': 1\.5 is a float"),
        ([{"a": {"b": 1.5}}], r"row 0, column 'x': 1\.5 is a float"),
        ([dt.datetime(2026, 3, 2)], r"row 0, column 'x'.*zone"),  # noqa: DTZ001
        (pd.Series([pd.Timestamp("2026-03-02")]), r"row 0, column 'x': .* has no time zone.*tz_localize"),
        ([np.array([1, 2])], r"row 0, column 'x': .*numpy ndarray.*tolist"),
        ([object()], r"row 0, column 'x': .*object is no DynamoDB value"),
        (["\ud800"], r"row 0, column 'x'.*surrogate"),
        ([{1: "a"}], r"row 0, column 'x'.*names are text"),
    ],
)
def test_what_dynamodb_cannot_hold_is_refused_with_row_column_and_cure(cells: Any, words: str) -> None:
    column = cells if isinstance(cells, pd.Series) else pd.Series(cells, dtype=object)

    with pytest.raises(ItemError, match=words):
        to_items(pd.DataFrame({"x": column}))


def test_floats_are_taken_as_the_digits_that_python_prints_when_asked(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [0.1, 1e-7, -2.0], "y": [[0.25], {"a": 1e22}, None]})

    assert to_items(frame.assign(y=[[0.25], {"a": 1e22}, NULL]), floats="decimal") == [
        {"x": Decimal("0.1"), "y": [Decimal("0.25")]},
        {"x": Decimal("1E-7"), "y": {"a": Decimal("1E22")}},
        {"x": Decimal(-2), "y": None},
    ]
    with pytest.raises(ItemError, match="no NaN and no infinity"):
        to_items(pd.DataFrame({"x": [1.0, float("inf")]}), floats="decimal")
    with pytest.raises(UsageError, match="floats='yes'"):
        to_items(frame, floats="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [1, None, "", ("a", "b")])
def test_a_column_without_a_text_for_a_name_is_refused(name: Any) -> None:
    with pytest.raises(ItemError, match="attribute names are text"):
        to_items(pd.DataFrame([[1]], columns=pd.Index([name], dtype=object)))


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ItemError, match="'x' is there twice"):
        to_items(pd.DataFrame([[1, 2]], columns=["x", "x"]))


@pytest.mark.parametrize("index", [["pk"], ["pk", "sk"]], ids=len)
def test_an_index_with_a_name_is_refused_and_not_dropped(index: list[str], tmp_path: Path) -> None:
    frame = pd.DataFrame({"pk": ["A"], "sk": ["1"], "n": [1]}).set_index(index)

    for way in (to_items, to_arrow, lambda each: to_parquet(each, tmp_path / "x.parquet")):
        with pytest.raises(ItemError, match=r"the index 'pk' is no column and would be lost; .*reset_index\(\)"):
            way(frame)

    assert to_items(frame.reset_index()) == [{"pk": "A", "sk": "1", "n": Decimal(1)}]
    assert to_items(frame.reset_index(drop=True)) == to_items(frame.reset_index().drop(columns=index))


def test_the_row_numbers_of_a_filtered_frame_are_no_attribute() -> None:
    frame = pd.DataFrame({"pk": ["A", "B"], "n": [1, 2]})

    assert to_items(frame[frame["n"] > 1]) == [{"pk": "B", "n": Decimal(2)}]


def test_the_cure_for_nan_after_concat_works() -> None:
    parts = [from_items([{"pk": "A"}]), from_items([{"pk": "B", "tags": {"a"}, "note": None}])]
    both = pd.concat(parts, ignore_index=True)

    with pytest.raises(ItemError, match=r"row 0, column 'tags': nan .*as after concat, say \.fillna\(pandas\.NA\)"):
        to_items(both)

    cured = both.assign(**{name: both[name].fillna(pd.NA) for name in ("tags", "note")})
    assert to_items(cured) == [{"pk": "A"}, {"pk": "B", "tags": frozenset({"a"}), "note": None}]


@pytest.mark.parametrize("source", [[{"a": 1}], None, 5, pd.Series([1])])
def test_what_holds_no_items_is_refused(source: Any) -> None:
    with pytest.raises(UsageError, match="holds no items"):
        to_items(source)


def test_a_file_of_no_known_kind_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"x\.csv: what kind of file"):
        to_items(tmp_path / "x.csv")
    with pytest.raises((WorkbenchError, FileNotFoundError), match=r"none\.parquet"):
        to_items(tmp_path / "none.parquet")


def test_what_is_no_whole_file_and_a_folder_without_files_are_refused_and_not_empty(tmp_path: Path) -> None:
    (tmp_path / "cut.parquet").write_bytes(b"PAR1")
    (tmp_path / "cut.arrow").write_bytes(b"ARROW1")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "_metadata.parquet").touch()

    for read in (to_items, read_parquet):
        with pytest.raises(UsageError, match=r"^cut\.parquet is no whole Parquet file"):
            read(tmp_path / "cut.parquet")
        with pytest.raises(UsageError, match=r"^empty holds no \.parquet file"):
            read(tmp_path / "empty")
    for read in (to_items, read_feather):
        with pytest.raises(UsageError, match=r"^cut\.arrow is no whole Arrow file"):
            read(tmp_path / "cut.arrow")


def test_a_folder_in_the_place_of_a_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="out is a folder; give the path of a file"):
        to_parquet(from_items([{"pk": "A"}]), tmp_path / "out")
    assert list(tmp_path.rglob("*")) == [tmp_path / "out"]


def test_a_frame_read_from_a_file_has_its_keys_first_and_the_declared_types(tmp_path: Path) -> None:
    path = to_parquet(from_items([{"sk": "1", "pk": "A", "price": Decimal(2)}]), tmp_path / "x.pq")

    found = read_parquet(path, ["pk", "sk"], types={"price": "number", "note": "string"})

    assert list(found.columns) == ["pk", "sk", "price", "note"]
    assert list(map(str, found.dtypes)) == ["str", "str", "object", "str"]
    assert found["price"][0] == Decimal(2)


def test_a_frame_read_from_a_file_has_the_columns_of_the_file_in_their_order_empty_ones_too(tmp_path: Path) -> None:
    frame = from_items([{"pk": "A", "sk": "1"}, {"sk": "2", "note": "n", "pk": "B"}], ["note", "gone"])
    path = to_parquet(frame.iloc[:1], tmp_path / "x.parquet")

    assert list(read_parquet(path).columns) == ["note", "gone", "pk", "sk"]
    assert to_items(read_parquet(path)) == [{"pk": "A", "sk": "1"}]


def test_what_the_first_file_of_a_folder_lacks_is_not_left_out(tmp_path: Path) -> None:
    second = {"pk": "B", "n": Decimal("1.5"), "note": None}
    to_parquet(from_items([second]), tmp_path / "b.parquet")
    to_parquet(from_items([{"pk": "A", "n": Decimal(1)}]), tmp_path / "a.parquet")

    assert to_items(tmp_path) == [{"pk": "A", "n": Decimal(1)}, second]
    assert to_items(read_parquet(tmp_path)) == to_items(tmp_path)


def test_a_parquet_file_of_pandas_is_taken_as_its_frame_is(tmp_path: Path) -> None:
    pd.DataFrame({"pk": ["A"], "price": [0.1]}).to_parquet(tmp_path / "own.parquet")

    with pytest.raises(ItemError, match=r"row 0, column 'price': 0\.1 is a float; .* say floats='decimal'"):
        read_parquet(tmp_path / "own.parquet")
    assert read_parquet(tmp_path / "own.parquet", floats="decimal")["price"][0] == Decimal("0.1")


def test_an_arrow_table_of_one_s_own_is_taken_by_its_types() -> None:
    table = pa.table(
        {
            "s": ["a", None],
            "n": pa.array([1, 2], pa.int16()),
            "d": pa.array([Decimal("1.50"), None], pa.decimal128(5, 2)),
            "t": pa.array([AT, None], pa.timestamp("us", tz="UTC")),
            "l": [[1, 2], []],
            "m": [{"a": "x"}, None],
            "b": [b"\x00", None],
        }
    )

    assert to_items(table) == [
        {"s": "a", "n": Decimal(1), "d": Decimal("1.5"), "t": "2026-03-02T10:00:00.000000Z",
         "l": [Decimal(1), Decimal(2)], "m": {"a": "x"}, "b": b"\x00"},
        {"n": Decimal(2), "l": []},
    ]  # fmt: skip
    with pytest.raises(ItemError, match=r"row 0, column 't': 2026-01-01 00:00:00 has no time zone; .* cast"):
        to_items(pa.table({"t": pa.array([dt.datetime(2026, 1, 1)], pa.timestamp("us"))}))  # noqa: DTZ001
    with pytest.raises(ItemError, match="row 1, column 'f'"):
        to_items(pa.table({"f": [None, 1.5]}))


def test_what_cannot_be_an_item_is_no_arrow_table_and_no_file_either(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.5]})

    with pytest.raises(ItemError, match="row 0, column 'x'"):
        to_arrow(frame)
    with pytest.raises(ItemError, match="row 0, column 'x'"):
        to_parquet(frame, tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


def test_nanoseconds_are_refused_and_not_cut() -> None:
    at = pd.Timestamp("2026-01-01T00:00:00.123456789Z")
    nano = pa.array([at.value], pa.timestamp("ns", tz="UTC"))

    for source in (
        pd.DataFrame({"x": [at]}),
        pd.DataFrame({"x": pd.Series([at], dtype=object)}),
        pa.table({"x": nano}),
    ):
        with pytest.raises(ItemError, match=r"row 0, column 'x': .* has nanoseconds.*floor\('us'\)"):
            to_items(source)


def test_an_arrow_column_that_is_there_twice_or_has_no_name_is_refused() -> None:
    with pytest.raises(ItemError, match="'x' is there twice"):
        to_items(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["x", "x"]))
    with pytest.raises(ItemError, match="attribute names are not empty"):
        to_items(pa.Table.from_arrays([pa.array(["a"])], names=[""]))


@pytest.mark.parametrize(
    ("note", "array", "words"),
    [
        ("N", pa.array([1.5]), "column 'x': noted as N and of the type double"),
        ("S", pa.array([1]), "column 'x': noted as S and of the type int64"),
        ("SS", pa.array([["a"], []]), "row 1, column 'x'.*an empty set"),
        ("SS", pa.array([["a", None]]), "row 0, column 'x'.*no missing member"),
        ("NS", pa.array([["a"]]), "row 0, column 'x'.*is no number"),
        ("NULL", pa.array([True, False]), "row 1, column 'x': a NULL is true"),
        ("M", pa.array(["{"]), "row 0, column 'x'.*is no DynamoDB JSON of a M"),
        ("M", pa.array(['{"a": 1}']), "row 0, column 'x'.*is no DynamoDB JSON of a M"),
        ("X", pa.array(["a"]), "column 'x': noted as X"),
    ],
)
def test_a_note_that_does_not_fit_its_column_is_refused(note: str, array: pa.Array, words: str) -> None:
    field = pa.field("x", array.type, metadata={b"dynamodb": note.encode()})

    with pytest.raises(ItemError, match=words):
        to_items(pa.table([array], schema=pa.schema([field])))


@pytest.mark.parametrize("make", [to_polars, to_duckdb])
def test_numbers_too_wide_for_a_library_are_texts_wherever_they_stand(make: Any) -> None:
    wide, small = Decimal("9" * 38), Decimal("1E-21")
    items = [
        {"n": wide, "mixed": wide, "set": frozenset({wide, small})},
        {"n": small, "mixed": small},
        {"n": small, "mixed": "x", "set": frozenset({small})},
        {"mixed": frozenset({Decimal("1.5")})},
    ]

    made = make(to_arrow(from_items(items)))

    table = made.to_arrow() if make is to_polars else made.to_arrow_table()
    rows = table.to_pylist()
    assert [row["n"] for row in rows] == ["9" * 38, "0.000000000000000000001", "0.000000000000000000001", None]
    assert rows[0]["mixed"]["N"] == "9" * 38
    assert rows[3]["mixed"]["NS"] == [Decimal("1.5")]
    assert rows[0]["set"] == ["0.000000000000000000001", "9" * 38]


def test_items_without_attributes_are_as_many_in_a_file(tmp_path: Path) -> None:
    path = to_parquet(from_items([{}, {}]), tmp_path / "some.parquet")

    assert to_items(path) == [{}, {}]
    assert to_items(pq.read_table(path)) == to_items(pq.read_table(path).to_batches()[0]) == [{}, {}]
    assert (list(read_parquet(path).columns), len(read_parquet(path))) == ([], 2)
    assert to_items(to_parquet(read_parquet(path), path)) == to_items(to_parquet(pq.read_table(path), path)) == [{}, {}]
    assert to_items(to_parquet(to_arrow(from_items([])), path)) == []


def test_a_file_without_attributes_is_one_of_its_folder(tmp_path: Path) -> None:
    to_parquet(from_items([{}, {}]), tmp_path / "1.parquet")
    to_parquet(from_items([{"x": "a"}, {}]), tmp_path / "2.parquet")

    assert to_items(tmp_path) == to_items(read_parquet(tmp_path)) == [{}, {}, {"x": "a"}, {}]
    assert list(read_parquet(tmp_path).columns) == ["x"]
