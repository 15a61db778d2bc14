"""Items as JSON text into columns: one Arrow array for each type tag of each attribute, a page at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workbench.errors import EngineError
from workbench.frames.discovery import TAGS, Discovery, heavy_documents, parse
from workbench.frames.documents import json_of_wire

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Chunk", "Decoder", "Page", "page_of"]

DOCUMENTS = ("L", "M")
SMALL = 64_000  # bytes; below, Python is done before the fast parser has begun


@dataclass(frozen=True)
class Chunk:
    """One attribute of one page: by type tag, an array as long as the page, null where an item has not that type.

    Texts, numbers and base64 of binary are Arrow strings; sets are lists of them. Documents are nested Arrow arrays,
    or Python lists of the JSON values, None where there is none.
    """

    plain: dict[str, pa.Array]
    documents: dict[str, pa.Array | list[Any]] = field(default_factory=dict)

    def slice(self, start: int, length: int) -> Chunk | None:
        """Return the chunk of some rows; None where none of them has the attribute."""
        plain = {tag: values.slice(start, length) for tag, values in self.plain.items()}
        documents = {
            tag: values[start : start + length] if isinstance(values, list) else values.slice(start, length)
            for tag, values in self.documents.items()
        }
        there = {tag: values for tag, values in plain.items() if values.null_count < length}
        held = {tag: values for tag, values in documents.items() if _any(values)}
        return Chunk(there, held) if there or held else None


@dataclass(frozen=True)
class Page:
    """The items of one page in columns, and the attributes that Python had to take apart."""

    rows: int
    chunks: dict[str, Chunk]
    by_hand: frozenset[str] = frozenset()

    def slice(self, start: int, length: int) -> Page:
        """Return some rows as a page."""
        cut = {name: chunk.slice(start, length) for name, chunk in self.chunks.items()}
        chunks = {name: chunk for name, chunk in cut.items() if chunk is not None}
        return Page(length, chunks, self.by_hand & chunks.keys())


def _any(values: pa.Array | list[Any]) -> bool:
    if isinstance(values, list):
        return any(value is not None for value in values)
    return bool(values.null_count < len(values))


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
            return page_of([{name: json_of_wire(av) for name, av in item.items()} for item in items])
        if len(items) < SMALL:
            return page_of(_loaded(items))
        if self._known.items is None:
            self._known.leave(heavy_documents(items))
        try:
            if self._known.by_hand:
                return self._partly(items)
            array = self._array(items)
        except pa.ArrowInvalid:  # what the fast parser cannot hold, Python can
            page = page_of(_loaded(items))
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

        rows = _loaded(items)
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
        names = dict.fromkeys(name for row in rows for name in row if name in hands)
        by_hand = {name: _chunk([row.get(name) for row in rows]) for name in names}
        return Page(len(rows), _chunks(array) | by_hand, frozenset(by_hand))


def page_of(rows: list[dict[str, Any]]) -> Page:
    """Return items in DynamoDB JSON (binary as base64 text) in columns, made by Python."""
    names = dict.fromkeys(name for row in rows for name in row)
    return Page(len(rows), {name: _chunk([row.get(name) for row in rows]) for name in names})


def _loaded(items: bytes) -> list[dict[str, Any]]:
    try:
        rows = json.loads(items)
    except ValueError as error:
        raise EngineError(f"the items of a response are no JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EngineError("the items of a response are no list of objects; is this a DynamoDB?")
    return rows


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


def _tagged(av: Any, row: int) -> tuple[str, Any]:
    try:
        ((tag, content),) = av.items()
        if tag in TAGS:
            return tag, content
    except (AttributeError, ValueError):  # no object, or not of one member
        pass
    raise EngineError(f"item {row + 1:,} of a response: {str(av)[:80]} is no attribute value of DynamoDB")


def _chunk(values: list[dict[str, Any] | None]) -> Chunk:
    """Return one attribute's values, None where an item has it not, by type tag."""
    import pyarrow as pa

    by_tag: dict[str, list[Any]] = {}
    for row, av in enumerate(values):
        if av is not None:
            tag, content = _tagged(av, row)
            if tag not in by_tag:
                by_tag[tag] = [None] * len(values)
            by_tag[tag][row] = content
    try:
        plain = {tag: pa.array(found, type=_type(tag)) for tag, found in by_tag.items() if tag not in DOCUMENTS}
    except (pa.ArrowException, TypeError, UnicodeError) as error:
        raise EngineError(f"a response holds values that DynamoDB does not have: {error}") from error
    return Chunk(plain, {tag: found for tag, found in by_tag.items() if tag in DOCUMENTS})


def _type(tag: str) -> pa.DataType:
    import pyarrow as pa

    if tag in ("BOOL", "NULL"):
        return pa.bool_()
    return pa.list_(pa.string()) if tag in ("SS", "NS", "BS") else pa.string()
