"""DynamoDB Local on this machine, or a test run that skips what needs it."""

from __future__ import annotations

import os

import pytest

from workbench.engines import install
from workbench.errors import EngineError


def install_or_skip() -> None:
    """Have DynamoDB Local's jars. Skips the test when they cannot be had, fails in CI."""
    try:
        install()
    except EngineError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have DynamoDB Local: {error}")
        pytest.skip(str(error))
