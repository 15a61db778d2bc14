"""The clock: the only place where a plan's ``$now`` and ``$uuid`` come from, so that a test can hold it still."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

_SPACE = uuid.UUID("6f1d7a52-6c1b-5d0e-9a40-1f0f3c3b8a11")


@dataclass(frozen=True)
class Clock:
    """Makes the time and the uuids of arguments whose default is ``$now`` or ``$uuid``."""

    now: Callable[[], dt.datetime]
    uuid: Callable[[], uuid.UUID]

    @classmethod
    def system(cls) -> Clock:
        """Return the clock of the machine: real time in UTC, random uuids."""
        return cls(now=lambda: dt.datetime.now(dt.UTC), uuid=uuid.uuid4)

    @classmethod
    def fixed(cls, at: dt.datetime | str = "2026-03-02T09:00:00Z", *, step: dt.timedelta = dt.timedelta(0)) -> Clock:
        """Return a clock that starts at ``at`` and moves by ``step`` when it is read; its uuids are a fixed series."""
        start = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
        if start.tzinfo is None:
            raise ValueError(f"{start.isoformat()} has no time zone; give an offset, for example +00:00")
        times, numbers = count(), count(1)
        return cls(
            now=lambda: start + next(times) * step,
            uuid=lambda: uuid.uuid5(_SPACE, f"{start.isoformat()} {next(numbers)}"),
        )
