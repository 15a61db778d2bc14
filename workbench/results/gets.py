"""GetItem, BatchGetItem and TransactGetItems: items by key, in the order of the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.errors import RequestError
from workbench.items import Units, batch_get_units, item_size, reported_units, transact_get_units
from workbench.plans import Request
from workbench.results.answers import Answer, Found
from workbench.results.backoff import Backoff
from workbench.results.measuring import UNKNOWN_READ
from workbench.results.sending import Reply, send
from workbench.results.touches import Touch, touches

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["images", "read_keys"]

Wire = Mapping[str, Any]
_IMAGES_AT_ONCE = 25  # of at most 400 KB each, so that they fit the 16 MB of one response


def read_keys(session: Session, request: Request, name: str, backoff: Backoff) -> Answer:
    """Return the items of a request that names keys; missing items are counted in a note."""
    if request.operation == "BatchGetItem":
        return _batch(session, request, name, backoff)
    reply = send(session, request, name)
    one = request.operation == "GetItem"
    places = [reply.content] if one else reply.content["Responses"]
    items = [place.get("Item") for place in places]
    return _answer(session, request, items, [reply], name, backoff)


def images(session: Session, wanted: Sequence[Touch], name: str, backoff: Backoff) -> dict[tuple[str, str], Wire]:
    """Return the stored items that touches name, read strongly consistent, by place; those not there are left out."""
    found: dict[tuple[str, str], Wire] = {}
    for start in range(0, len(wanted), _IMAGES_AT_ONCE):
        keys: dict[str, dict[str, Any]] = {}
        for touch in wanted[start : start + _IMAGES_AT_ONCE]:
            part = keys.setdefault(touch.table, {"Keys": [], "ConsistentRead": True})
            if touch.key not in part["Keys"]:
                part["Keys"].append(touch.key)
        request = Request("BatchGetItem", {"RequestItems": keys})
        items, _ = _all_responses(session, request, name, backoff)
        found |= {_place(session, each): each.item for each in items}
    return found


def _batch(session: Session, request: Request, name: str, backoff: Backoff) -> Answer:
    found, replies = _all_responses(session, request, name, backoff)
    wanted = touches(request, session.model)
    if any("ProjectionExpression" in part for part in request.kwargs["RequestItems"].values()):
        return _projected_batch(session, request, found, replies, name, backoff)
    stored = {_place(session, each): each.item for each in found}
    items = [stored.get(touch.place) for touch in wanted]
    return _answer(session, request, items, replies, name, backoff)


def _projected_batch(
    session: Session, request: Request, found: list[Found], replies: list[Reply], name: str, backoff: Backoff
) -> Answer:
    """Return the answer of a batch whose items may lack their keys: in the engine's order, sizes by shadow read."""
    whole: list[Wire | None] | None = None
    if session.engine.is_near:
        wanted = touches(request, session.model)
        stored = images(session, wanted, name, backoff)
        whole = [stored.get(touch.place) for touch in wanted]
    return _summed(session, request, found, whole, replies, len(touches(request, session.model)) - len(found))


def _answer(
    session: Session, request: Request, items: list[Wire | None], replies: list[Reply], name: str, backoff: Backoff
) -> Answer:
    wanted = touches(request, session.model)
    found = [Found(touch.table, item) for touch, item in zip(wanted, items, strict=True) if item is not None]
    whole: list[Wire | None] | None = items
    if _projects(request):
        whole = None
        if session.engine.is_near:
            stored = images(session, wanted, name, backoff)
            whole = [stored.get(touch.place) for touch in wanted]
    return _summed(session, request, found, whole, replies, items.count(None))


def _summed(
    session: Session,
    request: Request,
    found: list[Found],
    whole: list[Wire | None] | None,
    replies: list[Reply],
    missing: int,
) -> Answer:
    sizes = None if whole is None else [None if item is None else item_size(item) for item in whole]
    consumed = [part for reply in replies for part in _listed(reply.content.get("ConsumedCapacity"))]
    notes = [] if sizes is not None else [UNKNOWN_READ]
    if missing:
        keys = missing + len(found)
        notes.append(f"{missing} of {keys} keys not found; AWS charges a missing item at the minimum")
    return Answer(
        found=tuple(found),
        requests=len(replies),
        items_read=len(found),
        bytes_read=None if sizes is None else sum(size or 0 for size in sizes),
        computed=None if sizes is None else _units(request, sizes, session),
        reported=reported_units(consumed, writes=False),
        seconds=sum(reply.seconds for reply in replies),
        notes=tuple(notes),
        absent=Units() if sizes is None else _absent_units(request, sizes, session),
    )


def _units(request: Request, sizes: list[int | None], session: Session) -> Units:
    if request.operation == "TransactGetItems":
        return transact_get_units(sizes)
    if request.operation == "GetItem":
        return batch_get_units(sizes, consistent=bool(request.kwargs.get("ConsistentRead")))
    total, tables = Units(), request.kwargs["RequestItems"]
    for touch, size in zip(touches(request, session.model), sizes, strict=True):
        total += batch_get_units([size], consistent=bool(tables[touch.table].get("ConsistentRead")))
    return total


def _absent_units(request: Request, sizes: list[int | None], session: Session) -> Units:
    """Return the part of the computed units that stands for keys not found."""
    tables, total = request.kwargs.get("RequestItems", {}), Units()
    for touch, size in zip(touches(request, session.model), sizes, strict=True):
        if size is None and tables:
            total += batch_get_units([None], consistent=bool(tables[touch.table].get("ConsistentRead")))
    return total


def _all_responses(session: Session, request: Request, name: str, backoff: Backoff) -> tuple[list[Found], list[Reply]]:
    """Return every item of a BatchGetItem, asking again for UnprocessedKeys; RequestError when they do not end."""
    found: list[Found] = []
    replies: list[Reply] = []
    left = request.kwargs["RequestItems"]
    for attempt in range(backoff.attempts):
        if attempt:
            backoff.wait(attempt)
        reply = send(session, Request("BatchGetItem", {**request.kwargs, "RequestItems": left}), name)
        replies.append(reply)
        responses = reply.content.get("Responses", {})
        found += [Found(table, item) for table in left for item in responses.get(table, [])]
        left = reply.content.get("UnprocessedKeys") or {}
        if not left:
            return found, replies
    count = sum(len(part["Keys"]) for part in left.values())
    raise RequestError(
        f"{name}: BatchGetItem: {count} keys were still unprocessed after {backoff.attempts} attempts; ask for fewer "
        f"at once, or raise the table's read units",
        code="UnprocessedKeys",
        operation="BatchGetItem",
    )


def _place(session: Session, found: Found) -> tuple[str, str]:
    key = {name: found.item[name] for name in session.model.table(found.table).keys.names}
    return Touch("get", found.table, key).place


def _projects(request: Request) -> bool:
    if request.operation == "GetItem":
        return "ProjectionExpression" in request.kwargs
    return any("ProjectionExpression" in next(iter(a.values())) for a in request.kwargs.get("TransactItems", []))


def _listed(consumed: Any) -> list[Any]:
    return [] if not consumed else [consumed] if isinstance(consumed, Mapping) else list(consumed)
