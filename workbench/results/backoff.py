"""Backoff: how long to wait before what was left unprocessed is asked for again, and when to give up."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Backoff"]


@dataclass(frozen=True)
class Backoff:
    """Capped exponential backoff with full jitter, as AWS recommends for UnprocessedItems and UnprocessedKeys.

    ``attempts`` counts requests, the first included; ``base`` and ``cap`` are seconds. ``sleep`` and ``chance`` (a
    number from 0 to 1) are passed in so that tests wait for nothing.
    """

    attempts: int = 8
    base: float = 0.05
    cap: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int) -> None:
        """Wait before the attempt of that number, the second being 1: at most ``base * 2**attempt``, or ``cap``."""
        self.sleep(min(self.cap, self.base * 2**attempt) * self.chance())
