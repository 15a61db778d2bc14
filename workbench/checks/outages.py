"""Tells an engine or database that is down, which is no verdict on a model, from SQL that the model has wrong."""

from __future__ import annotations

from workbench.errors import DatabaseError, UnreachableError


def is_outage(error: UnreachableError) -> bool:
    """Return whether nothing could be asked; False where PostgreSQL answered that the statement is wrong."""
    if not isinstance(error, DatabaseError):
        return True
    from psycopg import Error, OperationalError
    from psycopg.errors import QueryCanceled

    cause = error.__cause__
    answered = isinstance(cause, Error) and (
        not isinstance(cause, OperationalError) or isinstance(cause, QueryCanceled)
    )
    return not answered
