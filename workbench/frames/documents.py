"""Lists and maps of a page, from nested Arrow arrays (or JSON that Python parsed) to values, column by column.

A document is walked once for each name in it, not once for each item: all the values under one name are converted
together and then put into the items' maps. Two walks are made this way: to Python values and to DynamoDB JSON text.
"""

from __future__ import annotations

import base64
import json
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise, repeat
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from workbench.frames.digits import decimal_of, decimals_of, normal_text, normal_texts
from workbench.frames.page import listed
from workbench.items import from_wire, number_text, tagged, to_wire

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ABSENT", "cell_form", "document_texts", "document_values", "json_of_wire", "plain_values", "wire_of_json"]

ABSENT: Any = object()  # where an item has no value of this type; None is a NULL
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
Documents = Any  # a nested Arrow array, or a list of JSON values with None for absent


def document_values(documents: Documents, tag: str, *, cells: bool) -> list[Any]:
    """Return lists or maps as Python values, ABSENT where there is none; names of maps are sorted.

    Sets in them are sorted tuples where ``cells`` of a frame are wanted, else frozensets; NULL is None.
    """
    if isinstance(documents, list):
        return [ABSENT if each is None else _of_json({tag: each}, cells) for each in documents]
    return _tag_values(documents, tag, _CELLS if cells else _ITEMS)


def document_texts(documents: Documents, tag: str) -> list[str | None]:
    """Return lists or maps as DynamoDB JSON, the content of their tag, None where there is none.

    The text is one for one value: no white space, sets and names of maps in order.
    """
    if isinstance(documents, list):
        return [None if each is None else _text({tag: each})[len('{"M":') : -1] for each in documents]
    return [None if text is ABSENT else text for text in _tag_values(documents, tag, _TEXTS)]


def wire_of_json(av: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value of DynamoDB JSON in boto3's form: binary is bytes instead of base64 text.

    It must be one attribute value, and each level is read by its type tag. ``bulk.encoding.wire_form`` does it for a
    whole request, where it is not known what is a value; that takes twice the time, so pages do not go that way.
    """
    (tag, content), *_ = av.items()
    match tag:
        case "B":
            return {"B": a2b_base64(content)}
        case "BS":
            return {"BS": [a2b_base64(each) for each in content]}
        case "L":
            return {"L": [wire_of_json(each) for each in content]}
        case "M":
            return {"M": {name: wire_of_json(each) for name, each in content.items()}}
    return {tag: content}


def json_of_wire(av: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value of boto3's form in DynamoDB JSON: binary is base64 text, names of maps are in order."""
    (tag, content), *_ = av.items()
    match tag:
        case "B":
            return {"B": _base64(content)}
        case "BS":
            return {"BS": [_base64(each) for each in content]}
        case "L":
            return {"L": [json_of_wire(each) for each in content]}
        case "M":
            return {"M": {name: json_of_wire(content[name]) for name in sorted(content)}}
    return {tag: content}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _text(av: Mapping[str, Any]) -> str:
    """Return a value of DynamoDB JSON as text, one for one value."""
    tag, content = tagged(av)
    match tag:
        case "S":
            return f'{{"S":{encode_basestring(content)}}}'
        case "N":
            return f'{{"N":"{normal_text(content)}"}}'
        case "M":
            return '{"M":{' + ",".join([f"{encode_basestring(n)}:{_text(content[n])}" for n in sorted(content)]) + "}}"
        case "L":
            return '{"L":[' + ",".join(map(_text, content)) + "]}"
        case "BOOL":
            return '{"BOOL":true}' if content else '{"BOOL":false}'
        case "NULL":
            return '{"NULL":true}'
    return _dumps(json_of_wire(to_wire(from_wire(wire_of_json(av)))))


def _dumps(value: Any) -> str:
    return _ENCODER.encode(value)


def _of_json(av: Mapping[str, Any], cells: bool) -> Any:
    """Return a value of DynamoDB JSON in Python; of an unknown tag, ``from_wire`` says what is wrong."""
    tag, content = tagged(av)
    match tag:
        case "S" | "BOOL":
            return content
        case "N":
            return decimal_of(content)
        case "NULL":
            return None
        case "M":
            return {name: _of_json(content[name], cells) for name in sorted(content)}
        case "L":
            return [_of_json(each, cells) for each in content]
    return cell_form(from_wire(wire_of_json(av)), cells=cells)


def cell_form(value: Any, *, cells: bool) -> Any:
    """Return a value with the names of its maps sorted and, for cells, its sets as sorted tuples."""
    if isinstance(value, dict):
        return {name: cell_form(value[name], cells=cells) for name in sorted(value)}
    if isinstance(value, list):
        return [cell_form(each, cells=cells) for each in value]
    return tuple(sorted(value)) if cells and isinstance(value, frozenset) else value


@dataclass(frozen=True)
class _Walk:
    """What a walk makes of each part: a column of plain values, a map, a list, and a value with its tag.

    A list without ``listed``, and a value without ``tagged``, is what it is.
    """

    plain: Callable[[str, pa.Array], Iterable[Any]]
    mapped: Callable[[Iterable[tuple[str, Any]]], Any]
    listed: Callable[[list[Any]], Any] | None = None
    tagged: Callable[[str, Any], Any] | None = None


def _values(array: pa.Array, walk: _Walk) -> list[Any]:
    """Return attribute values, structs of type tags, ABSENT where a row has none."""
    found: list[Any] = [ABSENT] * len(array)
    for at, tag in enumerate(array.type):
        content = array.field(at)
        if content.null_count == len(content):
            continue
        values = _tag_values(content, tag.name, walk)
        if walk.tagged:
            values = [each if each is ABSENT else walk.tagged(tag.name, each) for each in values]
        if not content.null_count:
            return values
        found = [new if new is not ABSENT else old for old, new in zip(found, values, strict=True)]
    return found


def _tag_values(content: pa.Array, tag: str, walk: _Walk) -> list[Any]:
    if tag == "M":
        return _maps(content, walk)
    if tag == "L":
        return _lists(content, walk)
    values = walk.plain(tag, content)
    if not content.null_count:
        return list(values)
    return [value if valid else ABSENT for value, valid in zip(values, content.is_valid().to_pylist(), strict=True)]


def _maps(content: pa.Array, walk: _Walk) -> list[Any]:
    fields = sorted((field.name, at) for at, field in enumerate(content.type))
    columns = [_values(content.field(at), walk) for _, at in fields]
    names = [name for name, _ in fields]
    rows: Iterable[tuple[Any, ...]] = zip(*columns, strict=True) if columns else [()] * len(content)
    there = content.is_valid()
    if all(content.field(at).is_valid().equals(there) for _, at in fields):  # each map has every name
        maps = map(zip, repeat(names), rows)
        if not content.null_count:
            return [walk.mapped(pairs) for pairs in maps]
        return [walk.mapped(pairs) if valid else ABSENT for pairs, valid in zip(maps, there.to_pylist(), strict=True)]
    return [
        walk.mapped((name, value) for name, value in zip(names, row, strict=True) if value is not ABSENT)
        if valid
        else ABSENT
        for row, valid in zip(rows, there.to_pylist(), strict=True)
    ]


def _lists(content: pa.Array, walk: _Walk) -> list[Any]:
    import pyarrow as pa

    flat = content.flatten()
    values = [] if pa.types.is_null(flat.type) else _values(flat, walk)
    parts = _parts(values, content, ABSENT)
    return [ABSENT if part is ABSENT else walk.listed(part) for part in parts] if walk.listed else parts


def _parts(members: list[Any], content: pa.Array, none: Any = None) -> list[Any]:
    """Return the members of each list of a list array, of which they are all; ``none`` where it has none."""
    lengths = content.value_lengths().to_pylist()
    ends = list(accumulate(lengths if not content.null_count else [length or 0 for length in lengths]))
    found = [members[at:end] for at, end in pairwise([0, *ends])]
    if content.null_count:
        return [none if length is None else part for length, part in zip(lengths, found, strict=True)]
    return found


def plain_values(tag: str, content: Any, *, cells: bool) -> list[Any]:
    """Return a column of one plain type as Python values, None where there is none; NULL is None too.

    Sets are sorted tuples where ``cells`` are wanted, else frozensets.
    """
    match tag:
        case "S" | "BOOL":
            return listed(content)
        case "NULL":
            return [None] * len(content)
        case "N":
            return decimals_of(normal_texts(content))
        case "B":
            return [None if text is None else a2b_base64(text) for text in listed(content)]
    made: Callable[[Any], Any] = (lambda members: tuple(sorted(members))) if cells else frozenset
    if isinstance(content, list):
        return [None if each is None else made(plain_values(tag[0], each, cells=True)) for each in content]
    return _sets(tag[0], content, made)


def _sets(tag: str, content: Any, made: Callable[[Any], Any]) -> list[Any]:
    members = plain_values(tag, content.flatten(), cells=True)
    return [None if part is None else made(part) for part in _parts(members, content)]


def _plain_texts(tag: str, content: pa.Array) -> list[Any]:
    match tag:
        case "S":
            return [None if text is None else encode_basestring(text) for text in content.to_pylist()]
        case "N":
            return [f'"{text}"' for text in normal_texts(content).to_pylist()]
        case "B":
            return [f'"{text}"' for text in content.to_pylist()]
        case "BOOL":
            return ["true" if each else "false" for each in content.to_pylist()]
        case "NULL":
            return ["true"] * len(content)
    members = plain_values(tag, content, cells=True)
    return [None if each is None else _dumps(_set_texts(tag, each)) for each in members]


def _set_texts(tag: str, members: tuple[Any, ...]) -> list[str]:
    make: dict[str, Callable[[Any], str]] = {"SS": str, "NS": number_text, "BS": _base64}
    return [make[tag](member) for member in members]


_CELLS = _Walk(lambda tag, content: plain_values(tag, content, cells=True), dict)
_ITEMS = _Walk(lambda tag, content: plain_values(tag, content, cells=False), dict)
_TEXTS = _Walk(
    _plain_texts,
    lambda pairs: "{" + ",".join(f"{encode_basestring(name)}:{text}" for name, text in pairs) + "}",
    lambda parts: "[" + ",".join(parts) + "]",
    lambda tag, text: f'{{"{tag}":{text}}}',
)
