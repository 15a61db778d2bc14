"""The request that makes a table."""

from __future__ import annotations

import pytest

from tests.unit.shop_plans import SHOP, assert_botocore_takes
from workbench.errors import ModelError
from workbench.model import KeyAttribute, KeySchema, Table
from workbench.plans import Request, table_request, ttl_request


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
