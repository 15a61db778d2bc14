"""Checkpoints: how far each shard was handled, kept so that a killed run goes on where it was.

A checkpoint is saved after the handler is done with a batch. A run that is killed in between hands the batch over
again: delivery is at least once. Handlers make it once in effect, by a condition in what they write; or the
checkpoints lie in the database that the handler writes to, and one transaction holds both (postgres_checkpoints.py).
"""

from __future__ import annotations

import glob
import json
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workbench.errors import StreamError
from workbench.streams.positions import Position, is_later

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["Checkpoints", "FileCheckpoints", "MemoryCheckpoints"]

VERSION = 1


class Checkpoints(Protocol):
    """A place for the checkpoints of one consumer. One run at a time may hold it."""

    transactional: bool

    def load(self, stream: str) -> dict[str, Position]:
        """Return the positions of a stream's shards by id; nothing for a stream that was never read."""
        ...

    def others(self, stream: str) -> int:
        """Return how many other streams there are checkpoints of: those of earlier tables of the name."""
        ...

    def unit(self) -> AbstractContextManager[Any]:
        """Give what holds one batch: a connection whose transaction the checkpoint is saved in, or None."""
        ...

    def save(self, stream: str, shard: str, position: Position) -> None:
        """Keep the position of a shard. StreamError where it would move back: another run was here."""
        ...

    def forget(self, stream: str, shards: Collection[str]) -> None:
        """Drop the positions of shards that are handled to their end, and are no part of the stream any more."""
        ...

    def close(self) -> None:
        """Let another run have them."""
        ...


def must_move_on(shard: str, was: Position | None, now: Position) -> None:
    """Raise StreamError where a position would move back, or stand still: somebody else handled these records."""
    if was is None or is_later(now.sequence, was.sequence) or (now.done and now.sequence == was.sequence):
        return
    raise StreamError(
        f"{shard} was handled up to {was} by another run, and this one is at {now}; let one run at a time use these "
        "checkpoints"
    )


class MemoryCheckpoints:
    """Checkpoints that are gone with the process: for a notebook, or a test."""

    transactional = False

    def __init__(self) -> None:
        self._streams: dict[str, dict[str, Position]] = {}

    def load(self, stream: str) -> dict[str, Position]:
        """Return the positions of a stream's shards by id."""
        return dict(self._streams.get(stream, {}))

    def others(self, stream: str) -> int:
        """Return how many other streams there are checkpoints of."""
        return len(self._streams.keys() - {stream})

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Give None: nothing that the handler does can be undone here."""
        yield None

    def save(self, stream: str, shard: str, position: Position) -> None:
        """Keep the position of a shard."""
        shards = self._streams.setdefault(stream, {})
        must_move_on(shard, shards.get(shard), position)
        shards[shard] = position

    def forget(self, stream: str, shards: Collection[str]) -> None:
        """Drop the positions of shards that are no more."""
        for shard in shards:
            self._streams.get(stream, {}).pop(shard, None)

    def close(self) -> None:
        """Have nothing to let go of."""


class FileCheckpoints(MemoryCheckpoints):
    """Checkpoints in a JSON file, replaced as a whole at each save, so that a kill leaves the old one or the new one.

    ``consumer`` names who reads. Raises StreamError for a file that is another consumer's, is held by another run,
    or is no file of checkpoints.
    """

    def __init__(self, path: Path, consumer: str) -> None:
        super().__init__()
        self.path = path
        self.consumer = consumer
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _held(path)
        try:
            _sweep(path)
            self._read()
        except BaseException:
            self._lock.release()
            raise

    def save(self, stream: str, shard: str, position: Position) -> None:
        """Keep the position of a shard: it is on the disk when this comes back."""
        super().save(stream, shard, position)
        self._write()

    def forget(self, stream: str, shards: Collection[str]) -> None:
        """Drop the positions of shards that are no more."""
        if shards:
            super().forget(stream, shards)
            self._write()

    def close(self) -> None:
        """Let another run have the file."""
        self._lock.release()

    def _read(self) -> None:
        if not self.path.exists():
            return
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            consumer = content["consumer"]
            self._streams = {
                stream: {shard: Position(each["sequence"], bool(each["done"])) for shard, each in shards.items()}
                for stream, shards in content["streams"].items()
            }
            for positions in self._streams.values():
                for position in positions.values():
                    int(position.sequence or 0)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StreamError(
                f"{self.path} holds no checkpoints of the workbench ({type(error).__name__}); name another file, or "
                "move this one away to begin anew"
            ) from error
        if consumer != self.consumer:
            raise StreamError(
                f"{self.path} holds the checkpoints of {consumer!r}, not of {self.consumer!r}: it would see only what "
                "the other has not seen. Name another file, or give the consumer's name"
            )

    def _write(self) -> None:
        streams = {
            stream: {shard: {"sequence": at.sequence, "done": at.done} for shard, at in positions.items()}
            for stream, positions in self._streams.items()
        }
        content = {"version": VERSION, "consumer": self.consumer, "streams": streams}
        replace_file(self.path, json.dumps(content, indent=1) + "\n")


def _held(path: Path) -> BaseFileLock:
    import filelock

    lock = filelock.FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise StreamError(f"another run holds the checkpoints in {path}; end it first, or name another file") from None
    return lock


def _sweep(path: Path) -> None:
    """Remove what saves that were killed left beside the file. The lock is held, so no other save is on its way."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        left.unlink(missing_ok=True)


def replace_file(path: Path, text: str) -> None:
    """Put text in the place of a file, in one step that outlasts a power cut; its owner alone can read it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
