"""Results as frames, files and JSON: one order, typed fields, no shared state."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.scripted import SMALL, book, page, session, shelf
from workbench.errors import UnknownNameError
from workbench.items import item_to_wire
from workbench.model import Model, load_model
from workbench.results import run, scan


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(SMALL)


def test_the_text_of_a_result_shows_its_keys_whole(model: Model) -> None:
    long = {"pk": {"S": "SHELF#poetry"}, "sk": {"S": "BOOK#" + "0" * 90}, "title": {"S": "t" * 90}}
    shown = repr(run(session(model, page(long)), shelf(model)))

    assert "BOOK#" + "0" * 90 in shown
    assert "t" * 37 + "..." in shown


def test_attributes_stand_in_one_order_whatever_order_the_engine_gives(model: Model) -> None:
    item = book(1, zebra=1, apple={"b": 1, "a": [{"d": 1, "c": 2}]})
    backwards = dict(reversed(item.items()))

    one = run(session(model, page(item)), shelf(model))
    other = run(session(model, page(backwards)), shelf(model))

    assert list(one.items[0]) == ["pk", "sk", "author", "year", "title", "apple", "zebra"]
    assert repr(one) == repr(other)
    assert one.to_json() == other.to_json()
    assert list(one.items[0]["apple"]) == ["a", "b"]


def test_frames_by_entity_have_the_typed_fields_of_their_keys(model: Model) -> None:
    loan = item_to_wire({"pk": "READER#mia", "sk": "2026-03-02T09:00:00Z", "isbn": "002", "days": 14})
    stray = item_to_wire({"pk": "what", "sk": "ever", "entity": "own"})

    result = scan(session(model, page(book(1), loan, stray, book(2))), "library")
    frames = result.by_entity()

    assert list(frames) == ["Book", "Loan", "?"]
    assert list(frames["Book"].columns) == ["pk", "sk", "shelf", "isbn", "author", "year", "title", "lent_at"]
    assert list(frames["Book"]["isbn"]) == ["001", "002"]
    assert frames["Loan"].iloc[0].to_dict() == {
        "pk": "READER#mia", "sk": "2026-03-02T09:00:00Z", "reader": "mia", "lent_at": "2026-03-02T09:00:00.000000Z",
        "isbn": "002", "days": 14,
    }  # fmt: skip
    assert list(frames["?"]["entity"]) == ["own"]
    assert [row["entity"] for row in result.rows] == ["Book", "Loan", None, "Book"]
    assert result.rows[0]["shelf"] == "poetry"


def test_an_entity_that_did_not_come_back_has_an_empty_frame_and_an_unknown_one_is_an_error(model: Model) -> None:
    frames = run(session(model, page()), shelf(model)).by_entity()

    assert list(frames) == []
    assert list(frames["Loan"].columns) == ["pk", "sk", "reader", "lent_at", "isbn", "days"]
    assert str(frames["Loan"]["days"].dtype) == "Int64"
    with pytest.raises(UnknownNameError, match=r"small has no entity 'Lone'. Did you mean 'Loan'"):
        frames["Lone"]


def test_the_frame_is_a_new_one_each_time(model: Model) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    mine = result.df
    mine.loc[0, "title"] = "changed"
    mine["new"] = 1

    assert list(result.df.columns) == ["pk", "sk", "author", "year", "title"]
    assert result.df["title"][0] == "T1"


def test_a_result_is_frozen(model: Model) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    with pytest.raises(dataclasses.FrozenInstanceError):
        result.items = []  # type: ignore[misc]


def test_json_holds_the_answer_its_arguments_and_its_price(model: Model) -> None:
    result = run(session(model, page(book(1, price=Decimal("0.10")))), shelf(model))

    document = json.loads(result.to_json(), parse_float=Decimal)
    typed = json.loads(result.to_json(typed=True))

    assert document["pattern"] == "list-shelf"
    assert document["arguments"] == {"shelf": "poetry", "limit": 3}
    assert document["items"][0]["price"] == Decimal("0.1")
    assert document["receipt"]["computed"] == {"read": "0.5", "write": "0.0", "table": "0.5", "indexes": {}}
    assert document["cursor"] is None
    assert typed["items"] == [{**book(1), "price": {"N": "0.1"}}]


def test_files_come_from_the_frame(model: Model, tmp_path: Path) -> None:
    result = run(session(model, page(book(1))), shelf(model))

    assert result.to_csv() == "pk,sk,author,year,title\nSHELF#poetry,BOOK#001,Ada,2001,T1\n"
    assert result.to_markdown().splitlines()[1] == "| --- | --- | --- | ---: | --- |"
    assert result.to_parquet(tmp_path / "books.parquet").stat().st_size > 0
