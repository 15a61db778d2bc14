"""HTTP over connections that urllib3 makes as the boto3 client would: its TLS settings, time limits and socket options.

Making a connection is urllib3's work. What goes over it is written and read here, since building and parsing messages
with http.client takes three quarters of the time of a small request: a head that is made once, and an answer with
Content-Length or in chunks. A client behind a proxy, or one with an HTTP session of its own, sends by that session.
"""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass
from typing import Any

__all__ = ["Answer", "Connections"]

LONGEST_LINE = 65_536
MOST_LINES = 200


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers by lower-case name, content."""

    status: int
    headers: dict[str, str]
    content: bytes


class _BrokenError(Exception):
    """The connection ended, or what came is no HTTP/1.1."""


class Connections:
    """One connection a thread, to one URL, until ``close``; errors are those that botocore raises for the same."""

    def __init__(self, http: Any, url: str) -> None:
        self._url = url
        self._http = http
        self._pool = _pool(http, url)
        self._own = threading.local()
        self._all: list[Any] = []

    @property
    def is_quick(self) -> bool:
        """Whether messages are written here, not by the client's own HTTP session."""
        return self._pool is not None

    def exchange(self, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Send a POST and return what came back. Raises botocore's ConnectionError or HTTPClientError."""
        if self._pool is None:
            return self._by_session(headers, body)
        from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

        connection, file = self._connected()
        head = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        message = f"POST {target} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
        try:
            connection.sock.sendall(message)
            answer = _read(file)
        except TimeoutError as error:
            self._drop()
            raise ReadTimeoutError(endpoint_url=self._url, error=error) from error
        except (OSError, ValueError, _BrokenError) as error:
            self._drop()
            raise ConnectionClosedError(endpoint_url=self._url, error=error) from error
        except BaseException:  # an answer that is half read belongs to nobody
            self._drop()
            raise
        if answer.headers.get("connection", "").lower() == "close":
            self._drop()
        return answer

    def close(self) -> None:
        """Close every connection."""
        for connection, file in self._all:
            file.close()
            connection.close()
        self._all.clear()
        self._own = threading.local()

    def _connected(self) -> tuple[Any, Any]:
        pair = getattr(self._own, "pair", None)
        if pair is not None and not pair[0].is_connected:  # the other side closed it while it was idle
            self._drop()
            pair = None
        if pair is None:
            pair = self._own.pair = self._connect()
            self._all.append(pair)
        return pair

    def _connect(self) -> tuple[Any, Any]:
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
        return connection, connection.sock.makefile("rb")

    def _drop(self) -> None:
        pair = self._own.pair
        self._own.pair = None
        self._all.remove(pair)
        pair[1].close()
        pair[0].close()

    def _by_session(self, headers: dict[str, str], body: bytes) -> Answer:
        from botocore.awsrequest import AWSPreparedRequest

        request = AWSPreparedRequest("POST", self._url, {**headers, "Content-Length": str(len(body))}, body, False)
        response = self._http.send(request)
        found = {str(name).lower(): str(value) for name, value in response.headers.items()}
        return Answer(response.status_code, found, response.content)


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


def _read(file: Any) -> Answer:
    status, headers = _head(file)
    while status == 100:  # Continue
        status, headers = _head(file)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return Answer(status, headers, _chunks(file))
    if "content-length" not in headers:
        raise _BrokenError("an answer without Content-Length")
    return Answer(status, headers, _exactly(file, int(headers["content-length"])))


def _head(file: Any) -> tuple[int, dict[str, str]]:
    line = _line(file)
    if not line.startswith("HTTP/1."):
        raise _BrokenError(f"no HTTP: {line[:40]!r}")
    headers: dict[str, str] = {}
    for _ in range(MOST_LINES):
        text = _line(file)
        if not text:
            return int(line[9:12]), headers
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    raise _BrokenError("an answer with too many headers")


def _line(file: Any) -> str:
    line: bytes = file.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise _BrokenError("the connection was closed in the middle of an answer" if line else "no answer")
    return line.decode("latin-1").rstrip("\r\n")


def _chunks(file: Any) -> bytes:
    parts: list[bytes] = []
    while size := int(_line(file).partition(";")[0], 16):
        parts.append(_exactly(file, size))
        _line(file)
    while _line(file):  # trailers
        pass
    return b"".join(parts)


def _exactly(file: Any, count: int) -> bytes:
    content: bytes = file.read(count)
    if len(content) != count:
        raise _BrokenError(f"{len(content):,} bytes of {count:,} came")
    return content
