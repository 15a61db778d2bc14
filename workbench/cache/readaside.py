"""Read-aside: look into the cache, else ask DynamoDB and keep the answer. Right again after every stream record.

Each item collection has a version in the cache, an unguessable token. An answer is kept with the version that its
collection had *before* it was read, and is good only while that is the version still. A stream record gives the
collection another version. So a slow reader cannot put back an answer that was outdated while it was on its way, an
evicted version makes a miss and never an old answer, and records may come twice or in any order.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from workbench.cache.codec import Entry, decode, encode
from workbench.cache.invalidation import Collection, blind_indexes, collections_of, stale_collections
from workbench.cache.rules import VERSION_SECONDS, Cached, check_rule
from workbench.cache.stats import Stats, Tally
from workbench.errors import ItemError, LookupFailedError, UnknownNameError, UnreachableError, UsageError, did_you_mean
from workbench.items import amount_text, item_to_wire
from workbench.plans import build
from workbench.results import Result, run
from workbench.results.lookups import resolved

if TYPE_CHECKING:
    from workbench.cache.backends import Backend
    from workbench.plans import Plan
    from workbench.results import Session

__all__ = ["ReadAside", "Served"]

LOCK_SECONDS = 5.0
PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class Served:
    """An answer: its items, the cursor of the next page, where it came from, and how old it is in seconds.

    ``units`` were paid for it now, ``saved`` were not; both are read units.
    """

    pattern: str
    items: list[dict[str, Any]]
    cursor: str | None
    source: Literal["cache", "table"]
    age: float = 0.0
    units: Decimal = Decimal(0)
    saved: Decimal = Decimal(0)
    note: str = field(default="", compare=False)

    def __repr__(self) -> str:
        paid = f"{amount_text(self.units)} RCU" if self.source == "table" else f"{amount_text(self.saved)} RCU saved"
        note = f"; {self.note}" if self.note else ""
        many = "" if len(self.items) == 1 else "s"
        return f"{self.pattern}: {len(self.items)} item{many} from the {self.source}, {self.age:g} s old, {paid}{note}"


class ReadAside:
    """A cache in front of some reading patterns of a session. Safe for several threads.

    With ``single_flight`` one reader of a missing answer asks DynamoDB and the others wait for it, those of other
    processes too where ``backend`` is a server. ``now`` is the clock of ages, ``token`` makes versions, and ``sleep``
    waits: all passed in. Raises UnknownNameError or UsageError for a pattern that cannot be cached.
    """

    def __init__(
        self,
        session: Session,
        backend: Backend,
        cached: Sequence[Cached],
        *,
        single_flight: bool = True,
        now: Callable[[], float] = time.time,
        token: Callable[[], str] = lambda: uuid.uuid4().hex,
        sleep: Callable[[float], None] = time.sleep,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        self.session = session
        self.backend = backend
        self.rules = {rule.pattern: rule for rule in cached}
        self._single_flight = single_flight
        self._now, self._token, self._sleep = now, token, sleep
        self._lock_seconds = lock_seconds
        self._tally = Tally()
        for rule in cached:
            check_rule(session.model, rule)

    @property
    def stats(self) -> Stats:
        """What it did so far."""
        return self._tally.stats

    @property
    def remarks(self) -> list[str]:
        """What a reader must not miss: a fallback, and patterns that only their TTL keeps fresh."""
        found = [f"cache {self.backend.title}: {self.backend.fallback_reason}"] if self.backend.fallback_reason else []
        for name in self.rules:
            pattern = self.session.model.pattern(name)
            table = self.session.model.table(pattern.table)
            if table.stream is None or (pattern.index in blind_indexes(table)):
                found.append(f"{name}: the stream of {table.name} does not name all that goes stale; its TTL must")
        return found

    def read(self, pattern: str, *, cursor: str | None = None, **arguments: Any) -> Served:
        """Return one page of a pattern's answer, from the cache where it is there and good, else from DynamoDB.

        Raises LookupFailedError where a lookup finds nobody, be it now or as the cache remembers; ArgumentError, and
        what running a pattern raises. A cache that does not answer is passed by, and the answer's ``note`` says so.
        """
        rule = self._rule(pattern)
        plan = self._plan(rule, arguments, cursor)
        key = _entry_key(plan)
        try:
            found = self._look(key)
            if found is not None:
                return self._from_cache(pattern, found)
            return self._once(rule, plan, key) if self._single_flight else self._fetch(rule, plan, key)
        except UnreachableError as error:
            if not _is_cache(error):
                raise
            return self._past(rule, plan, error)

    def invalidate(self, record: Mapping[str, Any], *, table: str | None = None) -> tuple[Collection, ...]:
        """Make every answer stale that a stream record touches, and return the collections. Twice does no harm.

        ``table`` may be left out where the model has one. Raises UnreachableError where the cache does not answer: the
        record must then be handled again.
        """
        name = table or self._only_table()
        stale = stale_collections(self.session.model.table(name), record)
        for collection in stale:
            self.backend.set(collection.key, self._token().encode(), VERSION_SECONDS)
        return stale

    def forget(self, pattern: str, *, cursor: str | None = None, **arguments: Any) -> bool:
        """Drop one answer, such as "nobody has this handle"; return whether it was there."""
        plan = self._plan(self._rule(pattern), arguments, cursor)
        return self.backend.delete(_entry_key(plan)) == 1

    def _look(self, key: str) -> Entry | None:
        (content,) = self.backend.get(key)
        if content is None:
            return None
        try:
            entry = decode(content)
        except ItemError:  # of another version of the workbench, or of somebody else
            return None
        versions = self.backend.get(*entry.versions) if entry.versions else []
        wanted = [version.encode() for version in entry.versions.values()]
        return entry if versions == wanted else None

    def _from_cache(self, pattern: str, entry: Entry) -> Served:
        saved = Decimal(entry.price)
        negative = entry.error is not None or not entry.items
        self._tally.add(hits=1, negative_hits=int(negative), saved=saved)
        if entry.error is not None:
            raise LookupFailedError(entry.error)
        age = max(0.0, self._now() - entry.stored)
        return Served(pattern, entry.items, entry.cursor, "cache", age, saved=saved)

    def _once(self, rule: Cached, plan: Plan, key: str) -> Served:
        """Let one reader ask and the others wait; who waited as long as a lock lives asks by itself."""
        token = self._token().encode()
        for attempt in range(max(1, int(self._lock_seconds / PAUSE_SECONDS))):
            if self.backend.add(f"lock:{key}", token, self._lock_seconds):
                try:
                    found = self._look(key)
                    return self._fetch(rule, plan, key) if found is None else self._from_cache(rule.pattern, found)
                finally:
                    self.backend.delete_if(f"lock:{key}", token)
            if attempt == 0:
                self._tally.add(waits=1)
            self._sleep(PAUSE_SECONDS)
            found = self._look(key)
            if found is not None:
                return self._from_cache(rule.pattern, found)
        return self._fetch(rule, plan, key)

    def _fetch(self, rule: Cached, plan: Plan, key: str) -> Served:
        stored = self._now()
        try:
            ready = resolved(self.session, plan)
        except LookupFailedError as error:
            self._tally.add(misses=1)
            if rule.missing:
                self.backend.set(key, encode(Entry([], None, stored, "0", {}, str(error))), rule.missing)
            raise
        versions = self._versions(collections_of(ready))
        result = run(self.session, ready)
        ttl = rule.ttl if result.items or rule.empty is None else rule.empty
        price = _price(result)
        self.backend.set(key, encode(Entry(result.items, result.cursor, stored, str(price), versions)), ttl)
        return self._from_table(result)

    def _versions(self, collections: Sequence[Collection]) -> dict[str, str]:
        """Return the versions of collections by their keys, given to those that have none."""
        found = {}
        for key in (each.key for each in collections):
            (version,) = self.backend.get(key)
            if version is None:
                self.backend.add(key, self._token().encode(), VERSION_SECONDS)
                (version,) = self.backend.get(key)
            found[key] = (version or b"lost").decode()  # a version that is gone again: the answer will not be found
        return found

    def _past(self, rule: Cached, plan: Plan, error: UnreachableError) -> Served:
        self._tally.add(failures=1)
        return replace(self._from_table(run(self.session, plan)), note=f"read past the cache: {error}")

    def _from_table(self, result: Result) -> Served:
        price = _price(result)
        self._tally.add(misses=1, requests=result.receipt.requests, units=price)
        return Served(result.plan.pattern.name, result.items, result.cursor, "table", units=price)

    def _plan(self, rule: Cached, arguments: Mapping[str, Any], cursor: str | None) -> Plan:
        pattern = self.session.model.pattern(rule.pattern)
        chosen = replace(pattern, consistent=True) if rule.consistent else pattern
        return build(self.session.model, chosen, arguments, clock=self.session.clock, cursor=cursor)

    def _rule(self, pattern: str) -> Cached:
        if pattern not in self.rules:
            known = did_you_mean(pattern, list(self.rules))
            raise UnknownNameError(f"{pattern!r} is not cached here. {known}")
        return self.rules[pattern]

    def _only_table(self) -> str:
        table = self.session.model.main_table
        if table is None:
            raise UsageError(f"name the record's table: {', '.join(self.session.model.tables)}")
        return table.name


def _entry_key(plan: Plan) -> str:
    """The pattern and its canonical arguments, as text that says which they are."""
    arguments = item_to_wire(plan.arguments)
    text = json.dumps([arguments, plan.cursor], default=lambda raw: bytes(raw).hex(), ensure_ascii=False)
    return f"answer:{plan.model.name}:{plan.pattern.name}:{text}"


def _price(result: Result) -> Decimal:
    units = result.receipt.computed or result.receipt.reported
    return units.read if units is not None else Decimal(0)


def _is_cache(error: UnreachableError) -> bool:
    """Whether it was the cache that did not answer, and not DynamoDB or PostgreSQL."""
    return type(error) is UnreachableError
