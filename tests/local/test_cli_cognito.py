"""``workbench db sync-cognito-ids`` against a Cognito pool of more than a page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from workbench.engines import engine_stop

pytestmark = pytest.mark.local

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture
def cognito(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    engine_stop(("postgres",))


def make_pool(url: str, handles: list[str | None]) -> str:
    client = boto3.client(
        "cognito-idp", region_name="eu-central-1", endpoint_url=url,
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )  # fmt: skip
    pool: str = client.create_user_pool(PoolName="people")["UserPool"]["Id"]
    for number, handle in enumerate(handles):
        attributes = [{"Name": "preferred_username", "Value": handle}] if handle else []
        client.admin_create_user(UserPoolId=pool, Username=f"user{number:03d}", UserAttributes=attributes)
    return pool


def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", "db", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | KEYS,
    )


def test_people_get_their_ids_a_line_a_user_and_the_rest_is_named(cognito: str) -> None:
    strangers = [f"stranger{number}" for number in range(60)]
    pool = make_pool(cognito, [*strangers, None, "andrewbrown", "bayko"])

    done = ask("sync-cognito-ids", "messaging", "--user-pool", pool, "--endpoint-url", cognito)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines if ": set to " in line] == ["andrewbrown", "bayko"]
    assert "user060: left alone, it has no preferred_username" in lines
    assert sum("nobody in the database has this handle" in line for line in lines) == 60

    again = ask("sync-cognito-ids", "messaging", "--user-pool", pool, "--endpoint-url", cognito, "--json")
    report = json.loads(again.stdout)
    assert report["listed"] == 63
    assert report["updated"] == {}
    assert sorted(report["unchanged"]) == ["andrewbrown", "bayko"]


def test_setup_ends_with_the_ids(cognito: str) -> None:
    pool = make_pool(cognito, ["bayko"])

    report = json.loads(ask("setup", "messaging", "--user-pool", pool, "--endpoint-url", cognito, "--json").stdout)

    assert list(report["identities"]["updated"]) == ["bayko"]


def test_a_pool_that_is_not_there_ends_with_3(cognito: str) -> None:
    done = ask("sync-cognito-ids", "messaging", "--user-pool", "eu-central-1_none", "--endpoint-url", cognito)

    assert done.returncode == 3
    assert "eu-central-1_none cannot be listed" in done.stderr


def test_a_pool_id_without_a_region_is_wrong_usage(cognito: str) -> None:
    done = ask("sync-cognito-ids", "messaging", "--user-pool", "people", "--endpoint-url", cognito)

    assert done.returncode == 2
    assert "looks like eu-central-1_AbCdEfGhI" in done.stderr
