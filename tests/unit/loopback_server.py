"""A server on this machine that answers with the bytes a test gives it, and a client of boto3 for it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import zlib
from typing import Any

import boto3
from botocore.config import Config

BODY = b'{"RequestItems":{"lines":[]}}'


def answer(content: bytes, status: int = 200, *headers: str, crc: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(content)}", *headers]
    lines += [f"X-Amz-Crc32: {zlib.crc32(content) if crc is None else crc}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


class Server:
    """Answers each request with the next of ``answers``, bytes as they are; b"" closes the connection instead."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.tls = tls
        self.port = self.socket.getsockname()[1]
        self.answers: list[bytes] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self.socket.close()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # ssl's errors are OSErrors
            self._converse(self.tls.wrap_socket(connection, server_side=True) if self.tls else connection)

    def _converse(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as file:
            while line := file.readline():
                if not line.startswith(b"POST "):
                    return
                headers = {":start": line.decode().strip()}
                while text := file.readline().decode().strip():
                    name, _, value = text.partition(": ")
                    headers[name.lower()] = value
                self.requests.append((headers, file.read(int(headers["content-length"]))))
                reply = self.answers.pop(0) if self.answers else answer(b"{}")
                if not reply:
                    return
                connection.sendall(reply)
                if b"Connection: close" in reply or b"Content-Length: 99" in reply:
                    return


def client_for(server: Server, scheme: str = "http", **config: Any) -> Any:
    return boto3.client(
        "dynamodb", endpoint_url=f"{scheme}://127.0.0.1:{server.port}", region_name="eu-central-1",
        aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
        config=Config(**{"read_timeout": 5, "retries": {"total_max_attempts": 1}, **config}),
    )  # fmt: skip
