"""Scans, asked for by name: everything that a table or an index holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench import plans
from workbench.errors import UsageError
from workbench.results.execution import DEFAULT_MAX_PAGES, run, run_segments

if TYPE_CHECKING:
    from workbench.results.result import Result
    from workbench.results.segments import Pace
    from workbench.results.session import Session

__all__ = ["scan"]


def scan(
    session: Session,
    table: str,
    *,
    index: str | None = None,
    segments: int | None = None,
    max_pages: int = DEFAULT_MAX_PAGES,
    pace: Pace | None = None,
    **options: Any,
) -> Result:
    """Return what a table or index holds, up to ``max_pages`` pages of 1 MB; the whole of it is read and paid.

    ``segments`` are read side by side and stand one after another in the result; ``pace`` keeps them under a ceiling.
    ``options`` are those of ``plans.scan``: filter, arguments, projection, limit, consistent, cursor.
    """
    plan = plans.scan(session.model, table, index, **options)
    if segments is None and pace is None:
        return run(session, plan, pages=max_pages)
    if plan.unresolved:
        raise UsageError(f"{plan.pattern.name}: a scan in segments asks no lookups")
    return run_segments(session, plan, 1 if segments is None else segments, pages=max_pages, pace=pace)
