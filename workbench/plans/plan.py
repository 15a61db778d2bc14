"""The plan: the exact requests that a pattern with arguments will send. Nothing here does I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.model import Lookup, Model, Pattern
from workbench.plans.cursors import make_cursor
from workbench.plans.requests import Request
from workbench.plans.steps import Step

if TYPE_CHECKING:
    from workbench.plans.explanation import Explanation

Rows = Mapping[str, list[Mapping[str, Any]]]


@dataclass(frozen=True, repr=False)
class Plan:
    """What one run of a pattern will ask of DynamoDB.

    ``arguments`` are canonical, defaults included. ``requests`` are in the order in which they are sent; there are
    several for an ``each`` over single operations and for large batches, none for an ``each`` over no rows.
    ``unresolved`` are the lookups whose rows are not known: the requests then hold words such as ``<me.user_uuid>``
    and can't be sent. ``key_conditions`` and ``filters`` are in words. ``steps`` are what is done to single items, in
    order; a Query or Scan has none. ``limit`` is the most items that one page evaluates.
    """

    model: Model = field(compare=False)
    pattern: Pattern
    arguments: dict[str, Any]
    requests: tuple[Request, ...]
    unresolved: tuple[Lookup, ...] = ()
    key_conditions: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    limit: int | None = None
    cursor: str | None = None

    @property
    def request(self) -> Request:
        """The only request; UsageError where there are several or none."""
        if len(self.requests) != 1:
            raise UsageError(f"{self.pattern.name}: the plan has {len(self.requests)} requests; use plan.requests")
        return self.requests[0]

    @property
    def ready(self) -> bool:
        """Whether the requests can be sent: every lookup has its rows."""
        return not self.unresolved

    @property
    def open_rows(self) -> tuple[str, ...]:
        """The lookups of many rows that actions go through and whose rows are not known: one step stands for all."""
        waiting = {lookup.name for lookup in self.unresolved}
        return tuple(dict.fromkeys(each.each for each in self.pattern.actions if each.each in waiting and each.each))

    @property
    def pages(self) -> bool:
        """Whether the answer comes in pages: a Query or a Scan."""
        return self.pattern.operation in ("Query", "Scan")

    def resolve(self, rows: Rows) -> Plan:
        """Return the plan with the rows of its lookups, for the same arguments, those made by the clock included."""
        from workbench.plans.building import build

        return build(self.model, self.pattern, self.arguments, rows=rows, cursor=self.cursor, limit=self.limit)

    def cursor_after(self, last_key: Mapping[str, Any] | None) -> str | None:
        """Return the cursor for the page after a LastEvaluatedKey in wire form; None after the last page."""
        return make_cursor(self.pattern, self.arguments, last_key) if last_key else None

    def after(self, last_key: Mapping[str, Any]) -> Plan:
        """Return the plan of the next page, which starts after a LastEvaluatedKey in wire form."""
        if not self.pages:
            raise UsageError(f"{self.pattern.name}: a {self.pattern.operation} has no next page")
        request = self.request
        following = replace(request, kwargs={**request.kwargs, "ExclusiveStartKey": dict(last_key)})
        return replace(self, requests=(following,), cursor=self.cursor_after(last_key))

    def explain(self, *, sizes: Mapping[str, int] | None = None) -> Explanation:
        """Return what the plan does, in words, and what it is likely to cost.

        ``sizes`` gives the average bytes of an item by entity; without it they are guessed from attribute types.
        """
        from workbench.plans.explanation import explain

        return explain(self, sizes=sizes)

    def __repr__(self) -> str:
        from workbench.plans.words import plan_text

        return plan_text(self)
