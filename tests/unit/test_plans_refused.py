"""What cannot be one request is refused when the plan is built."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.shop_plans import SHOP
from workbench.errors import ModelError, UsageError
from workbench.model import Action, KeyCondition, KeyTemplate, Lookup, Parameter, Pattern, SortCondition, Source
from workbench.plans import build


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
