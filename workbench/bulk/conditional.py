"""Puts under a condition, one a PutItem or 25 a TransactWriteItems, and what came of each row."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from workbench.bulk.encoding import attribute_name, parsed, quoted, value_text, wire_form
from workbench.bulk.failures import boto_errors, code_of
from workbench.bulk.operations import (
    MOST_BYTES,
    OF_ONE_ROW,
    Outcome,
    Refusal,
    asking,
    missed,
    refusal,
    response,
    units_of,
)
from workbench.bulk.rows import Row
from workbench.bulk.sending import Awaited, Sender
from workbench.errors import UsageError
from workbench.items import canonical

__all__ = ["Condition", "ConditionalPut", "TransactionalPut"]

_FAILED = "ConditionalCheckFailed"


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
        self._of_a_row = OF_ONE_ROW | {f"{_FAILED}Exception"} if isolate else frozenset()
        self._before = f'{{"TableName":{quoted(table)},"Item":{{'.encode()
        text = condition.text() if condition else ""
        self._after = b"}" + text.encode() + asking(units) + b"}"
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
            if code_of(error) == f"{_FAILED}Exception" and _again(again, error) and _is_there(row, response(error)):
                return Outcome(done=[row], requests=1)
            if code_of(error) in self._of_a_row:
                billed = code_of(error) == f"{_FAILED}Exception"
                whole = error if _is_of_every_row(error) else None
                return Outcome(refused=[refusal(row, error)], units=self._none, requests=1, billed=billed, whole=whole)
            return missed(error, rows, sender)
        return Outcome(done=[row], units=units_of(found), requests=1)


class TransactionalPut:
    """Conditional puts, 25 rows a TransactWriteItems: those that are refused are taken out, the others go again."""

    name = "TransactWriteItems"
    units_a_write = 2
    most = 25
    most_bytes = 4_000_000

    def __init__(self, table: str, condition: Condition, *, units: bool = True) -> None:
        self._asking = asking(units)
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
            reasons = response(error).get("CancellationReasons") or []
            if code_of(error) == "TransactionCanceledException" and len(reasons) == len(rows):
                return self._cancelled(rows, reasons, _again(again, error))
            return missed(error, rows, sender)
        return Outcome(done=list(rows), units=units_of(found), requests=1)

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


def _is_of_every_row(error: Exception) -> bool:
    """Say whether the condition itself is refused, whatever the item: it is read before the item is looked at."""
    message = str(response(error).get("Error", {}).get("Message") or "")
    return "ConditionExpression" in message or "ExpressionAttribute" in message


def _again(again: bool, error: Exception) -> bool:
    """Say whether the rows were sent before: by the writer, or by boto3's client in the same call."""
    return again or bool(response(error).get("ResponseMetadata", {}).get("RetryAttempts"))


def _is_there(row: Row, answer: Mapping[str, Any]) -> bool:
    """Say whether the item that an answer to a failed condition holds is the row's own."""
    there = wire_form(answer.get("Item") or {})
    ours = parsed(b"{" + row.body + b"}")
    return there.keys() == ours.keys() and all(canonical(there[name]) == canonical(ours[name]) for name in ours)
