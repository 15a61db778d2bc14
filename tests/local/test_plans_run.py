"""The requests of all ten operations, sent to DynamoDB Local as they are: it accepts them and does what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from workbench.engines import Store
from workbench.items import from_wire, item_from_wire, item_size, to_wire
from workbench.model import Action, KeyCondition, KeyTemplate, Parameter, Pattern, SortCondition, load_model
from workbench.plans import Clock, Plan, build, scan, table_request, ttl_request

pytestmark = pytest.mark.local

SHOP = load_model(Path(__file__).parents[1] / "models" / "shop" / "model.yaml")
CUSTOMER = {"customer": [{"customer_id": "c1"}]}
ORDERS = {"orders": [{"customer_id": "c1", "order_no": number} for number in (1, 2, 3)]}
ODD = "odd.name with ünïcode 'quotes'"

Send = Callable[[Plan], list[dict[str, Any]]]


@pytest.fixture
def client(store: Store) -> Iterator[Any]:
    client = store.client()
    for table in SHOP.tables.values():
        client.create_table(**table_request(table))
    client.put_item(
        TableName="shop",
        Item={
            "pk": {"S": "CUSTOMER#c1"},
            "sk": {"S": "PROFILE"},
            "email": {"S": "a@example.org"},
            "name": {"S": "Ada"},
            "last": {"M": {}},
            "odd": {"M": {"name": {"S": "nested"}}},
            ODD: {"S": "found"},
        },
    )
    yield client
    client.close()


@pytest.fixture
def send(client: Any) -> Send:
    def send(plan: Plan) -> list[dict[str, Any]]:
        assert plan.ready
        return [getattr(client, request.method)(**request.kwargs) for request in plan.requests]

    return send


def placed(order_no: int, **others: Any) -> Plan:
    arguments = {"email": "a@example.org", "order_no": order_no, "total": f"{order_no}.50", **others}
    return build(SHOP, "place-order", arguments, rows=CUSTOMER, clock=Clock.fixed())


@pytest.fixture
def orders(send: Send) -> None:
    for number in (1, 2, 3):
        send(placed(number, lines=[{"sku": number}], paid=number == 2))


def found(answers: list[dict[str, Any]]) -> list[str]:
    return [item["sk"]["S"] for answer in answers for item in answer["Items"]]


def stored(send: Send, sk: str) -> dict[str, Any] | None:
    key = KeyCondition({"pk": KeyTemplate.of("CUSTOMER#c1")}, (SortCondition("sk", "equals", (KeyTemplate.of(sk),)),))
    (answer,) = send(build(SHOP, Pattern("one", "", "GetItem", "shop", key=key)))
    return item_from_wire(answer["Item"]) if "Item" in answer else None


def test_the_tables_are_as_the_model_declares_them(client: Any) -> None:
    shop = client.describe_table(TableName="shop")["Table"]

    assert [each["AttributeName"] for each in shop["KeySchema"]] == ["pk", "sk"]
    assert len(next(i for i in shop["GlobalSecondaryIndexes"] if i["IndexName"] == "by-status")["KeySchema"]) == 4
    assert shop["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert client.describe_table(TableName="stock")["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    client.update_time_to_live(**(ttl_request(SHOP.table("shop")) or {}))


def test_get_item_returns_its_projection_with_odd_names(send: Send) -> None:
    (answer,) = send(build(SHOP, "get-customer", {"customer_id": "c1"}))

    assert item_from_wire(answer["Item"]) == {"email": "a@example.org", "odd": {"name": "nested"}, ODD: "found"}


def test_put_item_writes_once_and_its_condition_refuses_the_second(send: Send) -> None:
    plan = placed(7)
    send(plan)

    assert stored(send, "ORDER#00000007") == item_from_wire(plan.request.kwargs["Item"])
    assert plan.explain().estimate.bytes == item_size(plan.request.kwargs["Item"])
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        send(plan)


@pytest.mark.usefixtures("orders")
def test_query_gives_its_order_its_filter_and_its_pages(send: Send) -> None:
    asked = {"customer_id": "c1", "low": "2.6"}
    first = build(SHOP, "list-orders", asked)
    (answer,) = send(first)
    assert found([answer]) == ["ORDER#00000003"]  # the second of the page is paid, and dropped by the filter
    cursor = first.cursor_after(answer["LastEvaluatedKey"])

    assert found(send(build(SHOP, "list-orders", asked, cursor=cursor))) == ["ORDER#00000001"]
    assert found(send(build(SHOP, "all-orders", {"customer_id": "c1", "first": 2}))) == [
        "ORDER#00000002",
        "ORDER#00000003",
    ]


@pytest.mark.usefixtures("orders")
def test_query_reads_an_index_of_several_attributes_and_a_local_one(send: Send) -> None:
    urgent = {"region": "north", "status": "open", "priority": 1, "before": "2027-01-01T00:00:00Z"}

    assert len(found(send(build(SHOP, "urgent-orders", urgent)))) == 3
    assert found(send(build(SHOP, "large-orders", {"customer_id": "c1", "total": "2.5"}))) == [
        "ORDER#00000002",
        "ORDER#00000003",
    ]


@pytest.mark.usefixtures("orders")
def test_the_cursor_of_an_index_of_several_attributes_continues_it(send: Send) -> None:
    urgent = {"region": "north", "status": "open", "priority": 1, "before": "2027-01-01T00:00:00Z"}
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        plan = build(SHOP, "urgent-orders", urgent, cursor=cursor, limit=1)
        (answer,) = send(plan)
        seen += found([answer])
        cursor = plan.cursor_after(answer.get("LastEvaluatedKey"))
        if cursor is None:
            break

    assert sorted(seen) == [f"ORDER#0000000{number}" for number in (1, 2, 3)]


@pytest.mark.usefixtures("orders")
def test_scan_filters_with_functions_and_in(send: Send) -> None:
    assert found(send(build(SHOP, "every-paid-order"))) == ["ORDER#00000002"]
    assert len(found(send(scan(SHOP, "shop")))) == 4
    assert found(send(scan(SHOP, "shop", "by-email"))) == ["PROFILE"]


def test_update_item_counts_appends_and_removes(send: Send) -> None:
    for note in ("one", "two"):
        send(build(SHOP, "count-visit", {"customer_id": "c1", "note": note, "tags": [note]}, clock=Clock.fixed()))

    customer = stored(send, "PROFILE")
    assert customer is not None
    assert (customer["visits"], customer["notes"], customer["tags"]) == (2, ["one", "two"], {"one", "two"})
    assert customer["last"] == {"seen at": "2026-03-02T09:00:00.000000Z"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        send(build(SHOP, "count-visit", {"customer_id": "nobody"}))


@pytest.mark.usefixtures("orders")
def test_delete_item_deletes_under_its_condition(send: Send) -> None:
    send(build(SHOP, "forget-order", {"customer_id": "c1", "order_no": 1}))

    assert stored(send, "ORDER#00000001") is None


@pytest.mark.usefixtures("orders")
def test_a_fan_out_changes_every_row(send: Send) -> None:
    assert len(send(build(SHOP, "close-orders", {"customer_id": "c1"}, rows=ORDERS))) == 3

    assert [(stored(send, f"ORDER#0000000{number}") or {})["status"] for number in (1, 2, 3)] == ["closed"] * 3


@pytest.mark.usefixtures("orders")
def test_batch_get_item_gets_every_row(send: Send) -> None:
    (answer,) = send(build(SHOP, "get-orders", {"customer_id": "c1"}, rows=ORDERS))

    assert len(answer["Responses"]["shop"]) == 3


@pytest.mark.usefixtures("orders")
def test_batch_write_item_puts_and_deletes_in_two_tables(send: Send) -> None:
    arguments = {"customer_id": "c1", "sku": 5, "bin": b"\x00\x01", "count": 3}
    send(build(SHOP, "stock-shelf", arguments, rows=ORDERS))

    assert stored(send, "ORDER#00000001") is None
    (answer,) = send(scan(SHOP, "stock"))
    assert [item_from_wire(item) for item in answer["Items"]] == [{"sku": 5, "bin": b"\x00\x01", "count": 3}]


@pytest.mark.usefixtures("orders")
def test_transact_get_items_reads_both(send: Send) -> None:
    (answer,) = send(build(SHOP, "read-together", {"customer_id": "c1", "order_no": 2}))

    assert [response["Item"]["sk"]["S"] for response in answer["Responses"]] == ["PROFILE", "ORDER#00000002"]


def test_transact_write_items_does_all_or_nothing(send: Send, client: Any) -> None:
    arguments = {"customer_id": "c1", "order_no": 9, "sku": 5, "bin": b"x", "placed_at": "2026-03-02T09:00:00Z"}
    plan = build(SHOP, "sell", arguments)
    with pytest.raises(ClientError, match="TransactionCanceled"):
        send(plan)
    assert stored(send, "ORDER#00000009") is None
    client.put_item(TableName="stock", Item={"sku": {"N": "5"}, "bin": {"B": b"x"}, "count": {"N": "2"}})

    send(plan)

    (answer,) = send(scan(SHOP, "stock"))
    assert from_wire(answer["Items"][0]["count"]) == 1
    assert stored(send, "ORDER#00000009") is not None


RESERVED = ["and", "size", "name", "status", "ttl", "a.b", "my-attr", "two words", "ünï", "`", "#n0", ":v0", "1st", "'"]


@pytest.mark.parametrize("name", RESERVED)
def test_any_attribute_name_can_be_updated_conditioned_filtered_and_projected(send: Send, name: str) -> None:
    quoted = "`" + name.replace("`", "``") + "`"
    parameters = {"x": Parameter("x", "string"), "customer_id": Parameter("customer_id", "string")}
    action = Action("update", "Customer", update=f"SET {quoted} = {{x}}", condition=f"attribute_not_exists({quoted})")
    update = Pattern("touch", "", "UpdateItem", "shop", actions=(action,), parameters=parameters)
    if name == "name":
        action = Action("update", "Customer", update=f"SET {quoted} = {{x}}")
        update = Pattern("touch", "", "UpdateItem", "shop", actions=(action,), parameters=parameters)
    send(build(SHOP, update, {"x": "here", "customer_id": "c1"}))

    (answer,) = send(scan(SHOP, "shop", filter=f"{quoted} = {{x}}", arguments={"x": "here"}, projection=(quoted,)))

    assert answer["Items"] == [{name: to_wire("here")}]


@pytest.mark.parametrize(
    "condition",
    [
        "NOT NOT a = 1 OR (a = 1 AND (b = 2 OR c = 3)) OR NOT (a = 1 OR b = 2)",
        "a = [] OR a = {} OR a = '' OR a = null OR a = [1, 'x', [true]]",
        "contains('abc', email) OR attribute_type(a, 'NULL') OR size(a) = size(b)",
        "1 BETWEEN a AND b OR email IN ('x', 'y') OR a[0].b[1].c = 1",
    ],
)
def test_every_form_that_the_parser_takes_is_taken_by_dynamodb(send: Send, condition: str) -> None:
    send(scan(SHOP, "shop", filter=condition))
