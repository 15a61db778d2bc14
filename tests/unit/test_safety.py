"""The safety of real tables: what DynamoDB says is judged, what it does not say is not passed, nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from workbench.checks.safety import Finding, SafetyReport, check_safety
from workbench.model import Billing, Model, load_model
from workbench.plans.tables import table_request, ttl_request

SMALL = load_model(Path(__file__).parents[1] / "models" / "small" / "model.yaml")
SAFE: dict[str, Any] = {
    "TableName": "library",
    "DeletionProtectionEnabled": True,
    "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS"},
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    "BillingModeSummary": {"BillingMode": "PROVISIONED"},
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    "TableClassSummary": {"TableClass": "STANDARD"},
}
RECOVERY = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 35}


def client(endpoint: str | None = None) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client("dynamodb", region_name="eu-central-1", endpoint_url=endpoint, **keys)


def report(
    changes: dict[str, Any] | None = None,
    *,
    model: Model = SMALL,
    recovery: dict[str, Any] | None = None,
    ttl: dict[str, Any] | None = None,
    is_aws: bool = True,
    endpoint: str | None = None,
) -> SafetyReport:
    """The report on a table that is safe but for the changes; the stubs fail for any other request."""
    asked = client(endpoint)
    with Stubber(asked) as stub:
        stub.add_response("describe_table", {"Table": SAFE | (changes or {})}, {"TableName": "library"})
        backups = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery or RECOVERY}
        stub.add_response("describe_continuous_backups", {"ContinuousBackupsDescription": backups})
        stub.add_response("describe_time_to_live", {"TimeToLiveDescription": ttl or {"TimeToLiveStatus": "DISABLED"}})
        made = check_safety(asked, model, engine="AWS eu-central-1, read-only", is_aws=is_aws)
        stub.assert_no_pending_responses()
    return made


def about(report: SafetyReport, subject: str) -> Finding:
    (found,) = [each for each in report.findings if each.subject == subject]
    return found


def test_a_table_that_is_safe_is_right_in_everything_that_can_be_known() -> None:
    made = report()

    assert made.counts == {"right": 8, "wrong": 0, "hint": 0, "not known": 1}
    assert made.ok
    assert about(made, "autoscaling").standing == "not known"
    assert "describe-scalable-targets" in about(made, "autoscaling").cure
    assert about(made, "point-in-time recovery").message == "is on, 35 days back"


ON_DEMAND = replace(SMALL, tables={"library": replace(SMALL.table("library"), billing=Billing())})
PASSING = replace(SMALL, tables={"library": replace(SMALL.table("library"), ttl="gone_at")})
STILL = replace(SMALL, tables={"library": replace(SMALL.table("library"), stream=None)})
PER_REQUEST = {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}


@pytest.mark.parametrize(
    ("subject", "given", "standing", "severity", "cure"),
    [
        (
            "deletion protection",
            {"changes": {"DeletionProtectionEnabled": False}},
            "wrong",
            "high",
            "update-table --table-name library --deletion-protection-enabled",
        ),
        (
            "point-in-time recovery",
            {"recovery": {"PointInTimeRecoveryStatus": "DISABLED"}},
            "wrong",
            "high",
            "PointInTimeRecoveryEnabled=true",
        ),
        ("encryption at rest", {"changes": {"SSEDescription": {}}}, "hint", "high", "Enabled=true,SSEType=KMS"),
        ("encryption at rest", {"changes": {"SSEDescription": {"Status": "UPDATING"}}}, "hint", "high", ""),
        (
            "encryption at rest",
            {"changes": {"SSEDescription": {"Status": "ENABLED", "InaccessibleEncryptionDateTime": 1}}},
            "wrong",
            "high",
            "",
        ),
        (
            "stream",
            {"changes": {"StreamSpecification": {"StreamEnabled": False}}},
            "wrong",
            "high",
            "StreamEnabled=true,StreamViewType=NEW_IMAGE",
        ),
        (
            "stream",
            {"changes": {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}},
            "wrong",
            "high",
            "StreamEnabled=false; then ",
        ),
        ("stream", {"model": STILL}, "wrong", "high", "StreamEnabled=false"),
        ("TTL", {"model": PASSING}, "wrong", "medium", "Enabled=true,AttributeName=gone_at"),
        (
            "TTL",
            {"ttl": {"TimeToLiveStatus": "ENABLED", "AttributeName": "old"}},
            "wrong",
            "medium",
            "Enabled=false,AttributeName=old",
        ),
        (
            "TTL",
            {"model": PASSING, "ttl": {"TimeToLiveStatus": "ENABLED", "AttributeName": "gone_at"}},
            "right",
            "medium",
            "",
        ),
        (
            "billing",
            {"changes": PER_REQUEST},
            "wrong",
            "medium",
            "PROVISIONED --provisioned-throughput ReadCapacityUnits=5",
        ),
        ("billing", {"model": ON_DEMAND}, "wrong", "medium", "--billing-mode PAY_PER_REQUEST"),
        ("billing", {"model": ON_DEMAND, "changes": PER_REQUEST}, "hint", "medium", "MaxReadRequestUnits"),
        ("autoscaling", {"model": ON_DEMAND, "changes": PER_REQUEST}, "right", "low", ""),
        (
            "table class",
            {"changes": {"TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"}}},
            "hint",
            "low",
            "",
        ),
        ("HTTPS", {"endpoint": "http://dynamodb.eu-central-1.amazonaws.com"}, "wrong", "high", "https://"),
    ],
)
def test_what_is_not_safe_is_told_with_its_weight_and_a_cure(
    subject: str, given: dict[str, Any], standing: str, severity: str, cure: str
) -> None:
    made = report(**given)

    found = about(made, subject)
    assert (found.standing, found.severity) == (standing, severity)
    assert cure in found.cure
    assert bool(cure) == bool(found.cure)
    assert made.ok == (standing != "wrong")


@pytest.mark.parametrize("subject", ["encryption at rest", "table class"])
def test_what_another_engine_leaves_out_is_not_known_and_never_passed(subject: str) -> None:
    made = report({"SSEDescription": {}, "TableClassSummary": {}}, is_aws=False)

    assert about(made, subject).standing == "not known"
    assert "not known here: AWS eu-central-1 is not AWS" in about(made, subject).message
    assert not made.ok


def test_requests_that_do_not_leave_the_machine_say_nothing_about_https() -> None:
    made = report(is_aws=False, endpoint="http://127.0.0.1:8000")

    assert about(made, "HTTPS").standing == "not known"


def test_what_the_credentials_may_not_ask_is_not_known_and_not_passed() -> None:
    asked = client()
    with Stubber(asked) as stub:
        stub.add_response("describe_table", {"Table": SAFE})
        stub.add_client_error("describe_continuous_backups", "AccessDeniedException")
        stub.add_client_error("describe_time_to_live", "ThrottlingException")
        made = check_safety(asked, SMALL, engine="AWS", is_aws=True)

    found = about(made, "point-in-time recovery")
    assert found.standing == "not known"
    assert found.message == "these credentials may not DescribeContinuousBackups (AccessDeniedException)"
    assert about(made, "TTL").message == "DescribeTimeToLive answered ThrottlingException"
    assert not made.ok


@pytest.mark.parametrize(
    ("code", "standing", "words"),
    [
        ("ResourceNotFoundException", "wrong", "is not there"),
        ("AccessDeniedException", "not known", "these credentials may not DescribeTable"),
    ],
)
def test_a_table_that_cannot_be_described_is_the_one_verdict_on_it(code: str, standing: str, words: str) -> None:
    asked = client()
    with Stubber(asked) as stub:
        stub.add_client_error("describe_table", code)
        made = check_safety(asked, SMALL, engine="AWS", is_aws=True)

    (found,) = made.findings
    assert found.standing == standing
    assert words in found.message
    assert not made.ok


def test_a_model_without_tables_is_no_pass() -> None:
    made = check_safety(client(), replace(SMALL, tables={}), engine="AWS", is_aws=True)

    assert not made.ok
    assert made.summary() == "no tables"


def test_the_text_groups_by_table_and_shows_the_cure_below() -> None:
    lines = report({"DeletionProtectionEnabled": False}).text().splitlines()

    assert lines[0] == "small on AWS eu-central-1, read-only"
    assert lines[1] == "  library"
    assert lines[2].split() == [
        "WRONG", "deletion", "protection", "is", "off:", "one", "DeleteTable,", "by", "whoever", "may,", "and", "the",
        "items", "are", "gone", "(high)",
    ]  # fmt: skip
    assert lines[3].strip() == "aws dynamodb update-table --table-name library --deletion-protection-enabled"
    assert lines[-1] == "7 right, 1 wrong, 0 hint, 1 not known"
    assert json.loads(json.dumps(report().as_dict()))["ok"] is True


# on a server that behaves as AWS's, where it can


@pytest.fixture
def moto_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("dynamodb", region_name="eu-central-1")


def test_the_cures_make_a_table_safe_and_the_check_itself_changes_nothing(moto_client: Any) -> None:
    model = replace(PASSING, tables={"library": replace(PASSING.table("library"), deletion_protection=False)})
    table = model.table("library")
    moto_client.create_table(**table_request(table))
    sent: list[str] = []
    moto_client.meta.events.register("before-call.dynamodb", lambda model, **_: sent.append(model.name))

    before = check_safety(moto_client, model, engine="moto", is_aws=True)

    assert sorted(set(sent)) == ["DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive"]
    wrong = {each.subject for each in before.findings if each.standing == "wrong"}
    assert wrong == {"deletion protection", "point-in-time recovery", "TTL"}
    moto_client.update_table(TableName="library", DeletionProtectionEnabled=True)
    moto_client.update_continuous_backups(
        TableName="library", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    moto_client.update_time_to_live(**ttl_request(table))  # type: ignore[arg-type]

    after = check_safety(moto_client, model, engine="moto", is_aws=True)

    assert [each.subject for each in after.findings if each.standing == "wrong"] == []
    assert after.ok
