"""Tells an engine or database that is down, which is no verdict on a model, from SQL that the model has wrong."""

from __future__ import annotations

from workbench.errors import StatementError, UnreachableError


def is_outage(error: UnreachableError) -> bool:
    """Return whether nothing could be asked; False where PostgreSQL answered that the statement is wrong."""
    return not isinstance(error, StatementError)
