"""Running a handler over a stream: read, hand over, keep the checkpoint, until the end or for as long as it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.results import Backoff
from workbench.streams.checkpoints import Checkpoints, MemoryCheckpoints
from workbench.streams.dead_letters import DeadLetters
from workbench.streams.delivery import Delivery
from workbench.streams.events import sequence_of
from workbench.streams.handlers import Handler
from workbench.streams.positions import Position, Start
from workbench.streams.reader import Pace, Reader
from workbench.streams.shard_reader import Record, Rules
from workbench.streams.stream import Stream

__all__ = ["BATCH", "RunReport", "Settings", "read_all", "replay", "run"]

BATCH = 100  # as Lambda, unless told


@dataclass(frozen=True)
class Settings:
    """How a handler is run. ``batch`` is the most records of one call, ``backoff`` gives the attempts of one record.

    ``start`` counts only for a stream without checkpoints: ``latest`` passes over what is in it already.
    """

    batch: int = BATCH
    start: Start = "trim_horizon"
    backoff: Backoff = field(default_factory=lambda: Backoff(attempts=5, base=0.1, cap=5.0))
    dead_letters: DeadLetters | None = None
    rules: Rules = field(default_factory=Rules)
    pace: Pace = field(default_factory=Pace)
    progress: Callable[[int], None] | None = None  # told how many records were handed over so far


@dataclass(frozen=True)
class RunReport:
    """What a run did: records that were handled, calls of the handler, those after a failure, records set aside."""

    consumer: str
    table: str
    records: int
    calls: int
    retries: int
    set_aside: int
    passed_over: int = 0

    def record(self) -> dict[str, Any]:
        """Return the report for machines."""
        return dict(vars(self))

    def __repr__(self) -> str:
        parts = [f"{_count(self.records, 'record')} of {self.table} in {_count(self.calls, 'call')}"]
        if self.retries:
            parts.append(f"{_count(self.retries, 'retry', 'retries')}")
        if self.set_aside:
            parts.append(f"{self.set_aside} set aside")
        if self.passed_over:
            parts.append(f"{self.passed_over} passed over at the start")
        return f"{self.consumer}: {', '.join(parts)}"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def run(
    stream: Stream,
    handler: Handler,
    checkpoints: Checkpoints | None = None,
    *,
    consumer: str = "handler",
    follow: bool = False,
    settings: Settings | None = None,
) -> RunReport:
    """Hand every record of a stream that is not handled yet to ``handler``, and return what was done.

    Without ``follow`` it ends when all that was there is handled. It goes on where ``checkpoints`` say; they are saved
    after each batch, so a record may be handed over twice when a run is killed. Raises StreamError for a record that
    fails for good and for records that were trimmed unread; UnreachableError where engine or database are away.
    """
    kept = checkpoints or MemoryCheckpoints()
    chosen = settings or Settings()
    positions = kept.load(stream.arn)
    passed = 0
    if not positions:
        _tell_of_older(stream, kept, chosen)
        if chosen.start == "latest":
            passed = _pass_over(stream, kept, chosen)
            positions = kept.load(stream.arn)
    delivery = Delivery(handler, consumer, stream.arn, kept, chosen.backoff, chosen.dead_letters)
    _read(stream, kept, positions, delivery.deliver, chosen, follow=follow)
    tally = delivery.tally
    return RunReport(consumer, stream.table, tally.records, tally.calls, tally.retries, tally.set_aside, passed)


def _tell_of_older(stream: Stream, checkpoints: Checkpoints, settings: Settings) -> None:
    if checkpoints.others(stream.arn):
        settings.rules.told(
            f"{stream.place} is another one than last time: the table was made anew, or its stream switched off and "
            f"on. It is read from {settings.start.upper()}; what the older one still held is not"
        )


def _pass_over(stream: Stream, checkpoints: Checkpoints, settings: Settings) -> int:
    """Save a checkpoint behind everything that is there, and return how many records that were.

    An iterator of the type LATEST leaves no checkpoint: a run that is killed before its first record would lose those
    that came meanwhile.
    """
    reader = Reader(stream, rules=settings.rules, pace=settings.pace)
    passed = 0
    last: dict[str, Position] = {}
    for page in reader.pages(follow=False):
        passed += len(page.records)
        before = last.get(page.shard, Position())
        sequence = sequence_of(page.records[-1]) if page.records else before.sequence
        last[page.shard] = Position(sequence, done=page.ended)
    with checkpoints.unit():
        for shard in sorted(reader.known):
            checkpoints.save(stream.arn, shard, last.get(shard, Position()))
    return passed


def _read(
    stream: Stream,
    checkpoints: Checkpoints,
    positions: Mapping[str, Position],
    deliver: Callable[[str, Sequence[Record]], None],
    settings: Settings,
    *,
    follow: bool,
) -> None:
    reader = Reader(stream, positions=positions, rules=settings.rules, pace=settings.pace)
    last = {shard: position.sequence for shard, position in positions.items()}
    done = 0
    for page in reader.pages(follow=follow):
        for at in range(0, len(page.records), settings.batch):
            if settings.pace.stopping():
                return
            batch = page.records[at : at + settings.batch]
            deliver(page.shard, batch)
            last[page.shard] = sequence_of(batch[-1])
            done += len(batch)
            if settings.progress:
                settings.progress(done)
        if page.ended:
            with checkpoints.unit():
                checkpoints.save(stream.arn, page.shard, Position(last.get(page.shard), done=True))
    over = {shard for shard, position in positions.items() if position.done} - reader.known
    checkpoints.forget(stream.arn, over)


def replay(
    records: Sequence[Record], handler: Handler, *, consumer: str, settings: Settings | None = None
) -> RunReport:
    """Hand records of a file to ``handler``, without checkpoints: dead letters, or what `tail --json` printed."""
    chosen = settings or Settings()
    delivery = Delivery(handler, consumer, "", _Nowhere(), chosen.backoff, chosen.dead_letters)
    for at in range(0, len(records), chosen.batch):
        delivery.deliver("the file", records[at : at + chosen.batch])
    tally = delivery.tally
    return RunReport(consumer, "the file", tally.records, tally.calls, tally.retries, tally.set_aside)


class _Nowhere(MemoryCheckpoints):
    """No checkpoints: records of a file may come from several shards, and in any order."""

    def save(self, stream: str, shard: str, position: Position) -> None:
        """Keep nothing."""


def read_all(stream: Stream, *, rules: Rules | None = None, pace: Pace | None = None) -> list[Record]:
    """Return every record that a stream holds, shard by shard, oldest first, as boto3 gives them. Changes nothing."""
    reader = Reader(stream, rules=rules, pace=pace)
    return [record for page in reader.pages(follow=False) for record in page.records]
