"""The writer's journal: which rows are confirmed, and that the rows given now are those it speaks of."""

from __future__ import annotations

import hashlib
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from workbench.bulk.journal import Journal
from workbench.bulk.rows import Row
from workbench.errors import JournalError

__all__ = ["Confirmed"]

GROUP_SECONDS = 0.25
GROUP_ROWS = 2_500
_MASK = (1 << 64) - 1


class Confirmed:
    """Rows that are in the table for good, by their positions. Entries reach the disk in groups, one fsync a group.

    A row that was confirmed and not on the disk yet when the process was killed is sent again: a put of the same item
    changes nothing. An entry holds ranges of rows and the sum of their digests, so that other rows are noticed.
    """

    def __init__(self, journal: Journal, clock: Callable[[], float] = time.monotonic) -> None:
        self.journal = journal
        self.before = 0  # rows that an earlier run confirmed and that were given again
        self._clock = clock
        self._flushed = clock()
        self._waiting: list[dict[str, Any]] = []
        self._rows_waiting = 0
        self._tried: tuple[int, int] | None = None  # a flush that did not return: the file's length, entries waiting
        self._entry_of = array("q")
        self._open: dict[int, list[int]] = {}  # by entry: rows still to be seen, sum still to be met
        for number, entry in enumerate(journal.entries):
            self._load(number, entry)

    @classmethod
    def open(cls, path: str | Path, of: dict[str, Any]) -> Confirmed:
        """Return the journal of a write at ``path``; JournalError where it is of another table, or other options."""
        return cls(Journal.open(path, kind="write", of=of))

    def remaining(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows that are not confirmed. JournalError where the rows are not those of the journal."""
        entry_of, known = self._entry_of, len(self._entry_of)
        for row in rows:
            if row.number < known and entry_of[row.number] >= 0:
                self._check(row, entry_of[row.number])
                self.before += 1
            else:
                yield row
        if self._open:
            raise JournalError(
                f"{self.journal.path.name} speaks of {known:,} rows or more, and fewer were given now; give the same "
                f"rows, or begin anew with another journal"
            )

    def note(self, rows: Iterable[Row]) -> None:
        """Take rows as confirmed; the group is written when it is due."""
        found = list(rows)
        if not found:
            return
        self._waiting.append({"rows": _ranges(found), "sum": f"{sum(map(_digest, found)) & _MASK:016x}"})
        self._rows_waiting += len(found)
        if self._rows_waiting >= GROUP_ROWS or self._clock() - self._flushed >= GROUP_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting and return when it is on the disk."""
        if self._tried is not None and self.journal.length > self._tried[0]:  # interrupted right behind the append
            del self._waiting[: self._tried[1]]
        self._tried = self.journal.length, len(self._waiting)
        if self._waiting:
            self.journal.append(*self._waiting)
        self._waiting, self._rows_waiting, self._tried = [], 0, None
        self._flushed = self._clock()

    def close(self) -> None:
        """Write what is waiting and give the file back."""
        try:
            self.flush()
        finally:
            self.journal.close()

    def _load(self, number: int, entry: dict[str, Any]) -> None:
        pairs = entry.get("rows", [])
        count = 0
        for first, end in zip(pairs[::2], pairs[1::2], strict=True):
            if end > len(self._entry_of):
                self._entry_of.extend([-1] * (end - len(self._entry_of)))
            for row in range(first, end):
                if self._entry_of[row] < 0:
                    count += 1
                    self._entry_of[row] = number
        if count != sum(pairs[1::2]) - sum(pairs[::2]):
            raise JournalError(f"{self.journal.path.name}: rows {pairs} are confirmed twice; begin anew")
        self._open[number] = [count, int(entry["sum"], 16)]

    def _check(self, row: Row, number: int) -> None:
        state = self._open[number]
        state[0] -= 1
        state[1] = (state[1] - _digest(row)) & _MASK
        if state[0] == 0:
            del self._open[number]
            if state[1] != 0:
                raise JournalError(
                    f"{self.journal.path.name}: the rows given now, up to row {row.number:,}, are not those that it "
                    f"confirms; give the same rows in the same order, or begin anew with another journal"
                )


def _digest(row: Row) -> int:
    return int.from_bytes(hashlib.blake2b(row.body, digest_size=8).digest(), "big")


def _ranges(rows: list[Row]) -> list[int]:
    """Return the positions as first, end, first, end ..., the ends not included."""
    found: list[int] = []
    for number in sorted(row.number for row in rows):
        if found and found[-1] == number:
            found[-1] += 1
        else:
            found += [number, number + 1]
    return found
