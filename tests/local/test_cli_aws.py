"""``--engine aws`` end to end, against moto standing in for AWS: nothing is written without the exact confirmation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.aws_of_moto import aws_of_moto
from workbench.engines import engine_stop

pytestmark = pytest.mark.local

SMALL = str(Path(__file__).parents[1] / "models" / "small")
ACCOUNT = "123456789012"  # moto's


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with aws_of_moto(monkeypatch, tmp_path, "ap-southeast-4"):
        yield
        engine_stop(("postgres",))


def ask(*arguments: str, engine: str = "aws") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *arguments, "--engine", engine],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )


def tables() -> list[str]:
    done = ask("ddb", "list-tables", "--json", engine="prod")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_aws_is_read_only_until_account_and_tables_are_confirmed_exactly(aws: None) -> None:
    for refused in (
        [],
        ["--write"],
        ["--write", "--confirm", "library"],
        ["--write", "--confirm", f"{ACCOUNT}:librari"],
        ["--write", "--confirm", "210987654321:library"],
        ["--confirm", f"{ACCOUNT}:library"],
    ):
        done = ask("ddb", "schema-load", SMALL, *refused)
        assert done.returncode == 2, (refused, done.stderr)
        assert "refused" in done.stderr
        assert tables() == []

    confirmed = ["--write", "--confirm", f"{ACCOUNT}:library"]
    made = ask("ddb", "schema-load", SMALL, *confirmed)
    assert made.stdout == "library: created\n", made.stderr
    assert "AWS ap-southeast-4, WRITING to library" in made.stderr

    unseeded = ask("ddb", "seed", SMALL)
    assert (unseeded.returncode, "AWS is read-only here" in unseeded.stderr) == (2, True)
    assert ask("ddb", "seed", SMALL, *confirmed).returncode == 0

    read = ask("query", SMALL, "list-shelf", "-a", "shelf=poetry")
    assert "3 items, 1 page" in read.stdout, read.stderr
    assert "AWS ap-southeast-4, read-only" in read.stderr
    unwritten = ask("query", SMALL, "lend-book", "--example", "first-loan")
    assert unwritten.returncode == 2
    assert "TransactWriteItems on library was refused before it was sent" in unwritten.stderr

    undropped = ask("ddb", "drop", SMALL)
    assert undropped.returncode == 2
    assert tables() == ["library"]
    assert ask("ddb", "drop", SMALL, *confirmed).stdout == "library: dropped\n"
    assert tables() == []
