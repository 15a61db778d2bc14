"""Worker processes that run notebooks side by side, one at a time each, and end with the run whatever happens."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

__all__ = ["Pool", "cores"]

GRACE_SECONDS = 5.0
LAST_SECONDS = 8.0
SLACK_SECONDS = 60.0  # beyond a notebook's own limit, until the worker itself is given up
Job = dict[str, Any]
Outcome = dict[str, Any]


class Worker:
    """One worker process, started at once; papermill is imported while the run prepares."""

    def __init__(self, folder: str) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the worker)
        self._runtime = tempfile.mkdtemp(prefix="wb-")  # short: sockets are in it
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workbench.notebooks.worker", self._runtime],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C in the terminal reaches the run alone, which then ends its workers
        )
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._ready = False
        self._send({"folder": folder})

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put(None)

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except (OSError, ValueError):  # it has ended, or is being ended; the answer says so
            pass

    def run(self, job: Job) -> Outcome:
        """Run one notebook and return its outcome, or why the worker could not give one."""
        if not self._ready:
            if not self._receive(SLACK_SECONDS):
                return self._lost("did not start")
            self._ready = True
        self._send(job)
        try:
            return self._receive(job["limit"] + SLACK_SECONDS) or self._lost("ended while it ran this notebook")
        except queue.Empty:
            return self._lost("did not answer")

    def _receive(self, seconds: float) -> dict[str, Any] | None:
        return self._answers.get(timeout=seconds)

    def _lost(self, what: str) -> Outcome:
        lines: list[str] = []
        with suppress(ValueError):  # another thread ends the run, and has closed the log
            self._log.seek(0)
            lines = self._log.read().decode(errors="replace").strip().splitlines()[-8:]
        self.end(grace=0)
        value = f"the worker process {what} (exit code {self.process.returncode})"
        return {"lost": True, "error": {"name": "WorkerLost", "value": value, "traceback": lines}}

    def end(self, *, grace: float = GRACE_SECONDS, asked: bool = False) -> None:
        """End the process and everything that it started; one that was asked to end has the time to."""
        import psutil

        if asked:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(LAST_SECONDS)

        try:
            family = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.Error:
            family = []
        if self.process.poll() is None:
            (self.process.terminate if grace else self.process.kill)()
            try:
                self.process.wait(grace or None)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for process in family:
            with suppress(psutil.Error):
                process.kill()
        self._close_files()
        shutil.rmtree(self._runtime, ignore_errors=True)  # a worker that was killed could not

    def _close_files(self) -> None:
        self._listener.join()  # it ends with the process, and reads what that said last
        for file in (self.process.stdin, self.process.stdout, self._log):
            if file is not None:
                with suppress(OSError):  # what was never sent
                    file.close()

    def close(self) -> None:
        """Let the worker end its kernels and itself; it has nothing to do any more."""
        self._send({})


class Pool:
    """As many workers as asked for. Use it as a context manager: leaving it ends them."""

    def __init__(self, size: int, folders: Sequence[str]) -> None:
        self._folders = list(folders)[:size]
        self._workers = [Worker(folder) for folder in self._folders]
        self._ending = False
        self._done = False

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[str, int, Outcome]]:
        """Run the jobs, taken in order; give ``("started", place, {})`` and ``("done", place, outcome)`` in time."""
        waiting: queue.SimpleQueue[tuple[int, Job]] = queue.SimpleQueue()
        for place, job in enumerate(jobs):
            waiting.put((place, job))
        events: queue.SimpleQueue[tuple[str, int, Outcome]] = queue.SimpleQueue()
        for slot in range(len(self._workers)):
            threading.Thread(target=self._drive, args=(slot, waiting, events), daemon=True).start()
        left = len(jobs)
        while left:
            event = events.get()
            left -= event[0] == "done"
            self._done = left == 0
            yield event

    def _drive(self, slot: int, waiting: queue.SimpleQueue[Any], events: queue.SimpleQueue[Any]) -> None:
        while not self._ending:
            try:
                place, job = waiting.get_nowait()
            except queue.Empty:
                self._workers[slot].close()
                return
            events.put(("started", place, {}))
            outcome = self._workers[slot].run(job | {"more": not waiting.empty()})
            if outcome.pop("lost", False) and not self._ending:
                self._workers[slot] = Worker(self._folders[slot])
            if not self._ending:
                events.put(("done", place, outcome))

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        threads = [threading.Thread(target=worker.end, kwargs={"asked": self._done}) for worker in self._workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
