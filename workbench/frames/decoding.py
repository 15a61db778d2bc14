"""Items as JSON text into columns, a page at a time: one Arrow array for each type tag of each attribute.

A small page is parsed by Python and stays in lists: see ``page``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.errors import EngineError
from workbench.frames.discovery import Discovery, parse
from workbench.frames.documents import json_of_wire
from workbench.frames.page import Chunk, Page
from workbench.frames.parsed import DOCUMENTS, checked, loaded, page_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Decoder"]

SMALL = 64_000  # bytes; below, Python is done before the fast parser has begun


class Decoder:
    """Decodes pages of one table; what it learns from one page makes the next ones fast. Safe in several threads."""

    def __init__(self) -> None:
        self._known = Discovery()

    def decode(self, items: bytes | list[dict[str, Any]]) -> Page:
        """Return a page's items in columns: a JSON array in DynamoDB JSON, or a list of items in boto3's form.

        Raises EngineError where it is neither.
        """
        import pyarrow as pa

        if isinstance(items, list):
            return page_of([{name: json_of_wire(av) for name, av in item.items()} for item in items]).packed()
        if len(items) < SMALL:
            return checked(page_of(loaded(items)))
        if self._known.items is None:
            self._known.glance(items)
        try:
            if self._known.by_hand:
                return self._partly(items)
            array = self._array(items)
        except pa.ArrowInvalid:  # what the fast parser cannot hold, Python can
            page = page_of(loaded(items)).packed()
            return replace(page, by_hand=frozenset(page.chunks))
        if array is None:
            return self._partly(items)
        return Page(len(array), _chunks(array))

    def _array(self, items: bytes) -> pa.Array | None:
        """Return the items as structs; None when some attribute turned out to be for Python."""
        import pyarrow as pa

        known = self._known.items
        if known is not None:
            try:
                return parse(items, known)
            except pa.ArrowInvalid:
                pass
        self._known.learn(items)
        return None if self._known.by_hand else parse(items, self._known.items)

    def _partly(self, items: bytes) -> Page:
        """Decode a page some of whose attributes are taken apart by Python, the others fast."""
        import pyarrow as pa

        rows = loaded(items)
        hands = self._known.by_hand
        others = [{name: av for name, av in row.items() if name not in hands} for row in rows]
        text = json.dumps(others, separators=(",", ":")).encode()
        known, array = self._known.items, None
        if known is not None and known.num_fields:
            try:
                array = parse(text, known)
            except pa.ArrowInvalid:
                array = None
        if array is None:
            self._known.learn(text)
            if self._known.by_hand != hands:
                return self._partly(items)
            array = parse(text, self._known.items)
        by_hand = page_of([{name: av for name, av in row.items() if name in hands} for row in rows]).packed().chunks
        return Page(len(rows), {**_chunks(array), **by_hand}, frozenset(by_hand))


def _chunks(array: pa.Array) -> dict[str, Chunk]:
    chunks = {}
    for at, attribute in enumerate(array.type):
        tags = array.field(at)
        if tags.null_count == len(tags):
            continue
        plain: dict[str, pa.Array] = {}
        documents: dict[str, Any] = {}
        for inner, tag in enumerate(tags.type):
            values = tags.field(inner)
            if values.null_count < len(values):
                (documents if tag.name in DOCUMENTS else plain)[tag.name] = values
        tagged = sum(len(values) - values.null_count for values in (*plain.values(), *documents.values()))
        if tagged != len(tags) - tags.null_count:
            raise EngineError(f"{attribute.name} of a response: a value of it is no attribute value of DynamoDB")
        chunks[attribute.name] = Chunk(plain, documents)
    return chunks
