"""Delivery: a batch is handed to the handler until each of its records is handled, or set aside, or stops the run.

What the faults lead to:

- The handler raises: the batch is halved, again and again, until the record that it fails on stands alone. Halves go
  in their order, so the order of a shard stays.
- The handler reports a record (batchItemFailures): those before it are handled, and it goes alone.
- A record that fails alone is tried again, with pauses that grow, as often as ``attempts`` says. Then it is a dead
  letter, where a file for those was named; else the run ends there with an error, and the next run begins with it.
- The engine or database is away, or says that it is asked for too fast: no record's fault. The batch is tried again as
  it is; then the run ends with an error, and nothing is set aside.
- A write that the workbench refused (AWS without `--write`): the run ends at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import GuardError, StreamError, UnreachableError, WorkbenchError
from workbench.results import Backoff
from workbench.results.faults import is_server_error, is_throttle, is_unanswered
from workbench.streams.checkpoints import Checkpoints
from workbench.streams.dead_letters import DeadLetters
from workbench.streams.events import lambda_event, lambda_record, sequence_of
from workbench.streams.handlers import BadAnswer, Context, Handler, first_failure, told
from workbench.streams.positions import Position
from workbench.streams.shard_reader import Record

__all__ = ["Delivery", "Tally"]


@dataclass
class Tally:
    """What was done, in counts: records handled, calls of the handler, calls after a failure, records set aside."""

    records: int = 0
    calls: int = 0
    retries: int = 0
    set_aside: int = 0


@dataclass(frozen=True)
class _Failure:
    """Why a batch is not done. ``at`` is the place of the record that failed, None where it is not known."""

    error: Exception
    at: int | None = None

    @property
    def is_outage(self) -> bool:
        """Whether an engine or a database is away or overloaded, which is no record's fault."""
        return _is_outage(self.error)


class _Undone(Exception):  # noqa: N818 (never seen outside this module)
    """Ends a transaction in which a record failed, so that nothing of its batch is kept."""


@dataclass(frozen=True)
class Delivery:
    """Hands batches of one stream to one handler, and saves a checkpoint for what was handled.

    ``backoff`` gives the attempts that a record has, and the pauses between them.
    """

    handler: Handler
    consumer: str
    arn: str
    checkpoints: Checkpoints
    backoff: Backoff = field(default_factory=lambda: Backoff(attempts=5, base=0.1, cap=5.0))
    dead_letters: DeadLetters | None = None
    tally: Tally = field(default_factory=Tally)

    def deliver(self, shard: str, records: Sequence[Record]) -> None:
        """Have every record handled or set aside, in order. Raises StreamError, GuardError, UnreachableError."""
        waiting = [list(records)] if records else []
        failures = 0
        while waiting:
            batch = waiting.pop(0)
            handled, failure = self._call(shard, batch)
            if failure is None:
                failures = 0
                continue
            batch = batch[handled:]
            parts = self._parts(batch, failure)
            if len(parts) > 1:
                failures = 0
            else:
                failures += 1
                if failures >= self.backoff.attempts:
                    self._give_up(shard, batch[0], failure)
                    failures = 0
                    continue
                self.backoff.wait(failures)
            self.tally.retries += 1
            waiting[:0] = parts

    def _parts(self, batch: list[Record], failure: _Failure) -> list[list[Record]]:
        """The batches to hand over instead: smaller ones, so that the failing record stands alone, or the same."""
        if failure.is_outage or len(batch) == 1:
            return [batch]
        if failure.at is not None:
            parts = [batch[: failure.at], batch[failure.at : failure.at + 1], batch[failure.at + 1 :]]
            return [part for part in parts if part]
        half = len(batch) // 2
        return [batch[:half], batch[half:]]

    def _call(self, shard: str, batch: list[Record]) -> tuple[int, _Failure | None]:
        """Call the handler and save the checkpoint; return how many records are done with, and what failed."""
        failed: _Failure | None = None
        handled = len(batch)
        self.tally.calls += 1
        try:
            with self.checkpoints.unit() as connection:
                at = first_failure(self._answer(shard, batch, connection), batch)
                if at is not None:
                    handled = 0 if self.checkpoints.transactional else at
                    failed = _Failure(_reported(), at - handled)
                if failed and self.checkpoints.transactional:
                    raise _Undone  # what the handler did for those before it is undone too; they go again without it
                if handled:
                    self.checkpoints.save(self.arn, shard, Position(sequence_of(batch[handled - 1])))
        except _Undone:
            return 0, failed
        except (GuardError, StreamError):  # a write was refused, or the checkpoints are another run's: no use to go on
            raise
        except Exception as error:  # noqa: BLE001  # whatever a handler raises
            return 0, _Failure(error)
        self.tally.records += handled
        return handled, failed

    def _answer(self, shard: str, batch: list[Record], connection: Any) -> Any:
        context = Context(self.consumer, f"{shard}/{sequence_of(batch[0])}", connection=connection)
        try:
            return self.handler(lambda_event(batch, self.arn), context)
        except StreamError as error:  # it uses this room itself; that is its failure, not ours
            raise BadAnswer(str(error)) from error

    def _give_up(self, shard: str, record: Record, failure: _Failure) -> None:
        """Set a record aside, or end the run with an error where that is not wanted, or not its fault."""
        if self.dead_letters is None or failure.is_outage:
            raise self._ended(shard, record, failure) from failure.error
        letter = lambda_record(record, self.arn)
        attempts = self.backoff.attempts
        self.dead_letters.add(letter, consumer=self.consumer, error=told(failure.error), attempts=attempts)
        with self.checkpoints.unit():
            self.checkpoints.save(self.arn, shard, Position(sequence_of(record)))
        self.tally.set_aside += 1

    def _ended(self, shard: str, record: Record, failure: _Failure) -> WorkbenchError:
        """Return the error that ends the run: an outage is exit code 3 on the command line, a poison record 1."""
        text = (
            f"{self.consumer} failed {self.backoff.attempts} times on the record {sequence_of(record)} "
            f"({record.get('eventName', '')} {_key(record)}) of {shard}: {told(failure.error)}\n"
        )
        if failure.is_outage:
            return UnreachableError(
                f"{text}No record is to blame. Run it again when that is better; it begins with this record."
            )
        return StreamError(
            f"{text}Mend the handler and run it again: it begins with this record. Or name a file for such records "
            "(`--dead-letters FILE`), and it goes on after it."
        )


def _reported() -> BadAnswer:
    return BadAnswer("the handler reports this record as failed; what it printed says why")


def _is_outage(error: BaseException) -> bool:
    from psycopg import InterfaceError, OperationalError

    if isinstance(error, UnreachableError | OperationalError | InterfaceError):
        return True
    return is_unanswered(error) or is_throttle(error) or is_server_error(error)


def _key(record: Record) -> str:
    keys: dict[str, Any] = record["dynamodb"].get("Keys", {})
    return ", ".join(f"{name} = {next(iter(keys[name].values()))!r}" for name in sorted(keys))
