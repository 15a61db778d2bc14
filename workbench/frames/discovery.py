"""The shape of pages: an Arrow type for each attribute, learnt from the pages themselves.

pyarrow's JSON parser is fast, but left to itself it takes a text such as 2026-03-01 for a point in time. So a page is
parsed with the types said beforehand, in which every leaf is text or true/false; what is not in them yet is an error
of the parser, upon which the page is looked at, the types are widened, and it is parsed again. Before the first page is
parsed, its first items tell the types, so that a page whose items are alike is parsed once.

A document whose maps have ever new names would make ever more columns. Attributes with such documents are named
``by_hand`` and left to Python.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TAGS", "Discovery", "parse"]

TAGS = frozenset(("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"))
MOST_LEAVES = 256  # of one attribute; beyond, columns are wider than they are long
GLANCED_BYTES = 200_000  # of a first page
GLANCED_ITEMS = 100
_BLOCK = 1 << 30  # a page is one line, and a line must fit into one block


class Discovery:
    """What is known so far of the attributes of some pages. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: pa.DataType | None = None
        self.by_hand: frozenset[str] = frozenset()

    @property
    def items(self) -> pa.DataType | None:
        """The Arrow type of one item: a struct of attributes, each a struct of type tags; None before any page."""
        return self._items

    def glance(self, items: bytes) -> None:
        """Learn what the first items of a JSON array of items tell; later items may still widen it."""
        import pyarrow as pa

        first, text = _first_items(items)
        self.leave(_heavy_documents(first))
        with suppress(pa.ArrowInvalid):  # whoever parses the whole page finds out as well, and has an answer
            self.learn(text)

    def learn(self, items: bytes) -> None:
        """Widen the types by a JSON array of items; attributes that cannot be held in columns go to ``by_hand``."""
        import pyarrow as pa

        found = _plain(parse(items, None).type)
        if not pa.types.is_struct(found):
            raise pa.ArrowInvalid("no items")
        _check_tags(found)
        with self._lock:
            merged = found if self._items is None else merge(self._items, found)
            heavy = {field.name for field in merged if _leaves(field.type) > MOST_LEAVES}
            self.by_hand |= heavy
            self._items = pa.struct([field for field in merged if field.name not in self.by_hand])

    def leave(self, names: set[str]) -> None:
        """Leave attributes to Python from now on."""
        import pyarrow as pa

        with self._lock:
            self.by_hand |= names
            if self._items is not None:
                self._items = pa.struct([field for field in self._items if field.name not in self.by_hand])


def parse(items: bytes, type_: pa.DataType | None) -> pa.Array:
    """Return a JSON array of items as an Arrow array, one struct an item.

    With ``type_`` anything that does not fit it raises ArrowInvalid; without, the types are guessed.
    """
    import pyarrow as pa
    import pyarrow.json

    schema = None if type_ is None else pa.schema([pa.field("I", pa.list_(type_))])
    line = items.replace(b"\n", b" ") if b"\n" in items else items
    table = pa.json.read_json(
        pa.BufferReader(b'{"I":' + line + b"}"),
        read_options=pa.json.ReadOptions(block_size=min(_BLOCK, len(items) + 64), use_threads=False),
        parse_options=pa.json.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior="infer" if schema is None else "error"
        ),
    )
    return table.column("I").chunk(0).flatten()


def merge(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return the type that holds what either holds; fields keep the order of their first appearance."""
    import pyarrow as pa

    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if pa.types.is_struct(one) and pa.types.is_struct(other):
        fields = {field.name: field.type for field in one}
        for field in other:
            fields[field.name] = merge(fields[field.name], field.type) if field.name in fields else field.type
        return pa.struct(list(fields.items()))
    if pa.types.is_list(one) and pa.types.is_list(other):
        return pa.list_(merge(one.value_type, other.value_type))
    raise pa.ArrowInvalid(f"{one} and {other} under one type tag")


def _heavy_documents(items: Iterable[dict[str, Any]]) -> set[str]:
    """Return the attributes whose documents have too many names for columns."""
    paths: dict[str, set[str]] = {}
    for item in items:
        for name, av in item.items() if isinstance(item, dict) else ():
            if isinstance(av, dict) and ("M" in av or "L" in av):
                paths.setdefault(name, set()).update(_paths(av))
    return {name for name, found in paths.items() if len(found) > MOST_LEAVES // 2}


def _first_items(items: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """Return the first items of a JSON array, and these as a JSON array, without what is cut off or no JSON."""
    text, at, decoder = items[:GLANCED_BYTES].decode(errors="ignore"), 1, json.JSONDecoder()
    first: list[dict[str, Any]] = []
    end = at
    with suppress(ValueError):
        while len(first) < GLANCED_ITEMS:
            item, end = decoder.raw_decode(text, at)
            first.append(item)
            at = end + 1
    return first, f"{text[:end]}]".encode()


def _paths(av: dict[str, Any], path: str = "") -> Iterator[str]:
    for tag, content in av.items():
        if tag == "M":
            for name, inner in content.items():
                yield from _paths(inner, f"{path}.{name}")
        elif tag == "L":
            for inner in content:
                yield from _paths(inner, f"{path}[]")
        else:
            yield f"{path} {tag}"


def _check_tags(type_: pa.DataType) -> None:
    import pyarrow as pa

    for field in type_:
        if not pa.types.is_struct(field.type) or not {tag.name for tag in field.type} <= TAGS:
            raise pa.ArrowInvalid(f"attribute {field.name}: {field.type} has other type tags than DynamoDB's")


def _plain(type_: pa.DataType) -> pa.DataType:
    """Return a guessed type with every leaf that is not true/false, or unknown, as text again."""
    import pyarrow as pa

    if pa.types.is_struct(type_):
        return pa.struct([pa.field(field.name, _plain(field.type)) for field in type_])
    if pa.types.is_list(type_):
        return pa.list_(_plain(type_.value_type))
    return type_ if pa.types.is_boolean(type_) or pa.types.is_null(type_) else pa.string()


def _leaves(type_: pa.DataType) -> int:
    import pyarrow as pa

    if pa.types.is_struct(type_):
        return sum(_leaves(field.type) for field in type_)
    return _leaves(type_.value_type) if pa.types.is_list(type_) else 1
