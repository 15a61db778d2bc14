"""A cache in this process, by cachetools: for one process, for tests and lessons. The clock is passed in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TLRUCache

__all__ = ["MemoryBackend"]

MOST_KEYS = 100_000


@dataclass(frozen=True)
class _Kept:
    value: bytes
    ttl: float


class MemoryBackend:
    """Keys and bytes in the memory of this process; the least recently used go when there are ``most`` of them."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        most: int = MOST_KEYS,
        fallback_reason: str | None = None,
    ) -> None:
        self.title = "in this process (cachetools)"
        self.fallback_reason = fallback_reason
        self._lock = threading.Lock()
        self._kept: TLRUCache[str, _Kept] = TLRUCache(most, ttu=lambda _, kept, at: at + kept.ttl, timer=now)

    def get(self, *keys: str) -> list[bytes | None]:
        """Return the values of the keys in order, None for one that is not there or has expired."""
        with self._lock:
            return [kept.value if (kept := self._kept.get(key)) else None for key in keys]

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Store a value for ``ttl`` seconds."""
        with self._lock:
            self._kept[key] = _Kept(value, ttl)

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Store a value unless the key is there; return whether it was stored."""
        with self._lock:
            return self._add(key, value, ttl)

    def delete(self, *keys: str) -> int:
        """Remove keys and return how many were there."""
        with self._lock:
            return sum(self._kept.pop(key, None) is not None for key in keys)

    def delete_if(self, key: str, value: bytes) -> bool:
        """Remove a key if it still has this value; return whether it had."""
        with self._lock:
            kept = self._kept.get(key)
            return kept is not None and kept.value == value and self._kept.pop(key, None) is not None

    def start(self, key: str, ttl: float) -> None:
        """Set a counter to 0 for ``ttl`` seconds."""
        self.set(key, b"0", ttl)

    def increment_once(self, key: str, mark: str, ttl: float) -> int | None:
        """Add 1 to a counter unless ``mark`` was counted, and return the counter; None where there is none."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if not self._add(mark, b"1", ttl):
                return int(kept.value)
            count = int(kept.value) + 1
            self._kept[key] = _Kept(b"%d" % count, ttl)
            return count

    def clear(self) -> int:
        """Remove every key and return how many there were."""
        with self._lock:
            count = len(self._kept)
            self._kept.clear()
            return count

    def close(self) -> None:
        """Have nothing to give back."""

    def _add(self, key: str, value: bytes, ttl: float) -> bool:
        if key in self._kept:
            return False
        self._kept[key] = _Kept(value, ttl)
        return True
