"""Patience: how long a row is sent again, by one rule for all threads of a write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from workbench.errors import UsageError
from workbench.results.backoff import Backoff

__all__ = ["Patience", "Tries", "check_patience"]

MOST_DOUBLINGS = 32  # of the base of a wait; every cap is below it, and a float holds it


def check_patience(limit_seconds: Any, backoff: Any, progress: Any) -> None:
    """Raise UsageError where one of these options cannot be meant, before anything is begun."""
    number = isinstance(limit_seconds, Real) and not isinstance(limit_seconds, bool)
    if not number or not limit_seconds >= 0:
        raise UsageError(f"limit_seconds={limit_seconds!r}; give a number of seconds, 0 to wait for nothing")
    if backoff is not None and not isinstance(backoff, Backoff):
        raise UsageError(f"backoff={backoff!r}; give a workbench.results.Backoff, or leave it out")
    if progress is not None and not callable(progress):
        raise UsageError(f"progress={progress!r}; give a function, which is called with how far it is")


class Patience:
    """When to give up: ``backoff.attempts`` attempts in a row in which nothing at all of the write got through.

    Also after ``limit_seconds`` of waiting for one and the same request. The first request that is given up ends the
    whole write.
    """

    def __init__(self, backoff: Backoff, limit_seconds: float, stop: threading.Event) -> None:
        self.backoff = backoff
        self.limit_seconds = limit_seconds
        self.stop = stop
        self.progress = 0  # grows with every request that wrote something; only that it changes matters


@dataclass
class Tries:
    """The attempts of one request."""

    patience: Patience
    waited: float = 0.0
    in_a_row: int = 0
    stuck: int = 0
    _seen: int = field(default=-1)

    def wait(self, *, progress: bool, sleep: Callable[[float], None]) -> bool:
        """Wait before the next attempt; False when it is time to give up. ``progress``: some rows got through now."""
        patience, backoff = self.patience, self.patience.backoff
        self.in_a_row = 1 if progress else self.in_a_row + 1
        self.stuck = 1 if progress or patience.progress != self._seen else self.stuck + 1
        self._seen = patience.progress
        if self.stuck >= backoff.attempts or self.waited >= patience.limit_seconds:
            return False
        seconds = min(backoff.cap, backoff.base * 2.0 ** min(self.in_a_row, MOST_DOUBLINGS)) * backoff.chance()
        seconds = min(seconds, patience.limit_seconds - self.waited)
        self.waited += seconds
        sleep(seconds)
        return True
