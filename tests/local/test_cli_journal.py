"""`workbench query --journal`: a write that goes on where it was, and what is refused before anything is started."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.engines import engine_stop

pytestmark = pytest.mark.local

RENAME = ["query", "messaging", "rename-person", "-a", "handle=bayko", "-a", "display_name=Andy B."]


@pytest.fixture
def filled(own_hosts: Path) -> Iterator[None]:
    """The store 'default' of servers of this test's own, filled."""
    for command in ("schema-load", "seed"):
        assert workbench("ddb", command, "messaging").returncode == 0
    yield
    engine_stop()


def workbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workbench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)


def test_a_write_with_a_journal_is_done_once(filled: None, tmp_path: Path) -> None:
    journal = str(tmp_path / "rename.journal")
    first = workbench(*RENAME, "--json", "--journal", journal)
    again = workbench(*RENAME, "--json", "--journal", journal)
    other = workbench(*RENAME[:-1], "display_name=Somebody", "--journal", journal)

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert json.loads(first.stdout)["receipt"]["items_written"] == 53
    assert json.loads(again.stdout)["receipt"]["requests"] == 0
    assert "every step was done by an earlier run; nothing was sent" in again.stderr
    assert other.returncode == 2
    assert "rename.journal is of another job: its arguments is" in other.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["query", "messaging", "count-unread", "-a", "handle=bayko"], "--journal is for a pattern that writes"),
        ([*RENAME, "--fresh"], "--journal and --fresh cannot both be meant"),
        (RENAME, "--journal needs a store that stays"),
    ],
    ids=["a read", "a fresh store", "no store"],
)
def test_a_journal_of_nothing_that_stays_is_refused(
    arguments: list[str], told: str, own_hosts: Path, tmp_path: Path
) -> None:
    done = workbench(*arguments, "--journal", str(tmp_path / "journal"))

    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "journal").exists()
