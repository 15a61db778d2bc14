"""The requests that write rows: BatchWriteItem, conditional PutItem, TransactWriteItems, and what came of each row."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from workbench.bulk.encoding import attribute_name, parsed, quoted, value_text, wire_form
from workbench.bulk.failures import boto_errors, code_of, is_server_error, is_throttle
from workbench.bulk.rows import Row, key_of_reply
from workbench.bulk.sending import Awaited, Sender
from workbench.errors import EngineError, UsageError
from workbench.items import canonical

__all__ = [
    "BatchWrite", "Condition", "ConditionalPut", "Operation", "Outcome", "Refusal", "TransactionalPut", "added",
    "attempt",
]  # fmt: skip

MOST_BYTES = 16_000_000
_OF_ONE_ROW = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})
_FAILED = "ConditionalCheckFailed"


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
        self._end = b"}}}]}" + _asking(units) + b"}"

    def request(self, rows: Sequence[Row]) -> bytes:
        """Return the request's JSON."""
        parts = (b"}}}," + self._before).join([row.body for row in rows])
        return b"".join((self._start, self._before, parts, self._end))

    def outcome(self, answer: Awaited, sender: Sender, rows: Sequence[Row], *, again: bool) -> Outcome:
        """Where the engine refused the batch, send its halves, down to the rows that it refuses."""
        try:
            found = answer()
        except boto_errors() as error:
            if self._isolate and code_of(error) in _OF_ONE_ROW:
                return self._halves(sender, rows, error)
            return _missed(error, rows, sender)
        left = self._left(found, rows)
        if not left:
            return Outcome(done=list(rows), units=_units(found), requests=1)
        numbers = {row.number for row in left}
        done = [row for row in rows if row.number not in numbers]
        return Outcome(done, left, units=_units(found), requests=1, reason="came back as UnprocessedItems")

    def _halves(self, sender: Sender, rows: Sequence[Row], error: Exception) -> Outcome:
        if len(rows) == 1:
            return Outcome(refused=[_refusal(rows[0], error)], requests=1)
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


@dataclass(frozen=True)
class Condition:
    """A condition expression with its names and its values in Python form."""

    expression: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an empty expression."""
        if not isinstance(self.expression, str) or not self.expression.strip():
            raise UsageError(f"condition={self.expression!r}: give an expression, such as attribute_not_exists(pk)")

    def text(self) -> str:
        """Return the members of a request's JSON that say the condition, with a comma before."""
        text = f',"ConditionExpression":{quoted(self.expression)},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"'
        if self.names:
            text += f',"ExpressionAttributeNames":{json.dumps(dict(self.names))}'
        if self.values:
            pairs = (f"{quoted(attribute_name(name))}:{value_text(each, name)}" for name, each in self.values.items())
            text += f',"ExpressionAttributeValues":{{{",".join(pairs)}}}'
        return text


class ConditionalPut:
    """One PutItem a row, with or without a condition. ``isolate``: a row that is refused leaves the others alone."""

    name = "PutItem"
    units_a_write = 1
    most = 1
    most_bytes = MOST_BYTES

    def __init__(self, table: str, condition: Condition | None, *, isolate: bool = True, units: bool = True) -> None:
        self._of_a_row = _OF_ONE_ROW | {f"{_FAILED}Exception"} if isolate else frozenset()
        self._before = f'{{"TableName":{quoted(table)},"Item":{{'.encode()
        text = condition.text() if condition else ""
        self._after = b"}" + text.encode() + _asking(units) + b"}"
        self._none = Decimal(0) if units else None

    def request(self, rows: Sequence[Row]) -> bytes:
        """Return the request's JSON."""
        return self._before + rows[0].body + self._after

    def outcome(self, answer: Awaited, sender: Sender, rows: Sequence[Row], *, again: bool) -> Outcome:
        """Sent again, a row whose item is there already, to the last attribute, counts as written."""
        row = rows[0]
        try:
            found = answer()
        except boto_errors() as error:
            if code_of(error) == f"{_FAILED}Exception" and _again(again, error) and _is_there(row, _response(error)):
                return Outcome(done=[row], requests=1)
            if code_of(error) in self._of_a_row:
                billed = code_of(error) == f"{_FAILED}Exception"
                return Outcome(refused=[_refusal(row, error)], units=self._none, requests=1, billed=billed)
            return _missed(error, rows, sender)
        return Outcome(done=[row], units=_units(found), requests=1)


class TransactionalPut:
    """Conditional puts, 25 rows a TransactWriteItems: those that are refused are taken out, the others go again."""

    name = "TransactWriteItems"
    units_a_write = 2
    most = 25
    most_bytes = 4_000_000

    def __init__(self, table: str, condition: Condition, *, units: bool = True) -> None:
        self._asking = _asking(units)
        self._none = Decimal(0) if units else None
        self._before = f'{{"Put":{{"TableName":{quoted(table)},"Item":{{'.encode()
        self._after = f"}}{condition.text()}}}}}".encode()
        self._write = uuid.uuid4()

    def request(self, rows: Sequence[Row]) -> bytes:
        """Return the request's JSON. The same rows have the same token: sent again, they are not put twice."""
        actions = b",".join([self._before + row.body + self._after for row in rows])
        token = f',"ClientRequestToken":"{uuid.uuid5(self._write, actions.hex())}"}}'.encode()
        return b'{"TransactItems":[' + actions + b"]" + self._asking + token

    def outcome(self, answer: Awaited, sender: Sender, rows: Sequence[Row], *, again: bool) -> Outcome:
        """All of it or nothing is written; what the engine cancelled it for is said row by row."""
        try:
            found = answer()
        except boto_errors() as error:
            reasons = _response(error).get("CancellationReasons") or []
            if code_of(error) == "TransactionCanceledException" and len(reasons) == len(rows):
                return self._cancelled(rows, reasons, _again(again, error))
            return _missed(error, rows, sender)
        return Outcome(done=list(rows), units=_units(found), requests=1)

    def _cancelled(self, rows: Sequence[Row], reasons: Sequence[Mapping[str, Any]], again: bool) -> Outcome:
        words = "were in a transaction that was cancelled"
        found = Outcome(units=self._none, requests=1, reason=words, billed=True)
        for row, reason in zip(rows, reasons, strict=True):
            code = str(reason.get("Code") or "None")
            if code == _FAILED and again and _is_there(row, reason):
                found.done.append(row)
            elif code in (_FAILED, "ValidationError", "ItemCollectionSizeLimitExceeded"):
                found.refused.append(Refusal(row, code, str(reason.get("Message") or "no reason given")))
            else:
                found.left.append(row)
        return found


def _missed(error: Exception, rows: Sequence[Row], sender: Sender) -> Outcome:
    """Return the outcome of a request that may be sent again, or raise the error of one that may not."""
    from botocore.exceptions import ConnectionError as BotoConnectionError
    from botocore.exceptions import HTTPClientError

    if isinstance(error, BotoConnectionError | HTTPClientError) and not sender.repeats:
        return Outcome(left=list(rows), requests=1, reason=f"had no answer ({error})", cut=error)
    if is_server_error(error):
        return Outcome(left=list(rows), requests=1, reason=f"met an error of the server ({error})", unsure=True)
    if is_throttle(error):
        return Outcome(left=list(rows), requests=1, reason=f"were throttled ({error})")
    raise error


def _refusal(row: Row, error: Exception) -> Refusal:
    return Refusal(row, str(code_of(error)), str(_response(error)["Error"].get("Message") or "no reason given"))


def _response(error: Exception) -> Mapping[str, Any]:
    """Return what the engine answered; a request without an answer has none, and some errors say so by None."""
    return getattr(error, "response", None) or {}


def _again(again: bool, error: Exception) -> bool:
    """Say whether the rows were sent before: by the writer, or by boto3's client in the same call."""
    return again or bool(_response(error).get("ResponseMetadata", {}).get("RetryAttempts"))


def _is_there(row: Row, answer: Mapping[str, Any]) -> bool:
    """Say whether the item that an answer to a failed condition holds is the row's own."""
    there = wire_form(answer.get("Item") or {})
    ours = parsed(b"{" + row.body + b"}")
    return there.keys() == ours.keys() and all(canonical(there[name]) == canonical(ours[name]) for name in ours)


def _asking(units: bool) -> bytes:
    """Return the member of a request's JSON that asks for the units, with a comma before; nothing where not wanted."""
    return b',"ReturnConsumedCapacity":"TOTAL"' if units else b""


def _units(answer: Mapping[str, Any]) -> Decimal | None:
    consumed = answer.get("ConsumedCapacity") or []
    parts = [consumed] if isinstance(consumed, Mapping) else consumed
    said = [Decimal(str(each["CapacityUnits"])) for each in parts if "CapacityUnits" in each]
    return sum(said, Decimal(0)) if said else None


def added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Return the sum of units; None, not known, where one of both is."""
    return None if one is None or other is None else one + other
