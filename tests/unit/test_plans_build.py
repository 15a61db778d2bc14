"""Plans: the exact request of each operation, accepted by botocore, with a placeholder for every name and value."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.unit.shop_plans import ARGUMENTS, ROWS, SHOP, assert_botocore_takes, plan
from workbench.errors import UnknownNameError, UsageError
from workbench.model import KeyCondition, KeyTemplate, Parameter, Pattern, SortCondition
from workbench.plans import Clock, Request, build, scan

NOW = "2026-03-02T09:00:00.000000Z"


def keys(item: dict[str, Any]) -> list[str]:
    return [next(iter(value.values())) for value in item.values()]


@pytest.mark.parametrize("resolved", [True, False])
@pytest.mark.parametrize("name", list(ARGUMENTS))
def test_every_request_is_what_botocore_takes(name: str, resolved: bool) -> None:
    requests = plan(name, resolved=resolved).requests

    assert requests
    for request in requests:
        assert_botocore_takes(request)


def test_the_patterns_of_this_test_use_all_ten_operations() -> None:
    assert len({pattern.operation for pattern in SHOP.patterns.values()}) == 10
    assert ARGUMENTS.keys() == SHOP.patterns.keys()


def test_a_get_has_its_key_its_consistency_and_its_projection() -> None:
    assert plan("get-customer").request == Request(
        "GetItem",
        {
            "TableName": "shop",
            "Key": {"pk": {"S": "CUSTOMER#c1"}, "sk": {"S": "PROFILE"}},
            "ProjectionExpression": "#n0, #n1.#n2, #n3, #n4",
            "ExpressionAttributeNames": {
                "#n0": "email",
                "#n1": "odd",
                "#n2": "name",
                "#n3": "odd.name with ünïcode 'quotes'",
                "#n4": "tags",
            },
            "ConsistentRead": True,
        },
    )


def test_a_query_has_key_filter_order_and_limit() -> None:
    assert plan("list-orders", low="1.50").request.kwargs == {
        "TableName": "shop",
        "KeyConditionExpression": "#n0 = :v0 AND begins_with(#n1, :v1)",
        "FilterExpression": "#n2 <> :v2 AND (#n3 BETWEEN :v3 AND :v4 OR NOT #n4 = :v5) AND size(#n5) >= :v6",
        "ExpressionAttributeNames": {
            "#n0": "pk",
            "#n1": "sk",
            "#n2": "status",
            "#n3": "total",
            "#n4": "paid",
            "#n5": "lines",
        },
        "ExpressionAttributeValues": {
            ":v0": {"S": "CUSTOMER#c1"},
            ":v1": {"S": "ORDER#"},
            ":v2": {"S": "cancelled"},
            ":v3": {"N": "1.5"},
            ":v4": {"N": "1000"},
            ":v5": {"BOOL": True},
            ":v6": {"N": "0"},
        },
        "ScanIndexForward": False,
        "Limit": 2,
    }


def test_a_multi_attribute_index_is_asked_from_left_to_right() -> None:
    kwargs = plan("urgent-orders").request.kwargs

    assert kwargs["IndexName"] == "by-status"
    assert kwargs["KeyConditionExpression"] == "#n0 = :v0 AND #n1 = :v1 AND #n2 = :v2 AND #n3 < :v3"
    assert kwargs["ExpressionAttributeValues"][":v3"] == {"S": NOW}
    assert "ScanIndexForward" not in kwargs


@pytest.mark.parametrize(
    ("operator", "values", "expression"),
    [
        ("equals", ["a"], "#n1 = :v1"),
        ("less_than", ["a"], "#n1 < :v1"),
        ("less_or_equal", ["a"], "#n1 <= :v1"),
        ("greater_than", ["a"], "#n1 > :v1"),
        ("greater_or_equal", ["a"], "#n1 >= :v1"),
        ("begins_with", ["a"], "begins_with(#n1, :v1)"),
        ("between", ["a", "b"], "#n1 BETWEEN :v1 AND :v2"),
    ],
)
def test_every_sort_operator_has_its_expression(operator: Any, values: list[str], expression: str) -> None:
    key = KeyCondition(
        {"pk": KeyTemplate.of("x")}, (SortCondition("sk", operator, tuple(map(KeyTemplate.of, values))),)
    )

    kwargs = build(SHOP, Pattern("p", "", "Query", "shop", key=key)).request.kwargs

    assert kwargs["KeyConditionExpression"] == f"#n0 = :v0 AND {expression}"


def test_a_put_types_its_attributes_and_leaves_optional_ones_out() -> None:
    assert plan("place-order", lines=[{"sku": 1}]).request.kwargs == {
        "TableName": "shop",
        "Item": {
            "pk": {"S": "CUSTOMER#c1"},
            "sk": {"S": "ORDER#00000007"},
            "region": {"S": "north"},
            "status": {"S": "open"},
            "priority": {"N": "1"},
            "placed_at": {"S": NOW},
            "total": {"N": "9.5"},
            "lines": {"L": [{"M": {"sku": {"N": "1"}}}]},
        },
        "ConditionExpression": "attribute_not_exists(#n0)",
        "ExpressionAttributeNames": {"#n0": "pk"},
    }


def test_an_update_numbers_its_update_before_its_condition() -> None:
    kwargs = plan("count-visit", tags=["b", "a"]).request.kwargs

    assert kwargs["Key"] == {"pk": {"S": "CUSTOMER#c1"}, "sk": {"S": "PROFILE"}}
    assert kwargs["UpdateExpression"] == (
        "SET #n0 = if_not_exists(#n0, :v0) + :v1, #n1.#n2 = :v2, #n3 = list_append(if_not_exists(#n3, :v3), :v4) "
        "REMOVE #n4 ADD #n5 :v5"
    )
    assert kwargs["ConditionExpression"] == "attribute_exists(#n6) AND attribute_type(#n7, :v6)"
    assert kwargs["ExpressionAttributeNames"]["#n2"] == "seen at"
    assert kwargs["ExpressionAttributeValues"][":v5"] == {"SS": ["a", "b"]}


def test_a_transaction_numbers_placeholders_anew_in_every_action() -> None:
    put, update, check = plan("sell").request.kwargs["TransactItems"]

    assert put["Put"]["Item"]["total"] == {"N": "9.5"}
    assert update["Update"] == {
        "TableName": "stock",
        "Key": {"sku": {"N": "5"}, "bin": {"B": b"\x01"}},
        "UpdateExpression": "SET #n0 = #n0 - :v0",
        "ConditionExpression": "#n0 >= :v0",
        "ExpressionAttributeNames": {"#n0": "count"},
        "ExpressionAttributeValues": {":v0": {"N": "1"}},
    }
    assert check["ConditionCheck"]["ConditionExpression"] == "attribute_exists(#n0)"


def test_each_makes_one_request_a_row_for_single_operations() -> None:
    requests = plan("close-orders").requests

    assert [keys(request.kwargs["Key"])[1] for request in requests] == [f"ORDER#0000000{at}" for at in (1, 2, 3)]


def test_each_over_no_rows_makes_no_request() -> None:
    done = build(SHOP, "close-orders", {"customer_id": "c1"}, rows={"orders": []})

    assert done.requests == ()
    assert "nothing to do" in repr(done.explain())
    with pytest.raises(UsageError, match="0 requests"):
        _ = done.request


def test_batches_are_cut_into_what_one_request_takes() -> None:
    rows = {"orders": [{"customer_id": "c1", "order_no": number} for number in range(1, 131)]}

    gets = build(SHOP, "get-orders", ARGUMENTS["get-orders"], rows=rows).requests
    writes = build(SHOP, "stock-shelf", ARGUMENTS["stock-shelf"], rows=rows).requests

    assert [len(each.kwargs["RequestItems"]["shop"]["Keys"]) for each in gets] == [100, 30]
    assert [sum(map(len, each.kwargs["RequestItems"].values())) for each in writes] == [25, 25, 25, 25, 25, 6]
    assert list(writes[0].kwargs["RequestItems"]) == ["stock", "shop"]


def test_a_key_that_is_there_twice_is_asked_for_once() -> None:
    rows = {"orders": [{"customer_id": "c1", "order_no": 1}] * 2}

    request = build(SHOP, "get-orders", ARGUMENTS["get-orders"], rows=rows).request

    assert len(request.kwargs["RequestItems"]["shop"]["Keys"]) == 1


def test_placeholders_are_numbered_alike_whatever_the_values_are() -> None:
    one, other = plan("all-orders", first=5, last=5), plan("all-orders", first=5, last=9)

    assert one.request.kwargs["KeyConditionExpression"] == other.request.kwargs["KeyConditionExpression"]
    assert one == plan("all-orders", first=5, last=5)


def test_defaults_come_from_the_clock() -> None:
    clock = Clock.fixed("2026-03-02T10:00:00+01:00", step=dt.timedelta(seconds=1))

    first = build(SHOP, "place-order", ARGUMENTS["place-order"], rows={"customer": ROWS["customer"]}, clock=clock)
    second = build(SHOP, "place-order", ARGUMENTS["place-order"], rows={"customer": ROWS["customer"]}, clock=clock)

    assert (first.arguments["placed_at"], second.arguments["placed_at"]) == (NOW, NOW.replace("00.0", "01.0"))
    assert Clock.fixed().uuid() == Clock.fixed().uuid()
    assert Clock.system().now().tzinfo is dt.UTC
    with pytest.raises(ValueError, match="no time zone"):
        Clock.fixed("2026-03-02T09:00:00")


@pytest.mark.parametrize(
    ("type_", "value"),
    [("timestamp", NOW), ("date", "2026-03-02"), ("string", NOW), ("integer", 1772442000)],
)
def test_now_takes_the_form_of_its_parameter(type_: Any, value: Any) -> None:
    pattern = Pattern("p", "", "Scan", "shop", parameters={"at": Parameter("at", type_, default="$now")})

    assert build(SHOP, pattern, clock=Clock.fixed()).arguments == {"at": value}


# Scan by name


def test_a_scan_is_asked_for_by_name() -> None:
    everything = scan(SHOP, "shop", filter="total > {low}", arguments={"low": 3}, limit=5)

    assert everything.request == Request(
        "Scan",
        {
            "TableName": "shop",
            "FilterExpression": "#n0 > :v0",
            "ExpressionAttributeNames": {"#n0": "total"},
            "ExpressionAttributeValues": {":v0": {"N": "3"}},
            "Limit": 5,
        },
    )
    assert scan(SHOP, "shop", "by-email").request.kwargs == {"TableName": "shop", "IndexName": "by-email"}
    with pytest.raises(UnknownNameError, match="Did you mean 'shop'"):
        scan(SHOP, "shopp")


def test_the_code_of_a_request_can_be_pasted_and_gives_the_request_again() -> None:
    sent: list[dict[str, Any]] = []
    request = plan("sell").request

    class Client:
        def transact_write_items(self, **kwargs: Any) -> None:
            sent.append(kwargs)

    eval(request.code(), {"client": Client()})

    assert sent == [request.kwargs]
