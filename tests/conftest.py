"""What every test stands on: a clean environment, and for those that ask, one DynamoDB Local for all processes."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installed import install_or_skip
from workbench.engines import Engine, Store, engine_stop, open_engine

# Where things lie on this machine may be said from outside; what a test asks and gets may not.
KEPT = {"WORKBENCH_CACHE", "WORKBENCH_STATE", "WORKBENCH_DYNAMODB_LOCAL", "WORKBENCH_MAVEN", "WORKBENCH_POSTGRES"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the AWS or workbench settings of who runs it."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "WORKBENCH_")) and name not in KEPT:
            monkeypatch.delenv(name)


@pytest.fixture
def restarting_sigint() -> Iterator[None]:
    """Have SIGINT as `import polars` leaves it, which does not end waits without a bound; a job of a shell ignores it.

    The garbage of other tests is collected: Python drops a KeyboardInterrupt that meets a finalizer.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.siginterrupt(signal.SIGINT, False)
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """DynamoDB Local, shared with every process of the test run. Skips when its jars cannot be had, fails in CI."""
    install_or_skip()
    with open_engine("dynamodb-local") as opened:
        yield opened


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    """An empty store of the test's own."""
    with engine.lease(wait=60) as leased:
        yield leased


@pytest.fixture
def own_hosts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Hosts of the test's own, which it may kill; stopped at its end. Gives the folder of their state and logs."""
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WORKBENCH_LINGER", "0.5")
    yield tmp_path / "state"
    engine_stop()
