"""Bytes of items and values, exact, by the rules DynamoDB bills and limits by.

An item is the UTF-8 bytes of each attribute's name plus the size of its value. Text counts UTF-8 bytes, binary its raw
bytes, true, false and NULL 1, a list or map 3 plus 1 for each element plus what is in it, a set the sum of its members.
Source: AWS developer guide, "DynamoDB item sizes and formats"; numbers from captures, see ``numbers.number_size``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.errors import ItemError
from workbench.items.numbers import number_size
from workbench.items.values import tagged

MAX_ITEM_SIZE = 409_600


def item_size(wire_item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes of an item in wire form, names included; an item without attributes is 0."""
    return sum(len(name.encode()) + value_size(av) for name, av in wire_item.items())


def value_size(av: Mapping[str, Any], binary: Callable[[Any], int] = len) -> int:
    """Return the bytes of one attribute value in wire form, without its name.

    ``binary`` gives those of binary that is not in bytes, such as base64.
    """
    tag, content = tagged(av)
    match tag:
        case "S":
            return len(content.encode())
        case "N":
            return number_size(content)
        case "M":
            return 3 + sum([1 + len(name.encode()) + value_size(each, binary) for name, each in content.items()])
        case "L":
            return 3 + sum([1 + value_size(each, binary) for each in content])
        case "B":
            return binary(content)
        case "BOOL" | "NULL":
            return 1
        case "SS":
            return sum([len(member.encode()) for member in content])
        case "NS":
            return sum(map(number_size, content))
        case "BS":
            return sum(map(binary, content))
    raise ItemError(f"{tag!r} is no DynamoDB type")
