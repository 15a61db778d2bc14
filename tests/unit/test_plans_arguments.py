"""Arguments of a plan: what is wrong is named with its cure before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.shop_plans import ARGUMENTS, SHOP, plan
from workbench.errors import ArgumentError, ItemError, KeyTemplateError, UnknownNameError, UsageError
from workbench.plans import build


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("list-orders", {"customer": "c1"}, "no parameter 'customer'. Did you mean 'customer_id'?"),
        ("list-orders", {}, "list-orders needs customer_id (string)"),
        ("list-orders", {"customer_id": None}, "needs customer_id"),
        ("list-orders", {"customer_id": 3}, "3 is a int, not a string"),
        ("list-orders", {"customer_id": "c", "low": 1.5}, "low: 1.5 is a float"),
        ("list-orders", {"customer_id": "c", "limit": True}, "limit: True is not an integer"),
        ("list-orders", {"customer_id": "c", "limit": 0}, "limit: 0 is too small"),
        ("list-orders", {"customer_id": "c", "limit": -1}, "limit: -1 is too small"),
        ("urgent-orders", {"region": "n", "status": "o", "priority": "high"}, "'high' is not an integer"),
        ("urgent-orders", {**ARGUMENTS["urgent-orders"], "before": "2026-03-02T09:00:00"}, "no time zone"),
        ("all-orders", {"customer_id": "c", "first": 9, "last": 1}, "the first is greater; swap them"),
        ("every-paid-order", {"x": 1}, "no parameter 'x'. Known: status."),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named_with_its_cure(name: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        build(SHOP, name, arguments)

    assert words in str(caught.value)


@pytest.mark.parametrize("limit", [0, -5, True, 2.0, "3"])
def test_a_limit_that_is_no_whole_number_from_1_on_is_refused(limit: Any) -> None:
    with pytest.raises(ArgumentError, match="limit"):
        build(SHOP, "all-orders", ARGUMENTS["all-orders"], limit=limit)


def test_a_limit_given_to_build_wins() -> None:
    assert build(SHOP, "list-orders", {"customer_id": "c", "limit": 9}, limit=3).request.kwargs["Limit"] == 3


@pytest.mark.parametrize("option", [{"limit": 3}, {"cursor": "x"}])
def test_only_reads_in_pages_take_a_limit_or_a_cursor(option: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="only Query and Scan have pages"):
        build(SHOP, "get-customer", ARGUMENTS["get-customer"], **option)


def test_an_unknown_pattern_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'list-orders'"):
        build(SHOP, "list-order", {})


def test_a_key_too_wide_for_its_template_is_refused() -> None:
    with pytest.raises(KeyTemplateError, match="does not fit 8 digits"):
        plan("forget-order", order_no=123_456_789)


def test_a_key_over_its_limit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ItemError, match="at most 2,048"):
        plan("forget-order", customer_id="x" * 3000)
