"""Reading one shard page by page, whatever becomes of its iterators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import RequestError, StreamError
from workbench.results import Backoff
from workbench.streams.positions import Start
from workbench.streams.requests import ask
from workbench.streams.shards import Shard
from workbench.streams.stream import Stream

__all__ = ["MOST_RECORDS", "Page", "Record", "Rules", "ShardReader", "trimmed"]

Record = dict[str, Any]
MOST_RECORDS = 1000  # of one GetRecords; so is 1 MB
_TRIMMED = "TrimmedDataAccessException"
_EXPIRED = "ExpiredIteratorException"


@dataclass(frozen=True)
class Page:
    """Records of one shard, oldest first, as boto3 gives them; maybe none. ``ended``: the shard has no more."""

    shard: str
    records: tuple[Record, ...]
    ended: bool


def _say_nothing(_text: str) -> None:
    """Where nobody wants to be told."""


@dataclass(frozen=True)
class Rules:
    """How shards are read. ``limit`` is the most records of one request, 1 to 1000.

    ``skip_trimmed``: go on at the oldest record there is when those before it were trimmed unread, instead of an error.
    ``told`` is given a sentence when something happened that a reader should know.
    """

    limit: int = MOST_RECORDS
    skip_trimmed: bool = False
    backoff: Backoff = field(default_factory=Backoff)
    told: Callable[[str], None] = _say_nothing


class ShardReader:
    """One shard, read on from ``after`` (a sequence number), else from ``start``.

    An iterator lives 15 minutes. One that expired is replaced by another after the last record that was read.
    """

    def __init__(self, stream: Stream, shard: Shard, rules: Rules, *, after: str | None, start: Start) -> None:
        self.shard = shard
        self.ended = False
        self.quiet = 0  # pages in a row without a record
        self._stream = stream
        self._rules = rules
        self._after = after
        self._start = start
        self._iterator: str | None = None

    @property
    def place(self) -> str:
        """The shard in the words of messages."""
        return f"{self.shard.id} of {self._stream.place}"

    def mark_latest(self) -> None:
        """Where reading starts at the latest record: take the iterator now, before other shards are read."""
        if self._after is None and self._start == "latest":
            self._iterator = self._new_iterator()

    def read(self) -> Page:
        """Return the next page. Raises StreamError for records that were trimmed unread, RequestError, EngineError."""
        for last_try in (False, False, True):
            try:
                return self._page()
            except RequestError as error:
                if error.code == _TRIMMED:
                    self._restart_at_horizon(error)
                elif error.code == _EXPIRED and not last_try:
                    self._renew()
                else:
                    raise
        raise StreamError(f"{self.place} loses records faster than they are read; nothing more was handled")

    def _page(self) -> Page:
        client, rules = self._stream.client, self._rules
        if self._iterator is None:
            self._iterator = self._new_iterator()
        kwargs = {"ShardIterator": self._iterator, "Limit": rules.limit}
        answer = ask(client, "GetRecords", self.place, rules.backoff, **kwargs)
        records = tuple(answer.get("Records", ()))
        if records:
            self._after = records[-1]["dynamodb"]["SequenceNumber"]
        self._iterator = answer.get("NextShardIterator")
        self.ended = self._iterator is None
        self.quiet = 0 if records else self.quiet + 1
        return Page(self.shard.id, records, self.ended)

    def _new_iterator(self) -> str:
        where = {"StreamArn": self._stream.arn, "ShardId": self.shard.id, "ShardIteratorType": self._start.upper()}
        if self._after is not None:
            where |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._after}
        answer = ask(self._stream.client, "GetShardIterator", self.place, self._rules.backoff, **where)
        return str(answer["ShardIterator"])

    def _renew(self) -> None:
        self._iterator = None
        if self._after is None and self._start == "latest":
            self._rules.told(
                f"{self.place} was not read for longer than its iterator lives, and no record of it was seen before: "
                "records that came in between are not shown"
            )

    def _restart_at_horizon(self, error: RequestError) -> None:
        if not self._rules.skip_trimmed:
            raise trimmed(self.place, self._after) from error
        self._rules.told(
            f"{self.place}: records {_after(self._after)} were trimmed unread; going on at the oldest left"
        )
        self._after, self._start, self._iterator = None, "trim_horizon", None


def trimmed(place: str, after: str | None) -> StreamError:
    """Return the error for records that are gone before they were read, with what can be done."""
    return StreamError(
        f"{place}: records {_after(after)} were trimmed before they were read; a stream keeps 24 hours. What "
        "they would have changed has to be made good from the table itself; then go on at the oldest record that is "
        "left, with skip_trimmed=True (`--skip-trimmed`)"
    )


def _after(sequence: str | None) -> str:
    return f"after sequence number {sequence}" if sequence else "from its beginning"
