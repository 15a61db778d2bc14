"""Query and Scan: one page, or page after page up to a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import TYPE_CHECKING, Any

from workbench.frames import Page, Pipeline, page_size, wire_of_json
from workbench.items import MAX_ITEM_SIZE, Units, reported_units
from workbench.plans import Plan, Request
from workbench.results.answers import Answer, FoundPage
from workbench.results.fetching import units_of_whole_items
from workbench.results.measuring import UNKNOWN_READ, Measured, measuring
from workbench.results.raw import Items
from workbench.results.sending import send_raw

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["AskedPage", "ask", "read_pages", "summed"]

# AWS ends a page with the item that reaches 1 MB of evaluated items, and an item has 400 KB at most. DynamoDB Local
# counts what it returns instead, so that a filter or projection lets it go on reading.
_MOST_EVALUATED = 1024 * 1024 + MAX_ITEM_SIZE


def read_pages(session: Session, plan: Plan, pages: int) -> Answer:
    """Return at most ``pages`` pages together; ``last_key`` says where to go on, None at the end.

    A page is decoded while the next one is asked for.
    """
    asked: list[AskedPage] = []
    with Pipeline(page_size) as pipeline:
        for number in range(pages):
            each = ask(session, plan.request, plan.pattern.name)
            asked.append(each)
            ended = each.last_key is None or number == pages - 1
            pipeline.add(each.items, last=ended)
            if ended:
                break
            plan = plan.after(each.last_key or {})
        decoded = pipeline.results()
    return summed(asked, decoded)


def summed(asked: Sequence[AskedPage], decoded: Sequence[tuple[Page, int]]) -> Answer:
    """Return pages that were asked for, and their items decoded, as one answer."""
    answers = [one.answer(page, size) for one, (page, size) in zip(asked, decoded, strict=True)]
    return reduce(add, answers) if answers else Answer()


@dataclass(frozen=True)
class AskedPage:
    """One page as it came, and what remains to be worked out when its items are decoded."""

    facts: Mapping[str, Any]
    items: Items
    seconds: float
    table: str
    measure: Callable[[int], Measured]
    whole: Callable[[], Units | None]

    @property
    def reported(self) -> Units | None:
        """The units that the engine says the page cost."""
        return reported_units(self.facts.get("ConsumedCapacity"), writes=False)

    @property
    def last_key(self) -> dict[str, Any] | None:
        """Where the next page begins, in wire form; None at the end."""
        key = self.facts.get("LastEvaluatedKey")
        return {name: wire_of_json(av) for name, av in key.items()} if key else None

    def answer(self, page: Page, size: int) -> Answer:
        """Return what the page brought and cost; ``size`` are the bytes of its items."""
        measured, read = self.measure(size), self.facts["ScannedCount"]
        return Answer(
            pages=(FoundPage(self.table, page),),
            requests=1,
            items_read=read,
            bytes_read=measured.size,
            computed=measured.units,
            reported=self.reported,
            seconds=self.seconds,
            notes=_notes(measured),
            absent=measured.units if measured.units is not None and not read else Units(),
            whole=self.reported if measured.units == self.reported else self.whole(),
            last_key=self.last_key,
        )


def ask(session: Session, request: Request, name: str) -> AskedPage:
    """Return the page that one request gives, its items not decoded yet."""
    reply = send_raw(session, request, name)
    facts = reply.body.facts
    measure = measuring(session, request, facts["ScannedCount"], name)
    whole = partial(units_of_whole_items, session, request, facts["ScannedCount"], name)
    return AskedPage(facts, reply.body.items[None], reply.seconds, request.kwargs["TableName"], measure, whole)


def _notes(measured: Measured) -> tuple[str, ...]:
    if measured.units is None or measured.size is None:
        return (UNKNOWN_READ,)
    if measured.size > _MOST_EVALUATED:
        return (f"this page evaluated {measured.size:,} bytes; AWS ends a page at 1 MB, and would give more pages",)
    return ()
