"""Writing items: in batches of 25 or one by one, without duplicates, patient with throttles but not for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from workbench.bulk import Progress as Step
from workbench.bulk import WriteReport
from workbench.bulk.conditional import ConditionalPut
from workbench.bulk.operations import BatchWrite, Operation
from workbench.bulk.rows import wire_rows
from workbench.bulk.sending import sender_for
from workbench.bulk.writer import LIMIT_SECONDS, Settings, write_rows
from workbench.errors import SeedError
from workbench.items import canonical
from workbench.results import Backoff

Wire = dict[str, Any]
Mode = Literal["batch", "put"]
Progress = Callable[[int, int], None]
_NO_PLACES: Sequence[str] = ()


@dataclass(frozen=True)
class Writing:
    """What writing took: items written, identical duplicates merged, requests, and requests that had to be repeated."""

    written: int = 0
    merged: int = 0
    requests: int = 0
    repeated: int = 0


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
    times in a row without one item written, and ``limit_seconds`` of waiting for one request; then SeedError says how
    many were written. Writing the same items again is harmless, so a run that ended half way is mended by another.
    ``progress`` is told (done, total) after every request that wrote something, counting from ``already``.
    """
    given = list(items)
    unique = merge_duplicates(table, keys, given, places)
    count = already + len(unique) if total is None else total

    def told(written: int) -> str:
        return f"{already + written:,} of {count:,} items are in the table."

    def tell(step: Step) -> None:
        if progress is not None:
            progress(already + step.items, count)

    names = tuple(keys)
    way: Operation = BatchWrite(table, names, isolate=False, units=False)
    if mode == "put":
        way = ConditionalPut(table, None, isolate=False, units=False)
    settings = Settings(
        in_flight=1, on_duplicate="first", backoff=backoff or Backoff(), limit_seconds=limit_seconds, progress=tell,
        told=told,
    )  # fmt: skip
    if not unique:
        return Writing(merged=len(given))
    with closing(sender_for(client, way.name, table)) as sender:
        report = write_rows(table, wire_rows(unique, names), way, sender, settings, held=True)
    if not report.ok:
        raise SeedError(_stopped(report, told(report.written)))
    return Writing(report.written, len(given) - len(unique), report.requests, report.repeated)


def _stopped(report: WriteReport, told: str) -> str:
    return (
        f"{report.table}: {report.gave_up}. {told} Raise the table's write units or wait, then run it again: what is "
        f"written stays as it is."
    )


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
