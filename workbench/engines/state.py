"""Folders of the workbench on this machine, and the small file by which a running host is found again.

``WORKBENCH_STATE`` and ``WORKBENCH_CACHE`` move the two folders. Everything written here is readable by its owner only:
a state file holds the token that lets a process use the host.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.errors import EngineError

__all__ = [
    "HostState", "cache_dir", "forget", "log_path", "log_tail", "read_state", "seconds", "state_dir", "whole_number",
    "write_private", "write_state",
]  # fmt: skip

APP = "dynamodb-workbench"
LOGS_KEPT = 5


@dataclass(frozen=True)
class HostState:
    """Where a host listens: process id, loopback control port, token, and the facts its backend gave at its start."""

    kind: str
    pid: int
    control_port: int
    token: str
    log: str
    facts: dict[str, Any]


def _state_folder() -> Path:
    import platformdirs

    return Path(os.environ.get("WORKBENCH_STATE") or platformdirs.user_state_dir(APP)).expanduser().absolute()


def state_dir() -> Path:
    """Return the folder of state files, locks and logs, made if need be (``WORKBENCH_STATE``, else the user's own)."""
    return _private_folder(_state_folder())


def cache_dir(*, create: bool = True) -> Path:
    """Return the folder of what can be fetched again, made if need be (``WORKBENCH_CACHE``, else the user's own)."""
    import platformdirs

    path = Path(os.environ.get("WORKBENCH_CACHE") or platformdirs.user_cache_dir(APP)).expanduser().absolute()
    return _private_folder(path) if create else path


def _private_folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _state_path(kind: str) -> Path:
    return _state_folder() / f"{kind}.json"


def write_state(state: HostState) -> None:
    """Write the state file of a host in one step, mode 0600."""
    write_private(state_dir() / f"{state.kind}.json", asdict(state))


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Write JSON in one step into a file that its owner alone can read."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.")  # mkstemp makes it 0600
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
    os.replace(temporary, path)


def read_state(kind: str) -> HostState | None:
    """Return the state of the host of that kind, or None when there is no readable state file."""
    try:
        return HostState(**json.loads(_state_path(kind).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def forget(state: HostState) -> None:
    """Remove the state file, unless another host has written its own in the meantime."""
    current = read_state(state.kind)
    if current is None or current.token == state.token:
        _state_path(state.kind).unlink(missing_ok=True)


def whole_number(variable: str, default: int) -> int:
    """Return a count from the environment, or ``default``; EngineError names the variable and the wrong value."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise EngineError(f"{variable} is {text!r}; set it to a whole number from 1 on, or unset it.")
    return int(text)


def seconds(variable: str, default: float) -> float:
    """Return a time from the environment, or ``default``; EngineError names the variable and the value it can't use."""
    text = os.environ.get(variable, "").strip()
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise EngineError(f"{variable} is {text!r}; set it to a number of seconds, or unset it.")
    return value


def log_path(kind: str, run: str) -> Path:
    """Return the log file of one run of a host; older logs of the kind beyond the last few are removed."""
    logs = sorted(state_dir().glob(f"{kind}-*.log"), key=_modified)
    for old in logs[: -LOGS_KEPT + 1]:
        old.unlink(missing_ok=True)
    return state_dir() / f"{kind}-{run}.log"


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process removed it
        return 0.0


def log_tail(log: str | Path, lines: int = 12) -> str:
    """Return the last lines of a log, indented for an error message; says so when there are none."""
    try:
        text = Path(log).read_text(errors="replace").rstrip()
    except OSError:
        text = ""
    if not text:
        return "  (its log is empty)"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])
