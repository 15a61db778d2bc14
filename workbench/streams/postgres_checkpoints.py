"""Checkpoints in PostgreSQL, beside what a handler writes there: one transaction holds the effect and the checkpoint.

So each record is once in effect, even where its effect is an increment that no condition could make safe to repeat.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.errors import DatabaseError, StreamError
from workbench.streams.positions import Position

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["PostgresCheckpoints"]

LOCK_SECONDS = 10.0  # the session of a run that was killed ends a moment after it
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('workbench stream checkpoints of ' || %(consumer)s, 0)) AS held"
_SCHEMA = (
    "CREATE SCHEMA IF NOT EXISTS workbench",
    """
    CREATE TABLE IF NOT EXISTS workbench.stream_checkpoints (
        consumer text NOT NULL,
        stream text NOT NULL,
        shard text NOT NULL,
        sequence_number text CHECK (sequence_number ~ '^[0-9]+$'),
        done boolean NOT NULL,
        saved_at timestamptz NOT NULL,
        PRIMARY KEY (consumer, stream, shard)
    )
    """,
)
# Sequence numbers are digits of lengths that differ, and keep their leading zeros: compared as numbers, kept as text.
_SAVE = """
    INSERT INTO workbench.stream_checkpoints AS kept VALUES
        (%(consumer)s, %(stream)s, %(shard)s, %(sequence)s, %(done)s, clock_timestamp())
    ON CONFLICT (consumer, stream, shard) DO UPDATE
    SET sequence_number = excluded.sequence_number, done = excluded.done, saved_at = excluded.saved_at
    WHERE coalesce(kept.sequence_number, '-1')::numeric < coalesce(excluded.sequence_number, '-1')::numeric
        OR (excluded.done AND kept.sequence_number IS NOT DISTINCT FROM excluded.sequence_number)
"""
_LOAD = """
    SELECT shard, sequence_number, done FROM workbench.stream_checkpoints
    WHERE consumer = %(consumer)s AND stream = %(stream)s
"""
_OTHERS = """
    SELECT count(DISTINCT stream) AS others FROM workbench.stream_checkpoints
    WHERE consumer = %(consumer)s AND stream <> %(stream)s
"""
_FORGET = """
    DELETE FROM workbench.stream_checkpoints
    WHERE consumer = %(consumer)s AND stream = %(stream)s AND shard = ANY(%(shards)s)
"""


class PostgresCheckpoints:
    """Checkpoints in the table ``workbench.stream_checkpoints``, made where it is missing.

    ``connect`` gives a psycopg connection of our own, in autocommit. A handler that gets it as ``context.connection``
    writes in the transaction of its batch. Raises StreamError while another run of that consumer holds them.
    """

    transactional = True

    def __init__(
        self, connect: Callable[[], Connection[Any]], consumer: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.consumer = consumer
        self._connection = connect()
        try:
            self._hold(sleep)
            for statement in _SCHEMA:
                self._run(statement)
        except BaseException:
            self._connection.close()
            raise

    def load(self, stream: str) -> dict[str, Position]:
        """Return the positions of a stream's shards by id."""
        rows = self._rows(_LOAD, {"stream": stream})
        return {row["shard"]: Position(row["sequence_number"], row["done"]) for row in rows}

    def others(self, stream: str) -> int:
        """Return how many other streams there are checkpoints of."""
        return int(self._rows(_OTHERS, {"stream": stream})[0]["others"])

    @contextmanager
    def unit(self) -> Iterator[Any]:
        """Give the connection in a transaction, which ends with the block: all of it is kept, or nothing."""
        with self._connection.transaction():
            yield self._connection

    def save(self, stream: str, shard: str, position: Position) -> None:
        """Keep the position of a shard, in the transaction that is open; StreamError where it would not move on."""
        values = {"stream": stream, "shard": shard, "sequence": position.sequence, "done": position.done}
        if not self._run(_SAVE, values):
            raise StreamError(
                f"{shard} was handled beyond {position} by another run; let one run at a time use the consumer "
                f"{self.consumer!r}"
            )

    def forget(self, stream: str, shards: Collection[str]) -> None:
        """Drop the positions of shards that are no more."""
        if shards:
            self._run(_FORGET, {"stream": stream, "shards": sorted(shards)})

    def close(self) -> None:
        """Close the connection; its lock goes with it."""
        self._connection.close()

    def _hold(self, sleep: Callable[[float], None]) -> None:
        for _ in range(int(LOCK_SECONDS / 0.25)):
            if self._rows(_LOCK, {})[0]["held"]:
                return
            sleep(0.25)
        raise StreamError(
            f"another run holds the checkpoints of {self.consumer!r} in PostgreSQL; end it first, or name another "
            "consumer"
        )

    def _run(self, sql: str, values: Mapping[str, Any] | None = None) -> int:
        return int(self._ask(sql, values or {}).rowcount)

    def _rows(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        from psycopg.rows import dict_row

        cursor = self._ask(sql, values)
        make = dict_row(cursor)
        return [make(row) if not isinstance(row, dict) else row for row in cursor.fetchall()]

    def _ask(self, sql: str, values: Mapping[str, Any]) -> Any:
        import psycopg

        try:
            return self._connection.execute(sql.encode(), {"consumer": self.consumer, **values})
        except psycopg.OperationalError as error:
            raise DatabaseError(
                "The connection that keeps the checkpoints broke; run it again, and it goes on at the last one"
            ) from error
