"""A journal: an append-only file of JSON lines that says what is done for good, so that a killed job can go on.

The first line, the header, binds the file to a kind of job, a version of its entries, and what the job is of: a
journal of something else is refused. An entry is on the disk when ``append`` returns. Whatever kills the process, the
file holds whole entries, in the order in which they were appended, and at most one torn line after them.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from workbench.errors import JournalError

__all__ = ["Journal"]

Entry = dict[str, Any]


class Journal:
    """An open journal, held by this process alone until it is closed. Also a context manager.

    ``entries`` are those that were in the file when it was opened, in order: what an earlier run had done.
    ``cut`` are the bytes of a torn last line that was cut off, 0 where there was none. ``is_new`` says that there was
    no file. Threads may append together.
    """

    def __init__(
        self, path: Path, file: int, lock: FileLock, entries: list[Entry], cut: int, *, is_new: bool = False
    ) -> None:
        self.path = path
        self.entries = entries
        self.cut = cut
        self.is_new = is_new
        self._file: int | None = file
        self._lock = lock
        self._appending = threading.Lock()
        self._length = os.fstat(file).st_size

    @classmethod
    def open(cls, path: str | Path, *, kind: str, of: Mapping[str, Any], version: int = 1) -> Journal:
        """Return the journal at ``path``, begun where there is no file yet.

        ``kind`` and ``version`` say what the entries mean; ``of`` (names to JSON values) is the fingerprint of what
        the job works on. JournalError where the file is a journal of something else (it says of what), is no journal,
        is damaged before its last line, or is in use by another process.
        """
        where = Path(path)
        header = {"journal": kind, "version": version, "of": json.loads(json.dumps(dict(of)))}
        lock, file = _locked(where), None
        try:
            is_new = not where.exists()
            if is_new:
                _begin(where, header)
            entries, cut = _read(where, header)
            file = os.open(where, os.O_WRONLY | os.O_APPEND)
            return cls(where, file, lock, entries, cut, is_new=is_new)
        except BaseException:
            if file is not None:
                os.close(file)
            lock.release()
            raise

    @property
    def said(self) -> str:
        """A sentence on what was found at opening, empty for a journal that was begun now."""
        torn = f"; a torn last line of {self.cut} bytes was cut off" if self.cut else ""
        found = f"{len(self.entries):,} {'entry' if len(self.entries) == 1 else 'entries'}"
        return f"{self.path.name} holds {found} of an earlier run{torn}" if self.entries or self.cut else ""

    @property
    def length(self) -> int:
        """The bytes of the file that are whole entries."""
        return self._length

    def append(self, *entries: Mapping[str, Any]) -> None:
        """Write entries, one line each, and return when they are on the disk; one call with many costs one fsync.

        A write that fails, on a full disk say, leaves none of them in the file and raises JournalError.
        """
        lines = b"".join(_line(entry) for entry in entries)
        with self._appending:
            if self._file is None:
                raise JournalError(f"{self.path.name} is closed; open it again to append")
            try:
                _write(self._file, lines)
                self._length += len(lines)
            except BaseException as error:
                os.ftruncate(self._file, self._length)
                if isinstance(error, OSError):
                    words = f"{self.path.name}: an entry could not be written: {error}; make room"
                    raise JournalError(words) from error
                raise

    def close(self) -> None:
        """Give the file back. Twice does no harm."""
        with self._appending:
            if self._file is not None:
                os.close(self._file)
                self._file = None
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _locked(path: Path) -> FileLock:
    lock = FileLock(f"{path}.lock", thread_local=False, is_singleton=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise JournalError(f"{path.name} is in use by another process; wait for it, or give another file") from None
    except OSError as error:
        raise JournalError(
            f"{path.name} cannot be locked: {error}; give a path in a folder you can write to"
        ) from error
    return lock


def _begin(path: Path, header: Entry) -> None:
    """Make the file with its header in one step: no moment at which there is a file with half a header."""
    handle, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        _write(handle, _line(header))
        os.replace(part, path)
    except BaseException:
        with suppress(FileNotFoundError):  # an interrupt right behind the step: the journal is there
            os.unlink(part)
        raise
    finally:
        os.close(handle)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path, header: Entry) -> tuple[list[Entry], int]:
    """Return the entries of a file and the bytes of the torn line that was cut off its end."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    lines = content[:whole].splitlines()
    _check_header(path, _parsed(lines[0]) if lines else None, header)
    entries = []
    for number, line in enumerate(lines[1:], start=2):
        entry = _parsed(line)
        if entry is None:
            raise JournalError(f"{path.name}, line {number:,}: no entry of a journal; restore the file, or begin anew")
        entries.append(entry)
    if whole < len(content):
        os.truncate(path, whole)
    return entries, len(content) - whole


def _check_header(path: Path, found: Entry | None, wanted: Entry) -> None:
    if found is None or not isinstance(found.get("journal"), str) or not isinstance(found.get("of"), dict):
        raise JournalError(f"{path.name} is no journal of the workbench, and was left as it is; give another file")
    if (found["journal"], found.get("version")) != (wanted["journal"], wanted["version"]):
        raise JournalError(
            f"{path.name} is a journal of {found['journal']!r}, version {found.get('version')}, and this job's is of "
            f"{wanted['journal']!r}, version {wanted['version']}; give another file"
        )
    names = [name for name in {**wanted["of"], **found["of"]} if wanted["of"].get(name) != found["of"].get(name)]
    if names:
        differs = "; ".join(
            f"its {name} is {found['of'].get(name)!r}, now {wanted['of'].get(name)!r}" for name in names
        )
        raise JournalError(f"{path.name} is of another job: {differs}. Give another file, or begin anew without it")


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(entry), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _parsed(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]
    os.fsync(file)
