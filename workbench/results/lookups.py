"""Lookups: the SQL that turns a handle into a key, asked before the request is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import DatabaseError

if TYPE_CHECKING:
    from workbench.plans import Plan
    from workbench.results.session import Session

__all__ = ["resolved"]


def resolved(session: Session, plan: Plan) -> Plan:
    """Return the plan with the rows of its lookups, read from the session's database; the plan itself if it needs none.

    Raises LookupFailedError where a lookup of one row gives none (with the model's own sentence) or several, and
    DatabaseError where there is no database to ask.
    """
    if plan.ready:
        return plan
    names = ", ".join(lookup.name for lookup in plan.unresolved)
    if session.database is None:
        raise DatabaseError(
            f"{plan.pattern.name}: the lookup {names} asks SQL, and this session has no database; "
            f"add `database:` to {plan.model.path.name}"
        )
    parameters = {name: plan.arguments.get(name) for name in plan.pattern.parameters}
    rows = {
        name: session.database.query(lookup.source.sql, parameters) for name, lookup in plan.pattern.lookups.items()
    }
    return plan.resolve(rows)
