"""The law of frames: whatever way items come in and go out, they are the same items."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.sent_pages import Item, decoded, numbers, tables, wire
from workbench import frames
from workbench.errors import ItemError
from workbench.frames import Columns, page_size
from workbench.items import item_from_wire, item_size, item_to_wire


@pytest.fixture(params=[(0, 100), (0, 1), (10**9, 100)], ids=["fast", "fast by one", "by Python"])
def way(request: pytest.FixtureRequest) -> Any:
    """Decode every page with the fast parser, with types from a page's first items or one item, or with Python."""
    small, glanced_at = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.frames.decoding.SMALL", small)
        patch.setattr("workbench.frames.discovery.GLANCED_ITEMS", glanced_at)
        yield small


law = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@law
@given(pages=tables())
def test_items_read_from_pages_are_the_items_that_were_sent(way: int, pages: list[list[Item]]) -> None:
    sent = [item for page in pages for item in page]

    columns = Columns(decoded(pages))

    assert wire(columns.items) == wire(sent)
    assert [wire([columns.item(row)]) for row in range(len(sent))] == [[item] for item in wire(sent)]


@law
@given(pages=tables())
def test_a_frame_gives_back_its_items(way: int, pages: list[list[Item]]) -> None:
    sent = [item for page in pages for item in page]

    assert wire(frames.to_items(Columns(decoded(pages)).df)) == wire(sent)
    assert wire(frames.to_items(frames.from_items(sent))) == wire(sent)


@settings(law, max_examples=20)
@given(few=st.lists(numbers, min_size=1, max_size=4), seed=st.integers(0, 10**6))
def test_numbers_that_come_again_often_stand_where_they_stood(way: int, few: list[Decimal], seed: int) -> None:
    chance = Random(seed)

    def item(row: int) -> Item:
        number, other = chance.choice(few), chance.choice(few)
        every = {"n": number, "set": frozenset({number, other}), "list": [number, [other]], "map": {"n": other}}
        return {"pk": str(row), **{name: value for name, value in every.items() if chance.random() < 0.8}}

    sent = [item_from_wire(item_to_wire(item(row))) for row in range(300)]
    columns = Columns(decoded([sent]))

    assert wire(columns.items) == wire(sent)
    assert wire(frames.to_items(columns.df)) == wire(sent)


@law
@given(pages=tables())
def test_a_dtype_and_an_arrow_type_do_not_depend_on_where_pages_were_cut(way: int, pages: list[list[Item]]) -> None:
    sent = [item for page in pages for item in page]
    cut, whole = Columns(decoded(pages)), Columns(decoded([sent]))

    assert list(cut.df.dtypes.map(str)) == list(whole.df.dtypes.map(str))
    assert list(cut.df.dtypes.map(str)) == list(frames.from_items(sent, cut.names).dtypes.map(str))
    assert cut.arrow.schema.equals(whole.arrow.schema, check_metadata=True)
    assert cut.names == whole.names == tuple(dict.fromkeys(name for item in sent for name in sorted(item)))


@law
@given(pages=tables())
def test_arrow_gives_back_its_items_and_is_one_table_whichever_way_it_is_made(
    way: int, pages: list[list[Item]]
) -> None:
    sent = [item for page in pages for item in page]
    columns = Columns(decoded(pages))

    assert wire(frames.to_items(columns.arrow)) == wire(sent)
    assert frames.to_arrow(columns.df).equals(columns.arrow, check_metadata=True)


@law
@given(pages=tables())
def test_parquet_and_arrow_files_give_back_their_items(
    tmp_path_factory: pytest.TempPathFactory, pages: list[list[Item]]
) -> None:
    sent = [item for page in pages for item in page]
    table = Columns(decoded([sent])).arrow
    parquet, ipc = (tmp_path_factory.getbasetemp() / name for name in ("law.parquet", "law.arrow"))

    (pq.write_table if table.column_names else frames.to_parquet)(table, parquet)
    with pa.OSFile(str(ipc), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)

    assert wire(frames.to_items(parquet)) == wire(sent)
    assert wire(frames.to_items(ipc)) == wire(sent)
    assert wire(frames.to_items(frames.to_parquet(frames.from_items(sent), parquet))) == wire(sent)


@law
@given(pages=tables(), keys=st.lists(st.sampled_from(["pk", "sk"]), unique=True))
def test_a_frame_read_from_its_file_is_the_frame_that_was_written(
    tmp_path_factory: pytest.TempPathFactory, pages: list[list[Item]], keys: list[str]
) -> None:
    columns = Columns(decoded([[item for page in pages for item in page]]), keys)
    parquet, feather = (tmp_path_factory.getbasetemp() / name for name in ("frame.parquet", "frame.arrow"))

    frames.to_parquet(columns.df, parquet)
    with pa.OSFile(str(feather), "wb") as sink, pa.ipc.new_file(sink, columns.arrow.schema) as writer:
        writer.write_table(columns.arrow)

    for found in (frames.read_parquet(parquet, keys), frames.read_feather(feather, keys)):
        assert list(found.dtypes.map(str).items()) == list(columns.df.dtypes.map(str).items())
        assert wire(frames.to_items(found)) == wire(columns.items)


@law
@given(pages=tables())
def test_a_folder_of_files_gives_back_the_items_of_each_whatever_their_columns(pages: list[list[Item]]) -> None:
    written = [page for page in pages if page]
    if not written:
        return
    with TemporaryDirectory() as folder:
        for at, page in enumerate(written):
            frames.to_parquet(frames.from_items(page), Path(folder) / f"part-{at:05d}.parquet")

        found, back = frames.read_parquet(folder), frames.to_items(folder)

    assert wire(back) == wire([item for page in written for item in page])
    assert wire(frames.to_items(found)) == wire(back)
    assert list(found.columns) == list(dict.fromkeys(name for page in written for item in page for name in item))


@law
@given(pages=tables(), rows=st.integers(0, 8))
def test_the_head_of_columns_is_their_first_rows_under_all_their_names(
    way: int, pages: list[list[Item]], rows: int
) -> None:
    columns = Columns(decoded(pages), ["pk"])

    head = columns.head(rows)

    assert wire(head.items) == wire(columns.items[:rows])
    assert head.names == columns.names


@law
@given(pages=tables())
def test_the_bytes_of_a_page_are_those_of_its_items(way: int, pages: list[list[Item]]) -> None:
    assert [page_size(page) for page in decoded(pages)] == [sum(map(item_size, wire(page))) for page in pages]


@law
@given(pages=tables())
def test_a_packed_page_holds_the_items_of_the_page_whichever_of_both_an_answer_has(
    way: int, pages: list[list[Item]]
) -> None:
    kept = decoded(pages)
    packed = [page.packed() for page in kept]
    mixed = [page if number % 2 else other for number, (page, other) in enumerate(zip(kept, packed, strict=True))]

    for other in (packed, mixed):
        assert wire(Columns(other).items) == wire([item for page in pages for item in page])
        assert Columns(other).df.dtypes.equals(Columns(kept).df.dtypes)
        assert wire(frames.to_items(Columns(other).df)) == wire(Columns(kept).items)
        assert Columns(other).arrow.equals(Columns(kept).arrow, check_metadata=True)
        assert list(map(page_size, other)) == list(map(page_size, kept))


def nested(levels: int) -> Any:
    value: Any = Decimal("1.5")
    for level in range(levels):
        value = [value] if level % 2 else {"in": value}
    return value


@pytest.mark.parametrize(
    "item",
    [
        {"a": nested(31)},
        {"a": [[], [[]], {}, {"": None} if False else {"x": {}}]},
        {"a": [None, True, Decimal(1), "1", b"1", frozenset({"1"}), frozenset({Decimal(1)}), frozenset({b"1"})]},
        {"Items": [Decimal(1)], "LastEvaluatedKey": {"Items": ["]"]}, "Count": "]}", "Responses": "[]"},
        {"a": "x" * 400_000, "b": b"y" * 9_000},
        {"a": "\u2028 \x7f \x00 😀 \uffff"},
    ],
    ids=["31 levels", "empty parts", "every type in a list", "names of the response", "long", "odd characters"],
)
def test_odd_items_come_through_every_way(way: int, item: Item) -> None:
    columns = Columns(decoded([[{"pk": "1"}], [item], [{"pk": "2", "a": Decimal(1)}]]))

    for back in (columns.items, frames.to_items(columns.df), frames.to_items(columns.arrow)):
        assert wire(back) == wire([{"pk": "1"}, item, {"pk": "2", "a": Decimal(1)}])


@law
@given(pages=tables())
def test_tables_made_apart_fit_one_schema_which_is_that_of_all_items_together(
    way: int, pages: list[list[Item]]
) -> None:
    whole = Columns(decoded(pages))
    parts = [Columns(decoded([page])).arrow for page in pages]

    schema = frames.schema_of(frames.united(frames.shapes_of(part) for part in parts))
    together = [item for part in parts for item in frames.to_items(frames.fitted(part, schema))]

    assert not whole.names or schema.equals(whole.arrow.schema, check_metadata=True)
    assert wire(together) == wire(whole.items)


@law
@given(pages=tables())
def test_shapes_are_the_same_after_they_were_written_down_as_json(way: int, pages: list[list[Item]]) -> None:
    shapes = frames.shapes_of(Columns(decoded(pages)).arrow)

    assert frames.shapes_from_json(json.loads(json.dumps(frames.shapes_to_json(shapes)))) == shapes


@law
@given(pages=tables())
def test_a_fitted_table_is_the_table_of_all_items_cell_by_cell(way: int, pages: list[list[Item]]) -> None:
    whole = Columns(decoded(pages)).arrow
    rows = [Columns(decoded([[item]])).arrow for page in pages for item in page]

    made = [frames.fitted(row, whole.schema) for row in rows]

    assert not made or not whole.column_names or pa.concat_tables(made).equals(whole, check_metadata=True)


def test_a_table_that_the_schema_does_not_hold_is_refused_by_column() -> None:
    narrow = frames.to_arrow(frames.from_items([{"pk": "a", "n": Decimal("1.5")}])).schema

    for item, words in (
        ({"pk": "a", "n": Decimal("1.55")}, "column 'n': numbers that decimal128"),
        ({"pk": "a", "n": "text"}, "column 'n' holds S, and the schema says N"),
        ({"pk": "a", "more": "text"}, "column 'more' is not in the schema"),
    ):
        with pytest.raises(ItemError, match=words):
            frames.fitted(frames.to_arrow(frames.from_items([item])), narrow)
