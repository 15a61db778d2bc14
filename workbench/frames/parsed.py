"""Items that Python's JSON parser reads, in columns: small pages, and what the fast parser cannot hold."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Any

from workbench.errors import EngineError
from workbench.frames.discovery import TAGS
from workbench.frames.page import Chunk, Page

__all__ = ["checked", "loaded", "page_of"]

DOCUMENTS = ("L", "M")
SETS = ("SS", "NS", "BS")
_TYPES: dict[str, type] = {"BOOL": bool, "NULL": bool} | dict.fromkeys(SETS, list)  # of the others, str
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # of a surrogate pair, in an escape


def loaded(items: bytes) -> list[dict[str, Any]]:
    """Return the items of a JSON array in DynamoDB JSON. EngineError where it is none, or holds half of a character."""
    try:
        rows = json.loads(items.decode())
        if _HALF.search(items):
            json.dumps(rows, ensure_ascii=False).encode()
    except ValueError as error:
        raise EngineError(f"the items of a response are no JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EngineError("the items of a response are no list of objects; is this a DynamoDB?")
    return rows


def page_of(rows: list[dict[str, Any]]) -> Page:
    """Return items in DynamoDB JSON (binary as base64 text) as a page of lists.

    EngineError for a value that has not one known tag. What a tag holds is left to ``checked``, or to packing.
    """
    columns: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(lambda: [None] * len(rows)))
    try:
        for at, row in enumerate(rows):
            for name, av in row.items():
                ((tag, content),) = av.items()
                columns[name][tag][at] = content
    except (AttributeError, ValueError):  # no object, or not of one member
        raise _wrong(rows) from None
    there = sum(len(rows) - values.count(None) for by_tag in columns.values() for values in by_tag.values())
    if there != sum(map(len, rows)) or not all(by_tag.keys() <= TAGS for by_tag in columns.values()):
        raise _wrong(rows)
    return Page(len(rows), {name: _chunk(dict(by_tag)) for name, by_tag in columns.items()})


def checked(page: Page) -> Page:
    """Return a page of lists; EngineError where a plain value in it is not of its type, as packing would say."""
    for chunk in page.chunks.values():
        for tag, values in chunk.plain.items():
            if wrong := _kinds(values) - {_TYPES.get(tag, str)}:
                raise EngineError(_foreign(tag, wrong))
            if tag in SETS and (wrong := _kinds(chain.from_iterable(filter(None, values))) - {str}):
                raise EngineError(_foreign(tag, wrong))
    return page


def _kinds(values: Iterable[Any]) -> set[type]:
    return set(map(type, values)) - {type(None)}


def _foreign(tag: str, kinds: set[type]) -> str:
    found = ", ".join(sorted(kind.__name__ for kind in kinds))
    return f"a response holds values that DynamoDB does not have: {tag} of {found}"


def _wrong(rows: list[dict[str, Any]]) -> EngineError:
    """Return the error that names the first value that is none: no object of one known tag, or null under its tag."""
    row, av = next((at, av) for at, row in enumerate(rows) for av in row.values() if not _is_value(av))
    return EngineError(f"item {row + 1:,} of a response: {str(av)[:80]} is no attribute value of DynamoDB")


def _is_value(av: Any) -> bool:
    return isinstance(av, dict) and len(av) == 1 and av.keys() <= TAGS and None not in av.values()


def _chunk(by_tag: dict[str, list[Any]]) -> Chunk:
    documents = {tag: by_tag.pop(tag) for tag in DOCUMENTS if tag in by_tag}
    return Chunk(by_tag, documents)
