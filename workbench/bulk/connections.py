"""HTTP over connections that urllib3 makes as the boto3 client would: its TLS settings, time limits and socket options.

Making a connection is urllib3's work. What goes over it is written and read here, since building and parsing messages
with http.client takes three quarters of the time of a small request: a head that is made once, and an answer with
Content-Length or in chunks. A client behind a proxy, or one with an HTTP session of its own, sends by that session.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

__all__ = ["Answer", "Connections"]

LONGEST_HEAD = 65_536
RECEIVED_AT_ONCE = 65_536
_HTTP = b"HTTP/1."


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers by lower-case name, content."""

    status: int
    headers: dict[str, str]
    content: bytes


class _BrokenError(Exception):
    """The connection ended, or what came is no HTTP/1.1."""


class Connections:
    """Connections to one URL, as many as there are requests in flight; errors are those that botocore raises."""

    def __init__(self, http: Any, url: str) -> None:
        self._url = url
        self._http = http
        self._pool = _pool(http, url)
        self._idle: list[_Line] = []  # the last one used first; append and pop are whole by themselves
        self._all: set[_Line] = set()

    @property
    def is_quick(self) -> bool:
        """Whether messages are written here, not by the client's own HTTP session."""
        return self._pool is not None

    def begin(self, target: str, headers: dict[str, str], body: bytes) -> Callable[[], Answer]:
        """Send a POST and return the function that waits for its answer and returns it; it is to be called once.

        Both raise botocore's ConnectionError or HTTPClientError. A session of the client's own sends when it is called.
        """
        if self._pool is None:
            return lambda: self._by_session(headers, body)
        head = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        message = f"POST {target} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
        line = self._line()
        with self._dropped_on_error(line):
            line.send(message)
        return lambda: self._end(line)

    def close(self) -> None:
        """Close every connection, those that answers are awaited on too."""
        self._idle.clear()
        for line in list(self._all):
            self._drop(line)

    def _end(self, line: _Line) -> Answer:
        with self._dropped_on_error(line):
            answer = line.answer()
        if answer.headers.get("connection", "").lower() == "close":
            self._drop(line)
        else:
            self._idle.append(line)
        return answer

    def _drop(self, line: _Line) -> None:
        self._all.discard(line)
        line.close()

    @contextmanager
    def _dropped_on_error(self, line: _Line) -> Iterator[None]:
        """Close a connection whose request or answer is half done: it belongs to nobody."""
        from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

        try:
            yield
        except TimeoutError as error:
            self._drop(line)
            raise ReadTimeoutError(endpoint_url=self._url, error=error) from error
        except (OSError, ValueError, _BrokenError) as error:
            self._drop(line)
            raise ConnectionClosedError(endpoint_url=self._url, error=error) from error
        except BaseException:
            self._drop(line)
            raise

    def _line(self) -> _Line:
        while True:
            try:
                line = self._idle.pop()
            except IndexError:
                line = _Line(self._connect())
                self._all.add(line)
                return line
            if line.is_open:
                return line
            self._drop(line)  # the other side closed it while it was idle

    def _connect(self) -> Any:
        from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, SSLError
        from urllib3 import exceptions

        connection = self._pool._new_conn()
        try:
            connection.connect()
        except (ssl.SSLError, exceptions.SSLError) as error:
            raise SSLError(endpoint_url=self._url, error=error) from error
        except exceptions.NewConnectionError as error:  # urllib3 counts it as a timeout too
            raise EndpointConnectionError(endpoint_url=self._url, error=error) from error
        except exceptions.ConnectTimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self._url, error=error) from error
        except (exceptions.HTTPError, OSError) as error:
            raise EndpointConnectionError(endpoint_url=self._url, error=error) from error
        connection.sock.settimeout(self._pool.timeout.read_timeout)
        return connection

    def _by_session(self, headers: dict[str, str], body: bytes) -> Answer:
        from botocore.awsrequest import AWSPreparedRequest

        request = AWSPreparedRequest("POST", self._url, {**headers, "Content-Length": str(len(body))}, body, False)
        response = self._http.send(request)
        found = {str(name).lower(): str(value) for name, value in response.headers.items()}
        return Answer(response.status_code, found, response.content)


class _Line:
    """One connection that is open: a message out, an answer in, in turn."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._come = b""  # received, and not read yet

    @property
    def is_open(self) -> bool:
        """Whether the other side has neither closed it nor sent what nobody asked for."""
        return bool(self._connection.is_connected)

    def send(self, message: bytes) -> None:
        """Send a request."""
        self._connection.sock.sendall(message)

    def answer(self) -> Answer:
        """Return the next answer; _BrokenError, OSError or ValueError where there is none, or not a whole one."""
        status, headers = self._head()
        while status == 100:  # Continue
            status, headers = self._head()
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return Answer(status, headers, self._chunks())
        if "content-length" not in headers:
            raise _BrokenError("an answer without Content-Length")
        return Answer(status, headers, self._exactly(int(headers["content-length"])))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _head(self) -> tuple[int, dict[str, str]]:
        if not self._come:
            self._receive()
        if not _HTTP.startswith(self._come[: len(_HTTP)]):
            raise _BrokenError(f"no HTTP: {self._come[:40].decode('latin-1')!r}")
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in lines]
        return int(first[9:12]), {name.lower(): value.strip() for name, _, value in pairs}

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        while size := int(self._until(b"\r\n").partition(b";")[0], 16):
            parts.append(self._exactly(size))
            self._until(b"\r\n")
        while self._until(b"\r\n"):  # trailers
            pass
        return b"".join(parts)

    def _until(self, mark: bytes) -> bytes:
        """Return the bytes before the mark, which is passed over."""
        while (end := self._come.find(mark)) < 0:
            if len(self._come) > LONGEST_HEAD:
                raise _BrokenError("an answer with too many headers")
            self._receive()
        found, self._come = self._come[:end], self._come[end + len(mark) :]
        return found

    def _exactly(self, count: int) -> bytes:
        while len(self._come) < count:
            try:
                self._receive()
            except _BrokenError as error:
                raise _BrokenError(f"{len(self._come):,} bytes of {count:,} came") from error
        found, self._come = self._come[:count], self._come[count:]
        return found

    def _receive(self) -> None:
        more = self._connection.sock.recv(RECEIVED_AT_ONCE)
        if not more:
            raise _BrokenError("the connection was closed in the middle of an answer" if self._come else "no answer")
        self._come += more


def _pool(http: Any, url: str) -> Any:
    """Return the pool that botocore's session would take for the URL; None where it has a proxy, or is another kind."""
    try:
        if http._proxy_config.proxy_url_for(url):
            return None
        pool = http._manager.connection_from_url(url)
        http._setup_ssl_cert(pool, url, http._verify)
        return pool if hasattr(pool, "_new_conn") and hasattr(pool.timeout, "read_timeout") else None
    except AttributeError:
        return None
