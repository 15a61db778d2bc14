"""A headless run leaves no server behind that it started, and stops none that was there."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from workbench.engines import engine_start, engine_status, open_engine
from workbench.notebooks.holding import hold_services

pytestmark = [pytest.mark.local, pytest.mark.usefixtures("own_hosts")]


def hosts(state: Path) -> list[str]:
    """The host processes of this test's state folder, by kind."""
    lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return sorted(
        line[3] for line in lines if "workbench.engines.host" in line and any(str(state) in word for word in line)
    )


@pytest.fixture(autouse=True)
def long_linger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that end by themselves within the test would prove nothing."""
    monkeypatch.setenv("WORKBENCH_LINGER", "60")


def test_what_a_run_started_is_gone_when_the_run_is_done(own_hosts: Path) -> None:
    with hold_services("dynamodb-local", print) as title:
        assert title.startswith("DynamoDB Local")
        assert hosts(own_hosts) == ["dynamodb-local", "postgres"]

    assert hosts(own_hosts) == []


def test_an_engine_that_was_started_to_stay_outlives_the_run(own_hosts: Path) -> None:
    engine_start("dynamodb-local")
    with hold_services("dynamodb-local", print):
        pass

    assert hosts(own_hosts) == ["dynamodb-local"]


def test_an_engine_that_somebody_else_came_to_use_outlives_the_run(own_hosts: Path) -> None:
    with hold_services("dynamodb-local", print):
        other = open_engine("dynamodb-local")
        store = other.lease()

    assert hosts(own_hosts) == ["dynamodb-local"]
    assert store.client().list_tables()["TableNames"] == []
    assert [status.users for status in engine_status(("dynamodb-local",))] == [2]
    store.release()
    other.close(end=True)
    assert hosts(own_hosts) == []
