"""Opening a cache: the server that is named, one of our own, or this process, and saying which it is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Literal

from workbench.cache.backends import Backend
from workbench.cache.memory import MemoryBackend
from workbench.cache.redis_backend import RedisBackend
from workbench.cache.server import find_program, start_server
from workbench.errors import UsageError

__all__ = ["open_backend"]

Where = Literal["auto", "redis", "memory"]
_NO_SERVER = (
    "no server was named in WORKBENCH_REDIS, and there is no redis-server or valkey-server on the PATH; so nobody "
    "else sees this cache"
)


def open_backend(
    where: str = "auto", *, now: Callable[[], float] = time.monotonic, prefix: str = "workbench:"
) -> Backend:
    """Return a cache: ``memory``, ``redis``, or ``auto``, which takes a server where there is one.

    A server is the one at the URL of ``WORKBENCH_REDIS``, else the machine's redis-server or valkey-server, started
    on a Unix socket and ended by ``close()``. ``now`` is the clock of a cache in this process; a server has its own.
    ``fallback_reason`` says why ``auto`` found no server. Raises UsageError for another word, or for ``redis`` where
    there is none; UnreachableError where a server does not answer.
    """
    if where not in ("auto", "redis", "memory"):
        raise UsageError(f"{where!r} is no cache; write auto, redis or memory")
    if where == "memory":
        return MemoryBackend(now=now)
    if url := os.environ.get("WORKBENCH_REDIS"):
        return RedisBackend(url, prefix=prefix)
    program = find_program()
    if program is not None:
        return _own(program, prefix)
    if where == "redis":
        raise UsageError(f"There is no cache server: {_NO_SERVER.partition(';')[0]}. Install one, or name one.")
    return MemoryBackend(now=now, fallback_reason=_NO_SERVER)


def _own(program: str, prefix: str) -> Backend:
    url, stop = start_server(program)
    try:
        return RedisBackend(url, prefix=prefix, stop=stop)
    except BaseException:
        stop()
        raise
