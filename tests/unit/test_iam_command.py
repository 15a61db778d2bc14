"""Policies on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.unit.iam_policies import MESSAGING
from workbench.cli.export import IAM_ROLES
from workbench.cli.root import root
from workbench.formats import ROLES, iam_policy


def test_the_command_prints_the_policy_and_says_what_to_fill_in() -> None:
    result = CliRunner().invoke(
        root, ["export", "messaging", "--to", "iam", "--role", "reader", "--caller", "me.user_uuid"]
    )

    assert result.exit_code == 0
    assert json.loads(result.stdout) == iam_policy(MESSAGING, "reader", caller=["me.user_uuid"])
    assert "Put your own in the place of ${Region} and ${Account}" in result.stderr


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "stream.json"
    place = ["--region", "eu-central-1", "--account", "0" * 12]

    result = CliRunner().invoke(
        root, ["export", "messaging", "--to", "iam", "--role", "stream", *place, "-o", str(file)]
    )

    assert (result.exit_code, result.stdout) == (0, "")
    assert "place of" not in result.stderr
    assert json.loads(file.read_text())["Statement"][0]["Resource"][0].startswith("arn:aws:dynamodb:eu-central-1:000")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--to iam needs a role: --role reader, app, stream, seeder"),
        (["--role", "reader", "--caller", "me.user_uuid=sub"], "write FIELD, or FIELD='${aws:PrincipalTag/user_uuid}'"),
        (["--role", "reader", "--caller", "me.user_uuid", "--caller", "me.user_uuid"], "given twice"),
        (["--role", "reader", "-o", "/nowhere/policy.json"], "no folder /nowhere"),
    ],
)
def test_the_command_says_what_is_missing(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(root, ["export", "messaging", "--to", "iam", *arguments])

    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())


def test_the_command_knows_the_roles_that_there_are() -> None:
    assert IAM_ROLES == ROLES
