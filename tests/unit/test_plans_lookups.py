"""Lookups of a plan: what it says before its rows are known, and which rows fit."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from tests.unit.shop_plans import ARGUMENTS, SHOP, plan
from workbench.errors import LookupFailedError, ModelError
from workbench.plans import Clock, build


def test_before_its_rows_are_known_a_plan_says_in_words_what_stands_where() -> None:
    waiting = plan("place-order", resolved=False)

    assert [lookup.name for lookup in waiting.unresolved] == ["customer"]
    assert not waiting.ready
    assert waiting.request.kwargs["Item"]["pk"] == {"S": "CUSTOMER#<customer.customer_id>"}
    assert "waits for lookup customer" in repr(waiting)


def test_resolving_keeps_what_the_clock_made() -> None:
    clock = Clock.fixed(step=dt.timedelta(seconds=1))
    waiting = build(SHOP, "place-order", ARGUMENTS["place-order"], clock=clock)

    done = waiting.resolve({"customer": [{"customer_id": uuid.UUID(int=7)}]})

    assert done.ready
    assert done.arguments == waiting.arguments
    assert done.request.kwargs["Item"]["pk"] == {"S": f"CUSTOMER#{uuid.UUID(int=7)}"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"customer": []}, "place-order: nobody has the address a@example.org"),
        ({"customer": [{}, {}]}, "gave 2 rows; it must give exactly one"),
    ],
)
def test_a_lookup_of_one_row_that_gives_another_number_is_refused(rows: Any, words: str) -> None:
    with pytest.raises(LookupFailedError, match=words):
        build(SHOP, "place-order", ARGUMENTS["place-order"], rows=rows)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"custommer": []}, "no lookup of it. Did you mean 'customer'"),
        ({"customer": [{"customer": "c1"}]}, "gives no column 'customer_id'. Did you mean 'customer'"),
    ],
)
def test_rows_that_do_not_fit_the_pattern_are_named(rows: Any, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        build(SHOP, "place-order", ARGUMENTS["place-order"], rows=rows)


def test_a_name_that_is_both_argument_and_column_must_be_said() -> None:
    rows = {"orders": [{"customer_id": "c2", "order_no": 1}]}

    with pytest.raises(ModelError, match="customer_id is a parameter and a column of orders; say which"):
        build(SHOP, "get-orders", {"customer_id": "c1"}, rows=rows)
