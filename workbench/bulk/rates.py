"""A ceiling: so many capacity units a second and no more, put right by what the engine says was consumed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from numbers import Real

from workbench.errors import UsageError

__all__ = ["Ceiling"]

SAVED_SECONDS = 1.0


class Ceiling:
    """A token bucket of capacity units, for any number of threads.

    It starts empty when the first units are asked for: from then to any moment t at most ``units * t`` are handed out.
    What is not used for a while is saved up to one second's worth. ``clock`` and ``sleep`` are passed in so that tests
    wait for nothing.
    """

    def __init__(
        self,
        units: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _is_ceiling(units):
            raise UsageError(f"a ceiling of {units!r} units a second; give a number above 0, or leave it out")
        self.units = float(units)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._left = 0.0
        self._at: float | None = None  # nothing is saved up before the first unit is asked for

    def take(self, units: float, sleep: Callable[[float], object] | None = None) -> float:
        """Wait until ``units`` may be spent, and return the seconds waited. More than a second's worth waits longer.

        A thread that is to be stopped gives the ``wait`` of the event that says so as ``sleep``: no signal wakes it.
        """
        with self._lock:
            self._refill()
            self._left -= units
            seconds = max(0.0, -self._left / self.units)
        if seconds:
            (sleep or self._sleep)(seconds)
        return seconds

    def settle(self, taken: float, consumed: float) -> None:
        """Put right what was taken for a request by what its response reports: later ones wait longer, or less."""
        with self._lock:
            self._left += taken - consumed

    def _refill(self) -> None:
        now = self._clock()
        began = now if self._at is None else self._at
        self._left = min(self._left + (now - began) * self.units, self.units * SAVED_SECONDS)
        self._at = now


def _is_ceiling(units: object) -> bool:
    if isinstance(units, bool) or not isinstance(units, (Real, Decimal)):
        return False
    return 0 < float(units) < float("inf")
