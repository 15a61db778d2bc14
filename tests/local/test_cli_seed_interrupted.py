"""Ctrl-C in the middle of `workbench ddb seed` of a large model: half a seed, told in a line, mended by another."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.engines import Engine, engine_stop, open_engine

pytestmark = pytest.mark.local

MESSAGING = Path(__file__).parents[2] / "data" / "models" / "messaging"
TABLES = ("cruddur-messages", "cruddur-conversations")
MESSAGES = 6000


@pytest.fixture
def large(tmp_path: Path, own_hosts: Path) -> Iterator[Path]:
    """The messaging model with thousands of messages; `own_hosts` sees to servers of its own."""
    folder = tmp_path / "large"
    shutil.copytree(MESSAGING, folder)
    numbers = ["--people", "50", "--groups", "100", "--messages", str(MESSAGES), "--seed", "7"]
    subprocess.run(
        [sys.executable, str(MESSAGING / "generate.py"), *numbers, "--out", str(tmp_path / "rows")], check=True
    )
    shutil.copytree(tmp_path / "rows", folder / "data", dirs_exist_ok=True)
    yield folder
    engine_stop()


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", "ddb", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


def good(*arguments: str | Path) -> str:
    process = start(*arguments)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    return out


def stored(engine: Engine) -> list[dict[str, Any]]:
    """Return every item of the store 'default', in the order of keys."""
    with engine.lease("default") as store:
        scan = store.client().get_paginator("scan")
        items = [
            item
            for table in TABLES
            for page in scan.paginate(TableName=table, ConsistentRead=True)
            for item in page["Items"]
        ]
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def test_ctrl_c_in_a_seed_ends_with_130_and_another_seed_makes_the_table_whole(large: Path) -> None:
    good("schema-load", large)
    with open_engine("dynamodb-local") as engine:
        process = start("seed", large)
        until = time.monotonic() + 100
        while not (half := stored(engine)) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        half = stored(engine)

        assert process.returncode == 130, (out, err)
        assert err.strip().endswith("Interrupted.")
        assert "Traceback" not in err
        assert 0 < len(half) < MESSAGES

        counts = json.loads(good("seed", large, "--json"))
        mended = stored(engine)
        assert sum(each["unchanged"] for each in counts) == len(half)
        assert sum(each["rows"] for each in counts) == len(mended)
        assert {each["written"] for each in json.loads(good("seed", large, "--json"))} == {0}

    engine_stop()  # and so a clean seed, in a new store
    good("schema-load", large)
    good("seed", large)
    with open_engine("dynamodb-local") as engine:
        assert stored(engine) == mended
