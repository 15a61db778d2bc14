"""What the benchmarks measure with: the same items everywhere, pages made of recorded ones, digests that see a loss."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import kinds
from benchmarks.digests import digest_of_items, digest_of_wire, exact_share
from benchmarks.measurement import fingerprint
from benchmarks.recordings import LAP, Page, cut, for_boto3, pages
from workbench.items import item_from_wire


def page(items: list[dict[str, Any]]) -> Page:
    text = json.dumps(items, separators=(",", ":"), ensure_ascii=False).encode()
    return Page(text[1:-1], len(items), {"pk": items[-1]["pk"], "sk": items[-1]["sk"]})


def lap(kind: str) -> list[Page]:
    items = list(kinds.items(kind, 10 * LAP))
    return [page(items[start : start + 10]) for start in range(0, len(items), 10)]


def test_the_items_are_the_same_each_time() -> None:
    assert digest_of_wire(kinds.items("mixed", 60)) == digest_of_wire(kinds.items("mixed", 60))
    assert digest_of_wire(kinds.items("mixed", 60)) != digest_of_wire(kinds.items("mixed", 61))


def test_messages_are_six_strings_of_about_430_bytes() -> None:
    items = list(kinds.items("messages", 500))
    sizes = [len(json.dumps(item, separators=(",", ":"), ensure_ascii=False).encode()) for item in items]

    assert all(len(item) == 6 and {tag for av in item.values() for tag in av} == {"S"} for item in items)
    assert 410 < sum(sizes) / len(sizes) < 440


def test_wide_items_hold_all_ten_types_in_25_attributes_some_missing_some_mixed() -> None:
    items = list(kinds.items("wide", 300))
    types: dict[str, set[str]] = {}
    for item in items:
        for name, av in item.items():
            types.setdefault(name, set()).update(av)

    assert len(types) == 25
    assert set.union(*types.values()) == {"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"}
    assert types["code"] == {"S", "N"}
    assert types["detail"] == {"M", "L", "S", "BOOL"}
    assert {len(item) for item in items} > {22, 23}
    assert all(len(item["big"]["N"]) == 38 for item in items)


@pytest.mark.parametrize("kind", ["messages", "wide"])
def test_a_page_of_a_later_lap_is_as_long_and_has_keys_of_its_own_in_order(kind: str) -> None:
    recorded = lap(kind)
    made = list(pages(kind, 2 * LAP + 3, recorded))
    items = [item for each in made for item in each.wire()]
    keys = [item["sk"]["S"] for item in items]
    identity = "message_uuid" if kind == "messages" else "identity"

    assert keys == sorted(set(keys))
    assert len({item[identity]["S"] for item in items}) == len(items)
    assert [len(each.items) for each in made[LAP : 2 * LAP]] == [len(each.items) for each in recorded]
    assert all(each.last_key["sk"] == each.wire()[-1]["sk"] for each in made)
    assert made[:LAP] == recorded


def test_pages_are_cut_to_a_number_of_items_and_no_more_can_be_had_than_there_are() -> None:
    short = cut(lap("messages"), 25)

    assert [each.count for each in short] == [10, 10, 5]
    assert [len(each.wire()) for each in short] == [10, 10, 5]
    assert short[-1].last_key["sk"] == short[-1].wire()[-1]["sk"]
    with pytest.raises(ValueError, match="20 items fewer"):
        cut(lap("messages"), 10 * LAP + 20)


def test_both_digests_of_the_same_items_are_the_same() -> None:
    wire = list(kinds.items("mixed", 120))

    assert digest_of_items(item_from_wire(for_boto3(item)) for item in wire) == digest_of_wire(wire)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"),
        (1, True),
        (0, False),
        ("", None),
        (None, [None]),
        (Decimal("1"), Decimal("1.0000000000000000000000000000000000001")),
        (b"a", "61"),
        ({"a"}, ["a"]),
        ({"1"}, {1}),
        ({}, []),
        (Decimal("9" * 38), float("9" * 38)),
        (Decimal("NaN"), 0),
    ],
    ids=repr,
)
def test_a_digest_tells_what_dynamodb_tells_apart(one: object, other: object) -> None:
    assert digest_of_items([{"a": one}]) != digest_of_items([{"a": other}])


@given(st.integers(-(10**38) + 1, 10**38 - 1), st.integers(0, 60))
def test_the_digest_of_a_number_does_not_hang_on_how_it_is_written(digits: int, places: int) -> None:
    number = Decimal(f"{digits}E-{places}")

    assert digest_of_items([{"a": number}]) == digest_of_wire([{"a": {"N": f"{number:f}"}}])
    assert digest_of_items([{"a": number}]) == digest_of_wire([{"a": {"N": f"{digits}000E{-places - 3}"}}])


def test_missing_and_null_are_not_the_same_and_neither_is_another_order_of_items() -> None:
    assert digest_of_items([{"a": None}]) != digest_of_items([{}])
    assert digest_of_items([{"a": 1}, {"a": 2}]) != digest_of_items([{"a": 2}, {"a": 1}])


def test_the_exact_share_counts_the_items_without_a_loss() -> None:
    wire = [{"a": {"N": "1"}}, {"a": {"N": "0.1"}}, {"a": {"NULL": True}}, {"a": {"S": "x"}}]

    assert exact_share([{"a": 1}, {"a": 0.1}, {}, {"a": "x"}], wire) == 0.5


def test_a_fingerprint_hangs_on_what_is_measured() -> None:
    assert fingerprint("one") == fingerprint("one") != fingerprint("other")
