"""A cache server of our own: the machine's redis-server or valkey-server on a Unix socket that only we can open.

The server is the child of a warden (this module, run as a program) that ends it when its own stdin closes. So it ends
with the process that asked for it, even one that was killed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.errors import UnreachableError

__all__ = ["find_program", "start_server"]

PROGRAMS = ("valkey-server", "redis-server")
_LONGEST_PATH = 100  # of a Unix socket; Linux takes 107 bytes, macOS 103
_START_SECONDS = 10.0
_POLL_SECONDS = 0.02


def find_program() -> str | None:
    """Return the path of valkey-server or redis-server on the PATH, None where there is neither."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def start_server(program: str, *, sleep: Callable[[float], None] = time.sleep) -> tuple[str, Callable[[], None]]:
    """Start a server that keeps nothing on disk and listens on no network; return its URL and what stops it.

    Raises UnreachableError with the server's last words where it does not come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="wb-cache-"))  # mode 700
    socket = folder / "socket"
    if len(str(socket)) > _LONGEST_PATH:
        shutil.rmtree(folder, ignore_errors=True)
        raise UnreachableError(f"the folder for temporary files has too long a path for a Unix socket: {folder}")
    log = folder / "log"
    with log.open("wb") as output:
        warden = subprocess.Popen(
            [sys.executable, str(Path(__file__)), program, str(socket)],
            stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def stop() -> None:
        _stop(warden)
        shutil.rmtree(folder, ignore_errors=True)

    for _ in range(int(_START_SECONDS / _POLL_SECONDS)):
        if socket.exists():
            return f"unix://{socket}", stop
        if warden.poll() is not None:
            break
        sleep(_POLL_SECONDS)
    words = " ".join(log.read_text(errors="replace").split()[-40:])
    stop()
    raise UnreachableError(f"{Path(program).name} did not start: {words or 'it said nothing'}")


def _stop(warden: subprocess.Popen[bytes]) -> None:
    if warden.stdin is not None:
        warden.stdin.close()
    try:
        warden.wait(_START_SECONDS)
    except subprocess.TimeoutExpired:
        warden.kill()
        warden.wait()


def _watch(program: str, socket: str, until: Any) -> int:
    """Run the server until the stream ends or the server does; return its exit code."""
    options = ["--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([program, *options, "--daemonize", "no"], stdin=subprocess.DEVNULL)

    def end() -> None:
        until.read()
        server.terminate()

    threading.Thread(target=end, daemon=True).start()
    return server.wait()


if __name__ == "__main__":
    sys.exit(_watch(sys.argv[1], sys.argv[2], sys.stdin.buffer))
