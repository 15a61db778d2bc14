"""Policies are documents that IAM takes and stores."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.iam_policies import MESSAGING, SMALL
from workbench.errors import UsageError
from workbench.formats import ROLES, iam_policy

POLICIES = [
    (model.name, role, caller)
    for model, caller in ((SMALL, None), (MESSAGING, None), (MESSAGING, "me.user_uuid"))
    for role in ROLES
    if caller is None or role in ("reader", "app")
]


def policy_of(name: str, role: str, caller: str | None, **more: Any) -> dict[str, Any]:
    return iam_policy(SMALL if name == "small" else MESSAGING, role, caller=[caller] if caller else [], **more)


@pytest.mark.parametrize(("name", "role", "caller"), POLICIES)
def test_iam_takes_the_document(name: str, role: str, caller: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from moto import mock_aws

    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    with mock_aws():
        iam = boto3.client("iam", region_name="us-east-1")
        for place in ({}, {"region": "eu-central-1", "account": "0" * 12}):
            document = json.dumps(policy_of(name, role, caller, **place))
            stored = iam.create_policy(PolicyName=f"{name}-{role}-{len(place)}", PolicyDocument=document)
            assert stored["Policy"]["Arn"]
        broken = json.dumps({**policy_of(name, role, caller), "Statement": [{"Effect": "Allow", "Action": "Query"}]})
        with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
            iam.create_policy(PolicyName="broken", PolicyDocument=broken)


@pytest.mark.parametrize(("name", "role", "caller"), POLICIES)
def test_every_action_exists_takes_such_a_resource_and_knows_the_condition_keys(
    name: str, role: str, caller: str | None
) -> None:
    from policy_sentry.querying.actions import get_action_data

    for statement in policy_of(name, role, caller)["Statement"]:
        keys = {key for keys in statement.get("Condition", {}).values() for key in keys}
        for each in statement["Action"]:
            rows = get_action_data(*each.split(":"))["dynamodb"]
            known = {key for row in rows for key in row["condition_keys"]}
            if each == "dynamodb:ConditionCheckItem":  # the developer guide's own example gives it this key
                known.add("dynamodb:EnclosingOperation")
            assert keys <= known, (each, keys - known)
            formats = {row["resource_arn_format"].partition("table/")[2].count("/") for row in rows}
            for resource in statement["Resource"]:
                assert resource.partition("table/")[2].count("/") in formats, (each, resource)


@pytest.mark.parametrize(("name", "role", "caller"), POLICIES)
def test_statements_have_names_of_their_own(name: str, role: str, caller: str | None) -> None:
    sids = [each["Sid"] for each in policy_of(name, role, caller)["Statement"]]

    assert len(set(sids)) == len(sids)
    assert all(sid.isascii() and sid.isalnum() for sid in sids)


def test_a_document_that_iam_would_not_store_is_refused() -> None:
    attributes = {
        f"attribute_{n:04}": replace(SMALL.entity("Book").attributes["title"], name=f"attribute_{n:04}")
        for n in range(500)
    }
    large = replace(SMALL, entities={**SMALL.entities, "Book": replace(SMALL.entity("Book"), attributes=attributes)})

    with pytest.raises(UsageError, match="a managed policy takes 6,144; name fewer"):
        iam_policy(large, "seeder")


@pytest.mark.parametrize(
    ("role", "more", "words"),
    [
        ("writer", {}, "'writer' is no role. Known: app, reader"),
        ("reader", {"patterns": ["lend-book"]}, "lend-book writes, and a reader does not"),
        ("reader", {"patterns": ["list-shelves"]}, "Did you mean 'list-shelf'"),
        ("reader", {"region": "Frankfurt"}, "'Frankfurt' is no region"),
        ("reader", {"account": "1234"}, "'1234' is no account"),
        ("reader", {"partition": "aws:evil"}, "no partition"),
    ],
)
def test_what_cannot_be_meant_is_refused(role: str, more: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        iam_policy(SMALL, role, **more)
