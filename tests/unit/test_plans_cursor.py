"""Cursors: handed back they continue where a page ended; another pattern, other arguments and damage are refused."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ArgumentError, UsageError
from workbench.model import load_model
from workbench.plans import Clock, build, scan

SHOP = load_model(Path(__file__).parents[1] / "models" / "shop" / "model.yaml")
LAST = {"pk": {"S": "CUSTOMER#c1"}, "sk": {"S": "ORDER#00000002"}}
ASKED = {"customer_id": "c1"}


def cursor() -> str:
    made = build(SHOP, "list-orders", ASKED).cursor_after(LAST)
    assert made is not None
    return made


def test_a_cursor_starts_the_next_page_where_the_last_one_ended() -> None:
    following = build(SHOP, "list-orders", ASKED, cursor=cursor())

    assert following.request.kwargs["ExclusiveStartKey"] == LAST
    assert following == build(SHOP, "list-orders", ASKED).after(LAST)
    assert "where the cursor points" in repr(following)


def test_after_the_last_page_there_is_no_cursor() -> None:
    assert build(SHOP, "list-orders", ASKED).cursor_after(None) is None
    assert build(SHOP, "list-orders", ASKED).cursor_after({}) is None


def test_a_cursor_is_the_same_each_time_and_safe_in_a_web_address() -> None:
    assert cursor() == cursor()
    assert set(cursor()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_page_may_have_another_size_than_the_one_before() -> None:
    following = build(SHOP, "list-orders", {**ASKED, "limit": 50}, cursor=cursor())

    assert following.request.kwargs["Limit"] == 50


def test_what_the_clock_made_for_the_first_page_holds_for_all_pages() -> None:
    clock = Clock.fixed(step=dt.timedelta(hours=1))
    asked = {"region": "north", "status": "open", "priority": 1}
    first = build(SHOP, "urgent-orders", asked, clock=clock)
    key = {**LAST, "region": {"S": "north"}, "status": {"S": "open"}, "priority": {"N": "1"}, "placed_at": {"S": "t"}}

    second = build(SHOP, "urgent-orders", asked, clock=clock, cursor=first.cursor_after(key))

    assert second.arguments == first.arguments


def test_a_key_of_any_type_survives_the_cursor() -> None:
    key = {"sku": {"N": "-1.5"}, "bin": {"B": b"\x00\xff"}}
    first = scan(SHOP, "stock")

    assert scan(SHOP, "stock", cursor=first.cursor_after(key)).request.kwargs["ExclusiveStartKey"] == key


def test_the_cursor_of_another_pattern_is_refused() -> None:
    with pytest.raises(ArgumentError, match="the cursor belongs to list-orders"):
        build(SHOP, "all-orders", ASKED, cursor=cursor())


@pytest.mark.parametrize("arguments", [{"customer_id": "c2"}, {"customer_id": "c1", "low": 5}])
def test_the_cursor_of_other_arguments_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="given for other arguments"):
        build(SHOP, "list-orders", arguments, cursor=cursor())


@pytest.mark.parametrize("text", ["", "x", "not a cursor", "e30", "eyJhIjoxfQ", "ünï", "W10", "bnVsbA"])
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="this is no cursor"):
        build(SHOP, "list-orders", ASKED, cursor=text)


@given(st.integers(min_value=0), st.sampled_from("AZaz09-_"))
def test_a_cursor_with_a_changed_character_is_refused(at: int, character: str) -> None:
    text = cursor()
    at %= len(text) - 1
    if text[at] == character:
        return

    with pytest.raises(ArgumentError, match="cursor"):
        build(SHOP, "list-orders", ASKED, cursor=text[:at] + character + text[at + 1 :])


def test_a_cursor_made_by_hand_for_other_data_is_refused() -> None:
    content = json.loads(base64.urlsafe_b64decode(cursor() + "=="))
    content["key"]["pk"] = ["S", "CUSTOMER#somebody-else"]
    text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()

    with pytest.raises(ArgumentError, match="was damaged"):
        build(SHOP, "list-orders", ASKED, cursor=text)


def test_the_cursor_of_a_table_with_other_keys_is_refused() -> None:
    wrong = build(SHOP, "list-orders", ASKED).cursor_after({"id": {"S": "1"}})

    with pytest.raises(ArgumentError, match="the cursor holds id; the key is pk, sk"):
        build(SHOP, "list-orders", ASKED, cursor=wrong)


def test_only_a_plan_with_pages_has_a_next_page() -> None:
    with pytest.raises(UsageError, match="has no next page"):
        build(SHOP, "get-customer", ASKED).after(LAST)
