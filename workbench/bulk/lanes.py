"""Lanes: several requests in flight, one a thread; their outcomes come to the one who asked, in order of arrival.

Threads cost more than they save where an answer comes at once: a write begins without them, and takes them when it has
waited for an answer. Without them two requests are in flight: the next is made and sent before an answer is read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from workbench.bulk.operations import Operation, Outcome, attempt
from workbench.bulk.patience import Patience, Tries
from workbench.bulk.rates import Ceiling
from workbench.bulk.rows import Row
from workbench.bulk.sending import Awaited, Sender
from workbench.results.segments import WAKEABLE_SECONDS

__all__ = ["Lanes", "Report", "Task"]

UNIT_BYTES = 1024
NEAR_SECONDS = 0.001  # waited for an answer, in the mean; below, one request after another is quicker than threads
ENOUGH = 8  # answers for a mean
FAR_SECONDS = 0.005  # waited for one answer; above, no more need be asked


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
    """Runs tasks in up to ``count`` threads, or in the caller's own.

    The caller's own where ``count`` is 1, and as long as no answer has been waited for. A request is sent there before
    the answer to the last one is read, unless ``count`` is 1 or a ceiling is to be kept.
    """

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
        self._begun: tuple[Task, Awaited | None] | None = None
        self._near = True
        self._waited, self._asked = 0.0, 0
        self.running = 0

    def run(self, task: Task, handle: Callable[[Report], None]) -> None:
        """Run a task; ``handle`` is called, in this thread, with reports as they come, while all lanes are taken."""
        if self.count == 1 or self._near:
            self.running += 1
            ahead = self.count > 1 and self._ceiling is None
            last, self._begun = self._begun, (task, self._send(task.rows) if ahead else None)
            self._end(last, handle)
            if not ahead:
                self._end_begun(handle)
            return
        self._end_begun(handle)
        if len(self._threads) < self.count:
            self._start()
        self.running += 1
        self._tasks.put(task)
        while self.running >= self.count + 2:  # two wait at the door, so that no lane is idle
            self._handled(self._next(), handle)

    def wait(self, handle: Callable[[Report], None], until: Callable[[], bool] = lambda: False) -> None:
        """Handle reports until no task runs, or ``until`` says so."""
        if not until():
            self._end_begun(handle)
        while self.running and self._threads and not until():
            self._handled(self._next(), handle)

    def close(self) -> None:
        """End the threads; each ends when its request in flight has ended."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            while thread.is_alive():
                thread.join(WAKEABLE_SECONDS)
        self._threads.clear()

    def settle(self, handle: Callable[[Report], None]) -> None:
        """Let what was begun end and handle what is left of reports; it counts on nothing an interruption may break."""
        self._end_begun(handle)
        self.close()
        while True:
            try:
                self._handled(self._reports.get_nowait(), handle)
            except Empty:
                return

    def _next(self) -> Report:
        while True:
            try:
                return self._reports.get(timeout=WAKEABLE_SECONDS)
            except Empty:
                continue

    def _end_begun(self, handle: Callable[[Report], None]) -> None:
        begun, self._begun = self._begun, None
        self._end(begun, handle)

    def _end(self, begun: tuple[Task, Awaited | None] | None, handle: Callable[[Report], None]) -> None:
        """See a task to its end in this thread; where its request is sent already, from its answer on."""
        if begun is not None:
            began, busy = time.perf_counter(), time.thread_time()
            self._work(begun[0], lambda report: self._handled(report, handle), begun[1])
            self._look(time.perf_counter() - began - (time.thread_time() - busy))

    def _look(self, waited: float) -> None:
        """Take threads from now on where answers are far."""
        self._waited += waited
        self._asked += 1
        mean = self._waited / self._asked
        self._near = self._near and waited < FAR_SECONDS and (self._asked < ENOUGH or mean < NEAR_SECONDS)

    def _handled(self, report: Report, handle: Callable[[Report], None]) -> None:
        self.running -= report.last
        handle(report)

    def _start(self) -> None:
        thread = threading.Thread(target=self._lane, name=f"workbench-write-{len(self._threads)}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _lane(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                self._work(task, self._reports.put)
            except BaseException as error:  # noqa: BLE001 (a lane that dies in silence would be waited for, for ever)
                self._patience.stop.set()
                self._reports.put(Report(task, Outcome(), last=True, error=error))

    def _work(self, task: Task, tell: Callable[[Report], Any], sent: Awaited | None = None) -> None:
        stop, tries, left, again = self._patience.stop, Tries(self._patience), task.rows, self._again
        while sent is not None or not stop.is_set():  # what is sent is waited for in any case
            try:
                outcome = self._attempt(left, again, sent)
            except Exception as error:  # noqa: BLE001 (it is raised in the caller's thread)
                stop.set()
                tell(Report(task, Outcome(left=left, requests=1), last=True, error=error))
                return
            if outcome is None:
                break
            if outcome.error is not None:
                stop.set()
                tell(Report(task, outcome, last=True, error=outcome.error))
                return
            sent, left, again = None, outcome.left, again or outcome.cut is not None or outcome.unsure
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

    def _send(self, rows: Sequence[Row]) -> Awaited:
        return self._sender.begin(self._operation.name, self._operation.request(rows))

    def _attempt(self, rows: Sequence[Row], again: bool, sent: Awaited | None) -> Outcome | None:
        """Return what an attempt came to; None where the write was stopped while it waited for its turn."""
        if self._ceiling is None:
            return self._operation.outcome(sent or self._send(rows), self._sender, rows, again=again)
        guess = sum(1 + len(row.body) // UNIT_BYTES for row in rows) * self._operation.units_a_write
        self._ceiling.take(guess)
        spent = 0.0
        try:
            if self._patience.stop.is_set():
                return None
            outcome = attempt(self._operation, self._sender, rows, again=again)
            spent = float(outcome.units or 0) or (guess if outcome.may_cost else 0.0)
        finally:
            self._ceiling.settle(guess, spent)
        return outcome


def _words(tries: Tries, left: Sequence[Row], outcome: Outcome) -> str:
    return (
        f"gave up after {tries.stuck} attempts without progress and {tries.waited:.1f} s of waiting; {len(left)} "
        f"item{'s' * (len(left) != 1)} {outcome.reason}"
    )
