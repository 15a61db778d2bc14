"""An AWS of a test's own: moto in this process, and the environment that leads boto3 and the workbench to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer


@contextmanager
def aws_of_moto(monkeypatch: pytest.MonkeyPatch, folder: Path, region: str) -> Iterator[None]:
    """Have an empty account until the end. ``region`` is one that no other test of this process fills."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "WORKBENCH_STATE": str(folder / "state"),
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": str(folder / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    try:
        yield
    finally:
        server.stop()
