"""Writing items: in batches of 25 or one by one, without duplicates, patient with throttles but not for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.bulk.failures import explained, is_throttle
from workbench.errors import EngineError, SeedError
from workbench.items import canonical
from workbench.results import Backoff

Wire = dict[str, Any]
Mode = Literal["batch", "put"]
Progress = Callable[[int, int], None]
BATCH = 25
LIMIT_SECONDS = 300.0
_NO_PLACES: Sequence[str] = ()


@dataclass(frozen=True)
class Writing:
    """What writing took: items written, identical duplicates merged, requests, and requests that had to be repeated."""

    written: int = 0
    merged: int = 0
    requests: int = 0
    repeated: int = 0


@dataclass
class _Tally:
    total: int
    progress: Progress | None
    already: int
    written: int = 0
    requests: int = 0
    repeated: int = 0

    def wrote(self, count: int) -> None:
        self.written += count
        if count and self.progress:
            self.progress(self.already + self.written, self.total)


def write_items(
    client: Any,
    table: str,
    keys: Sequence[str],
    items: Iterable[Wire],
    *,
    mode: Mode = "batch",
    places: Sequence[str] = _NO_PLACES,
    progress: Progress | None = None,
    already: int = 0,
    total: int | None = None,
    backoff: Backoff | None = None,
    limit_seconds: float = LIMIT_SECONDS,
) -> Writing:
    """Write wire items to a table and return exact counts; every one is stored when this returns.

    Two items of one key are merged where they are identical and refused with SeedError where they differ: a batch may
    not name a key twice, and which of the two was meant cannot be known. ``places`` names the items in messages.
    Unprocessed items and throttled requests are tried again with capped, jittered waits: at most ``backoff.attempts``
    times in a row without one item written, and ``limit_seconds`` of waiting in all; then SeedError says how many were
    written. Writing the same items again is harmless, so a run that ended half way is mended by another.
    ``progress`` is told (done, total) after every request that wrote something, counting from ``already``.
    """
    given = list(items)
    unique = merge_duplicates(table, keys, given, places)
    tally = _Tally(already + len(unique) if total is None else total, progress, already)
    patience = _Patience(backoff or Backoff(), limit_seconds)
    step = BATCH if mode == "batch" else 1
    for start in range(0, len(unique), step):
        part = unique[start : start + step]
        _write_all(client, table, part, mode, tally, patience)
    return Writing(tally.written, len(given) - len(unique), tally.requests, tally.repeated)


def key_of(keys: Sequence[str], item: Wire) -> tuple[tuple[str, Any], ...]:
    """Return an item's key in a form that can be compared: 1 and 1.0 are one key."""
    return tuple(next(iter(canonical(item[name]).items())) for name in keys)


def same(one: Wire, other: Wire) -> bool:
    """Return whether two items are one to DynamoDB: the order of attributes, sets and maps plays no part."""
    return one.keys() == other.keys() and all(canonical(one[name]) == canonical(other[name]) for name in one)


def merge_duplicates(table: str, keys: Sequence[str], items: Sequence[Wire], places: Sequence[str]) -> list[Wire]:
    """Return the items with identical duplicates made one; SeedError where two of one key differ."""
    found: dict[Any, int] = {}
    for at, item in enumerate(items):
        first = found.setdefault(key_of(keys, item), at)
        if first != at and not same(items[first], item):
            raise SeedError(_clash(table, keys, items, places, first, at))
    return [items[at] for at in found.values()]


def _clash(
    table: str, keys: Sequence[str], items: Sequence[Wire], places: Sequence[str], first: int, second: int
) -> str:
    one, two = items[first], items[second]
    names = (
        [name for name in {**one, **two} if not same({"a": one.get(name, {})}, {"a": two.get(name, {})})]
        if (one.keys() == two.keys())
        else sorted(one.keys() ^ two.keys())
    )
    key = ", ".join(f"{name} = {next(iter(one[name].values()))!r}" for name in keys)
    where = [places[at] if at < len(places) else f"item {at + 1:,}" for at in (first, second)]
    return (
        f"{table}: {where[0]} and {where[1]} have one key ({key}) and differ in {', '.join(names)}; the second would "
        f"replace the first. Put something unique into the key template, or take one row out."
    )


@dataclass
class _Patience:
    """How long to go on: counts the attempts in a row that wrote nothing, and the seconds waited in all."""

    backoff: Backoff
    limit_seconds: float
    waited: float = 0.0
    failures: int = field(default=0)

    def wait(self) -> bool:
        """Wait before the next attempt; False when it is time to give up."""
        self.failures += 1
        if self.failures >= self.backoff.attempts or self.waited >= self.limit_seconds:
            return False
        seconds = min(self.backoff.cap, self.backoff.base * 2**self.failures) * self.backoff.chance()
        seconds = min(seconds, self.limit_seconds - self.waited)
        self.waited += seconds
        self.backoff.sleep(seconds)
        return True


def _write_all(client: Any, table: str, items: list[Wire], mode: Mode, tally: _Tally, patience: _Patience) -> None:
    left, reason = items, ""
    patience.failures = 0
    while left:
        before = len(left)
        left, throttle = _attempt(client, table, left, mode, tally)
        tally.requests += 1
        tally.wrote(before - len(left))
        if not left:
            return
        reason = throttle or "came back as UnprocessedItems"
        if len(left) < before:
            patience.failures = 0
        if not patience.wait():
            raise SeedError(
                f"{table}: gave up after {patience.failures} attempts without progress and {patience.waited:.1f} s of "
                f"waiting; {len(left)} items {reason}. {_told(tally)} Raise the table's write units or wait, then run "
                f"it again: what is written stays as it is."
            )
        tally.repeated += 1


def _attempt(client: Any, table: str, items: list[Wire], mode: Mode, tally: _Tally) -> tuple[list[Wire], str]:
    """Send one request; return what it left unwritten, and the throttle's words where it was throttled."""
    from botocore.exceptions import BotoCoreError, ClientError

    operation = "BatchWriteItem" if mode == "batch" else "PutItem"
    try:
        if mode == "put":
            client.put_item(TableName=table, Item=items[0])
            return [], ""
        requests = [{"PutRequest": {"Item": item}} for item in items]
        answer = client.batch_write_item(RequestItems={table: requests})
    except (BotoCoreError, ClientError) as error:
        if is_throttle(error):
            return items, f"were throttled ({error})"
        raise explained(error, operation, table, f"{_told(tally)} ") from error
    return _unprocessed(answer, table), ""


def _unprocessed(answer: dict[str, Any], table: str) -> list[Wire]:
    left = answer.get("UnprocessedItems") or {}
    strange = [name for name in left if name != table]
    if strange:
        raise EngineError(f"{table}: the engine left items of {', '.join(strange)} unprocessed, which were not sent")
    return [request["PutRequest"]["Item"] for request in left.get(table, [])]


def _told(tally: _Tally) -> str:
    return f"{tally.already + tally.written:,} of {tally.total:,} items are in the table."
