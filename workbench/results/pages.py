"""Query and Scan: one page, or page after page up to a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.items import MAX_ITEM_SIZE, Units, reported_units
from workbench.plans import Plan, Request
from workbench.results.answers import Answer, Found
from workbench.results.measuring import UNKNOWN_READ, Measured, measured_page
from workbench.results.sending import send

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["read_pages"]

# AWS ends a page with the item that reaches 1 MB of evaluated items, and an item has 400 KB at most. DynamoDB Local
# counts what it returns instead, so that a filter or projection lets it go on reading.
_MOST_EVALUATED = 1024 * 1024 + MAX_ITEM_SIZE


def read_pages(session: Session, plan: Plan, pages: int) -> Answer:
    """Return at most ``pages`` pages together; ``last_key`` says where to go on, None at the end."""
    answer = Answer()
    for _ in range(pages):
        page = _page(session, plan.request, plan.pattern.name)
        answer += page
        if page.last_key is None:
            break
        plan = plan.after(page.last_key)
    return answer


def _page(session: Session, request: Request, name: str) -> Answer:
    reply = send(session, request, name)
    content = reply.content
    measured = measured_page(session, request, content, name)
    return Answer(
        found=tuple(Found(request.kwargs["TableName"], item) for item in content.get("Items", [])),
        requests=1,
        items_read=content["ScannedCount"],
        bytes_read=measured.size,
        computed=measured.units,
        reported=reported_units(content.get("ConsumedCapacity"), writes=False),
        seconds=reply.seconds,
        notes=_notes(measured),
        absent=measured.units if measured.units is not None and not content["ScannedCount"] else Units(),
        last_key=content.get("LastEvaluatedKey"),
    )


def _notes(measured: Measured) -> tuple[str, ...]:
    if measured.units is None or measured.size is None:
        return (UNKNOWN_READ,)
    if measured.size > _MOST_EVALUATED:
        return (f"this page evaluated {measured.size:,} bytes; AWS ends a page at 1 MB, and would give more pages",)
    return ()
