"""What a cache did so far, in counts and read units."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from decimal import Decimal

from workbench.items import amount_text

__all__ = ["Stats", "Tally"]


@dataclass(frozen=True)
class Stats:
    """Counts since the cache was made.

    ``hits`` were answered by the cache, ``negative_hits`` of them by "there is nothing". ``requests`` were sent to
    DynamoDB and ``units`` is their price in read units; ``saved`` is what the hits would have cost. ``waits`` are
    readers who waited for another's request. ``failures`` are reads that went past a cache that did not answer.
    """

    hits: int = 0
    negative_hits: int = 0
    misses: int = 0
    requests: int = 0
    waits: int = 0
    failures: int = 0
    units: Decimal = Decimal(0)
    saved: Decimal = Decimal(0)

    @property
    def reads(self) -> int:
        """How often was asked."""
        return self.hits + self.misses

    @property
    def hit_rate(self) -> float:
        """The share of reads that the cache answered; 0 where nothing was asked."""
        return self.hits / self.reads if self.reads else 0.0

    def __repr__(self) -> str:
        lost = f", {self.failures} past a cache that did not answer" if self.failures else ""
        return (
            f"{self.reads:,} reads: {self.hits:,} from the cache ({self.hit_rate:.1%}, {self.negative_hits:,} of them "
            f"negative), {self.requests:,} requests, {amount_text(self.units)} RCU paid, "
            f"{amount_text(self.saved)} RCU saved{lost}"
        )


class Tally:
    """Counts by many threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stats = Stats()

    @property
    def stats(self) -> Stats:
        """The counts as they are now."""
        return self._stats

    def add(self, *, units: Decimal = Decimal(0), saved: Decimal = Decimal(0), **counts: int) -> None:
        """Add to the counts."""
        with self._lock:
            now = self._stats
            more = {name: getattr(now, name) + by for name, by in counts.items()}
            self._stats = replace(now, units=now.units + units, saved=now.saved + saved, **more)
