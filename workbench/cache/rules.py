"""Which patterns are cached, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import UsageError

if TYPE_CHECKING:
    from workbench.model import Model

__all__ = ["VERSION_SECONDS", "Cached", "check_rule"]

VERSION_SECONDS = 7 * 24 * 3600.0  # of a collection's version; no answer is kept longer


@dataclass(frozen=True)
class Cached:
    """How long a pattern's answers are kept, in seconds.

    ``empty`` is for an answer without items (``ttl`` unless given), ``missing`` for a lookup that found nobody, which
    is kept only where it is given: no stream record says that somebody signed up. ``consistent`` fills the cache with
    strongly consistent reads, at twice the price: an eventually consistent one may still see what was there before the
    write whose record has just come.
    """

    pattern: str
    ttl: float
    empty: float | None = None
    missing: float | None = None
    consistent: bool = False


def check_rule(model: Model, rule: Cached) -> None:
    """Raise UnknownNameError or UsageError for a pattern that cannot be cached, or seconds that cannot be meant."""
    pattern = model.pattern(rule.pattern)
    if pattern.writes or pattern.operation == "Scan":
        raise UsageError(f"{pattern.name}: a {pattern.operation} is not kept in a cache; only reads by key are")
    if pattern.consistent:
        raise UsageError(f"{pattern.name} is strongly consistent, which an answer from a cache is not; leave it out")
    if rule.consistent and pattern.index and model.index(pattern.table, pattern.index).kind == "global":
        raise UsageError(f"{pattern.name}: a global index has no consistent reads; leave out consistent=True")
    for name in ("ttl", "empty", "missing"):
        value = getattr(rule, name)
        if value is not None and not 0 < value <= VERSION_SECONDS:
            raise UsageError(f"{pattern.name}: {name} is {value:g} s; give more than 0, {VERSION_SECONDS:g} at most")
