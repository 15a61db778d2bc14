"""Promises of the state files and logs of hosts."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.engines.state import (
    HostState,
    cache_dir,
    forget,
    log_path,
    log_tail,
    read_state,
    state_dir,
    write_state,
)

STATE = HostState("moto", 123, 4567, "token", "a.log", {"endpoint": "x"})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_the_environment_moves_both_folders(folder: Path) -> None:
    assert (state_dir(), cache_dir()) == (folder / "state", folder / "cache")


def test_a_state_file_is_read_back_and_is_for_its_owner_only() -> None:
    write_state(STATE)

    assert read_state("moto") == STATE
    assert stat.S_IMODE((state_dir() / "moto.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state_dir().stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"kind": "moto"}', "null"])
def test_a_broken_state_file_counts_as_none(text: str) -> None:
    (state_dir() / "moto.json").write_text(text)

    assert read_state("moto") is None


def test_a_host_forgets_its_own_state_only() -> None:
    write_state(replace(STATE, token="another"))
    forget(STATE)
    assert read_state("moto") == replace(STATE, token="another")

    forget(replace(STATE, token="another"))
    assert read_state("moto") is None


def test_old_logs_are_removed_and_other_kinds_left() -> None:
    for number in range(8):
        path = state_dir() / f"moto-{number}.log"
        path.write_text("x")
        os.utime(path, (number, number))
    (state_dir() / "postgres-1.log").write_text("x")

    assert log_path("moto", "new") == state_dir() / "moto-new.log"
    assert sorted(path.name for path in state_dir().glob("*.log")) == [
        "moto-4.log",
        "moto-5.log",
        "moto-6.log",
        "moto-7.log",
        "postgres-1.log",
    ]


def test_the_tail_of_a_log_is_its_last_lines_indented(folder: Path) -> None:
    (folder / "log").write_text("a\nb\nc\n")

    assert log_tail(folder / "log", 2) == "  b\n  c"
    assert log_tail(folder / "none") == "  (its log is empty)"
