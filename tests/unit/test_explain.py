"""Explanations: what is key and what is filter, the price to expect, and every trap in words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workbench.model import KeyCondition, KeyTemplate, Parameter, Pattern, SortCondition, load_model
from workbench.plans import Clock, Explanation, build, scan

SHOP = load_model(Path(__file__).parents[1] / "models" / "shop" / "model.yaml")
ORDERS = {"orders": [{"customer_id": "c1", "order_no": number} for number in range(1, 13)]}


def explained(name: str, arguments: dict[str, Any], rows: Any = None, **options: Any) -> Explanation:
    return build(SHOP, name, arguments, rows=rows, clock=Clock.fixed()).explain(**options)


def test_an_explanation_is_a_pleasure_to_read() -> None:
    assert (
        repr(explained("list-orders", {"customer_id": "c1"}, sizes={"Order": 500}))
        == """\
list-orders: What did a customer order, newest first?
  operation Query on shop
  key       pk = 'CUSTOMER#c1' (looked up)
  key       sk begins with 'ORDER#' (looked up)
  filter    status <> 'cancelled' (read first, paid for, then dropped)
  filter    total BETWEEN 0 AND 1000 OR NOT paid = true (read first, paid for, then dropped)
  filter    size(lines) >= 0 (read first, paid for, then dropped)
  order     descending by sk
  limit     2 items read a page
  pages     1, of at most 2 items; the cursor gives the next
  price     about 2 items, 1,000 bytes: 0.5 RCU (the sizes given for Order)
  note      the filter works after reading: what it drops is paid for, and a page may be empty with more behind it
  note      Limit counts before the filter: 2 items are read a page, and fewer may come back

client.query(
    TableName='shop',
    KeyConditionExpression='#n0 = :v0 AND begins_with(#n1, :v1)',
    FilterExpression='#n2 <> :v2 AND (#n3 BETWEEN :v3 AND :v4 OR NOT #n4 = :v5) AND size(#n5) >= :v6',
    ExpressionAttributeNames={'#n0': 'pk',
                              '#n1': 'sk',
                              '#n2': 'status',
                              '#n3': 'total',
                              '#n4': 'paid',
                              '#n5': 'lines'},
    ExpressionAttributeValues={':v0': {'S': 'CUSTOMER#c1'},
                               ':v1': {'S': 'ORDER#'},
                               ':v2': {'S': 'cancelled'},
                               ':v3': {'N': '0'},
                               ':v4': {'N': '1000'},
                               ':v5': {'BOOL': True},
                               ':v6': {'N': '0'}},
    ScanIndexForward=False,
    Limit=2,
)"""
    )


def test_a_plan_shows_itself_in_a_few_lines() -> None:
    assert (
        repr(build(SHOP, "close-orders", {"customer_id": "c1"}, rows=ORDERS))
        == """\
close-orders: UpdateItem on shop
  does      update Order pk = 'CUSTOMER#c1', sk = 'ORDER#00000001'
  does      update Order pk = 'CUSTOMER#c1', sk = 'ORDER#00000002'
  does      update Order pk = 'CUSTOMER#c1', sk = 'ORDER#00000003'
  does      update Order pk = 'CUSTOMER#c1', sk = 'ORDER#00000004'
  does      update Order pk = 'CUSTOMER#c1', sk = 'ORDER#00000005'
  does      ... and 7 more
  update    SET status = 'closed'
  only if   attribute_exists(pk)
  requests  12"""
    )


@pytest.mark.parametrize(
    ("name", "arguments", "note"),
    [
        ("every-paid-order", {}, "a Scan reads everything in shop"),
        ("urgent-orders", {"region": "n", "status": "o", "priority": 1}, "by-status is a global index, so eventually"),
        ("large-orders", {"customer_id": "c", "total": 1}, "by-total holds only pk, sk, total, status; another"),
        ("large-orders", {"customer_id": "c", "total": 1}, "costs twice an eventually consistent one"),
        ("get-customer", {"customer_id": "c"}, "a projection makes the answer smaller, not the price"),
        ("read-together", {"customer_id": "c", "order_no": 1}, "a transaction costs double"),
        ("count-visit", {"customer_id": "c"}, "a failed condition is paid for as well"),
        ("place-order", {"email": "e", "order_no": 1, "total": 1}, "looked up first: customer (sql/customer.sql)"),
        ("stock-shelf", {"customer_id": "c", "sku": 1, "bin": b"x", "count": 1}, "a batch is no transaction"),
        ("stock-shelf", {"customer_id": "c", "sku": 1, "bin": b"x", "count": 1}, "replaces an item that is there"),
    ],
)  # fmt: skip
def test_the_traps_of_an_operation_are_noted(name: str, arguments: dict[str, Any], note: str) -> None:
    notes = explained(name, arguments).notes

    assert any(note in each for each in notes), notes


def test_a_fan_out_says_that_its_requests_are_no_unit() -> None:
    explanation = explained("close-orders", {"customer_id": "c1"}, ORDERS)

    assert any("12 requests one after the other" in note for note in explanation.notes)
    assert "... and 9 more requests" in repr(explanation)


def test_before_its_rows_are_known_a_fan_out_says_that_one_row_stands_for_all() -> None:
    explanation = explained("close-orders", {"customer_id": "c1"})

    assert explanation.pages == "requests for every row of orders; one is shown"
    assert explanation.estimate.basis.endswith("; for one row of orders")
    assert any(note.startswith("requests one after the other") for note in explanation.notes)


@pytest.mark.parametrize(
    ("template", "noted"),
    [
        ("2026", True),
        ("ORDER#2026-0", False),
        ("2026-03", True),
        ("T#2026-", True),
        ("{year}", True),
        ("ORDER#", False),
    ],
)
def test_a_year_as_prefix_is_noted_because_it_empties_on_1_january(template: str, noted: bool) -> None:
    condition = SortCondition("sk", "begins_with", (KeyTemplate.of(template),))
    key = KeyCondition({"pk": KeyTemplate.of("x")}, (condition,))
    pattern = Pattern(
        "p", "", "Query", "shop", key=key, parameters={"year": Parameter("year", "string", default="2026")}
    )

    notes = build(SHOP, pattern).explain().notes

    assert any("the answer is empty" in note for note in notes) is noted


def test_reads_are_priced_by_the_sizes_given() -> None:
    sizes = {"Order": 5000, "Customer": 300}

    assert explained("list-orders", {"customer_id": "c"}, sizes=sizes).estimate.units.read == Decimal("1.5")  # type: ignore[union-attr]
    assert explained("get-customer", {"customer_id": "c"}, sizes=sizes).estimate.units.read == 1  # type: ignore[union-attr]
    together = explained("read-together", {"customer_id": "c", "order_no": 1}, sizes=sizes).estimate
    assert together.units is not None
    assert (together.units.read, together.bytes) == (2 + 4, 5300)


def test_a_put_is_priced_by_its_own_bytes_and_its_indexes() -> None:
    arguments = {"email": "e", "order_no": 1, "total": 1}
    estimate = explained("place-order", arguments, {"customer": [{"customer_id": "c"}]}).estimate

    assert estimate.exact
    assert estimate.units is not None
    assert estimate.units.indexes == {"by-status": 1, "by-total": 1}
    assert str(estimate).endswith("3.0 WCU")


def test_a_transaction_is_priced_double_on_the_table_only() -> None:
    arguments = {"customer_id": "c", "order_no": 1, "sku": 1, "bin": b"x"}
    estimate = explained("sell", arguments, sizes={"Stock": 100, "Customer": 100}).estimate

    assert estimate.units is not None
    assert (estimate.units.table, estimate.units.total) == (6, 8)


def test_without_a_limit_the_number_of_items_is_said_to_be_unknown() -> None:
    estimate = scan(SHOP, "stock").explain(sizes={"Stock": 100}).estimate

    assert (estimate.items, estimate.units) == (None, None)
    assert str(estimate) == "40 items of about 100 bytes fill 4 KB"


def test_guessed_sizes_are_said_to_be_an_estimate() -> None:
    assert explained("get-customer", {"customer_id": "c"}).estimate.basis == (
        "an estimate from the attribute types of Customer"
    )


def test_long_requests_are_shortened_in_the_text_and_whole_in_the_object() -> None:
    explanation = explained("get-orders", {"customer_id": "c1"}, {"orders": ORDERS["orders"] * 1 + [
        {"customer_id": "c1", "order_no": number} for number in range(13, 90)]})  # fmt: skip

    assert "more lines" in repr(explanation)
    assert len(explanation.requests[0].kwargs["RequestItems"]["shop"]["Keys"]) == 89
