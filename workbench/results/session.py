"""A session: everything that running a plan needs, passed in, so that nothing here is global."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.model import Model
    from workbench.plans import Clock

__all__ = ["Session"]


@dataclass(frozen=True)
class Session:
    """A model, a low-level boto3 client for one store, the relational database beside it, the engine and the clock.

    ``database`` answers ``.query(sql, params)``; it is None for a model without one. Of ``engine``, ``name``,
    ``is_near`` and ``explain_failure()`` are used.
    """

    model: Model
    client: Any
    database: Any
    engine: Any
    clock: Clock
