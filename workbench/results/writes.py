"""Writes: what they did to each item, and what that costs, from the images before and after.

An engine that is near is asked for both images with strongly consistent reads, which cost nothing there and are no
part of the receipt. Elsewhere only what the write itself returns is used, and a note says what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.errors import RequestError
from workbench.items import Units, condition_check_units, failed_condition_units, reported_units, write_units
from workbench.plans import Request
from workbench.results.answers import Answer, Change
from workbench.results.backoff import Backoff
from workbench.results.gets import images
from workbench.results.sending import Reply, send_patiently
from workbench.results.touches import Touch, touches

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["Refusal", "write"]

Wire = Mapping[str, Any]
_UNKNOWN = "units not computed: the engine does not tell the items before and after, and reading them would be billed"
_CANCELLED = "a cancelled transaction is billed, and neither it nor the engine says how much"


class Refusal(Exception):  # noqa: N818 (never seen outside this room)
    """A write that the engine refused: the error to raise, and what is known of its cost."""

    def __init__(self, error: RequestError, answer: Answer) -> None:
        self.error = error
        self.answer = answer
        super().__init__(str(error))


def write(session: Session, request: Request, name: str, backoff: Backoff) -> Answer:
    """Send one writing request and return its changes; Refusal when the engine says no."""
    touched = touches(request, session.model)
    before = images(session, touched, name, backoff) if session.engine.is_near else {}
    if request.operation == "BatchWriteItem":
        replies, refused = _batch(session, request, name, backoff)
    else:
        replies, refused = [_sent(session, request, touched, before, name, backoff)], None
    if session.engine.is_near:
        after = images(session, touched, name, backoff)
        changes = [Change(t.kind, t.table, t.key, before.get(t.place), after.get(t.place)) for t in touched]
    else:
        changes = [_told(touch, request, replies[0].content) for touch in touched]
    answer = _answer(session, request, changes, replies)
    if refused is not None:
        raise Refusal(refused, replace(answer, computed=None, notes=(*answer.notes, "some items were not written")))
    return answer


def _answer(session: Session, request: Request, changes: list[Change], replies: list[Reply]) -> Answer:
    consumed = [part for reply in replies for part in _listed(reply.content.get("ConsumedCapacity"))]
    known = all(change.known for change in changes)
    return Answer(
        requests=len(replies),
        items_written=sum(change.kind != "check" for change in changes),
        computed=sum((_units(session, request, each) for each in changes), Units()) if known else None,
        reported=reported_units(consumed, writes=True),
        seconds=sum(reply.seconds for reply in replies),
        changes=tuple(changes),
        notes=() if known else (_UNKNOWN,),
    )


def _units(session: Session, request: Request, change: Change) -> Units:
    if change.kind == "check":
        return condition_check_units(change.before)
    table = session.model.table(change.table)
    return write_units(change.before, change.after, table, transactional=request.operation == "TransactWriteItems")


def _sent(
    session: Session,
    request: Request,
    touched: tuple[Touch, ...],
    before: Mapping[tuple[str, str], Wire],
    name: str,
    backoff: Backoff,
) -> Reply:
    """Send a single write or a transaction; far from here, ask it to return the images it can."""
    asked = request if session.engine.is_near else _returning(request)
    try:
        return send_patiently(session, asked, name, backoff)
    except RequestError as error:
        raise Refusal(error, _refused(session, request, touched, before, error)) from error.__cause__


def _returning(request: Request) -> Request:
    if request.operation == "TransactWriteItems":
        return request
    told = "ALL_NEW" if request.operation == "UpdateItem" else "ALL_OLD"
    more = {"ReturnValues": told}
    if "ConditionExpression" in request.kwargs:
        more["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return replace(request, kwargs={**more, **request.kwargs})


def _refused(
    session: Session,
    request: Request,
    touched: tuple[Touch, ...],
    before: Mapping[tuple[str, str], Wire],
    error: RequestError,
) -> Answer:
    if request.operation == "TransactWriteItems":
        return Answer(requests=1, computed=None, reported=None, notes=(_CANCELLED,))
    if error.code != "ConditionalCheckFailedException":
        return Answer(requests=1, reported=None)
    response = getattr(error.__cause__, "response", {})
    image = before.get(touched[0].place) if session.engine.is_near else response.get("Item")
    note = "a failed condition is charged by the item that is there, and the engine reports nothing"
    return Answer(requests=1, computed=failed_condition_units(image), reported=None, notes=(note,))


def _told(touch: Touch, request: Request, content: Mapping[str, Any]) -> Change:
    """Return the change as far as a response tells it: both images for a put or delete by itself."""
    attributes = content.get("Attributes")
    if touch.kind == "update":
        return Change("update", touch.table, touch.key, after=attributes, known=False)
    alone = request.operation in ("PutItem", "DeleteItem")
    return Change(touch.kind, touch.table, touch.key, attributes, touch.item, known=alone)


def _batch(session: Session, request: Request, name: str, backoff: Backoff) -> tuple[list[Reply], RequestError | None]:
    """Send a BatchWriteItem until nothing is unprocessed; the error when that does not end is returned, not raised."""
    replies: list[Reply] = []
    left = request.kwargs["RequestItems"]
    total = sum(map(len, left.values()))
    for attempt in range(backoff.attempts):
        if attempt:
            backoff.wait(attempt)
        part = Request("BatchWriteItem", {**request.kwargs, "RequestItems": left})
        replies.append(send_patiently(session, part, name, backoff))
        left = replies[-1].content.get("UnprocessedItems") or {}
        if not left:
            return replies, None
    count = sum(map(len, left.values()))
    message = (
        f"{name}: BatchWriteItem: {count} of {total} items were not written after {backoff.attempts} attempts; "
        f"raise the table's write units, or run it again: what was written is written again alike"
    )
    return replies, RequestError(message, code="UnprocessedItems", operation="BatchWriteItem")


def _listed(consumed: Any) -> list[Any]:
    return [] if not consumed else [consumed] if isinstance(consumed, Mapping) else list(consumed)
