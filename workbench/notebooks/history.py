"""The history of runs: one JSON line a run in ``runs/index.jsonl``, appended whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import NotebookError
from workbench.notebooks.redaction import redact

__all__ = ["append_history", "history_path", "last_seconds", "read_history"]

LOCK_SECONDS = 30.0


def history_path(runs: Path) -> Path:
    """Return the file that holds the history of a folder of runs."""
    return runs / "index.jsonl"


def append_history(runs: Path, record: Mapping[str, Any]) -> None:
    """Append one record. Runs that end at the same moment wait for each other; a torn last line is left behind it.

    NotebookError when the file cannot be written.
    """
    import filelock

    line = redact(json.dumps(record, ensure_ascii=False, allow_nan=False)).encode() + b"\n"
    try:
        with filelock.FileLock(runs / ".index.lock", timeout=LOCK_SECONDS):
            _append(history_path(runs), line)
    except (OSError, filelock.Timeout) as error:
        raise NotebookError(f"The run's record could not be added to {history_path(runs)}: {error}") from error


def _append(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":  # a crash or a full disk tore the last line
            line = b"\n" + line
        try:
            written = os.write(handle, line)
            if written != len(line):
                raise OSError(28, "No space left on device")
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


def read_history(runs: Path) -> list[dict[str, Any]]:
    """Return the records of a folder of runs, oldest first; none without a history. Torn lines are passed over."""
    try:
        text = history_path(runs).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    found = []
    for line in text.split("\n"):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            found.append(record)
    return found


def last_seconds(runs: Path) -> dict[str, float]:
    """Return how long each notebook took when it last passed, by its name."""
    return {
        str(each["name"]): float(each["seconds"])
        for record in read_history(runs)
        for each in record.get("notebooks", ())
        if each.get("status") == "passed"
    }
