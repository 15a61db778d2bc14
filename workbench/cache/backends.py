"""What a cache server must do: nine small operations, each atomic on its key. Values are bytes."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Backend"]


class Backend(Protocol):
    """Keys and bytes that expire. ``title`` names what it is; ``fallback_reason`` says why it is no server, or None.

    Every method raises UnreachableError where the server does not answer.
    """

    title: str
    fallback_reason: str | None

    def get(self, *keys: str) -> list[bytes | None]:
        """Return the values of the keys in order, None for one that is not there or has expired."""
        ...

    def set(self, key: str, value: bytes, ttl: float) -> None:
        """Store a value for ``ttl`` seconds."""
        ...

    def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Store a value unless the key is there; return whether it was stored."""
        ...

    def delete(self, *keys: str) -> int:
        """Remove keys and return how many were there."""
        ...

    def delete_if(self, key: str, value: bytes) -> bool:
        """Remove a key if it still has this value; return whether it had."""
        ...

    def start(self, key: str, ttl: float) -> None:
        """Set a counter to 0 for ``ttl`` seconds."""
        ...

    def increment_once(self, key: str, mark: str, ttl: float) -> int | None:
        """Add 1 to a counter unless ``mark`` was counted in the last ``ttl`` seconds, and return the counter.

        None where there is no counter: it was never started, or was lost, and 1 would be a lie.
        """
        ...

    def clear(self) -> int:
        """Remove what this cache stored, and nothing of anybody else's; return how many keys."""
        ...

    def close(self) -> None:
        """Give back what was opened: a connection, a server that was started for it."""
        ...
