"""The language between a host and its users: one JSON object a line, over a loopback TCP connection.

The connection itself is the lease: the first line is ``{"op": "hello", "token": ..., "protocol": 1}``, and when the
user ends, however it ends, the kernel closes the socket and the host frees what the user held. After the hello:

===========  ==========================================  =====================================================
op           fields                                      answer
===========  ==========================================  =====================================================
``lease``    ``name`` (or null), ``wait`` (seconds)      ``store``: the facts of the store
``release``  none                                        nothing more; the connection ends
``keep``     none                                        the host stays when its last user is gone
``stop``     none                                        the host ends now, whoever uses it
``status``   none                                        ``users``, ``kept``, ``stores``
===========  ==========================================  =====================================================

Each answer has ``ok``; when it is false, ``error`` says why, and ``code`` is one of ``closing``, ``token``,
``protocol``, ``exhausted``, ``failed``.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
from typing import Any

__all__ = ["LOOPBACK", "PROTOCOL", "Channel", "ClosedError"]

LOOPBACK = "127.0.0.1"
PROTOCOL = 1
LONGEST_LINE = 1_000_000


class ClosedError(ConnectionError):
    """The other side is gone."""


class Channel:
    """JSON lines over one socket. Not for several threads at once: its owner locks round a question and its answer."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._buffer = b""

    @classmethod
    def open(cls, port: int, *, seconds: float) -> Channel:
        """Connect to a control port of this machine. Raises OSError when nothing listens there."""
        return cls(socket.create_connection((LOOPBACK, port), timeout=seconds))

    def send(self, message: dict[str, Any]) -> None:
        """Send one message. Raises ClosedError when the other side is gone."""
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise ClosedError(str(error)) from error

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """Return the next message. Raises ClosedError at the end of the connection or of the given seconds."""
        self._socket.settimeout(seconds)
        while b"\n" not in self._buffer:
            try:
                chunk = self._socket.recv(65536)
            except OSError as error:
                raise ClosedError(f"no answer: {error}") from error
            if not chunk or len(self._buffer) > LONGEST_LINE:
                raise ClosedError("the connection was closed")
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return _decode(line)

    def hang_up(self, *, patience: float = 0.0) -> None:
        """End the connection for every process that shares the socket.

        With ``patience``, wait that many seconds at most until the other side has hung up too: it then knows.
        """
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR if patience else socket.SHUT_RDWR)
            self._socket.settimeout(patience or None)
            while patience and self._socket.recv(65536):
                pass
        self.close()

    def close(self) -> None:
        """Let go of this process's end; a forked process that shares the socket keeps it."""
        self._socket.close()

    def is_open(self) -> bool:
        """Say whether the other side is still there, without waiting and without reading a message away."""
        try:
            poll = select.poll()
            poll.register(self._socket, select.POLLIN)
            return not poll.poll(0) or bool(self._socket.recv(1, socket.MSG_PEEK))
        except (OSError, ValueError):  # ValueError: this end was closed
            return False


def _decode(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ClosedError("the other side does not speak this protocol") from error
    if not isinstance(message, dict):
        raise ClosedError("the other side does not speak this protocol")
    return message
