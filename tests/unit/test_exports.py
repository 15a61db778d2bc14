"""What leaves a frame as a file can be read by others, exactly."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import ItemError
from workbench.frames import from_items, json_text, to_csv, to_json, to_markdown, to_parquet, to_text
from workbench.items import item_from_wire, item_to_wire

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(texts, texts), max_size=5))
def test_any_text_survives_csv(rows: list[tuple[str, str]]) -> None:
    frame = from_items([{"a": a, "b": b} for a, b in rows], ["a", "b"])

    assert read_csv(to_csv(frame, formulas=True)) == [["a", "b"], *map(list, rows)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "=cmd|' /C calc'!A0"]
)
def test_text_that_a_spreadsheet_would_run_is_defused_unless_asked(text: str) -> None:
    frame = from_items([{"x": text, text: "fine"}])

    assert read_csv(to_csv(frame)) == [["x", f"'{text}"], [f"'{text}", "fine"]]
    assert read_csv(to_csv(frame, formulas=True)) == [["x", text], [text, "fine"]]


def test_base64_that_begins_with_a_plus_is_defused_and_a_negative_number_is_not() -> None:
    frame = from_items([{"b": b"\xfb\xff", "n": Decimal(-5), "m": Decimal("-0.5")}, {"m": Decimal(3)}])

    assert read_csv(to_csv(frame))[1] == ["'+/8=", "-5", "-0.5"]


def test_csv_writes_each_type_in_words_and_tells_missing_from_empty_from_null() -> None:
    item = {
        "s": "a,b",
        "n": Decimal("1E20"),
        "b": b"\x00",
        "t": True,
        "x": None,
        "l": ["a", Decimal(1)],
        "ss": frozenset("ba"),
    }

    text = to_csv(from_items([item, {"s": ""}]))

    assert text == (
        's,n,b,t,x,l,ss\n"a,b",100000000000000000000,AA==,true,NULL,"[""a"", 1]","[""a"", ""b""]"\n"",,,,,,\n'
    )


def test_a_row_without_any_value_is_still_a_row_of_csv() -> None:
    assert to_csv(from_items([{}, {}], ["pk"])) == 'pk\n""\n""\n'


def test_json_keeps_every_digit_and_leaves_missing_out() -> None:
    digits = "1.2345678901234567890123456789012345678"
    items = [{"n": Decimal(digits), "e": Decimal("1E-130"), "big": Decimal(2**63)}, {"x": None, "t": False, "s": "é\n"}]

    text = to_json(items)

    assert json.loads(text, parse_float=Decimal) == [
        {"n": Decimal(digits), "e": Decimal("1E-130"), "big": 2**63},
        {"x": None, "t": False, "s": "é\n"},
    ]
    assert digits in text


def test_typed_json_tells_every_type_apart() -> None:
    items = [
        {"a": Decimal(1), "b": "1", "c": frozenset({"1"}), "d": ["1"], "e": None, "f": b"1", "g": frozenset({b"1"})}
    ]

    assert json.loads(to_json(items, typed=True)) == [
        {"a": {"N": "1"}, "b": {"S": "1"}, "c": {"SS": ["1"]}, "d": {"L": [{"S": "1"}]}, "e": {"NULL": True},
         "f": {"B": "MQ=="}, "g": {"BS": ["MQ=="]}}
    ]  # fmt: skip


def test_json_is_one_text_whatever_the_order_of_sets_and_maps() -> None:
    assert json_text({"b": frozenset({"y", "x"}), "a": Decimal(10)}) == '{"a": 10, "b": ["x", "y"]}'
    assert json_text({"a": Decimal(10), "b": frozenset({"x", "y"})}) == '{"a": 10, "b": ["x", "y"]}'
    assert to_json([]) == "[]\n"


def test_a_float_has_no_exact_text() -> None:
    with pytest.raises(ItemError, match="frames hold no floats"):
        json_text([0.5])


numbers = st.one_of(st.integers(-(10**37), 10**37).map(Decimal), st.decimals("-1e20", "1e20", places=9)).map(
    lambda number: item_from_wire(item_to_wire({"n": number}))["n"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), numbers), min_size=1, max_size=5))
def test_numbers_survive_parquet_exactly(tmp_path_factory: Any, values: list[Decimal | None]) -> None:
    path = tmp_path_factory.getbasetemp() / "numbers.parquet"

    to_parquet(from_items([{} if value is None else {"n": value} for value in values], ["n"]), path)

    column = pq.read_table(path).column("n")
    assert [None if each is None else Decimal(each) for each in column.to_pylist()] == values


def test_parquet_has_plain_types_where_they_are_exact_and_notes_what_each_column_is(tmp_path: Path) -> None:
    items = [
        {
            "s": "a",
            "i": Decimal(2**53 + 1),
            "d": Decimal("1.25"),
            "b": b"\x00",
            "t": True,
            "m": {"k": Decimal("0.1")},
            "x": "a",
        },
        {"ss": frozenset({"b", "a"}), "x": Decimal(1), "wide": Decimal("1E125"), "z": None},
        {"wide": Decimal("1E-130"), "d": Decimal(100)},
    ]

    path = to_parquet(from_items(items, ["pk"]), tmp_path / "items.parquet")

    schema = pq.read_schema(path)
    assert {field.name: str(field.type) for field in schema} == {
        "pk": "string", "s": "string", "i": "int64", "d": "decimal128(5, 2)", "b": "binary", "t": "bool", "m": "string",
        "x": "struct<N: int64, S: string>", "ss": "list<element: string>", "wide": "string", "z": "bool",
    }  # fmt: skip
    notes = {field.name: field.metadata[b"dynamodb"].decode() for field in schema if field.name != "pk"}
    assert notes == {
        "s": "S", "i": "N", "d": "N", "b": "B", "t": "BOOL", "m": "M", "x": "tagged", "ss": "SS", "wide": "N",
        "z": "NULL",
    }  # fmt: skip
    assert pq.read_table(path).column("x").to_pylist() == [{"N": None, "S": "a"}, {"N": 1, "S": None}, None]
    assert pq.read_table(path).column("m")[0].as_py() == '{"k":{"N":"0.1"}}'
    frame = pd.read_parquet(path)
    assert str(frame["i"].dtype) == "Int64"
    assert frame["i"][0] == 2**53 + 1
    assert frame["d"][2] == Decimal(100)
    assert str(frame["t"].dtype) == "boolean"


def test_an_empty_frame_and_a_frame_of_empty_items_are_parquet_too(tmp_path: Path) -> None:
    assert pq.read_table(to_parquet(from_items([], ["pk"]), tmp_path / "a")).num_rows == 0
    assert pq.read_table(to_parquet(from_items([]), tmp_path / "b")).num_columns == 0


def test_parquet_is_the_same_bytes_twice_and_leaves_no_part_behind(tmp_path: Path) -> None:
    frame = from_items([{"a": frozenset({"x", "y"}), "n": Decimal("1.5")}])

    first, second = to_parquet(frame, tmp_path / "1.parquet"), to_parquet(frame, tmp_path / "2.parquet")

    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.parquet", "2.parquet"]


def test_parquet_that_cannot_be_written_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = to_parquet(from_items([{"a": "old"}]), tmp_path / "x.parquet")
    monkeypatch.setattr("pyarrow.parquet.write_table", lambda *_: (_ for _ in ()).throw(OSError("disk full")))

    with pytest.raises(OSError, match="disk full"):
        to_parquet(from_items([{"a": "new"}]), path)

    assert pd.read_parquet(path)["a"][0] == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_markdown_aligns_numbers_and_no_value_breaks_the_table() -> None:
    frame = from_items([{"pk": "a|b\nc", "n": Decimal(5), "h": "<b>&*x*"}, {"pk": "d"}])

    assert to_markdown(frame) == (
        "| pk | n | h |\n| --- | ---: | --- |\n| a\\|b<br>c | 5 | &lt;b&gt;&amp;\\*x\\* |\n| d |  |  |\n"
    )


def test_text_is_cut_counted_and_harmless_to_a_terminal() -> None:
    items = [{"pk": f"k{n:02d}", "text": "\x1b[31mred\n" + "x" * 50, "w": "日本"} for n in range(12)] + [{"pk": "end"}]

    lines = to_text(from_items(items), rows=2).splitlines()

    assert lines == [
        "pk   text                                      w",
        "k00  \\x1b[31mred\\n" + "x" * 24 + "...  日本",
        "k01  \\x1b[31mred\\n" + "x" * 24 + "...  日本",
        "... 11 more rows",
    ]


def test_text_shows_keys_whole_and_always_however_long_they_are() -> None:
    items = [{"pk": "k" * 90, "sk": "s" * 90, "text": "x" * 90}]

    lines = to_text(from_items(items), whole=("pk", "sk")).splitlines()

    assert lines[1] == "k" * 90 + "  " + "s" * 90
    assert lines[2] == "... 1 more column: text"
    assert to_text(from_items(items), whole=("sk",), width=300).splitlines()[1].split() == [
        "k" * 37 + "...", "s" * 90, "x" * 37 + "...",
    ]  # fmt: skip


def test_text_names_the_columns_that_do_not_fit() -> None:
    frame = from_items([{f"column{n}": "x" * 20 for n in range(6)}])

    lines = to_text(frame, width=70).splitlines()

    assert lines[0].split() == ["column0", "column1", "column2"]
    assert lines[-1] == "... 3 more columns: column3, column4, column5"
    assert to_text(from_items([{}])) == "(no attributes)"
