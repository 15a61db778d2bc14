"""Reading a whole stream: every shard, parents before their children, to its end or for as long as it goes on.

AWS splits and follows shards every few hours. A child holds what came after its parent's last record, so it is opened
only when its parent was read, and handled, to its end. Records of different shards have no order among them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from workbench.streams.positions import Position, Start
from workbench.streams.shard_reader import Page, Rules, ShardReader, trimmed
from workbench.streams.shards import Shard
from workbench.streams.stream import Stream

__all__ = ["Pace", "Reader"]


@dataclass(frozen=True)
class Pace:
    """How often things are asked, in seconds. Time and sleep are passed in, so that tests wait for nothing.

    ``poll`` is the pause after a round without records, ``relist`` the time after which shards are listed again.
    ``patience`` is after how many empty pages in a row an open shard counts as read to its end, where reading is to
    end: AWS may give empty pages before the last record, and tells nothing surer. ``stopping`` says when to end early.
    """

    poll: float = 1.0
    relist: float = 15.0
    patience: int = 3
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic
    stopping: Callable[[], bool] = field(default=lambda: False)


class Reader:
    """A stream's pages, from the ``positions`` that were handled before, else from ``start``."""

    def __init__(
        self,
        stream: Stream,
        *,
        start: Start = "trim_horizon",
        positions: Mapping[str, Position] | None = None,
        rules: Rules | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.stream = stream
        self.rules = rules or Rules()
        self.pace = pace or Pace()
        self.known: frozenset[str] = frozenset()  # the ids of every shard that the last listing had
        self._positions = dict(positions or {})
        self._start: Start = start
        self._open: dict[str, ShardReader] = {}
        self._done = {shard for shard, position in self._positions.items() if position.done}
        self._enabled = True
        self._listed_at: float | None = None

    def open(self) -> None:
        """Find where to begin, if that was not done yet: from ``latest``, what is written from now on is read."""
        if self._listed_at is None and not self.known:
            self._list()

    def pages(self, *, follow: bool) -> Iterator[Page]:
        """Yield pages that have records, or end a shard. Without ``follow`` it ends when everything there was read.

        The next page is asked for when the caller comes back, so what it did with this one is done before.
        """
        self.open()
        while not self.pace.stopping():
            busy = False
            for reader in list(self._open.values()):
                page = reader.read()
                if page.records or page.ended:
                    busy = True
                    yield page
                if page.ended:
                    self._close(reader.shard.id)
                if self.pace.stopping():
                    return
            if self._is_over(follow):
                return
            if not busy:
                self.pace.sleep(self.pace.poll)
            if self._listed_at is None or self.pace.clock() - self._listed_at >= self.pace.relist:
                self._list()

    def _is_over(self, follow: bool) -> bool:
        if self._listed_at is None:  # a shard ended: its children are not known yet
            return False
        if not self._open and not self._enabled:
            if follow:
                self.rules.told(f"{self.stream.place} was switched off, and is read to its end")
            return True
        return not follow and all(
            reader.shard.is_open and reader.quiet >= self.pace.patience for reader in self._open.values()
        )

    def _close(self, shard: str) -> None:
        del self._open[shard]
        self._done.add(shard)
        self._listed_at = None

    def _list(self) -> None:
        listing = self.stream.listing(self.rules.backoff)
        first = not self.known
        self.known = frozenset(shard.id for shard in listing.shards)
        self._enabled = listing.enabled
        self._listed_at = self.pace.clock()
        if first:
            self._check_what_is_gone()
            if self._start == "latest":
                self._pass_over_closed(listing.shards)
        for shard in listing.shards:
            if shard.id in self._open:
                self._open[shard.id].shard = shard  # it may have been closed meanwhile
            elif self._may_be_read(shard):
                self._open[shard.id] = self._reader(shard, first=first)
        if first:
            for reader in self._open.values():
                reader.mark_latest()

    def _check_what_is_gone(self) -> None:
        """A shard that was not handled to its end and is no more: what it held after that is lost."""
        for shard, position in self._positions.items():
            if not position.done and shard not in self.known:
                place = f"{shard} of {self.stream.place}"
                if not self.rules.skip_trimmed:
                    raise trimmed(place, position.sequence)
                self.rules.told(f"{place} is gone; it was handled up to {position}")

    def _pass_over_closed(self, shards: tuple[Shard, ...]) -> None:
        self._done |= {shard.id for shard in shards if not shard.is_open and shard.id not in self._positions}

    def _may_be_read(self, shard: Shard) -> bool:
        if shard.id in self._done:
            return False
        return shard.parent is None or shard.parent in self._done or shard.parent not in self.known

    def _reader(self, shard: Shard, *, first: bool) -> ShardReader:
        position = self._positions.get(shard.id)
        start: Start = self._start if first else "trim_horizon"  # a shard that is new holds only what is new
        return ShardReader(self.stream, shard, self.rules, after=position.sequence if position else None, start=start)
