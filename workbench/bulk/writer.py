"""The writer: rows in, requests in flight, outcomes counted, journalled and told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from workbench.bulk.confirmed import Confirmed
from workbench.bulk.duplicates import Duplicates, OnDuplicate, batches, last_of_each
from workbench.bulk.failures import explained
from workbench.bulk.lanes import Lanes, Report, Task
from workbench.bulk.operations import Operation, Refusal, added
from workbench.bulk.patience import Patience
from workbench.bulk.rates import Ceiling
from workbench.bulk.report import FailedRow, Progress, WriteReport
from workbench.bulk.rows import Row
from workbench.bulk.sending import Sender
from workbench.errors import WorkbenchError
from workbench.results.backoff import Backoff

__all__ = ["Settings", "write_rows"]

LIMIT_SECONDS = 300.0
IN_FLIGHT = 16


@dataclass(frozen=True)
class Settings:
    """How to write: ``in_flight`` requests at once, ``ceiling`` in write units a second (None: none).

    ``told`` gives the sentence of an error on how many rows were written before it.
    """

    in_flight: int = IN_FLIGHT
    ceiling: float | None = None
    on_duplicate: OnDuplicate = "refuse"
    backoff: Backoff | None = None
    limit_seconds: float = LIMIT_SECONDS
    progress: Callable[[Progress], None] | None = None
    told: Callable[[int], str] | None = None
    clock: Callable[[], float] = time.monotonic


@dataclass
class _Tally:
    """Counts, in the caller's thread."""

    given: int = 0
    written: int = 0
    merged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    units: Decimal | None = Decimal(0)
    requests: int = 0
    attempts_again: int = 0
    gave_up: str = ""
    error: BaseException | None = None
    whole: Exception | None = None  # the refusal of a whole request, not looked at yet


def write_rows(
    table: str, rows: Iterable[Row], operation: Operation, sender: Sender, settings: Settings, *,
    kind: str = "put", held: bool = False, confirmed: Confirmed | None = None,
) -> WriteReport:  # fmt: skip
    """Write rows and return the report; whatever stops it, the journal then holds what is confirmed.

    ``held``: the rows are looked at all before the first is sent, their duplicates too; otherwise as they come.
    Raises what a row is refused for (ItemError, WriteError), TableError, RequestError or EngineError where the engine
    refuses or is gone; each then says how many were written. A write that gave up, or rows that the engine refused, are
    in the report.
    """
    return _Writer(table, operation, sender, settings, kind, confirmed).run(rows, held=held)


class _Writer:
    def __init__(
        self, table: str, operation: Operation, sender: Sender, settings: Settings, kind: str,
        confirmed: Confirmed | None,
    ) -> None:  # fmt: skip
        self.table, self.kind, self.operation, self.settings = table, kind, operation, settings
        self.sender, self.confirmed = sender, confirmed
        self.stop = threading.Event()
        backoff = settings.backoff or Backoff(sleep=self.pause)
        self.patience = Patience(backoff, settings.limit_seconds, self.stop)
        ceiling = (
            Ceiling(settings.ceiling, clock=settings.clock, sleep=backoff.sleep)
            if settings.ceiling is not None
            else None
        )
        resumed = confirmed is not None and not confirmed.journal.is_new
        self.lanes = Lanes(settings.in_flight, operation, sender, self.patience, ceiling, again=resumed)
        self.tally = _Tally()
        self.duplicates = Duplicates(table, settings.on_duplicate)
        self.total: int | None = None
        self.due = 0  # rows drawn that are to be confirmed now
        self.began = settings.clock()
        self.busy: set[str] | None = None
        self.quiet = False

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until the write is stopped."""
        self.stop.wait(seconds)

    def run(self, rows: Iterable[Row], *, held: bool) -> WriteReport:
        try:
            for number, task in enumerate(self.tasks(rows, held)):
                if number > 1:  # the second request tells whether the first was refused for the table or for its rows
                    self.look_at_whole()
                if self.stop.is_set():
                    break
                self.lanes.run(task, self.handle)
            self.lanes.wait(self.handle)
            self.look_at_whole()
        except BaseException as error:
            self.settle(at_once=not isinstance(error, Exception))
            if isinstance(error, WorkbenchError):
                raise self.told(error) from error.__cause__
            raise
        finally:
            self.lanes.close()
            if self.confirmed is not None:
                self.confirmed.flush()
        if self.tally.error is not None:
            raise self.reported(self.explained(self.tally.error))
        return self.report()

    def tasks(self, rows: Iterable[Row], held: bool) -> Iterator[Task]:
        rule = self.settings.on_duplicate
        if held:
            rows = list(rows)
            self.total = self.tally.given = len(rows)
            held_once = Duplicates(self.table, rule, held=True).resolve(rows)
            rows = last_of_each(rows) if rule == "last" else list(held_once)
            self.tally.merged = self.total - len(rows)
            rows = list(self.confirmed.remaining(rows)) if self.confirmed is not None else rows
            self.due = len(rows)
        else:
            rows = self.counted(rows)
            rows = rows if rule == "last" else self.duplicates.resolve(rows)
            rows = self.confirmed.remaining(rows) if self.confirmed is not None else rows
            self.busy = set() if rule == "last" else None
        wait_for = self.wait_for if self.busy is not None else None
        for batch, stood_for in batches(rows, self.operation.most, self.operation.most_bytes, wait_for=wait_for):
            if self.busy is not None:
                self.busy.update(row.key for row in batch)
            yield Task(batch, stood_for)

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.tally.given += 1
            yield row

    def wait_for(self, key: str) -> None:
        """Wait until no earlier row of the key is in flight."""
        busy = self.busy
        if busy is not None and key in busy:
            self.lanes.wait(self.handle, until=lambda: key not in busy)

    def look_at_whole(self) -> None:
        """End the write where a whole request was refused and nothing is written: it is the table's key, say."""
        tally = self.tally
        if tally.whole is None:
            return
        self.lanes.wait(self.handle)  # what is in flight may be written
        if not tally.written + self.already:
            self.stop.set()
            tally.error = tally.error or tally.whole
        tally.whole = None

    def handle(self, report: Report) -> None:
        tally, outcome = self.tally, report.outcome
        tally.units = added(tally.units, outcome.units)
        tally.requests += outcome.requests
        tally.attempts_again += not report.last and bool(outcome.left)
        tally.refused += outcome.refused
        tally.written += len(outcome.done)
        tally.whole = tally.whole or outcome.whole
        stood_for = self.stood_for(report)
        tally.merged += len(stood_for)
        if self.busy is not None and report.last:
            self.busy.difference_update(row.key for row in report.task.rows)
        if self.confirmed is not None:
            self.confirmed.note([*outcome.done, *stood_for])
        if report.gave_up:
            tally.gave_up = tally.gave_up or report.gave_up
        if report.error is not None:
            tally.error = tally.error or report.error
        if outcome.done and self.settings.progress is not None and not self.quiet:
            self.settings.progress(self.progress())

    def stood_for(self, report: Report) -> list[Row]:
        """Return the earlier rows whose later ones of the same key were written now: both are settled together."""
        if not report.task.stood_for:
            return []
        keys = {row.key for row in report.outcome.done}
        return [row for row in report.task.stood_for if row.key in keys]

    def settle(self, *, at_once: bool) -> None:
        """After an interruption: let what was begun end, ``at_once`` no more than what is in flight, and note it."""
        self.quiet = True
        if at_once:
            self.stop.set()
        self.lanes.settle(self.handle)

    def progress(self) -> Progress:
        tally = self.tally
        already = self.already
        items = tally.written + tally.merged + self.duplicates.merged + already
        left = None
        if self.total is not None and tally.written:
            seconds = self.settings.clock() - self.began
            left = seconds / tally.written * (self.due - tally.written - len(tally.refused))
        return Progress(items, self.total, tally.units, left)

    @property
    def already(self) -> int:
        return self.confirmed.before if self.confirmed is not None else 0

    def report(self) -> WriteReport:
        tally = self.tally
        failed = tuple(FailedRow.of(each) for each in sorted(tally.refused, key=lambda each: each.row.number))
        merged = tally.merged + self.duplicates.merged
        notes = tuple(
            note for note in (self.sender.note, self.confirmed.journal.said if self.confirmed else "") if note
        )
        return WriteReport(
            self.table, self.kind, tally.given, tally.written, merged, self.already, failed,
            tally.given - tally.written - merged - self.already - len(failed), tally.units, tally.requests,
            tally.attempts_again, self.settings.clock() - self.began, tally.gave_up, notes,
        )  # fmt: skip

    def told(self, error: WorkbenchError) -> WorkbenchError:
        """Return the error with a sentence on how much was written before, where anything was."""
        report = self.report()
        error.report = report
        done = report.written + report.already
        if not self.tally.requests:
            words = "Nothing was sent."
        else:
            words = f"Before it, {done:,} item{'s were' if done != 1 else ' was'} written."
        error.args = (f"{str(error).rstrip('.')}. {words}", *error.args[1:])
        return error

    def reported(self, error: BaseException) -> BaseException:
        """Return the error with the report, and with a sentence on refused rows where there are any."""
        if isinstance(error, WorkbenchError):
            error.report = report = self.report()
            if refused := len(report.failed):
                words = f"{refused:,} row{'s were' if refused > 1 else ' was'} refused before it: error.report.failed"
                error.args = (f"{str(error).rstrip('.')}. {words}", *error.args[1:])
        return error

    def explained(self, error: BaseException) -> BaseException:
        if isinstance(error, WorkbenchError) or not isinstance(error, Exception):
            return error
        from botocore.exceptions import BotoCoreError, ClientError

        if not isinstance(error, BotoCoreError | ClientError):
            return error
        told = self.settings.told or self.counts
        found = explained(error, self.operation.name, self.table, f"{told(self.tally.written + self.already)} ")
        found.__cause__ = error
        return found

    def counts(self, done: int) -> str:
        total = f" of {self.total:,}" if self.total is not None else ""
        return f"{done:,}{total} items are written."
