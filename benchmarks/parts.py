"""What is measured: parts, each of one or more cases, each case with its ways and the one that counts as 1.0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks import reading, writing

__all__ = ["PARTS", "Case", "Part", "cases"]

READERS = ("boto3 resource", "boto3 client", "awswrangler", "dynamo-pandas", "PynamoDB", "pydynox", *reading.OURS)
WRITERS = tuple(writing.WAYS)
PAGES = (1, 20, 120)
LATENCY = 0.030
WRITE_LATENCY = 0.010
SCALES = {"10,000 items": ("short", 10_000), "1,000,000 items": ("measured", 1_000_000)}
_CALLS = {0: 200, 1: 5, 20: 1, 120: 1}


@dataclass(frozen=True)
class Case:
    """One side-by-side measurement. ``tables`` is what the replay server serves; without any, DynamoDB Local is used.

    ``calls`` is how often a way is called in its process (the median counts); ``per_item`` makes ratios of seconds an
    item; ``tables_of`` and ``ways_of`` are for cases where a row is not another way but another table.
    """

    name: str
    task: str
    kind: str
    ways: tuple[str, ...]
    base: str
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    delay: float = 0.0
    calls: int = 1
    items: int = 0
    index: bool = False
    per_item: bool = False
    tables_of: dict[str, str] = field(default_factory=dict)
    ways_of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """Cases that answer one question, and what is to be said of them."""

    name: str
    title: str
    cases: tuple[Case, ...]


def _small(kind: str) -> dict[str, Any]:
    return {"kind": kind, "pages": 1, "items": 20}


def _reading(kind: str, pages: int, delay: float = 0.0) -> Case:
    """A case of so many pages; 0 is one page of 20 items, which a client reads often."""
    measured = {"kind": kind, "pages": pages} if pages else _small(kind)
    calls = _CALLS[pages] if not (delay and not pages) else 30
    name = f"{kind}-{pages or 'small'}"
    ways = READERS if delay else (*READERS, reading.FLOOR)
    tables = {"small": _small(kind), "measured": measured}
    return Case(name, "read", kind, ways, "boto3 resource", tables, delay=delay, calls=calls)


def _segments(delay: float = 0.0) -> Case:
    """A scan of 120 pages; with a delay, each page is waited for as over a network."""
    tables = {"small": _small("messages"), "measured": {"kind": "messages", "pages": 120}}
    name = f"messages-120{'-latency' if delay else ''}"
    return Case(name, "read", "messages", tuple(reading.SEGMENTS), "one segment", tables, delay=delay)


def _scaling() -> Case:
    tables = {"small": _small("messages")}
    tables |= {
        table: {"kind": "messages", "pages": items // 2900 + 1, "items": items} for table, items in SCALES.values()
    }
    return Case(
        "messages", "read", "messages", tuple(SCALES), "10,000 items", tables, calls=3, per_item=True,
        tables_of={row: table for row, (table, _) in SCALES.items()}, ways_of=dict.fromkeys(SCALES, "workbench"),
    )  # fmt: skip


def _writing(kind: str, delay: float = 0.0) -> Case:
    """A case of writing; PynamoDB has no attribute to declare for what holds another type from item to item."""
    items = 5_000 if kind == "wide" else 10_000 if delay else 20_000  # what the quickest way takes half a second for
    tables = {"small": _small(kind), "measured": _small(kind)}
    ways = WRITERS if kind == "messages" else tuple(way for way in WRITERS if not way.startswith("PynamoDB"))
    return Case(f"{kind}-{items}", "write", kind, ways, "boto3 batch_writer", tables, delay=delay, items=items)


def _local(index: bool) -> Case:
    name = "messages-one-index" if index else "messages-no-index"
    return Case(name, "write", "messages", WRITERS, "boto3 batch_writer", items=5_000, index=index)


_LIST = (
    Part("reading-small", "One page of 20 items", tuple(_reading(kind, 0) for kind in ("messages", "wide"))),
    Part("reading-messages", "Messages into a DataFrame", tuple(_reading("messages", pages) for pages in PAGES)),
    Part("reading-wide", "Wide items into a DataFrame", tuple(_reading("wide", pages) for pages in PAGES)),
    Part(
        "reading-latency",
        "With 30 ms a request",
        tuple(_reading(kind, pages, LATENCY) for pages in (0, *PAGES) for kind in ("messages", "wide")),
    ),
    Part("segments", "One segment and two, on two cores", (_segments(), _segments(LATENCY))),
    Part("scaling", "The cost of an item", (_scaling(),)),
    Part("writing", "Items to BatchWriteItem", tuple(_writing(kind) for kind in ("messages", "wide"))),
    Part("writing-latency", "Writing with 10 ms a request", (_writing("messages", WRITE_LATENCY),)),
    Part("writing-on-local", "Writing to DynamoDB Local", tuple(_local(index) for index in (False, True))),
)
PARTS = {part.name: part for part in _LIST}


def cases(only: list[str]) -> Iterator[tuple[Part, Case]]:
    """Yield the cases that ``only`` names, ``PART`` or ``PART:CASE``, in the order of the parts; all for an empty one.

    KeyError names a part or a case that there is none of.
    """
    known = {part.name for part in _LIST} | {f"{part.name}:{case.name}" for part in _LIST for case in part.cases}
    for name in only:
        if name not in known:
            raise KeyError(f"no part {name!r}; known: {', '.join(sorted(known))}")
    for part in _LIST:
        for case in part.cases:
            if not only or part.name in only or f"{part.name}:{case.name}" in only:
                yield part, case
