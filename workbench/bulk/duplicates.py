"""Rows of one key: refused, merged, or resolved by the rule that was asked for.

A batch may not name a key twice, and of two puts in flight either may come last. So every row that is sent is the only
one of its key, or, under ``last`` with rows that stream, is sent after the earlier one was confirmed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from workbench.bulk.operations import Outcome
from workbench.bulk.rows import Row, key_values
from workbench.errors import WriteError

__all__ = ["Duplicates", "Earlier", "OnDuplicate", "batches", "last_of_each"]

OnDuplicate = Literal["refuse", "first", "last"]


class Duplicates:
    """The rules ``refuse`` and ``first``, over rows as they come; ``merged`` counts the rows that are not sent.

    Each key that was seen is remembered, with the digest of its item under ``refuse``. ``held``:
    the rows are in memory anyway, and are remembered as they are.
    """

    def __init__(self, table: str, rule: OnDuplicate, *, held: bool = False) -> None:
        self.merged = 0
        self._table = table
        self._rule = rule
        self._held = held

    def resolve(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows to send. WriteError names both rows where two of one key differ, under ``refuse``."""
        return self._among(rows) if self._held else self._passing(rows)

    def _among(self, rows: Iterable[Row]) -> Iterator[Row]:
        seen: dict[str, Row] = {}
        for row in rows:
            known = seen.setdefault(row.key, row)
            if known is row:
                yield row
                continue
            if self._rule == "refuse" and known.body != row.body:
                raise WriteError(self._clash(row, known.number))
            self.merged += 1

    def _passing(self, rows: Iterable[Row]) -> Iterator[Row]:
        seen: dict[str, bytes] = {}  # position and digest in one: bytes are cheaper to keep than tuples
        refuse = self._rule == "refuse"
        for row in rows:
            digest = hashlib.blake2b(row.body, digest_size=16).digest() if refuse else b""
            mine = row.number.to_bytes(8, "big") + digest
            known = seen.setdefault(row.key, mine)
            if known is mine:
                yield row
                continue
            if known[8:] != digest:
                raise WriteError(self._clash(row, int.from_bytes(known[:8], "big")))
            self.merged += 1

    def _clash(self, row: Row, first: int) -> str:
        key = ", ".join(f"{name} = {value!r}" for name, value in key_values(row.key).items())
        return (
            f"{self._table}: rows {first:,} and {row.number:,} have one key ({key}) and differ; the second would "
            f"replace the first. Take one out, or say which counts: on_duplicate='first' or 'last'"
        )


class Earlier:
    """The rule ``last``, over rows as they come: which keys are in flight, and what a later row of a key settles."""

    def __init__(self) -> None:
        self._busy: set[str] = set()
        self._refused: dict[str, Row] = {}

    def begin(self, rows: Iterable[Row]) -> None:
        """Take rows as sent."""
        self._busy.update(row.key for row in rows)

    def end(self, rows: Iterable[Row]) -> None:
        """Take rows as settled; later ones of their keys may be sent."""
        self._busy.difference_update(row.key for row in rows)

    def is_busy(self, key: str) -> bool:
        """Say whether a row of the key is in flight."""
        return key in self._busy

    def settled(self, outcome: Outcome) -> list[Row]:
        """Return the rows refused before that a row of this outcome, written or refused itself, counts instead of."""
        refused = [each.row for each in outcome.refused]
        found = [self._refused.pop(row.key) for row in (*outcome.done, *refused) if row.key in self._refused]
        self._refused.update((row.key, row) for row in refused)
        return found


def last_of_each(rows: Sequence[Row]) -> list[Row]:
    """Return the last row of each key, in order."""
    last = {row.key: row.number for row in rows}
    return [row for row in rows if last[row.key] == row.number]


def batches(
    rows: Iterable[Row], most: int, most_bytes: int, *, wait_for: Callable[[str], None] | None = None
) -> Iterator[tuple[list[Row], list[Row]]]:
    """Yield the rows of each request, and the earlier rows of the same key that they stand for.

    ``wait_for`` is called with the key of every row before the batch is yielded, so that a row is not overtaken.
    """
    batch: dict[str, Row] = {}
    stood_for: list[Row] = []
    size = 0
    for row in rows:
        if len(batch) >= most or size + len(row.body) > most_bytes:
            yield _ready(batch, wait_for), stood_for
            batch, stood_for, size = {}, [], 0
        if row.key in batch:
            stood_for.append(batch.pop(row.key))
        batch[row.key] = row
        size += len(row.body) + 40
    if batch:
        yield _ready(batch, wait_for), stood_for


def _ready(batch: dict[str, Row], wait_for: Callable[[str], None] | None) -> list[Row]:
    if wait_for is not None:
        for key in batch:
            wait_for(key)
    return list(batch.values())
