"""One segment of a Scan, page after page: under a ceiling, patient with throttles, its items not parsed yet."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from workbench.bulk.expected import Expected
from workbench.bulk.failures import boto_errors, explained, is_server_error, is_throttle
from workbench.bulk.patience import Patience, Tries
from workbench.bulk.rates import Ceiling
from workbench.frames import wire_of_json
from workbench.items import reported_units
from workbench.plans import Request
from workbench.results.backoff import Backoff
from workbench.results.raw import Body, Items, raw_call
from workbench.results.segments import of_segment

__all__ = ["LIMIT_SECONDS", "ScannedPage", "Scanner"]

LIMIT_SECONDS = 300.0
GO_ON = "What was read until then is kept; run it again with the same folder to go on."
Key = Mapping[str, Any]


@dataclass(frozen=True)
class ScannedPage:
    """A page as it came. ``after`` is its LastEvaluatedKey in DynamoDB JSON, None at the end of the segment."""

    items: Items
    count: int
    scanned: int
    units: Decimal
    after: Key | None

    @property
    def size(self) -> int:
        """Bytes of the items' JSON."""
        return len(self.items) if isinstance(self.items, bytes) else sum(map(len, map(str, self.items)))


@dataclass
class Scanner:
    """Asks for the pages of any segment, for several threads: one ceiling and one patience for all of them."""

    client: Any
    request: Request
    segments: int
    expected: Expected
    ceiling: Ceiling | None = None
    backoff: Backoff = field(default_factory=Backoff)
    limit_seconds: float = LIMIT_SECONDS
    told: str = GO_ON

    def __post_init__(self) -> None:
        self._patience = Patience(self.backoff, self.limit_seconds, threading.Event())

    def pages(self, segment: int, after: Key | None, stop: threading.Event) -> Iterator[ScannedPage]:
        """Yield the pages of a segment from behind a key, until its end or until ``stop`` is set.

        Raises TableError, RequestError or EngineError; the first of them for a throttle that does not end.
        """
        request = of_segment(self.request, segment, self.segments)
        price = float(self.expected.first_page(self.segments))
        while not stop.is_set():
            if after is not None:
                key = {name: wire_of_json(av) for name, av in after.items()}
                request = replace(request, kwargs={**request.kwargs, "ExclusiveStartKey": key})
            if self.ceiling is not None:
                self.ceiling.take(price, stop.wait)
                if stop.is_set():
                    return
            facts, items = self._ask(request, stop)
            units = reported_units(facts.get("ConsumedCapacity"), writes=False)
            if self.ceiling is not None and units is not None:
                self.ceiling.settle(price, float(units.total))
                price = float(units.total)
            after = facts.get("LastEvaluatedKey") or None
            spent = units.total if units is not None else Decimal(0)
            yield ScannedPage(items, facts["Count"], facts["ScannedCount"], spent, after)
            if after is None:
                return

    def _ask(self, request: Request, stop: threading.Event) -> tuple[dict[str, Any], Items]:
        tries = Tries(self._patience)
        while True:
            try:
                body: Body = raw_call(self.client, request)
            except boto_errors() as error:
                passes = (is_throttle(error) or is_server_error(error)) and not stop.is_set()
                if passes and tries.wait(progress=False, sleep=self._sleep(stop)):
                    continue
                raise explained(error, "Scan", str(request.kwargs["TableName"]), self.told) from error
            self._patience.progress += 1
            return body.facts, body.items[None]

    def _sleep(self, stop: threading.Event) -> Any:
        return stop.wait if self.backoff.sleep is Backoff.sleep else self.backoff.sleep
