"""Whether a write's work is done already: asked when its condition fails and an earlier attempt may have made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.items import canonical
from workbench.results.answers import Found
from workbench.results.backoff import Backoff
from workbench.results.gets import images
from workbench.results.touches import touches

if TYPE_CHECKING:
    from workbench.plans import Request
    from workbench.results.session import Session

__all__ = ["settled"]


def settled(session: Session, request: Request, name: str, backoff: Backoff) -> tuple[Found, ...] | None:
    """Return the items that a request writes, as they are now, where its work is done; None where it is not.

    Done is what shows in the table: every item that it puts is there as it puts it, every one that it deletes is
    gone. Updates show nothing by themselves; beside a put that is done they are done too, since a transaction is one
    piece. The items are read strongly consistent, which is billed where the engine bills.
    """
    touched = [touch for touch in touches(request, session.model) if touch.kind != "check"]
    stored = images(session, touched, name, backoff)
    telling = [touch for touch in touched if touch.kind in ("put", "delete")]
    if not telling or not all(_is_done(stored.get(touch.place), touch.item) for touch in telling):
        return None
    return tuple(Found(touch.table, stored[touch.place]) for touch in touched if touch.place in stored)


def _is_done(found: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None) -> bool:
    if found is None or wanted is None:
        return found is None and wanted is None
    return found.keys() == wanted.keys() and all(canonical(found[name]) == canonical(wanted[name]) for name in found)
