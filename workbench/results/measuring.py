"""What a page of a Query or Scan evaluated: the items before filter and projection, which is what it costs.

Where the response does not show them, a near engine (``is_near``) is asked again without filter and projection: a
shadow read, which costs nothing there and is no part of the receipt. Elsewhere the size is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.items import Units, item_size, lsi_fetch_units, query_units
from workbench.plans import Request
from workbench.results.sending import send

if TYPE_CHECKING:
    from workbench.model import Index
    from workbench.results.session import Session

__all__ = ["UNKNOWN_READ", "Measured", "measured_page"]

UNKNOWN_READ = (
    "units not computed: a filter, projection or count hides what was read, and reading it again would be billed"
)
_HIDING = ("FilterExpression", "ProjectionExpression", "Select")
_PLACEHOLDER = re.compile(r"[#:]\w+")


@dataclass(frozen=True)
class Measured:
    """Bytes and units of one page; both None where they are not known."""

    size: int | None
    units: Units | None


def measured_page(session: Session, request: Request, response: Mapping[str, Any], name: str) -> Measured:
    """Return what one page of a Query or Scan read, in bytes and units."""
    kwargs = request.kwargs
    consistent, index = bool(kwargs.get("ConsistentRead")), _index(session, kwargs)
    hidden = any(word in kwargs for word in _HIDING)
    if hidden and not session.engine.is_near:
        return Measured(None, None)
    count = response["ScannedCount"]
    items = _again(session, request, count, name) if hidden else response.get("Items", [])
    sizes = [item_size(item) for item in items]
    if index is not None and _fetches(index, session, kwargs):
        whole = [item_size(item) for item in _again(session, request, count, name, {"Select": "ALL_ATTRIBUTES"})]
        units = lsi_fetch_units([sizes], whole, index=index.name, consistent=consistent)
        return Measured(sum(sizes) + sum(whole), units)
    return Measured(sum(sizes), query_units([sizes], consistent=consistent, index=kwargs.get("IndexName")))


def _again(
    session: Session, request: Request, count: int, name: str, more: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return the ``count`` items that a page evaluated, whole."""
    kwargs = {key: value for key, value in request.kwargs.items() if key not in _HIDING} | dict(more or {})
    used = set(_PLACEHOLDER.findall(kwargs.get("KeyConditionExpression", "")))
    for key in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        kept = {each: value for each, value in kwargs.pop(key, {}).items() if each in used}
        kwargs |= {key: kept} if kept else {}
    items: list[dict[str, Any]] = []
    while len(items) < count:  # an engine may cut the larger items into more pages
        content = send(session, Request(request.operation, {**kwargs, "Limit": count - len(items)}), name).content
        items += content["Items"]
        if "LastEvaluatedKey" not in content:
            break
        kwargs["ExclusiveStartKey"] = content["LastEvaluatedKey"]
    return items


def _index(session: Session, kwargs: Mapping[str, Any]) -> Index | None:
    return session.model.index(kwargs["TableName"], kwargs["IndexName"]) if "IndexName" in kwargs else None


def _fetches(index: Index, session: Session, kwargs: Mapping[str, Any]) -> bool:
    """Return whether a local index must fetch whole items, since the projection names what it does not hold."""
    if index.kind != "local" or index.projection == "ALL" or "ProjectionExpression" not in kwargs:
        return False
    names = kwargs.get("ExpressionAttributeNames", {})
    wanted = {re.split(r"[.\[]", path.strip())[0] for path in kwargs["ProjectionExpression"].split(",")}
    held = {*session.model.table(kwargs["TableName"]).keys.names, *index.keys.names, *index.include}
    return not {names.get(each, each) for each in wanted} <= held
