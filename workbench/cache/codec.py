"""An answer as bytes and back, without loss: items as DynamoDB JSON, so that numbers and sets stay what they are."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import ItemError
from workbench.items import item_from_wire, item_to_wire

__all__ = ["Entry", "decode", "encode"]


@dataclass(frozen=True)
class Entry:
    """What is kept for one pattern with its arguments.

    ``versions`` are the versions of the item collections that the answer came from, as they were *before* it was
    read: the entry is good for as long as they are the same. ``stored`` is when that was. ``price`` is what the read
    cost in read units, as text. ``error`` is the message of a lookup that found nobody, None for an answer.
    """

    items: list[dict[str, Any]]
    cursor: str | None
    stored: float
    price: str
    versions: dict[str, str]
    error: str | None = None


def encode(entry: Entry) -> bytes:
    """Return the entry as bytes; ItemError where an item holds what DynamoDB cannot."""
    content = {
        "items": [_json_value({"M": item_to_wire(item)})["M"] for item in entry.items],
        "cursor": entry.cursor,
        "stored": entry.stored,
        "price": entry.price,
        "versions": entry.versions,
        "error": entry.error,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def decode(content: bytes) -> Entry:
    """Return the entry that bytes hold; ItemError where they hold none."""
    try:
        found = json.loads(content)
        items = [item_from_wire(_wire_value({"M": item})["M"]) for item in found.pop("items")]
        return Entry(items=items, **found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ItemError(f"these bytes are no cached answer: {error}") from None


def _json_value(value: Mapping[str, Any]) -> dict[str, Any]:
    return _changed(value, lambda raw: base64.b64encode(raw).decode())


def _wire_value(value: Mapping[str, Any]) -> dict[str, Any]:
    return _changed(value, lambda text: base64.b64decode(text, validate=True))


def _changed(value: Mapping[str, Any], binary: Any) -> dict[str, Any]:
    """Return a wire value with the bytes in it changed."""
    tag, content = next(iter(value.items()))
    if tag == "B":
        return {tag: binary(content)}
    if tag == "BS":
        return {tag: [binary(each) for each in content]}
    if tag == "L":
        return {tag: [_changed(each, binary) for each in content]}
    if tag == "M":
        return {tag: {name: _changed(each, binary) for name, each in content.items()}}
    return dict(value)
