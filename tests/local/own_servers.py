"""Servers and stores of a test module's own, for commands that run in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.installed import install_or_skip
from workbench.engines import engine_stop


@contextmanager
def servers_in(state: Path) -> Iterator[Path]:
    """Have the workbench keep its servers in a folder; what commands keep running is stopped at the end."""
    install_or_skip()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_STATE", str(state))
        yield state
        engine_stop()
