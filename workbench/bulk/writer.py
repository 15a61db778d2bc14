"""The writer: rows in, requests in flight, outcomes counted, journalled and told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from workbench.bulk.confirmed import Confirmed
from workbench.bulk.duplicates import Duplicates, Earlier, OnDuplicate, batches, last_of_each
from workbench.bulk.failures import explained
from workbench.bulk.lanes import Lanes, Report, Task
from workbench.bulk.operations import Operation
from workbench.bulk.patience import Patience
from workbench.bulk.rates import Ceiling
from workbench.bulk.report import Progress, WriteReport
from workbench.bulk.rows import Row
from workbench.bulk.sending import Sender
from workbench.bulk.tally import Tally
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
        self.table, self.operation, self.settings = table, operation, settings
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
        self.duplicates = Duplicates(table, settings.on_duplicate)
        self.tally = Tally(table, kind, self.duplicates, confirmed, settings.clock, sender.note)
        self.earlier: Earlier | None = None
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
                raise self.tally.told(error) from error.__cause__
            raise
        finally:
            self.lanes.close()
            if self.confirmed is not None:
                self.confirmed.flush()
        if self.tally.error is not None:
            raise self.tally.reported(self.explained(self.tally.error))
        return self.tally.report()

    def tasks(self, rows: Iterable[Row], held: bool) -> Iterator[Task]:
        rule = self.settings.on_duplicate
        if held:
            rows = list(rows)
            self.tally.total = self.tally.given = len(rows)
            held_once = Duplicates(self.table, rule, held=True).resolve(rows)
            rows = last_of_each(rows) if rule == "last" else list(held_once)
            self.tally.merged = self.tally.total - len(rows)
            rows = list(self.confirmed.remaining(rows)) if self.confirmed is not None else rows
            self.tally.due = len(rows)
        else:
            rows = self.counted(rows)
            rows = rows if rule == "last" else self.duplicates.resolve(rows)
            rows = self.confirmed.remaining(rows) if self.confirmed is not None else rows
            self.earlier = Earlier() if rule == "last" else None
        wait_for = self.wait_for if self.earlier is not None else None
        for batch, stood_for in batches(rows, self.operation.most, self.operation.most_bytes, wait_for=wait_for):
            if self.earlier is not None:
                self.earlier.begin(batch)
            yield Task(batch, stood_for)

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.tally.given += 1
            yield row

    def wait_for(self, key: str) -> None:
        """Wait until no earlier row of the key is in flight."""
        earlier = self.earlier
        if earlier is not None and earlier.is_busy(key):
            self.lanes.wait(self.handle, until=lambda: not earlier.is_busy(key))

    def look_at_whole(self) -> None:
        """End the write where a whole request was refused and nothing is written: it is the table's key, say."""
        tally = self.tally
        if tally.whole is None:
            return
        self.lanes.wait(self.handle)  # what is in flight may be written
        if not tally.written + tally.already:
            self.stop.set()
            tally.error = tally.error or tally.whole
        tally.whole = None

    def handle(self, report: Report) -> None:
        tally, outcome = self.tally, report.outcome
        earlier = self.settled_earlier(report)
        tally.take(outcome, earlier, again=not report.last)
        if self.confirmed is not None:
            done = {row.key for row in outcome.done} if earlier else ()
            self.confirmed.note([*outcome.done, *(row for row in earlier if row.key in done)])
        if report.gave_up:
            tally.gave_up = tally.gave_up or report.gave_up
        if report.error is not None:
            tally.error = tally.error or report.error
        if outcome.done and self.settings.progress is not None and not self.quiet:
            self.settings.progress(tally.progress())

    def settled_earlier(self, report: Report) -> list[Row]:
        """Return the earlier rows of keys of which the last one known was written, or refused, now: it counts alone.

        Those that were refused before are no failed rows any more.
        """
        outcome, earlier = report.outcome, self.earlier
        found: list[Row] = []
        if report.task.stood_for:
            keys = {row.key for row in outcome.done} | {each.row.key for each in outcome.refused}
            found = [row for row in report.task.stood_for if row.key in keys]
        if earlier is not None:
            found += earlier.settled(outcome)
            if report.last:
                earlier.end(report.task.rows)
        return found

    def settle(self, *, at_once: bool) -> None:
        """After an interruption: let what was begun end, ``at_once`` no more than what is in flight, and note it."""
        self.quiet = True
        if at_once:
            self.stop.set()
        self.lanes.settle(self.handle)

    def explained(self, error: BaseException) -> BaseException:
        if isinstance(error, WorkbenchError) or not isinstance(error, Exception):
            return error
        from botocore.exceptions import BotoCoreError, ClientError

        if not isinstance(error, BotoCoreError | ClientError):
            return error
        told = self.settings.told or self.tally.words
        found = explained(error, self.operation.name, self.table, f"{told(self.tally.written + self.tally.already)} ")
        found.__cause__ = error
        return found
