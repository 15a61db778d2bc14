"""Query and Scan: one page, or page after page up to a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.items import reported_units
from workbench.plans import Plan, Request
from workbench.results.answers import Answer, Found
from workbench.results.measuring import UNKNOWN_READ, measured_page
from workbench.results.sending import send

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["read_pages"]


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
        notes=() if measured.units is not None else (UNKNOWN_READ,),
        last_key=content.get("LastEvaluatedKey"),
    )
