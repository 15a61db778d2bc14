"""Plans: the exact request of each operation, accepted by botocore, with a placeholder for every name and value."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import (
    ArgumentError,
    ItemError,
    KeyTemplateError,
    LookupFailedError,
    ModelError,
    UnknownNameError,
    UsageError,
)
from workbench.model import (
    Action,
    Entity,
    KeyAttribute,
    KeyCondition,
    KeySchema,
    KeyTemplate,
    Lookup,
    Model,
    Parameter,
    Pattern,
    SortCondition,
    Source,
    Table,
    load_model,
)
from workbench.plans import Clock, Plan, Request, build, scan, table_request, ttl_request

SHOP = load_model(Path(__file__).parents[1] / "models" / "shop" / "model.yaml")
NOW = "2026-03-02T09:00:00.000000Z"
ARGUMENTS: dict[str, dict[str, Any]] = {
    "get-customer": {"customer_id": "c1"},
    "list-orders": {"customer_id": "c1"},
    "all-orders": {"customer_id": "c1"},
    "urgent-orders": {"region": "north", "status": "open", "priority": 1},
    "large-orders": {"customer_id": "c1", "total": "9.50"},
    "every-paid-order": {},
    "place-order": {"email": "a@example.org", "order_no": 7, "total": "9.50"},
    "count-visit": {"customer_id": "c1"},
    "forget-order": {"customer_id": "c1", "order_no": 7},
    "close-orders": {"customer_id": "c1"},
    "get-orders": {"customer_id": "c1"},
    "stock-shelf": {"customer_id": "c1", "sku": 5, "bin": b"\x01", "count": 3},
    "read-together": {"customer_id": "c1", "order_no": 7},
    "sell": {"customer_id": "c1", "order_no": 7, "sku": 5, "bin": b"\x01"},
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "customer": [{"customer_id": "c1"}],
    "orders": [{"customer_id": "c1", "order_no": number} for number in (1, 2, 3)],
}


def plan(name: str, *, resolved: bool = True, **others: Any) -> Plan:
    pattern = SHOP.pattern(name)
    rows = {lookup: ROWS[lookup] for lookup in pattern.lookups} if resolved else {}
    return build(SHOP, pattern, {**ARGUMENTS[name], **others}, rows=rows, clock=Clock.fixed())


@cache
def input_shape(operation: str) -> Any:
    return botocore.session.get_session().get_service_model("dynamodb").operation_model(operation).input_shape


def assert_botocore_takes(request: Request) -> None:
    report = ParamValidator().validate(request.kwargs, input_shape(request.operation))
    assert not report.has_errors(), report.generate_report()


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


# arguments


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


# lookups


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


# what can't be one request


def members(operation: Any, *actions: Action) -> Pattern:
    lookups = {"orders": Lookup("orders", Source("o.sql", ""), many=True)}
    parameters = {name: Parameter(name, type_) for name, type_ in (("customer_id", "string"), ("order_no", "integer"))}  # type: ignore[arg-type]
    return Pattern("members", "", operation, "shop", actions=actions, lookups=lookups, parameters=parameters)


GIVEN = {"customer_id": "c1", "order_no": 1}


def test_a_transaction_over_100_actions_is_refused() -> None:
    pattern = members(
        "TransactWriteItems",
        Action("delete", "Order", each="orders", values={"order_no": KeyTemplate.of("{orders.no}")}),
    )
    rows = {"orders": [{"no": number} for number in range(1, 102)]}

    with pytest.raises(UsageError, match="a transaction of 101 actions; DynamoDB takes 100"):
        build(SHOP, pattern, GIVEN, rows=rows)


@pytest.mark.parametrize("operation", ["TransactWriteItems", "BatchWriteItem"])
def test_two_different_writes_of_one_item_are_refused(operation: Any) -> None:
    values = {name: KeyTemplate.of("x") for name in ("email", "name")}
    pattern = members(operation, Action("put", "Customer", values), Action("delete", "Customer"))

    with pytest.raises(UsageError, match="item pk = 'CUSTOMER#c1', sk = 'PROFILE' of shop"):
        build(SHOP, pattern, GIVEN)


def test_a_transaction_refuses_even_the_same_action_twice() -> None:
    with pytest.raises(UsageError, match="takes one action an item"):
        build(SHOP, members("TransactGetItems", Action("get", "Order"), Action("get", "Order")), GIVEN)


def test_actions_on_rows_not_known_yet_are_not_taken_for_the_same_item() -> None:
    values = {"order_no": KeyTemplate.of("{orders.no}")}
    pattern = members("TransactWriteItems", *[Action("delete", "Order", values, each="orders")] * 2)

    assert len(build(SHOP, pattern, GIVEN).request.kwargs["TransactItems"]) == 2


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (members("BatchWriteItem", Action("delete", "Order", condition="a = 1")), "takes no condition"),
        (members("BatchWriteItem", Action("update", "Order", update="SET a = 1")), "knows no update"),
        (members("PutItem"), "needs put; it has no action"),
        (members("DeleteItem", Action("delete", "Order"), Action("delete", "Customer")), "one action"),
        (members("UpdateItem", Action("update", "Order")), "an update needs set"),
        (members("UpdateItem", Action("update", "Order", update="SET pk = 'x'")), "pk is part of the key"),
        (members("UpdateItem", Action("update", "Order", update="SET a.b = 1 REMOVE a")), "changed twice"),
        (members("TransactWriteItems", Action("check", "Order")), "a check needs condition"),
        (members("PutItem", Action("put", "Customer")), "nothing gives email"),
        (members("PutItem", Action("put", "Customer", {"emial": KeyTemplate.of("x")})), "Did you mean 'email'"),
        (members("DeleteItem", Action("delete", "Order", each="order")), "no lookup 'order'"),
        (members("UpdateItem", Action("update", "Order", update="SET a = {orders.no}")), "use it in an action"),
        (members("DeleteItem", Action("delete", "Order", condition="a = {customer}")), "Did you mean 'customer_id'"),
        (Pattern("p", "", "Query", "shop"), "a Query needs a key"),
        (Pattern("p", "", "Query", "shop", key=KeyCondition({"sk": KeyTemplate.of("x")})), "partition key is pk"),
        (Pattern("p", "", "Scan", "shop", key=KeyCondition({"pk": KeyTemplate.of("x")})), "takes no key"),
        (Pattern("p", "", "Scan", "shop", index="by-email", consistent=True), "only eventually consistent"),
        (Pattern("p", "", "GetItem", "shop", key=KeyCondition({"pk": KeyTemplate.of("x")})), "needs the whole key"),
    ],
)
def test_a_pattern_that_dynamodb_would_refuse_is_refused_before(pattern: Pattern, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        build(SHOP, pattern, GIVEN if pattern.parameters else {})

    assert words in str(caught.value)


def test_sort_attributes_go_from_left_to_right_without_a_gap() -> None:
    partition = {name: KeyTemplate.of("x") for name in ("region", "status")}
    gap = KeyCondition(partition, (SortCondition("placed_at", "equals", (KeyTemplate.of("x"),)),))
    early = KeyCondition(
        partition,
        (
            SortCondition("priority", "less_than", (KeyTemplate.of("1"),)),
            SortCondition("placed_at", "equals", (KeyTemplate.of("x"),)),
        ),
    )

    with pytest.raises(ModelError, match="left to right without a gap: priority, placed_at"):
        build(SHOP, Pattern("p", "", "Query", "shop", index="by-status", key=gap))
    with pytest.raises(ModelError, match="only the last sort attribute"):
        build(SHOP, Pattern("p", "", "Query", "shop", index="by-status", key=early))


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


# tables


def test_the_request_for_a_table_is_complete_and_botocore_takes_it() -> None:
    request = table_request(SHOP.table("shop"))

    assert_botocore_takes(Request("CreateTable", request))  # type: ignore[arg-type]
    assert [each["AttributeName"] for each in request["AttributeDefinitions"]] == [
        "pk", "sk", "region", "status", "priority", "placed_at", "total", "email",
    ]  # fmt: skip
    assert request["BillingMode"] == "PAY_PER_REQUEST"
    assert request["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert [each["KeyType"] for each in request["GlobalSecondaryIndexes"][0]["KeySchema"]] == ["HASH"] * 2 + [
        "RANGE"
    ] * 2
    assert request["LocalSecondaryIndexes"][0]["Projection"] == {
        "ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"],
    }  # fmt: skip
    assert ttl_request(SHOP.table("shop")) == {
        "TableName": "shop", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires_at"},
    }  # fmt: skip


def test_a_provisioned_table_gives_its_units() -> None:
    request = table_request(SHOP.table("stock"))

    assert request["ProvisionedThroughput"] == {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}
    assert ttl_request(SHOP.table("stock")) is None


def test_an_attribute_with_two_types_in_two_keys_is_refused() -> None:
    table = SHOP.table("shop")
    wrong = Table("t", table.keys, indexes={"i": table.indexes["by-email"]})
    other = Table("t", KeySchema((KeyAttribute("email", "N"),)), indexes=wrong.indexes)

    with pytest.raises(ModelError, match="email is N in one key and S in another"):
        table_request(other)


# properties

NAMES = st.text(min_size=1, max_size=30).filter(lambda name: "{" not in name and "}" not in name)
SECRETS = st.text(alphabet="qwxyz", min_size=12, max_size=20)


@given(key=NAMES, names=st.lists(NAMES, min_size=4, max_size=4, unique=True), secret=SECRETS)
def test_odd_names_go_through_placeholders_and_values_are_never_in_an_expression(
    key: str, names: list[str], secret: str
) -> None:
    quoted = ["`" + name.replace("`", "``") + "`" for name in names]
    table = Table("t1t", KeySchema((KeyAttribute(key),)))
    entity = Entity("E", "t1t", {key: KeyTemplate.of("K#{id}")}, {}, {"id": "string"})
    parameters = {"id": Parameter("id", "string"), "x": Parameter("x", "string")}
    query = Pattern(
        "q", "", "Query", "t1t",
        key=KeyCondition({key: KeyTemplate.of("K#{id}")}),
        filter=f"{quoted[0]}.{quoted[1]}[3] = {{x}} AND NOT contains({quoted[2]}, 'a{{x}}')",
        projection=(quoted[0], f"{quoted[2]}.{quoted[3]}"),
        parameters=parameters,
    )  # fmt: skip
    if names[0] == names[2]:
        return
    targets = [name for name in names[:2] if name != key]
    update = Pattern(
        "u", "", "UpdateItem", "t1t",
        actions=(Action("update", "E", update="SET " + ", ".join(
            "`" + name.replace("`", "``") + "` = {x}" for name in targets), condition=f"{quoted[3]} <> {{x}}"),),
        parameters=parameters,
    )  # fmt: skip
    model = Model("m", Path("m"), tables={"t1t": table}, entities={"E": entity}, patterns={})

    for pattern in (query, update):
        request = build(model, pattern, {"id": secret, "x": secret + "!"}).request
        again = build(model, pattern, {"id": secret, "x": secret + "!"}).request

        assert_botocore_takes(request)
        assert repr(request) == repr(again)
        expressions = " ".join(text for name, text in request.kwargs.items() if name.endswith("Expression"))
        assert secret not in expressions
        assert not [word for word in words_of(expressions) if word not in ALLOWED and word[0] not in "#:"]


ALLOWED = {"AND", "NOT", "contains", "SET", "begins_with", "3"}


def words_of(expression: str) -> list[str]:
    for symbol in "()[],=<>.":
        expression = expression.replace(symbol, " ")
    return expression.split()


@given(st.text(), st.integers(), st.booleans(), st.frozensets(st.text(), min_size=1, max_size=3))
def test_values_reach_the_request_typed_and_whole(text: str, number: int, flag: bool, tags: frozenset[str]) -> None:
    if abs(number) >= 10**38 or any("\ud800" <= character <= "\udfff" for word in (text, *tags) for character in word):
        return
    given_ = {"s": text, "n": number, "b": flag, "t": tags}
    found = scan(SHOP, "shop", filter="a = {s} AND b = {n} AND c = {b} AND d = {t}", arguments=given_).request.kwargs

    values = found["ExpressionAttributeValues"]
    assert values[":v0"] == {"S": text}
    assert values[":v1"] == {"N": str(number)}
    assert values[":v2"] == {"BOOL": flag}
    assert set(values[":v3"]["SS"]) == tags
