"""The host: one background process a user and kind, which owns a backend and ends with the last of its users.

``python -m workbench.engines.host KIND`` is started by ``control.connect``, never by hand. A backend is any class with
the methods of ``Backend``; to add a kind, name it in ``BACKENDS``. What a user gets is a ``Lease`` (see lease.py):

>>> from workbench.engines.control import connect                                        # doctest: +SKIP
>>> lease = connect("postgres", error=DatabaseError)     # starts the host, or finds it   # doctest: +SKIP
>>> lease.facts["uri"]                                   # what Backend.start() returned  # doctest: +SKIP
>>> lease.store                                          # what Backend.new_store() made  # doctest: +SKIP
>>> lease.release()                                      # Backend.empty_store(store), later  # doctest: +SKIP

A lease is an open control connection (protocol.py), so a user that is killed gives back what it held. The host runs
one backend, keeps its pool of stores (stores.py), and ends: when nobody used it for the linger time and it was not
asked to stay; when told to stop; when its backend died.
"""

from __future__ import annotations

import argparse
import contextlib
import hmac
import importlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from workbench.engines.protocol import LOOPBACK, PROTOCOL, Channel, ClosedError
from workbench.engines.state import HostState, forget, read_state, state_dir, write_state
from workbench.engines.stores import ExhaustedError, Pool

__all__ = ["BACKENDS", "Backend", "main"]

BACKENDS: dict[str, str] = {
    "dynamodb-local": "workbench.engines.dynamodb_local:DynamoDBLocal",
    "moto": "workbench.engines.moto:Moto",
    "postgres": "workbench.engines.postgres_backend:Postgres",
}
FIRST_USER_SECONDS = 15.0
STOP_SECONDS = 10.0
HELLO_SECONDS = 10.0
TICK_SECONDS = 0.2

_log = logging.getLogger("workbench.host")


class Backend(Protocol):
    """A server that a host owns. All methods are called in the host process; only start and stop in its main thread."""

    max_stores: int
    """How many unnamed stores may exist at one time."""

    def start(self, port: int) -> dict[str, Any]:
        """Start the server on that port (0: a free one), loopback only; return facts as JSON can hold them."""
        ...

    def stop(self) -> None:
        """Stop the server. The host process ends right after it, within 10 s."""
        ...

    def alive(self) -> bool:
        """Say at little cost whether the server still works; asked five times a second."""
        ...

    def new_store(self) -> dict[str, Any]:
        """Return the facts of one more store (an access key id, a database name); called under the pool's lock."""
        ...

    def empty_store(self, store: dict[str, Any]) -> int | None:
        """Clear a store that its user gave back or left behind; it is handed out again afterwards."""
        ...


class Host:
    """One backend, its users and their stores."""

    def __init__(self, backend: Backend, token: str, linger: float) -> None:
        self.backend = backend
        self.pool = Pool(backend)
        self.kept = False
        self.closing = threading.Event()
        self.reason = ""
        self._token = token
        self._linger = linger
        self._lock = threading.Lock()
        self._users = 0
        self._idle_since = time.monotonic() + FIRST_USER_SECONDS - linger
        self._listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.is_known: Callable[[], bool] = lambda: True
        """Whether new users can still find this host; one that was asked to stay does not stay when they cannot."""

    @property
    def control_port(self) -> int:
        """The loopback port where users say hello."""
        return int(self._listener.getsockname()[1])

    def serve(self) -> None:
        """Answer users until it is time to end; ``reason`` then says why."""
        threading.Thread(target=self._accept, daemon=True, name="accept").start()
        while not self.closing.wait(TICK_SECONDS):
            if not self.backend.alive():
                self.end("the server died")
            elif self._unused():
                self.end("nobody uses it any more")

    def end(self, reason: str) -> None:
        """Begin to end: no new user is let in after this."""
        with self._lock:
            if not self.closing.is_set():
                self.reason = reason
                self.closing.set()

    def end_if_last(self) -> bool:
        """Begin to end when the asking user is the only one and nobody asked the host to stay; return whether so."""
        with self._lock:
            if self._users == 1 and not self.kept and not self.closing.is_set():
                self.reason = "its last user is done"
                self.closing.set()
            return self.closing.is_set()

    def end_by_signal(self, number: int, _frame: object) -> None:
        """Begin to end on a signal; without the lock, which the interrupted main thread may hold."""
        self.reason = self.reason or f"signal {number}"
        self.closing.set()

    def close(self) -> None:
        """Close the control port."""
        self._listener.close()

    def _unused(self) -> bool:
        with self._lock:
            stays = self.kept and self.is_known()
            return not stays and self._users == 0 and time.monotonic() - self._idle_since > self._linger

    def _enter(self) -> bool:
        with self._lock:
            if self.closing.is_set():
                return False
            self._users += 1
            return True

    def _leave(self, *, looked_only: bool) -> None:
        """Count a user out. One that only asked for the status used nothing: watching must not keep a server alive."""
        with self._lock:
            self._users -= 1
            if not looked_only:
                self._idle_since = time.monotonic()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError as error:
                if self.closing.wait(TICK_SECONDS):
                    return
                _log.warning("a user could not be let in: %s", error)  # too many open files, say
                continue
            threading.Thread(target=self._attend, args=(Channel(sock),), daemon=True, name="user").start()

    def _attend(self, channel: Channel) -> None:
        try:
            if self._greet(channel):
                Visit(self, channel).run()
        except ClosedError:
            pass
        except Exception:  # noqa: BLE001  # one user's trouble must not end the others
            _log.exception("a user's connection failed")
        finally:
            channel.close()

    def _greet(self, channel: Channel) -> bool:
        hello = channel.receive(HELLO_SECONDS)
        if not hmac.compare_digest(str(hello.get("token", "")), self._token):
            channel.send(_refusal("token", "this host belongs to another user or run"))
            return False
        if hello.get("protocol") != PROTOCOL:
            channel.send(_refusal("protocol", "the running host is of another version of the workbench; stop it first"))
            return False
        return True

    def status(self) -> dict[str, Any]:
        """Return users (the asking one included), whether it was asked to stay, and the counts of stores."""
        with self._lock:
            users, kept = self._users, self.kept
        return {"ok": True, "users": users, "kept": kept, "stores": self.pool.counts()}


class Visit:
    """One user's connection: what it asks for, and the store it holds."""

    def __init__(self, host: Host, channel: Channel) -> None:
        self._host = host
        self._channel = channel
        self._held: dict[str, Any] | None = None
        self._asked: set[str] = set()

    def run(self) -> None:
        """Answer until the user goes, then take its store back."""
        if not self._host._enter():
            self._channel.send(_refusal("closing", "the host is ending"))
            return
        try:
            self._channel.send({"ok": True})
            while (message := self._channel.receive()).get("op") != "release":
                self._channel.send(self._answer(message))
        finally:
            if self._held is not None:
                self._host.pool.give_back(self._held)
            self._host._leave(looked_only=self._asked == {"status"})

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        operation = message.get("op")
        self._asked.add(str(operation))
        if operation == "lease":
            return self._lease(message.get("name"), float(message.get("wait", 0)))
        if operation == "keep":
            self._host.kept = True
            return {"ok": True}
        if operation == "stop":
            self._host.end("it was told to stop")
            return {"ok": True}
        if operation == "finish":
            return {"ok": True, "ends": self._host.end_if_last(), "stays": self._host.kept}
        if operation == "status":
            return self._host.status()
        return _refusal("failed", f"unknown request {operation!r}")

    def _lease(self, name: str | None, wait: float) -> dict[str, Any]:
        if self._held is not None:
            return _refusal("failed", "this connection holds a store already")
        try:
            store = self._host.pool.lease(name, wait)
        except ExhaustedError as error:
            return _refusal("exhausted", str(error))
        except Exception as error:  # noqa: BLE001  # whatever the backend raises, the user is told
            _log.exception("a store could not be made")
            return _refusal("failed", f"a store could not be made: {error}")
        if name is None:
            self._held = store
        return {"ok": True, "store": store}


def _refusal(code: str, error: str) -> dict[str, Any]:
    return {"ok": False, "code": code, "error": error}


def main(arguments: list[str] | None = None) -> int:
    """Run a host until it has to end. Returns 0 when it ended as it should, 1 when it could not start or died."""
    parser = argparse.ArgumentParser(prog="python -m workbench.engines.host")
    parser.add_argument("kind", choices=sorted(BACKENDS))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", default="")
    parser.add_argument("--linger", type=float, default=5.0)
    parser.add_argument("--ready", type=int, default=None, help="file descriptor that is told when the host is up")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    try:
        return _run(options)
    except Exception as error:  # noqa: BLE001  # the log is where the caller reads the cause
        _log.error("%s could not start: %s", options.kind, error, exc_info=not isinstance(error, ConnectionError))
        return 1


def _run(options: argparse.Namespace) -> int:
    import filelock

    # A host that is ending may still hold the server's files: wait for it. The kernel frees the lock of a killed one.
    with filelock.FileLock(state_dir() / f"{options.kind}.host.lock", timeout=30):
        backend = _backend(options.kind)
        facts = backend.start(options.port)
        token = os.urandom(16).hex()
        host = Host(backend, token, options.linger)
        state = HostState(options.kind, os.getpid(), host.control_port, token, options.log, facts)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, host.end_by_signal)
        write_state(state)
        host.is_known = lambda: (found := read_state(state.kind)) is not None and found.token == token
        _log.info("%s is up: %s", options.kind, json.dumps(facts))
        _tell(options.ready, b"ready\n")
        host.serve()
        return _end(host, state)


def _backend(kind: str) -> Backend:
    module, _, name = BACKENDS[kind].partition(":")
    backend: Backend = getattr(importlib.import_module(module), name)()
    return backend


def _tell(descriptor: int | None, word: bytes) -> None:
    if descriptor is not None:
        with contextlib.suppress(BrokenPipeError):  # who started the host is gone; it ends when nobody comes
            os.write(descriptor, word)
        os.close(descriptor)


def _end(host: Host, state: HostState) -> int:
    died = not host.backend.alive()
    _log.info("ending: %s", host.reason)
    forget(state)
    host.close()
    threading.Timer(STOP_SECONDS, os._exit, (1,)).start()
    try:
        host.backend.stop()
    except Exception:  # noqa: BLE001  # the process ends anyway
        _log.exception("the server did not stop cleanly")
        died = True
    return int(died)


def _leave(code: int) -> None:
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)  # threads of the server or the JVM must not hold the process back


if __name__ == "__main__":
    _leave(main())
