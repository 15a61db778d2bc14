"""A run that is stopped, killed or out of room leaves no process behind and no half file, and says what it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from workbench.notebooks.history import read_history

pytestmark = pytest.mark.notebooks

# The signal handler takes what comes after the run has ended, when Ctrl-C is the caller's again.
RUN = """
import resource, signal, sys
from pathlib import Path
from workbench.notebooks.run import run_notebooks

signal.signal(signal.SIGINT, lambda *_: None)
if limit := int(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
report = run_notebooks([sys.argv[1]], out=Path(sys.argv[2]), jobs=2, on_event=lambda event: print(event, flush=True))
sys.exit(report.exit_code)
"""


def write(folder: Path, name: str, source: str) -> None:
    folder.mkdir(exist_ok=True)
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
    document = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / f"{name}.ipynb").write_text(json.dumps(document))


def start(notebooks: Path, runs: Path, limit: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, str(notebooks), str(runs), str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(processes: list[psutil.Process], seconds: float = 8) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not [each for each in alive if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run of one notebook that is over and two that would go on, each with a child process of its own."""
    write(tmp_path / "n", "1_quick", "1 + 1")
    for name in ("2_long", "3_long"):
        source = (
            f"import subprocess, time, pathlib\nsubprocess.Popen(['sleep', '300'])\npathlib.Path('{name}').touch()\n"
        )
        write(tmp_path / "n", name, f"{source}time.sleep(300)")
    process = start(tmp_path / "n", tmp_path / "runs")
    until = time.monotonic() + 40
    while not all((tmp_path / "n" / name).exists() for name in ("2_long", "3_long")):
        assert time.monotonic() < until, "the notebooks did not start"
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_ends_every_process_and_keeps_what_was_done(
    running: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    processes = family(running)
    running.send_signal(number)
    said, _ = running.communicate(timeout=30)

    assert running.returncode == 130, said
    assert len(processes) >= 6
    assert gone(processes)
    [record] = read_history(tmp_path / "runs")
    assert record["status"] == "interrupted"
    assert [each["status"] for each in record["notebooks"]] == ["passed", "interrupted", "interrupted"]
    names = {path.name for path in (tmp_path / "runs" / record["id"]).iterdir()}
    assert names == {"1_quick.ipynb", "1_quick.html", "index.html", "report.json"}


def test_a_second_ctrl_c_changes_nothing(running: subprocess.Popen[str], tmp_path: Path) -> None:
    processes = family(running)
    for _ in range(3):
        running.send_signal(signal.SIGINT)
        time.sleep(0.05)
    running.communicate(timeout=30)

    assert running.returncode == 130
    assert gone(processes)
    assert [each["status"] for each in read_history(tmp_path / "runs")] == ["interrupted"]


def test_a_killed_run_leaves_no_worker_and_no_kernel(running: subprocess.Popen[str]) -> None:
    processes = family(running)
    running.kill()
    running.communicate(timeout=30)

    assert gone(processes)


def test_two_runs_at_one_moment_do_not_mix(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, name, f"'{name}'")
    processes = [start(tmp_path / name, tmp_path / "runs") for name in ("a", "b")]
    said = [process.communicate(timeout=60)[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0], said
    records = read_history(tmp_path / "runs")
    assert sorted(record["notebooks"][0]["name"] for record in records) == ["a", "b"]
    for record in records:
        name = record["notebooks"][0]["name"]
        assert {path.stem for path in (tmp_path / "runs" / record["id"]).iterdir()} == {name, "index", "report"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of a process are POSIX's")
def test_a_disk_that_is_full_in_the_middle_fails_that_notebook_alone_and_leaves_no_half_file(tmp_path: Path) -> None:
    write(tmp_path / "n", "1_large", "print('x' * 3_000_000)")
    write(tmp_path / "n", "2_small", "1")
    process = start(tmp_path / "n", tmp_path / "runs", limit=2_000_000)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 1, said
    [record] = read_history(tmp_path / "runs")
    assert [each["status"] for each in record["notebooks"]] == ["failed", "passed"]
    assert "its output was not written" in record["notebooks"][0]["error"]["value"]
    names = {path.name for path in (tmp_path / "runs" / record["id"]).iterdir()}
    assert names == {"2_small.ipynb", "2_small.html", "index.html", "report.json"}
