"""Whether items came back exact: a digest that does not use the code it judges.

An item is put into one form: attributes by name, numbers as sign, digits and exponent, sets in order, binary in hex.
``1`` and ``1.0`` are the same number to DynamoDB and the same here; ``1``, ``"1"`` and ``true`` are not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import numbers
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

__all__ = ["digest_of_items", "digest_of_wire", "exact_share", "is_missing"]


def digest_of_wire(items: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of items in wire form, ``{"name": {"S": "x"}}``, in the order given."""
    return _digest(_line({name: _wire(av) for name, av in item.items()}) for item in items)


def digest_of_items(items: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of items in Python form: str, int, Decimal, bytes, bool, None, list, dict, set.

    A value that is no such thing (a float, NaN, a numpy array) is written as its type's name, so that it is never
    taken for what it stands for.
    """
    return _digest(_line({name: _python(value) for name, value in item.items()}) for item in items)


def exact_share(found: Iterable[Mapping[str, Any]], sent: Iterable[Mapping[str, Any]]) -> float:
    """Return which share of the wire items ``sent`` stands in ``found`` (Python form, same order) without a loss."""
    pairs = list(zip(found, sent, strict=True))
    exact = sum(
        {name: _python(value) for name, value in got.items() if not is_missing(value)}
        == {name: _wire(av) for name, av in wire.items()}
        for got, wire in pairs
    )
    return exact / len(pairs)


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _line(item: dict[str, Any]) -> str:
    return json.dumps(item, sort_keys=True, separators=(",", ":"))


def _number(number: Decimal) -> list[Any]:
    if not number.is_finite():
        return ["no number", str(number)]
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    if not short:
        return ["N", "0"]
    return ["N", "-" if sign else "", short, int(exponent) + len(text) - len(short)]


def _wire(av: Mapping[str, Any]) -> list[Any]:
    ((tag, content),) = av.items()
    if tag == "N":
        return _number(Decimal(content))
    if tag == "NS":
        return [tag, sorted(_number(Decimal(each)) for each in content)]
    if tag == "B":
        return [tag, base64.b64decode(content).hex()]
    if tag == "BS":
        return [tag, sorted(base64.b64decode(each).hex() for each in content)]
    if tag == "SS":
        return [tag, sorted(content)]
    if tag == "L":
        return [tag, [_wire(each) for each in content]]
    if tag == "M":
        return [tag, {name: _wire(each) for name, each in content.items()}]
    return ["NULL"] if tag == "NULL" else [tag, content]


def _python(value: Any) -> list[Any]:
    value = getattr(value, "value", value) if type(value).__name__ == "Binary" else value  # boto3's
    if value is None or type(value).__name__ == "NullType":
        return ["NULL"]
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return ["BOOL", bool(value)]
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, numbers.Integral):
        return _number(Decimal(int(value)))
    if isinstance(value, str):
        return ["S", value]
    if isinstance(value, bytes | bytearray):
        return ["B", bytes(value).hex()]
    if isinstance(value, list | tuple):
        return ["L", [_python(each) for each in value]]
    if isinstance(value, set | frozenset):
        return _set([_python(each) for each in value])
    if isinstance(value, Mapping):
        return ["M", {name: _python(each) for name, each in value.items()}]
    return ["lost", type(value).__name__]


def _set(members: list[list[Any]]) -> list[Any]:
    """The members' tag and S make the set's; members of strings and binary stand without theirs, as on the wire."""
    tags = {each[0] for each in members}
    if tags == {"N"}:
        return ["NS", sorted(members)]
    if tags in ({"S"}, {"B"}):
        return [tags.pop() + "S", sorted(each[1] for each in members)]
    return ["lost", "set"]


def is_missing(value: Any) -> bool:
    """Whether a cell says "nothing here" in pandas' words: NaN, NaT or NA, which all may stand for a missing one."""
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))
