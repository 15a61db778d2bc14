"""The requests that write rows, what came of each row, and the one without conditions: BatchWriteItem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from workbench.bulk.encoding import quoted
from workbench.bulk.failures import boto_errors, code_of, is_server_error, is_throttle, is_unanswered
from workbench.bulk.rows import Row, key_of_reply
from workbench.bulk.sending import Awaited, Sender
from workbench.errors import EngineError

__all__ = [
    "MOST_BYTES", "OF_ONE_ROW", "BatchWrite", "Operation", "Outcome", "Refusal", "added", "asking", "attempt", "missed",
    "refusal", "response", "units_of",
]  # fmt: skip

MOST_BYTES = 16_000_000
OF_ONE_ROW = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})


@dataclass(frozen=True)
class Refusal:
    """A row that the engine refused: AWS's code and words."""

    row: Row
    code: str
    reason: str


@dataclass
class Outcome:
    """What one attempt came to: rows written, rows to be sent again and why, rows refused, units consumed.

    ``units`` are None where an answer did not say them.
    ``cut`` is the error where no answer came, ``unsure`` says that the server failed: the rows in ``left`` may be
    written or not. ``whole`` is the refusal of a request of several rows that were then all refused for one reason: it
    may be no matter of rows. ``error`` is what ended the attempt after a part of it. ``billed``: for a failed condition
    or a cancelled transaction DynamoDB takes units as for a write, and its answer does not say so.
    """

    done: list[Row] = field(default_factory=list)
    left: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    units: Decimal | None = Decimal(0)
    requests: int = 0
    reason: str = ""
    cut: Exception | None = None
    unsure: bool = False
    whole: Exception | None = None
    error: Exception | None = None
    billed: bool = False

    @property
    def may_cost(self) -> bool:
        """Say whether units may have been taken that no answer named."""
        return bool(self.done) or self.cut is not None or self.unsure or self.billed

    def __iadd__(self, other: Outcome) -> Outcome:
        self.done += other.done
        self.left += other.left
        self.refused += other.refused
        self.units = added(self.units, other.units)
        self.requests += other.requests
        self.reason = other.reason or self.reason
        self.cut = other.cut or self.cut
        self.unsure = other.unsure or self.unsure
        self.error = other.error or self.error
        self.billed = self.billed or other.billed
        return self


class Operation(Protocol):
    """A way of writing: ``name`` is the API's, ``most`` rows and ``most_bytes`` go into one request.

    ``units_a_write`` are the write units of 1 KB.
    """

    name: str
    units_a_write: int
    most: int
    most_bytes: int

    def request(self, rows: Sequence[Row]) -> bytes:
        """Return the JSON of one request for rows."""

    def outcome(self, answer: Awaited, sender: Sender, rows: Sequence[Row], *, again: bool) -> Outcome:
        """Wait for the answer to a request for rows and return what came of each; ``again``: of a second attempt.

        An earlier attempt may have written them then. Raises boto3's error of a refusal.
        """


def attempt(operation: Operation, sender: Sender, rows: Sequence[Row], *, again: bool) -> Outcome:
    """Send rows once, wait, and return what came of them; see ``Operation.outcome``."""
    return operation.outcome(sender.begin(operation.name, operation.request(rows)), sender, rows, again=again)


class BatchWrite:
    """Puts, or deletes, of 25 rows a request. ``isolate``: a refused batch is halved until the row is found."""

    name = "BatchWriteItem"
    units_a_write = 1
    most = 25
    most_bytes = MOST_BYTES

    def __init__(
        self, table: str, keys: tuple[str, ...], *, delete: bool = False, isolate: bool = True, units: bool = True
    ) -> None:
        self._keys = keys
        self._table = table
        self._isolate = isolate
        self._kind, self._part = ("DeleteRequest", "Key") if delete else ("PutRequest", "Item")
        self._before = f'{{"{self._kind}":{{"{self._part}":{{'.encode()
        self._start = f'{{"RequestItems":{{{quoted(table)}:['.encode()
        self._end = b"}}}]}" + asking(units) + b"}"

    def request(self, rows: Sequence[Row]) -> bytes:
        """Return the request's JSON."""
        parts = (b"}}}," + self._before).join([row.body for row in rows])
        return b"".join((self._start, self._before, parts, self._end))

    def outcome(self, answer: Awaited, sender: Sender, rows: Sequence[Row], *, again: bool) -> Outcome:
        """Where the engine refused the batch, send its halves, down to the rows that it refuses."""
        try:
            found = answer()
        except boto_errors() as error:
            if self._isolate and code_of(error) in OF_ONE_ROW:
                return self._halves(sender, rows, error)
            return missed(error, rows, sender)
        left = self._left(found, rows)
        if not left:
            return Outcome(done=list(rows), units=units_of(found), requests=1)
        numbers = {row.number for row in left}
        done = [row for row in rows if row.number not in numbers]
        return Outcome(done, left, units=units_of(found), requests=1, reason="came back as UnprocessedItems")

    def _halves(self, sender: Sender, rows: Sequence[Row], error: Exception) -> Outcome:
        if len(rows) == 1:
            return Outcome(refused=[refusal(rows[0], error)], requests=1)
        found = Outcome(requests=1)
        for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            found += self._half(sender, half) if found.error is None else Outcome(left=list(half))
        if len(found.refused) == len(rows) and len({each.reason for each in found.refused}) == 1:
            found.whole = error  # of this request alone: that of a half says nothing
        return found

    def _half(self, sender: Sender, rows: Sequence[Row]) -> Outcome:
        try:
            return attempt(self, sender, rows, again=False)
        except Exception as error:  # noqa: BLE001 (it is raised in the caller's thread, what was written is counted)
            return Outcome(left=list(rows), requests=1, error=error)

    def _left(self, answer: dict[str, Any], rows: Sequence[Row]) -> list[Row]:
        found = answer.get("UnprocessedItems") or {}
        if not found:
            return []
        by_key = {row.key: row for row in rows}
        left = []
        for table, requests in found.items():
            for request in requests:
                part = request.get(self._kind, {}).get(self._part, {})
                row = by_key.get(key_of_reply(part, self._keys)) if all(name in part for name in self._keys) else None
                if table != self._table or row is None:
                    raise EngineError(
                        f"{self._table}: the engine left items of {table} unprocessed, which were not sent"
                    )
                left.append(row)
        return left


def missed(error: Exception, rows: Sequence[Row], sender: Sender) -> Outcome:
    """Return the outcome of a request that may be sent again, or raise the error of one that may not."""
    if is_unanswered(error) and not sender.repeats:
        return Outcome(left=list(rows), requests=1, reason=f"had no answer ({error})", cut=error)
    if is_server_error(error):
        return Outcome(left=list(rows), requests=1, reason=f"met an error of the server ({error})", unsure=True)
    if is_throttle(error):
        return Outcome(left=list(rows), requests=1, reason=f"were throttled ({error})")
    raise error


def refusal(row: Row, error: Exception) -> Refusal:
    """Return the refusal of a row, in the engine's words."""
    return Refusal(row, str(code_of(error)), str(response(error)["Error"].get("Message") or "no reason given"))


def response(error: Exception) -> Mapping[str, Any]:
    """Return what the engine answered; a request without an answer has none, and some errors say so by None."""
    return getattr(error, "response", None) or {}


def asking(units: bool) -> bytes:
    """Return the member of a request's JSON that asks for the units, with a comma before; nothing where not wanted."""
    return b',"ReturnConsumedCapacity":"TOTAL"' if units else b""


def units_of(answer: Mapping[str, Any]) -> Decimal | None:
    """Return the write units that an answer names; None where it names none."""
    consumed = answer.get("ConsumedCapacity") or []
    parts = [consumed] if isinstance(consumed, Mapping) else consumed
    said = [Decimal(str(each["CapacityUnits"])) for each in parts if "CapacityUnits" in each]
    return sum(said, Decimal(0)) if said else None


def added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Return the sum of units; None, not known, where one of both is."""
    return None if one is None or other is None else one + other
