"""Values as the JSON that DynamoDB's API takes, ``{"S":"x"}``, written straight from Python values.

The law is ``items.to_wire``: what is written here for a value is its wire form as JSON, and what this module has no
quick way for goes through ``to_wire`` itself. There is one text for each value (numbers normalised, members of sets
and names of maps in order), so two values are the same to DynamoDB exactly when their texts are.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from json.encoder import encode_basestring as quoted
from typing import Any

from workbench.errors import ItemError
from workbench.items import number_text, to_wire
from workbench.items.limits import MAX_NAME
from workbench.items.values import MAX_NESTING

__all__ = ["attribute_name", "item_texts", "json_form", "parsed", "quoted", "value_text", "wire_form", "wire_text"]

_PLAIN = 10**18  # a whole number below it is its own text
_DEEPEST = MAX_NESTING - 1  # the level of what may be no list or map


def value_text(value: Any, path: str = "value") -> str:
    """Return a value in Python form as JSON text; ItemError, from ``to_wire``, names ``path`` and the cure.

    Text with half a surrogate pair is not looked for here: it shows when the text is encoded as UTF-8.
    """
    try:
        return _QUICK[type(value)](value, 0)
    except (ItemError, KeyError, TypeError):  # a type without a quick way, names without an order, or no value at all
        return wire_text(to_wire(value, path))


def item_texts(item: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts ``"name":{"S":"x"}`` of an item in Python form by name, names in order."""
    texts: dict[str, str] = {}
    try:
        for name, prefix in _in_order(tuple(item)):
            value = item[name]
            if type(value) is str:  # most values are text, and a call of a function takes longer than this
                texts[name] = f'{prefix}{{"S":{quoted(value)}}}'
            else:
                texts[name] = prefix + value_text(value, name)
        return texts
    except (TypeError, AttributeError):
        if not isinstance(item, Mapping):
            raise ItemError(f"{item!r:.60} is a {type(item).__name__}, not an item; give a dict of names") from None
        for name in item:
            attribute_name(name)
        raise


@functools.lru_cache(maxsize=4096)
def _in_order(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the names in order, each with the beginning of its text: most items of a table have the same."""
    return tuple((name, _prefix(name)) for name in sorted(names))


def wire_text(av: Mapping[str, Any]) -> str:
    """Return an attribute value in wire form (bytes in B and BS) as JSON text."""
    ((tag, content),) = av.items()
    match tag:
        case "S" | "N":
            inner = quoted(content)
        case "B":
            inner = f'"{base64.b64encode(content).decode()}"'
        case "BOOL" | "NULL":
            inner = "true" if content else "false"
        case "L":
            inner = f"[{','.join(map(wire_text, content))}]"
        case "M":
            inner = f"{{{','.join([f'{quoted(name)}:{wire_text(content[name])}' for name in sorted(content)])}}}"
        case "BS":
            inner = f"[{','.join([quoted(base64.b64encode(each).decode()) for each in content])}]"
        case _:
            inner = f"[{','.join(map(quoted, content))}]"
    return f'{{"{tag}":{inner}}}'


def wire_form(value: Any) -> Any:
    """Return the parsed JSON of a request, an answer or an item as boto3 has it: base64 becomes bytes.

    Nothing says which object of a request is an attribute value: ``{"M": {"S": "x"}}`` may be an item whose attribute
    M is text, or a map. So this walk knows no type but B and BS, whose content is no object only in an attribute value
    (an attribute or table named B holds one). ``frames.wire_of_json`` goes by type tags and cannot be used here.
    """
    return _converted(value, base64.b64decode)


def json_form(value: Any) -> Any:
    """Return a request, an answer or an item of boto3's as parsed JSON of the API would be: bytes become base64."""
    return _converted(value, lambda content: base64.b64encode(bytes(content)).decode())


def parsed(body: bytes) -> dict[str, Any]:
    """Return the wire form of an item's JSON text."""
    content: dict[str, Any] = wire_form(json.loads(body))
    return content


def attribute_name(name: Any) -> str:
    """Return the name; ItemError when no attribute can have it."""
    if not isinstance(name, str) or not name:
        raise ItemError(f"{name!r} is no attribute name; names are text that is not empty, give str(name)")
    to_wire(name, f"the name {name!r}")
    if len(name.encode()) > MAX_NAME:
        raise ItemError(f"attribute {name[:40]}...: a name of {len(name.encode())} bytes; at most {MAX_NAME}")
    return name


def _converted(value: Any, binary: Callable[[Any], Any]) -> Any:
    if isinstance(value, Mapping):
        if len(value) == 1:
            ((tag, content),) = value.items()
            if tag == "B" and not isinstance(content, Mapping):
                return {tag: binary(content)}
            if tag == "BS" and not isinstance(content, Mapping):
                return {tag: [binary(each) for each in content]}
        return {name: _converted(each, binary) for name, each in value.items()}
    return [_converted(each, binary) for each in value] if isinstance(value, list) else value


@functools.lru_cache(maxsize=10_000)
def _prefix(name: str) -> str:
    return f"{quoted(attribute_name(name))}:"


def _whole(value: int, level: int) -> str:
    return f'{{"N":"{value if -_PLAIN < value < _PLAIN else number_text(Decimal(value))}"}}'


def _list(value: list[Any] | tuple[Any, ...], level: int) -> str:
    if level >= _DEEPEST:
        raise ItemError("nested too deep")
    quick, level = _QUICK, level + 1
    return f'{{"L":[{",".join([quick[type(each)](each, level) for each in value])}]}}'


def _map(value: dict[Any, Any], level: int) -> str:
    if level >= _DEEPEST or "" in value:
        raise ItemError("nested too deep, or without a name")
    quick, level = _QUICK, level + 1
    inner = [f"{quoted(name)}:{quick[type(value[name])](value[name], level)}" for name in sorted(value)]
    return f'{{"M":{{{",".join(inner)}}}}}'


def _set(value: set[Any] | frozenset[Any], level: int) -> str:
    tags = {_MEMBERS[type(each)] for each in value}
    if len(tags) != 1:
        raise ItemError("empty, or of two types")
    tag, members = tags.pop(), sorted(value)
    if tag == "S":
        texts: Iterable[str] = map(quoted, members)
    elif tag == "N":
        texts = (f'"{number_text(Decimal(each))}"' for each in members)
    else:
        texts = (f'"{base64.b64encode(each).decode()}"' for each in members)
    return f'{{"{tag}S":[{",".join(texts)}]}}'


_MEMBERS: dict[type, str] = {str: "S", int: "N", Decimal: "N", bytes: "B"}
# By exact type: a subclass may mean something else, and goes through to_wire.
_QUICK: dict[type, Callable[[Any, int], str]] = {
    str: lambda value, level: f'{{"S":{quoted(value)}}}',
    int: _whole,
    Decimal: lambda value, level: f'{{"N":"{number_text(value)}"}}',
    bool: lambda value, level: '{"BOOL":true}' if value else '{"BOOL":false}',
    bytes: lambda value, level: f'{{"B":"{base64.b64encode(value).decode()}"}}',
    type(None): lambda value, level: '{"NULL":true}',
    dict: _map,
    list: _list,
    tuple: _list,
    set: _set,
    frozenset: _set,
}
