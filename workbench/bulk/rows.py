"""Rows: items as JSON bytes, each with its position and its key, checked against the table that is to hold them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from workbench.bulk.encoding import item_texts, parsed, quoted, wire_form, wire_text
from workbench.errors import ItemError
from workbench.items import MAX_ITEM_SIZE, canonical, check_item, check_key, from_wire, to_wire
from workbench.items.limits import MAX_PARTITION_KEY, MAX_SORT_KEY
from workbench.model import Table

__all__ = ["KeyCheck", "Row", "item_rows", "key_of_reply", "key_values", "wire_rows"]

_BYTES_A_CHARACTER = 4  # of UTF-8, at most


class Row(NamedTuple):
    """One item: its position in what was given, counted from 0, its JSON, and the JSON of its key attributes."""

    number: int
    body: bytes
    key: str


@dataclass(frozen=True)
class _Watched:
    """A key attribute of the table or of an index: the start of its text, and the length below which it is legal."""

    name: str
    start: str
    empty: str
    longest: int


class KeyCheck:
    """Whether texts of key attributes are legal, told at a glance; what is not is looked at by ``items``' checks."""

    def __init__(self, table: Table, *, keys_only: bool = False) -> None:
        self.table = table
        self.keys_only = keys_only
        self.names = table.keys.names
        schemas = [table.keys] if keys_only else [table.keys, *(index.keys for index in table.indexes.values())]
        self.watched: dict[str, _Watched] = {}
        for schema in schemas:
            for limit, attributes in ((MAX_PARTITION_KEY, schema.partition), (MAX_SORT_KEY, schema.sort)):
                for each in attributes:
                    start = f'{quoted(each.name)}:{{"{each.type}":"'
                    longest = len(start) + 2 + limit // _BYTES_A_CHARACTER
                    known = self.watched.get(each.name)
                    if known is not None and known.start == start:
                        longest = min(longest, known.longest)
                    self.watched[each.name] = _Watched(each.name, start, f'{start}"}}', longest)

    def key(self, texts: Mapping[str, str]) -> str:
        """Return the JSON of the key among an item's texts by name; ItemError where the table cannot hold the item."""
        for name, watched in self.watched.items():
            text, least = texts.get(name), len(watched.empty)
            if text is not None and text.startswith(watched.start) and least < len(text) <= watched.longest:
                continue
            if text is not None or name in self.names:
                self.look(",".join(texts.values()).encode())
        if self.keys_only and len(texts) != len(self.names):
            self.look(",".join(texts.values()).encode())
        return ",".join([texts[name] for name in self.names])

    def look(self, body: bytes) -> None:
        """Raise ItemError when the table cannot hold the item of that JSON (without braces), or it is no key."""
        (check_key if self.keys_only else check_item)(parsed(b"{" + body + b"}"), self.table)


def item_rows(items: Iterable[Mapping[str, Any]], check: KeyCheck) -> Iterator[Row]:
    """Yield a row for each item in Python form, in order; ItemError names the row, the attribute, and the cure."""
    for number, item in enumerate(items):
        try:
            texts = item_texts(item)
            body = encoded(",".join(texts.values()))
            key = check.key(texts)
            if len(body) > MAX_ITEM_SIZE:
                check.look(body)
        except ItemError as error:
            raise ItemError(f"row {number:,}, {error}") from None
        yield Row(number, body, key)


def wire_rows(items: Iterable[Mapping[str, Any]], names: tuple[str, ...]) -> Iterator[Row]:
    """Yield a row for each item in wire form, which is taken as it is; ``names`` are those of the table's key."""
    for number, item in enumerate(items):
        body = encoded(",".join(f"{quoted(name)}:{wire_text(item[name])}" for name in sorted(item)))
        yield Row(number, body, ",".join(f"{quoted(name)}:{wire_text(canonical(item[name]))}" for name in names))


def encoded(text: str) -> bytes:
    """Return the text as UTF-8; ItemError names the attribute that holds half a surrogate pair."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        for name, av in wire_form(json.loads(f"{{{text}}}")).items():
            to_wire(from_wire(av, name), name)  # says which, and where in it
        raise


def key_of_reply(item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the key of an item, or key, in a response's JSON, in the form of ``Row.key``."""
    return ",".join(f"{quoted(name)}:{wire_text(canonical(wire_form(item[name])))}" for name in names)


def key_values(key: str) -> dict[str, Any]:
    """Return the attributes of a ``Row.key`` in Python form."""
    return {name: from_wire(av) for name, av in parsed(f"{{{key}}}".encode()).items()}
