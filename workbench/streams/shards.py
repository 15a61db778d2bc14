"""Shards of a stream: all pages of them, and the order in which they may be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.results import Backoff
from workbench.streams.requests import ask

__all__ = ["Listing", "Shard", "list_shards", "parents_first"]


@dataclass(frozen=True)
class Shard:
    """A part of a stream. ``last`` is None while it is open: records may still be added to it.

    ``parent`` was split or followed by this shard, and holds the records that came before.
    """

    id: str
    parent: str | None = None
    first: str = "0"
    last: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether records may still be added."""
        return self.last is None


@dataclass(frozen=True)
class Listing:
    """What DescribeStream says: ``status`` (ENABLED, DISABLED ...) and the shards, parents before their children."""

    status: str
    shards: tuple[Shard, ...]

    @property
    def enabled(self) -> bool:
        """Whether new records still come."""
        return self.status in ("ENABLED", "ENABLING")


def list_shards(client: Any, arn: str, place: str, backoff: Backoff) -> Listing:
    """Return every shard of a stream, through all pages (100 shards each), parents before their children."""
    found: dict[str, Shard] = {}
    more: dict[str, str] = {}
    while True:
        page = ask(client, "DescribeStream", place, backoff, StreamArn=arn, **more)["StreamDescription"]
        for each in page.get("Shards", []):
            shard = _shard(each)
            found[shard.id] = shard
        last = page.get("LastEvaluatedShardId")
        if not last:
            return Listing(page["StreamStatus"], tuple(parents_first(found.values())))
        more = {"ExclusiveStartShardId": last}


def _shard(described: dict[str, Any]) -> Shard:
    numbers = described.get("SequenceNumberRange", {})
    return Shard(
        described["ShardId"],
        described.get("ParentShardId"),
        numbers.get("StartingSequenceNumber", "0"),
        numbers.get("EndingSequenceNumber"),
    )


def parents_first(shards: Iterable[Shard]) -> list[Shard]:
    """Return shards so that each stands behind its parent; those of one generation by their first sequence number.

    Sequence numbers are digits in text, and compared as integers. A parent that is not in the list is over: its
    records were trimmed.
    """
    waiting = sorted(shards, key=lambda shard: (int(shard.first), shard.id))
    ordered: list[Shard] = []
    while waiting:
        held = {shard.id for shard in waiting}
        ready = [shard for shard in waiting if shard.parent not in held] or waiting  # a ring cannot be; do not hang
        ordered += ready
        waiting = [shard for shard in waiting if shard not in ready]
    return ordered
