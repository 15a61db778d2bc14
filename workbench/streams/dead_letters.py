"""Dead letters: records that a handler could not handle, kept in a file with the reason, to be handed over again."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["DeadLetters"]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class DeadLetters:
    """A file with one JSON object a line: when, why, after how many attempts, and the record itself.

    A letter is on the disk before its record counts as handled. A run that is killed in between writes it twice.
    """

    def __init__(self, path: Path, *, now: Callable[[], dt.datetime] = _now) -> None:
        self.path = path
        self._now = now
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, record: Mapping[str, Any], *, consumer: str, error: str, attempts: int) -> None:
        """Append one record. Bytes and times in it are as in a Lambda event already."""
        at = self._now().astimezone(dt.UTC).isoformat(timespec="seconds")
        letter = {"at": at, "consumer": consumer, "error": error, "attempts": attempts, "record": record}
        line = json.dumps(letter, ensure_ascii=False) + "\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        handle = os.open(self.path, flags, 0o600)  # it holds people's data
        try:
            _end_torn_line(self.path, handle)
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)


def _end_torn_line(path: Path, handle: int) -> None:
    """After a kill in the middle of a write, begin on a line of its own."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                os.write(handle, b"\n")
