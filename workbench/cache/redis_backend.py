"""A cache on a server of the Redis protocol (Redis, Valkey, ElastiCache), by redis-py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workbench.errors import UnreachableError, UsageError

__all__ = ["RedisBackend"]

_DELETE_IF = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_INCREMENT_ONCE = """
local count = redis.call('GET', KEYS[1])
if not count then return false end
if not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then return tonumber(count) end
count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return count
"""
_TIMEOUT = 5.0
_SCANNED = 500


class RedisBackend:
    """Keys that begin with ``prefix`` on one server. ``stop`` ends a server that was started for it."""

    def __init__(
        self, url: str, *, prefix: str = "workbench:", title: str = "", stop: Callable[[], None] | None = None
    ) -> None:
        self.fallback_reason: str | None = None
        self._prefix = prefix
        self._stop = stop
        self._client = _client(url)
        self._conditional = self._client.register_script(_DELETE_IF)
        self._counting = self._client.register_script(_INCREMENT_ONCE)
        with self._reaching():
            version = self._client.info("server").get("redis_version", "?")
        self.title = title or f"Redis protocol, version {version}"

    def get(self, *keys: str) -> list[bytes | None]:
        """Return the values of the keys in order, None for one that is not there or has expired."""
        with self._reaching():
            return list(self._client.mget([self._key(key) for key in keys]))

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Store a value for ``ttl`` seconds."""
        with self._reaching():
            self._client.set(self._key(key), value, px=_milliseconds(ttl))

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Store a value unless the key is there; return whether it was stored."""
        with self._reaching():
            return bool(self._client.set(self._key(key), value, px=_milliseconds(ttl), nx=True))

    def delete(self, *keys: str) -> int:
        """Remove keys and return how many were there."""
        with self._reaching():
            return int(self._client.delete(*(self._key(key) for key in keys))) if keys else 0

    def delete_if(self, key: str, value: bytes) -> bool:
        """Remove a key if it still has this value; return whether it had."""
        with self._reaching():
            return bool(self._conditional(keys=[self._key(key)], args=[value]))

    def start(self, key: str, ttl: float) -> None:
        """Set a counter to 0 for ``ttl`` seconds."""
        self.set(key, b"0", ttl)

    def increment_once(self, key: str, mark: str, ttl: float) -> int | None:
        """Add 1 to a counter unless ``mark`` was counted, and return the counter; None where there is none."""
        with self._reaching():
            count = self._counting(keys=[self._key(key), self._key(mark)], args=[_milliseconds(ttl)])
        return None if count is None else int(count)

    def clear(self) -> int:
        """Remove the keys that begin with the prefix, and no others; return how many."""
        with self._reaching():
            keys = list(self._client.scan_iter(match=f"{_literal(self._prefix)}*", count=_SCANNED))
            return int(self._client.delete(*keys)) if keys else 0

    def close(self) -> None:
        """Close the connections, and end the server if it was started for this cache."""
        self._client.close()
        if self._stop is not None:
            self._stop()

    def _key(self, key: str) -> str:
        return self._prefix + key

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        from redis.exceptions import RedisError

        try:
            yield
        except RedisError as error:
            kind = type(error).__name__
            raise UnreachableError(
                f"the cache server did not answer as it should ({kind}: {error}). Look whether it runs, or correct "
                f"WORKBENCH_REDIS; unset, the machine's own server or this process is taken."
            ) from error


def _client(url: str) -> Any:
    """A client; the URL, which may hold a password, is in no message."""
    try:
        import redis
    except ImportError:
        raise UsageError("A Redis server needs the package redis: pip install 'dynamodb-workbench[cache]'.") from None
    try:
        return redis.Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT)
    except ValueError:
        raise UsageError(
            "WORKBENCH_REDIS is no address of a Redis server; write redis://HOST:PORT/0, rediss://... or unix:///PATH"
        ) from None


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _literal(text: str) -> str:
    return "".join(f"\\{char}" if char in "*?[]\\^" else char for char in text)
