"""Which collections a record of the stream makes stale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.cached_shelves import SMALL, book, record
from workbench.cache import stale_collections
from workbench.cache.invalidation import blind_indexes, collections_of
from workbench.errors import UsageError
from workbench.items import item_to_wire
from workbench.plans import build

LIBRARY = SMALL.table("library")
BOTH_IMAGES = replace(LIBRARY, stream="NEW_AND_OLD_IMAGES")


def names(table: Any, record: dict[str, Any]) -> list[str]:
    return [str(each) for each in stale_collections(table, record)]


def test_a_record_names_the_collections_of_the_table_and_of_every_index_that_the_item_is_in() -> None:
    assert names(LIBRARY, record(book("poetry", 1, "Howl"))) == [
        "library SHELF#poetry",
        "by-author Ada",
        "by-year SHELF#poetry",
    ]


def test_an_item_without_the_attributes_of_a_sparse_index_is_not_in_it() -> None:
    loan = item_to_wire({"pk": "READER#mia", "sk": "2026", "isbn": "1"})

    assert names(LIBRARY, record(loan)) == ["library READER#mia", "by-year READER#mia"]


def test_an_old_image_names_the_index_collection_that_the_item_has_left() -> None:
    old, new = book("poetry", 1, "Howl"), {**book("poetry", 1, "Howl"), "author": {"S": "Bo"}}
    change = {"Keys": {"pk": old["pk"], "sk": old["sk"]}, "OldImage": old, "NewImage": new}

    assert "by-author Ada" in names(BOTH_IMAGES, {"eventName": "MODIFY", "dynamodb": change})
    assert "by-author Bo" in names(BOTH_IMAGES, {"eventName": "MODIFY", "dynamodb": change})


def test_without_old_images_the_index_that_may_keep_an_old_answer_is_named() -> None:
    assert blind_indexes(LIBRARY) == ("by-author",)
    assert blind_indexes(BOTH_IMAGES) == ()


def test_a_removal_without_any_image_still_names_what_its_key_tells() -> None:
    keys = {"pk": {"S": "SHELF#poetry"}, "sk": {"S": "BOOK#1"}}

    assert names(LIBRARY, {"eventName": "REMOVE", "dynamodb": {"Keys": keys}}) == [
        "library SHELF#poetry",
        "by-year SHELF#poetry",
    ]


@pytest.mark.parametrize("bad", [{}, {"dynamodb": {}}, {"dynamodb": None}, {"dynamodb": {"Keys": {"id": {"S": "1"}}}}])
def test_what_is_no_record_of_the_table_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="record"):
        stale_collections(LIBRARY, bad)


def test_numbers_that_are_equal_are_one_partition_and_a_number_is_not_its_text() -> None:
    by_number = replace(LIBRARY, keys=replace(LIBRARY.keys), indexes={})

    one, same, text = (
        stale_collections(by_number, {"dynamodb": {"Keys": {"pk": value, "sk": {"S": "x"}}}})
        for value in ({"N": "1.0"}, {"N": "1"}, {"S": "1"})
    )

    assert one == same != text


def test_what_a_plan_reads_is_what_a_record_of_such_an_item_makes_stale() -> None:
    query = build(SMALL, "list-shelf", {"shelf": "poetry"})
    get = build(SMALL, "get-book", {"shelf": "poetry", "isbn": "002"})
    index = build(SMALL, "books-of-author", {"author": "Ada"})
    stale = set(stale_collections(LIBRARY, record(book("poetry", 2, "Howl"))))

    for plan in (query, get, index):
        assert set(collections_of(plan)) <= stale
        assert len(collections_of(plan)) == 1
