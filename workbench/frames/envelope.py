"""Response bodies, split: the items as the bytes they came in, and everything else of the response as plain data.

The items are the greater part of a page, and the only part worth a fast parser. Cutting them out needs no parse of
them: the rest of the body, with the array replaced by a zero, is valid JSON only if the cut was made at the array's
own brackets. A bracket inside of an item leaves braces over, one inside of a text leaves a quotation mark over. Only a
second array behind the first would not be noticed, so where one may be, the whole body is parsed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from workbench.errors import EngineError

__all__ = ["Envelope", "split"]

_START = re.compile(rb'"(Items|Responses)"\s*:\s*(?:\{\s*"(?P<table>[A-Za-z0-9_.:/-]+)"\s*:\s*)?\[')
_SECOND_ARRAY = re.compile(rb'\]\s*,\s*"[^"]*"\s*:\s*\[')  # in an item, a bracket is followed by a brace
_CANDIDATES = 8
_NOTHING = b"[]"


@dataclass(frozen=True)
class Envelope:
    """A response without its items (``facts``), and the items by table as JSON arrays; the one of no name is None."""

    facts: dict[str, Any]
    items: dict[str | None, bytes]


def split(body: bytes) -> Envelope:
    """Return a body of Query, Scan, ExecuteStatement (``Items``) or BatchGetItem (``Responses``) in two parts.

    Raises EngineError where the body is no JSON object.
    """
    start = _START.search(body)
    if start is not None:
        facts, end = _without_items(body, start)
        if facts is not None and not _SECOND_ARRAY.search(body, start.end(), end):
            table = start["table"].decode() if start["table"] is not None else None
            return Envelope(facts, {table: body[start.end() - 1 : end]})
    return _parsed(body)


def _without_items(body: bytes, start: re.Match[bytes]) -> tuple[dict[str, Any] | None, int]:
    head, end = body[: start.end() - 1] + b"0", len(body)
    for _ in range(_CANDIDATES):
        end = body.rfind(b"]", start.end() - 1, end)
        if end < 0:
            break
        try:
            facts = json.loads(head + body[end + 1 :])
        except ValueError:
            continue
        name = start[1].decode()
        if isinstance(facts, dict) and _is_cut(facts.pop(name, None), start["table"]):
            return facts, end + 1
    return None, 0


def _is_cut(place: Any, table: bytes | None) -> bool:
    """Return whether the zero stands where the items were, and no other table's items are beside them."""
    return bool(place == 0 if table is None else place == {table.decode(): 0})


def _parsed(body: bytes) -> Envelope:
    """Return a body that cannot be cut: several tables, no items at all, or white space where none is expected."""
    try:
        facts = json.loads(body)
    except ValueError as error:
        raise EngineError(f"the response is no JSON ({error}); is this the endpoint of a DynamoDB?") from error
    if not isinstance(facts, dict):
        raise EngineError(f"the response is a JSON {type(facts).__name__}, not an object; is this a DynamoDB?")
    found: dict[str | None, bytes] = {}
    if "Items" in facts:
        found[None] = _text(facts.pop("Items"))
    responses = facts.pop("Responses", {})
    found |= {table: _text(items) for table, items in responses.items()}
    return Envelope(facts, found or {None: _NOTHING})


def _text(items: list[Any]) -> bytes:
    return json.dumps(items, separators=(",", ":")).encode()
