"""Counters in the cache, such as how many messages are unread: one addition an event, however often it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.cache.backends import Backend

__all__ = ["Counter"]

KEPT_SECONDS = 30 * 24 * 3600.0


class Counter:
    """Counters of one name, each for somebody or something. Kept for ``seconds`` after the last change.

    A counter that was never reset, or that the cache lost, is None and stays so: the truth is then counted from the
    table, once, by a reset and what came after it.
    """

    def __init__(self, backend: Backend, name: str, *, seconds: float = KEPT_SECONDS) -> None:
        self.backend = backend
        self.name = name
        self._seconds = seconds

    def reset(self, *of: str) -> None:
        """Set it to 0: what there was has been seen."""
        self.backend.start(self._key(of), self._seconds)

    def increment(self, *of: str, once: str) -> int | None:
        """Add 1 unless the event ``once`` was counted here already; return the count, None where there is none."""
        key = self._key(of)
        return self.backend.increment_once(key, f"{key}:{once}", self._seconds)

    def value(self, *of: str) -> int | None:
        """Return the count, None where there is none."""
        (found,) = self.backend.get(self._key(of))
        return None if found is None else int(found)

    def _key(self, of: tuple[str, ...]) -> str:
        return f"counter:{self.name}:{json.dumps(of, ensure_ascii=False)}"
