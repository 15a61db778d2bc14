"""How pages are decoded: fast or by Python, parsed how often, kept small or packed, and refused where they are none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sent_pages import Item, decoded, wire
from workbench.errors import EngineError, ItemError
from workbench.frames import Columns, Decoder, Page, Pipeline
from workbench.frames.discovery import parse


def lists(page: Page) -> list[str]:
    return [name for name, chunk in page.chunks.items() if any(isinstance(each, list) for each in chunk.plain.values())]


def test_a_small_page_stays_in_lists_by_itself_and_is_packed_where_there_are_more() -> None:
    items = b'[{"a": {"S": "1"}, "b": {"NS": ["1"]}}]'

    with Pipeline() as one, Pipeline() as more:
        one.add(items, last=True)
        more.add(items, last=False)
        more.add(items, last=False)
        single, several = one.results(), more.results()

    assert [lists(page) for page, _ in single] == [["a", "b"]]
    assert [lists(page) for page, _ in several] == [[], []]
    assert Columns([page for page, _ in several]).items == [{"a": "1", "b": frozenset([Decimal(1)])}] * 2


@pytest.mark.parametrize(("late", "times"), [({}, 1), ({"late": Decimal(1)}, 3)], ids=["alike", "one other"])
def test_a_first_page_is_parsed_again_only_where_its_first_items_did_not_tell_its_types(
    monkeypatch: pytest.MonkeyPatch, late: Item, times: int
) -> None:
    monkeypatch.setattr("workbench.frames.decoding.SMALL", 0)
    whole = []

    def counted(items: bytes, type_: Any) -> Any:
        if b'"last"' in items:
            whole.append(items)
        return parse(items, type_)

    for module in ("decoding", "discovery"):
        monkeypatch.setattr(f"workbench.frames.{module}.parse", counted)
    sent: list[Item] = [{"pk": str(row)} for row in range(150)] + [{"pk": "last", **late}]

    columns = Columns(decoded([sent]))

    assert wire(columns.items) == wire(sent)
    assert len(whole) == times


def test_documents_with_ever_new_names_are_left_to_python_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.frames.decoding.SMALL", 0)
    pages = [
        [{"pk": str(row), "n": Decimal(row), "seen": {f"user-{page}-{row}-{k}": Decimal(k) for k in range(9)}}
         for row in range(60)]
        for page in range(3)
    ]  # fmt: skip

    columns = Columns(decoded(pages))

    assert columns.by_hand == ("seen",)
    assert wire(columns.items) == wire([item for page in pages for item in page])
    assert str(columns.df["n"].dtype) == "Int64"


def test_documents_that_grow_page_by_page_are_left_to_python_before_they_are_wider_than_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workbench.frames.decoding.SMALL", 0)
    pages = [[{"pk": str(page), "seen": {f"user-{page}-{k}": "x" for k in range(40)}}] for page in range(12)]

    columns = Columns(decoded(pages))

    assert columns.by_hand == ("seen",)
    assert wire(columns.items) == wire([item for page in pages for item in page])


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (b'[{"a": {"X": "1"}}]', "is no attribute value"),
        (b'[{"a": {"S": "1", "N": "1"}}]', "is no attribute value"),
        (b'[{"a": "1"}]', "is no attribute value"),
        (b'[{"a": {"S": 1}}]', "values that DynamoDB does not have"),
        (b'[{"a": {"SS": ["1"]}}, {"a": {"SS": [1]}}]', "values that DynamoDB does not have"),
        (b'[{"a": {"S": null}}]', "is no attribute value"),
        (b'[{"a": {"S": "\\ud83d"}}]', "are no JSON"),
        (b'[{"a": {"M": {"b": {"S": "\\uDC00"}}}}]', "are no JSON"),
        (b"[1]", "no list of objects"),
        (b'[{"a": {"S": "1"}', "are no JSON"),
    ],
)
@pytest.mark.parametrize("small", [0, 10**9], ids=["fast", "by Python"])
def test_what_is_no_dynamodb_json_is_refused_with_what_was_found(
    monkeypatch: pytest.MonkeyPatch, small: int, items: bytes, words: str
) -> None:
    monkeypatch.setattr("workbench.frames.decoding.SMALL", small)

    with pytest.raises((EngineError, ItemError), match=words):
        Columns([Decoder().decode(items)]).items  # noqa: B018


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (b'[{"a": {"BOOL": "true"}}]', "values that DynamoDB does not have: BOOL of str"),
        (b'[{"a": {"S": "1"}}, {"a": {"S": true}}]', "values that DynamoDB does not have: S of bool"),
        (b'[{"a": {"SS": "1"}}]', "values that DynamoDB does not have: SS of str"),
        (b'[{"a": {"S": "\xed\xa0\xbd"}}]', "are no JSON"),
    ],
)
def test_a_small_page_is_refused_where_it_is_read_and_not_where_a_frame_is_made(items: bytes, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        Decoder().decode(items)
