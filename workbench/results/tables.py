"""Scans, asked for by name: everything that a table or an index holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import plans
from workbench.results.execution import DEFAULT_MAX_PAGES, run

if TYPE_CHECKING:
    from workbench.results.result import Result
    from workbench.results.session import Session

__all__ = ["scan"]


def scan(
    session: Session, table: str, *, index: str | None = None, max_pages: int = DEFAULT_MAX_PAGES, **options: Any
) -> Result:
    """Return what a table or index holds, up to ``max_pages`` pages of 1 MB; the whole of it is read and paid.

    ``options`` are those of ``plans.scan``: filter, arguments, projection, limit, consistent, cursor.
    """
    return run(session, plans.scan(session.model, table, index, **options), pages=max_pages)
