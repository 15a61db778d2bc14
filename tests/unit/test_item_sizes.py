"""Sizes in bytes: every rule of AWS's page on item sizes, each as one row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ItemError
from workbench.items import MAX_ITEM_SIZE, check_item, check_key, item_size, item_to_wire, value_size
from workbench.model import Index, KeyAttribute, KeySchema, Table

SIZES: list[tuple[dict[str, Any], int]] = [
    ({"S": ""}, 0),
    ({"S": "abc"}, 3),
    ({"S": "é"}, 2),
    ({"S": "日本"}, 6),
    ({"S": "🦊"}, 4),
    ({"B": b""}, 0),
    ({"B": bytes(300)}, 300),  # raw bytes, not the 400 of base64
    ({"BOOL": True}, 1),
    ({"BOOL": False}, 1),
    ({"NULL": True}, 1),
    ({"N": "0"}, 1),
    ({"N": "-12345"}, 5),
    ({"L": []}, 3),
    ({"M": {}}, 3),
    ({"L": [{"S": "abc"}]}, 3 + 1 + 3),
    ({"L": [{"NULL": True}, {"BOOL": True}, {"N": "1"}]}, 3 + 3 + 1 + 1 + 2),
    ({"M": {"né": {"S": "abc"}}}, 3 + 1 + 3 + 3),
    ({"L": [{"L": []}]}, 3 + 1 + 3),
    ({"M": {"a": {"M": {"b": {"N": "100"}}}}}, 3 + 1 + 1 + 3 + 1 + 1 + 2),
    ({"SS": ["a", "bc", "é"]}, 5),
    ({"NS": ["1", "-1", "1.5"]}, 2 + 3 + 3),
    ({"BS": [b"", b"abc"]}, 3),
]
TABLE = Table("t", KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),)))
INDEXED = Table(
    "t",
    KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),)),
    indexes={
        "by-n": Index("by-n", KeySchema((KeyAttribute("gpk"),), (KeyAttribute("n", "N"),))),
        "local": Index("local", KeySchema((KeyAttribute("pk"),), (KeyAttribute("lsk"),)), kind="local"),
    },
)


@pytest.mark.parametrize(("value", "size"), SIZES)
def test_a_value_takes_the_bytes_of_its_type(value: dict[str, Any], size: int) -> None:
    assert value_size(value) == size
    assert item_size({"naïve": value}) == 6 + size


def test_an_item_is_the_sum_of_its_names_and_values() -> None:
    assert item_size({}) == 0
    assert item_size({"pk": {"S": "MSG#1"}, "sk": {"S": "a"}, "n": {"N": "7"}, "tags": {"SS": ["x", "y"]}}) == 19


def test_an_unknown_type_has_no_size() -> None:
    with pytest.raises(ItemError, match="'X' is no DynamoDB type"):
        value_size({"X": "a"})


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_a_list_costs_one_byte_an_element_more_than_what_is_in_it(texts: list[str]) -> None:
    assert value_size({"L": [{"S": text} for text in texts]}) == 3 + sum(1 + len(text.encode()) for text in texts)


def item_of(size: int, **more: Any) -> dict[str, Any]:
    item = {"pk": {"S": "p"}, "sk": {"S": "s"}, "fill": {"S": ""}, **more}
    return {**item, "fill": {"S": "x" * (size - item_size(item))}}


def test_400_kb_is_accepted_and_one_byte_more_is_refused() -> None:
    check_item(item_of(MAX_ITEM_SIZE), TABLE)
    with pytest.raises(ItemError, match=r"409,601 bytes, 1 over the limit of 409,600; its largest attribute is fill"):
        check_item(item_of(MAX_ITEM_SIZE + 1), TABLE)


def test_the_entries_of_local_indexes_count_towards_400_kb_and_those_of_global_ones_do_not() -> None:
    check_item(item_of(400_000, gpk={"S": "g"}, n={"N": "1"}), INDEXED)
    check_item(item_of(MAX_ITEM_SIZE // 2, lsk={"S": "l"}), INDEXED)
    with pytest.raises(ItemError, match="entries in local indexes have 409,602 bytes together"):
        check_item(item_of(MAX_ITEM_SIZE // 2 + 1, lsk={"S": "l"}), INDEXED)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"pk": "a"}, "sk: missing, and table t has the key pk and sk; give it a value"),
        ({"sk": "a"}, "pk: missing"),
        ({"pk": "", "sk": "a"}, "pk, a key attribute of table t, is empty; a key has at least one byte"),
        ({"pk": "a", "sk": 1}, "sk, a key attribute of table t, is declared S and the value is N; give text"),
        ({"pk": {"S": "a"}, "sk": "1"}, "declared S and the value is M; give text; it looks like boto3's wire form"),
        ({"pk": "é" * 1025, "sk": "a"}, "pk, .* has 2,050 bytes, at most 2,048 are allowed; shorten it"),
        ({"pk": "a", "sk": "x" * 1025}, "sk, .* has 1,025 bytes, at most 1,024"),
        ({"pk": "a", "sk": "b", "gpk": ""}, "gpk, a key attribute of index by-n, is empty; .* leave an index key out"),
        ({"pk": "a", "sk": "b", "n": "1"}, "n, a key attribute of index by-n, is declared N and the value is S"),
        ({"pk": "a", "sk": "b", "gpk": "x" * 2049}, "gpk, .* index by-n, has 2,049 bytes"),
        ({"pk": "a", "sk": "b", "x" * 65_536: 1}, "a name of 65536 bytes; at most 65535"),
    ],
)
def test_an_item_that_the_table_cannot_hold_is_refused_with_the_attribute_and_the_cure(item: Any, words: str) -> None:
    with pytest.raises(ItemError, match=words):
        check_item(item_to_wire(item), INDEXED)


def test_keys_of_the_longest_length_and_items_outside_of_an_index_are_accepted() -> None:
    check_item(item_to_wire({"pk": "é" * 1024, "sk": "x" * 1024, "n": 1}), INDEXED)
    check_key(item_to_wire({"pk": "a", "sk": "b"}), TABLE)


def test_a_key_with_another_attribute_is_no_key() -> None:
    with pytest.raises(ItemError, match="n: not in the key of table t, which is pk and sk"):
        check_key(item_to_wire({"pk": "a", "sk": "b", "n": 1}), TABLE)
