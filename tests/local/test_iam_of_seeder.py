"""The seeder's policy allows what loading the schema and seeding really send, on their tables and keys, and no more."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

import workbench as wb
from workbench.engines import Engine
from workbench.formats import iam_policy

pytestmark = pytest.mark.local


def sent_to(operation: str, body: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Each table that a request names, with the partition keys it names there."""
    if "TableName" in body:
        values = body.get("ExpressionAttributeValues", {}) if operation == "Query" else {}
        return [(body["TableName"], [value["S"] for value in values.values()])]
    found = []
    for table, part in body["RequestItems"].items():
        if operation == "BatchGetItem":
            found.append((table, [key["pk"]["S"] for key in part["Keys"]]))
        else:
            found.append((table, [each["PutRequest"]["Item"]["pk"]["S"] for each in part]))
    return found


def test_the_seeder_is_allowed_exactly_what_it_sends(engine: Engine) -> None:
    sent: dict[tuple[str, str], list[str]] = {}

    def note(request: Any, event_name: str, **_: Any) -> None:
        operation = event_name.rpartition(".")[2]
        for table, keys in sent_to(operation, json.loads(request.body)):
            sent.setdefault((f"dynamodb:{operation}", table), []).extend(keys)

    with wb.open("messaging", engine="dynamodb-local") as bench:
        client, events = bench.session.client, bench.session.client.meta.events
        events.register("before-send.dynamodb", note)
        bench.load_schema()
        bench.seed()
        bench.seed()
        events.unregister("before-send.dynamodb", note)
        row = bench.pattern("list-conversations").run(handle="bayko").items[0]
        client.delete_item(TableName="cruddur-messages", Key={name: {"S": row[name]} for name in ("pk", "sk")})
        events.register("before-send.dynamodb", note)
        bench.seed()  # asks whether the row moved on
    statements = iam_policy(bench.model, "seeder")["Statement"]

    granted = {
        (action, resource.rpartition("/")[2]): each
        for each in statements
        for action in each["Action"]
        for resource in each["Resource"]
    }
    assert set(sent) == set(granted)
    for (action, table), keys in sent.items():
        if action not in ("dynamodb:BatchWriteItem", "dynamodb:BatchGetItem", "dynamodb:Query"):
            continue
        (patterns,) = [
            names["dynamodb:LeadingKeys"]
            for word, names in granted[action, table]["Condition"].items()
            if word.startswith("ForAllValues") and "dynamodb:LeadingKeys" in names
        ]
        assert keys
        assert all(any(fnmatchcase(key, pattern) for pattern in patterns) for key in keys), (action, table)
