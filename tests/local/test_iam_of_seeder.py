"""The seeder's policy allows what loading the schema and seeding really send, on their tables and keys, and no more."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

import workbench as wb
from workbench.engines import Engine
from workbench.formats import iam_policy

pytestmark = pytest.mark.local


def keys_of(operation: str, body: dict[str, Any]) -> list[str]:
    requests = body.get("RequestItems", {}).get("cruddur-messages", [])
    if operation == "BatchWriteItem":
        return [each["PutRequest"]["Item"]["pk"]["S"] for each in requests]
    return [each["pk"]["S"] for each in requests["Keys"]] if operation == "BatchGetItem" else []


def test_the_seeder_is_allowed_exactly_what_it_sends(engine: Engine) -> None:
    sent: dict[str, list[str]] = {}

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        sent.setdefault(f"dynamodb:{model.name}", []).extend(keys_of(model.name, params))

    with wb.open("messaging", engine="dynamodb-local") as bench:
        bench.session.client.meta.events.register("provide-client-params.dynamodb.*", note)
        bench.load_schema()
        bench.seed()
        bench.seed()
    statements = iam_policy(bench.model, "seeder")["Statement"]

    granted = {action: each for each in statements for action in each["Action"]}
    assert set(sent) == set(granted)
    for action in ("dynamodb:BatchWriteItem", "dynamodb:BatchGetItem"):
        (patterns,) = [
            keys["dynamodb:LeadingKeys"]
            for word, keys in granted[action]["Condition"].items()
            if word.startswith("ForAllValues") and "dynamodb:LeadingKeys" in keys
        ]
        assert len(sent[action]) >= 106
        assert all(any(fnmatchcase(key, pattern) for pattern in patterns) for key in sent[action])
