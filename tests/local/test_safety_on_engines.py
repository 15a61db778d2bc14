"""``ddb safety`` on DynamoDB Local, which cannot know most of it, and with moto standing in for AWS, which can."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.local.aws_of_moto import aws_of_moto
from workbench.checks.safety import check_safety
from workbench.engines import Store
from workbench.model import load_model
from workbench.plans.tables import table_request

pytestmark = pytest.mark.local

SMALL = load_model(Path(__file__).parents[1] / "models" / "small" / "model.yaml")


def test_dynamodb_local_passes_nothing_that_it_cannot_know(store: Store) -> None:
    client = store.client()
    client.create_table(**table_request(SMALL.table("library")))

    report = check_safety(client, SMALL, engine=store.engine.title, is_aws=False)

    standing = {each.subject: each.standing for each in report.findings}
    unknown = ("point-in-time recovery", "encryption at rest", "HTTPS", "autoscaling", "table class")
    assert [standing.pop(subject) for subject in unknown] == ["not known"] * 5
    assert standing == {"deletion protection": "wrong", "stream": "right", "TTL": "right", "billing": "right"}
    assert "not known here: DynamoDB Local" in report.text()
    assert not report.ok


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with aws_of_moto(monkeypatch, tmp_path, "ap-southeast-5"):
        yield boto3.client("dynamodb")


def ask(*more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workbench", "ddb", "safety", str(SMALL.path), "--engine", "aws", *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)


def test_the_command_judges_aws_without_a_word_of_confirmation_and_changes_nothing(aws: Any) -> None:
    missing = ask()
    assert (missing.returncode, "is not there" in missing.stdout) == (1, True), missing.stderr
    aws.create_table(**table_request(SMALL.table("library")))

    told = ask("--json")

    report = json.loads(told.stdout)
    assert told.returncode == 1
    wrong = {each["subject"]: each["cure"] for each in report["findings"] if each["standing"] == "wrong"}
    assert sorted(wrong) == ["deletion protection", "point-in-time recovery"]
    assert all(cure.startswith("aws dynamodb update-") for cure in wrong.values())
    assert report["engine"] == "AWS ap-southeast-5, read-only"
    assert not aws.describe_table(TableName="library")["Table"]["DeletionProtectionEnabled"]
