"""What a page of a Query or Scan evaluated: the items before filter and projection, which is what it costs.

Where the response does not show them, a near engine (``is_near``) is asked again without filter and projection: a
shadow read, which costs nothing there and is no part of the receipt. Elsewhere the size is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.items import Units, item_size, lsi_fetch_units, query_units
from workbench.plans import Request
from workbench.results.sending import send

if TYPE_CHECKING:
    from workbench.model import Index
    from workbench.results.session import Session

__all__ = ["UNKNOWN_READ", "Measured", "index_of", "measuring", "read_again"]

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


def measuring(session: Session, request: Request, count: int, name: str) -> Callable[[int], Measured]:
    """Return what tells, once the bytes of the items that came back are known, what a page of ``count`` items read.

    What must be read again for it is read here, so that it stands right behind the page.
    """
    kwargs = request.kwargs
    consistent, index = bool(kwargs.get("ConsistentRead")), index_of(session, kwargs)
    hidden = any(word in kwargs for word in _HIDING)
    if hidden and not session.engine.is_near:
        return lambda returned: Measured(None, None)
    evaluated = sum(item_size(item) for item in read_again(session, request, count, name)) if hidden else None
    if index is not None and _fetches(index, session, kwargs):
        whole = [item_size(item) for item in read_again(session, request, count, name, {"Select": "ALL_ATTRIBUTES"})]
        return partial(_fetched, evaluated, whole, index.name, consistent)
    return partial(_evaluated, evaluated, kwargs.get("IndexName"), consistent)


def _evaluated(evaluated: int | None, index: str | None, consistent: bool, returned: int) -> Measured:
    size = returned if evaluated is None else evaluated
    return Measured(size, query_units([[size]], consistent=consistent, index=index))


def _fetched(evaluated: int | None, whole: list[int], index: str, consistent: bool, returned: int) -> Measured:
    size = returned if evaluated is None else evaluated
    units = lsi_fetch_units([[size]], whole, index=index, consistent=consistent)
    return Measured(size + sum(whole), units)


def read_again(
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


def index_of(session: Session, kwargs: Mapping[str, Any]) -> Index | None:
    """Return the index that a request names, None for one of the table itself."""
    return session.model.index(kwargs["TableName"], kwargs["IndexName"]) if "IndexName" in kwargs else None


def _fetches(index: Index, session: Session, kwargs: Mapping[str, Any]) -> bool:
    """Return whether a local index must fetch whole items, since the projection names what it does not hold."""
    if index.kind != "local" or index.projection == "ALL" or "ProjectionExpression" not in kwargs:
        return False
    names = kwargs.get("ExpressionAttributeNames", {})
    wanted = {re.split(r"[.\[]", path.strip())[0] for path in kwargs["ProjectionExpression"].split(",")}
    held = {*session.model.table(kwargs["TableName"]).keys.names, *index.keys.names, *index.include}
    return not {names.get(each, each) for each in wanted} <= held
