"""A user's hold on a running host: the open connection that says "I am here", and the store it was given."""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import suppress
from typing import Any

from workbench.engines.protocol import PROTOCOL, Channel, ClosedError
from workbench.engines.state import HostState, log_tail
from workbench.errors import EngineError, UnreachableError

__all__ = ["HostGoneError", "Lease"]

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
GOODBYE_SECONDS = 1.0


class HostGoneError(ConnectionError):
    """No host answers where the state file says (it ended, was killed, or is ending now)."""


class Lease:
    """One connection to a host. ``facts`` is what the backend said at its start, ``store`` what this lease was given.

    The host takes the store back when the lease is released, collected as garbage, or its process ends. A forked child
    shares the lease; only the process that made it can release it.
    """

    def __init__(self, state: HostState, *, error: type[UnreachableError] = EngineError) -> None:
        """Say hello to the host of that state. Raises HostGoneError when it is not there, ``error`` when it refuses."""
        self.state = state
        self.facts: dict[str, Any] = dict(state.facts)
        self.store: dict[str, Any] = {}
        self.name: str | None = None
        self._error = error
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._released = False
        try:
            self._channel = Channel.open(state.control_port, seconds=CONNECT_SECONDS)
        except OSError as cause:
            raise HostGoneError(str(cause)) from cause
        self._close = weakref.finalize(self, self._channel.close)
        self._hello()

    def __repr__(self) -> str:
        return f"<Lease of {self.state.kind}{f' ({self.name})' if self.name else ''}>"

    def _hello(self) -> None:
        try:
            self._channel.send({"op": "hello", "token": self.state.token, "protocol": PROTOCOL})
            answer = self._channel.receive(CONNECT_SECONDS)
        except ClosedError as cause:
            self._close()
            raise HostGoneError(str(cause)) from cause
        if not answer.get("ok"):
            self._close()
            if answer.get("code") == "protocol":
                raise self._error(f"{self.state.kind}: {answer.get('error')}: run `workbench engine stop`.")
            raise HostGoneError(str(answer.get("error")))

    def ask(self, operation: str, *, seconds: float = ANSWER_SECONDS, **fields: Any) -> dict[str, Any]:
        """Ask the host and return its answer. Raises the lease's error class, with log lines when the host is gone."""
        try:
            with self._lock:
                self._channel.send({"op": operation, **fields})
                answer = self._channel.receive(seconds)
        except ClosedError as cause:
            raise self.failure(f"{self.state.kind} does not answer") from cause
        if not answer.get("ok"):
            raise self._error(f"{self.state.kind}: {answer.get('error')}.")
        return answer

    def take_store(self, name: str | None = None, *, wait: float = 15.0) -> dict[str, Any]:
        """Take an empty store of the pool, or the named one as it was left; its facts are also in ``store``."""
        self.store = self.ask("lease", seconds=wait + ANSWER_SECONDS, name=name, wait=wait)["store"]
        self.name = name
        return self.store

    def keep(self) -> None:
        """Let the host stay when its last user is gone."""
        self.ask("keep")

    def is_alive(self) -> bool:
        """Say whether the host still holds this lease."""
        if self._released:
            return False
        if not self._lock.acquire(blocking=False):  # another thread is being answered
            return True
        try:
            return self._channel.is_open()
        finally:
            self._lock.release()

    def is_gone(self, *, patience: float = 1.0) -> bool:
        """Say whether the host is gone, waiting ``patience`` seconds for a dying one to be seen as dead."""
        until = time.monotonic() + patience
        while self.is_alive():
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def release(self) -> None:
        """Give the store back and hang up. Does nothing the second time.

        Waits until the host has counted this user out (a second at most), so that the next status does not count it.
        The store is emptied after that.
        """
        if self._released:
            return
        self._released = True
        if os.getpid() == self._owner and self._close.detach() is not None:
            self._channel.hang_up(patience=GOODBYE_SECONDS)
        else:
            self._close()

    def finish(self, *, patience: float = 3.0) -> bool:
        """Release, and end the host at once when nobody else uses it; return whether it ended.

        Waits ``patience`` seconds for users that are on their way out. A host that was asked to stay stays.
        """
        until = time.monotonic() + patience
        try:
            answer = self.ask("finish")
            while not answer["ends"] and not answer["stays"] and time.monotonic() < until:
                time.sleep(0.1)
                answer = self.ask("finish")
            ends = bool(answer["ends"])
        except self._error:  # it is gone already
            ends = True
        self.release()
        if ends:
            _wait_for_end(self.state.pid, patience)
        return ends

    def failure(self, what: str) -> UnreachableError:
        """Return the error to raise: what happened, why the host is not there any more, its last log lines."""
        return self._error(f"{what}: {self.explain()}")

    def explain(self) -> str:
        """Return why requests fail: the host is gone, or it is up and the cause lies elsewhere. Ends with log lines."""
        if self._released:
            return "this lease was released; open the engine again."
        gone = self.is_gone()
        tail = log_tail(self.state.log)
        if not gone:
            return f"the {self.state.kind} host (process {self.state.pid}) is up; its last log lines:\n{tail}"
        return (
            f"the {self.state.kind} host (process {self.state.pid}) has ended; open the engine again to start a new, "
            f"empty one. Its last log lines:\n{tail}"
        )


def _wait_for_end(pid: int, seconds: float) -> None:
    import psutil

    with suppress(psutil.Error, OSError):  # gone, or slow to go: it ends by itself
        psutil.Process(pid).wait(seconds)
