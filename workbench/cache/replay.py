"""A load played against a cache on a clock that is moved by hand: what is saved, and how stale it gets."""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from workbench.cache.invalidation import Collection, collections_of, stale_collections, stream_record
from workbench.cache.stats import Stats
from workbench.errors import LookupFailedError, UsageError
from workbench.plans import build
from workbench.results import Result, run

if TYPE_CHECKING:
    from workbench.cache.readaside import ReadAside, Served
    from workbench.results import Session

__all__ = ["Event", "HandClock", "Replay", "replay", "zipf"]


@dataclass
class HandClock:
    """A clock that stands at ``at`` seconds until it is moved."""

    at: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.at


@dataclass(frozen=True)
class Event:
    """A pattern that is run at a time, in seconds: a read through the cache, or a write past it."""

    at: float
    pattern: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Replay:
    """What came of a load. ``staleness`` holds, for each stale read, how many seconds the truth was ahead of it."""

    stats: Stats
    writes: int
    staleness: tuple[float, ...]

    @property
    def row(self) -> dict[str, Any]:
        """The figures as one row of a table; seconds to a tenth, shares in per cent."""
        stats, stale = self.stats, self.staleness
        return {
            "reads": stats.reads,
            "writes": self.writes,
            "hit rate %": round(100 * stats.hit_rate, 1),
            "negative hits": stats.negative_hits,
            "requests": stats.requests,
            "RCU paid": stats.units,
            "RCU saved": stats.saved,
            "stale reads": len(stale),
            "mean staleness s": round(sum(stale) / len(stale), 1) if stale else 0.0,
            "most staleness s": round(max(stale), 1) if stale else 0.0,
        }


def zipf(number: int, many: int, *, chance: random.Random, exponent: float = 1.0) -> list[int]:
    """Return ``many`` picks of 0 to ``number`` - 1; the n-th has the weight 1 / n ** exponent, so that some are hot."""
    if number < 1:
        raise UsageError(f"{number} things to pick from; give 1 or more")
    return chance.choices(range(number), [1 / (place + 1) ** exponent for place in range(number)], k=many)


def replay(cache: ReadAside, events: Sequence[Event], *, clock: HandClock, delay: float | None) -> Replay:
    """Play events in their order of time and return what came of it.

    ``clock`` must be the one that the cache, and its backend where that is in this process, were made with. The stream
    record of each write reaches the cache ``delay`` seconds later; None: never, so that only TTLs end an answer. Every
    answer from the cache is compared with the table's, which costs requests that are not counted. UsageError where a
    write's images are not known, so that there is no record to give.
    """
    player = _Player(cache, clock, delay)
    for event in sorted(events, key=lambda each: each.at):
        player.play(event)
    return Replay(cache.stats, player.writes, tuple(player.staleness))


class _Player:
    def __init__(self, cache: ReadAside, clock: HandClock, delay: float | None) -> None:
        self.cache, self.clock, self.delay = cache, clock, delay
        self.session: Session = cache.session
        self.writes = 0
        self.staleness: list[float] = []
        self._due: list[tuple[float, int, dict[str, Any], str]] = []
        self._order = count()
        self._written: dict[Collection, list[float]] = {}
        self._truths: dict[str, tuple[Result, tuple[Collection, ...]]] = {}

    def play(self, event: Event) -> None:
        while self._due and self._due[0][0] <= event.at:
            at, _, record, table = heapq.heappop(self._due)
            self.clock.at = at
            self.cache.invalidate(record, table=table)
        self.clock.at = event.at
        if self.session.model.pattern(event.pattern).writes:
            self._write(event)
        else:
            self._read(event)

    def _write(self, event: Event) -> None:
        plan = build(self.session.model, event.pattern, event.arguments, clock=self.session.clock)
        self.writes += 1
        for change in run(self.session, plan).changes:
            if not change.known:
                raise UsageError(f"{event.pattern}: this engine does not tell what the write did; play on a near one")
            record = stream_record(self.session.model, change)
            if record is not None:
                self._tell(event.at, record, change.table)

    def _tell(self, at: float, record: dict[str, Any], table: str) -> None:
        stale = set(stale_collections(self.session.model.table(table), record))
        for collection in stale:
            self._written.setdefault(collection, []).append(at)
        self._truths = {key: truth for key, truth in self._truths.items() if not stale & set(truth[1])}
        if self.delay is not None:
            heapq.heappush(self._due, (at + self.delay, next(self._order), record, table))

    def _read(self, event: Event) -> None:
        try:
            served = self.cache.read(event.pattern, **event.arguments)
        except LookupFailedError:
            return
        if served.source == "cache":
            self._compare(event, served)

    def _compare(self, event: Event, served: Served) -> None:
        truth, collections = self._truth(event)
        if served.items == truth.items:
            return
        stored = event.at - served.age
        since = [at for each in collections for at in self._written.get(each, []) if at >= stored]
        self.staleness.append(event.at - min(since, default=stored))

    def _truth(self, event: Event) -> tuple[Result, tuple[Collection, ...]]:
        key = f"{event.pattern}{sorted(event.arguments.items())}"
        if key not in self._truths:
            result = run(self.session, build(self.session.model, event.pattern, event.arguments))
            self._truths[key] = (result, collections_of(result.plan))
        return self._truths[key]
