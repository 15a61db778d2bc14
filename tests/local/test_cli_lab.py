"""``workbench lab``: JupyterLab answers, engine and database are up with it, and all end together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from workbench.engines import engine_status, engine_stop

pytestmark = pytest.mark.local


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[str], seconds: float = 90) -> int:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return int(answer.status)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    return 0


def test_jupyterlab_runs_with_its_servers_and_they_end_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WORKBENCH_LINGER", "0.2")
    (tmp_path / "notebooks").mkdir()
    port = free_port()
    options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=secret"]
    options += ["--allow-root"] if os.geteuid() == 0 else []
    log = tmp_path / "lab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench", "lab", str(tmp_path / "notebooks"), "--engine", "moto", "--", *options],
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,  # as in a terminal, where Ctrl-C reaches the whole group
        )
    try:
        status = wait_for(f"http://127.0.0.1:{port}/api/status?token=secret", process)
        assert status == 200, log.read_text()
        assert {each.kind for each in engine_status()} == {"moto", "postgres"}
        for _ in range(2):  # JupyterLab asks, and takes a second Ctrl-C for a yes
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(1)
        process.wait(30)
        assert "Traceback" not in log.read_text()
        until = time.monotonic() + 20
        while engine_status() and time.monotonic() < until:
            time.sleep(0.3)
        assert engine_status() == []
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        engine_stop()
