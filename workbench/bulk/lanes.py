"""Lanes: several requests in flight, one a thread; their outcomes come to the one who asked, in order of arrival."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from workbench.bulk.operations import Operation, Outcome
from workbench.bulk.patience import Patience, Tries
from workbench.bulk.rates import Ceiling
from workbench.bulk.rows import Row
from workbench.bulk.sending import Sender

__all__ = ["Lanes", "Report", "Task"]

UNIT_BYTES = 1024


@dataclass(frozen=True)
class Task:
    """The rows of one request, and the earlier rows of the same keys that they stand for."""

    rows: list[Row]
    stood_for: list[Row]


@dataclass(frozen=True)
class Report:
    """What one attempt at a task came to. ``last``: nothing more comes of the task; ``gave_up`` and ``error`` why."""

    task: Task
    outcome: Outcome
    last: bool
    gave_up: str = ""
    error: BaseException | None = None


class Lanes:
    """Runs tasks: in ``count`` threads, or, where that is 1, in the caller's own, one request after another."""

    def __init__(
        self, count: int, operation: Operation, sender: Sender, patience: Patience, ceiling: Ceiling | None, again: bool
    ) -> None:
        self.count = count
        self._operation = operation
        self._sender = sender
        self._patience = patience
        self._ceiling = ceiling
        self._again = again
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._reports: SimpleQueue[Report] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.running = 0

    def run(self, task: Task, handle: Callable[[Report], None]) -> None:
        """Run a task; ``handle`` is called, in this thread, with reports as they come, while all lanes are taken."""
        self.running += 1
        if self.count == 1:
            self._work(task, lambda report: self._handled(report, handle))
            return
        if len(self._threads) < self.count:
            self._start()
        self._tasks.put(task)
        while self.running >= self.count + 2:  # two wait at the door, so that no lane is idle
            self._handled(self._reports.get(), handle)

    def wait(self, handle: Callable[[Report], None], until: Callable[[], bool] = lambda: False) -> None:
        """Handle reports until no task runs, or ``until`` says so."""
        while self.running and not until():
            self._handled(self._reports.get(), handle)

    def close(self) -> None:
        """End the threads; each ends when its request in flight has ended."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _handled(self, report: Report, handle: Callable[[Report], None]) -> None:
        self.running -= report.last
        handle(report)

    def _start(self) -> None:
        thread = threading.Thread(target=self._lane, name=f"workbench-write-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _lane(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                self._work(task, self._reports.put)
            except BaseException as error:  # noqa: BLE001 (a lane that dies in silence would be waited for, for ever)
                self._patience.stop.set()
                self._reports.put(Report(task, Outcome(), last=True, error=error))

    def _work(self, task: Task, tell: Callable[[Report], Any]) -> None:
        stop, tries, left, again = self._patience.stop, Tries(self._patience), task.rows, self._again
        while not stop.is_set():
            try:
                outcome = self._attempt(left, again)
            except Exception as error:  # noqa: BLE001 (it is raised in the caller's thread)
                stop.set()
                tell(Report(task, Outcome(left=left, requests=1), last=True, error=error))
                return
            if outcome.error is not None:
                stop.set()
                tell(Report(task, outcome, last=True, error=outcome.error))
                return
            left, again = outcome.left, again or outcome.cut is not None or outcome.unsure
            progress = bool(outcome.done or outcome.refused)
            if progress:
                self._patience.progress += 1
            if not left:
                tell(Report(task, outcome, last=True))
                return
            tell(Report(task, outcome, last=False))
            if not stop.is_set() and not tries.wait(progress=progress, sleep=self._patience.backoff.sleep):
                stop.set()
                words = _words(tries, left, outcome)
                tell(Report(task, Outcome(left=left), last=True, gave_up=words, error=outcome.cut))
                return
        tell(Report(task, Outcome(left=left), last=True))

    def _attempt(self, rows: Sequence[Row], again: bool) -> Outcome:
        if self._ceiling is None:
            return self._operation.attempt(self._sender, rows, again=again)
        guess = sum(1 + len(row.body) // UNIT_BYTES for row in rows)
        self._ceiling.take(guess)
        spent = 0.0
        try:
            outcome = self._operation.attempt(self._sender, rows, again=again)
            spent = float(outcome.units) or (guess if outcome.done else 0.0)
        finally:
            self._ceiling.settle(guess, spent)
        return outcome


def _words(tries: Tries, left: Sequence[Row], outcome: Outcome) -> str:
    return (
        f"gave up after {tries.stuck} attempts without progress and {tries.waited:.1f} s of waiting; {len(left)} "
        f"item{'s' * (len(left) != 1)} {outcome.reason}"
    )
