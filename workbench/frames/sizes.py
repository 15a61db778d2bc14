"""Bytes of whole pages, by the rules of ``items.sizes``, summed over columns instead of item by item."""

from __future__ import annotations

from binascii import a2b_base64
from typing import TYPE_CHECKING, Any

from workbench.frames.digits import normal_texts, size_of_numbers
from workbench.items import number_size, value_size

if TYPE_CHECKING:
    import pyarrow as pa

    from workbench.frames.page import Chunk, Page

__all__ = ["page_size"]


def page_size(page: Page) -> int:
    """Return the bytes of all items of a page together: what ``items.item_size`` gives for each, summed."""
    return sum(_chunk_size(name, chunk) for name, chunk in page.chunks.items())


def _chunk_size(name: str, chunk: Chunk) -> int:
    each = len(name.encode())
    total = 0
    for tag, values in (*chunk.plain.items(), *chunk.documents.items()):
        if isinstance(values, list):
            there = [value for value in values if value is not None]
            total += len(there) * each + _size_of_list(tag, there)
        else:
            total += _count(values) * each + _size(tag, values)
    return total


def _size_of_list(tag: str, values: list[Any]) -> int:
    """Return the bytes of values of one type that Python parsed."""
    if tag == "S":
        return len("".join(values).encode())
    if tag == "N":
        return sum(map(number_size, values))
    return sum([value_size({tag: value}, _decoded_size) for value in values])


def _decoded_size(base64: str) -> int:
    return len(a2b_base64(base64))


def _size(tag: str, values: Any) -> int:
    """Return the bytes of the values of one type, nulls not counted."""
    match tag:
        case "S":
            return _bytes(values)
        case "N":
            return size_of_numbers(normal_texts(values))
        case "B":
            return _base64_bytes(values)
        case "BOOL" | "NULL":
            return _count(values)
        case "L":
            members = values.flatten()
            return 3 * _count(values) + len(members) + _tagged_size(members)
        case "M":
            return 3 * _count(values) + sum(_named_size(field.name, values, at) for at, field in enumerate(values.type))
    return _size(tag[0], values.flatten())


def _named_size(name: str, maps: pa.Array, at: int) -> int:
    values = maps.field(at)
    return _count(values) * (1 + len(name.encode())) + _tagged_size(values)


def _tagged_size(values: pa.Array) -> int:
    import pyarrow as pa

    if pa.types.is_null(values.type):
        return 0
    return sum(_size(tag.name, values.field(at)) for at, tag in enumerate(values.type))


def _count(values: pa.Array) -> int:
    return len(values) - int(values.null_count)


def _bytes(values: pa.Array) -> int:
    import pyarrow.compute as pc

    return int(pc.sum(pc.binary_length(values)).as_py() or 0)


def _base64_bytes(values: pa.Array) -> int:
    import pyarrow.compute as pc

    padding = pc.sum(pc.subtract(pc.binary_length(values), pc.binary_length(pc.utf8_rtrim(values, "=")))).as_py() or 0
    return _bytes(values) // 4 * 3 - padding
