"""Typical items: made of an entity's types, of the size that is known or guessed, to price a plan before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from workbench.items import TYPICAL_BYTES, item_size
from workbench.model import DYNAMODB_TYPE, Entity, KeyTemplate, Table, ValueType
from workbench.model.keys import Field
from workbench.plans.entries import field_type
from workbench.plans.placeholders import Wire

_FILLER = "~"


def sample_item(entity: Entity, table: Table, size: int | None = None) -> Wire:
    """Return a wire item as an entity usually has it; of ``size`` bytes where that is given and can be reached."""
    types = {each.name: each.type for index in table.indexes.values() for each in index.keys.attributes}
    types |= {each.name: each.type for each in table.keys.attributes}
    item = {name: _key(entity, template, types.get(name, "S")) for name, template in entity.keys.items()}
    for name, attribute in entity.attributes.items():
        kind = DYNAMODB_TYPE.get(attribute.type, "S")
        item.setdefault(name, _value(kind, TYPICAL_BYTES[attribute.type]))
    return item if size is None else _fitted(item, size)


def changed(value: Wire) -> Wire:
    """Return another value of the same type and about the same size."""
    kind, content = next(iter(value.items()))
    if kind == "S":
        return {"S": "y" + content[1:]}
    return {"S": "y"} if kind != "N" else {"N": "124"}


def _key(entity: Entity, template: KeyTemplate, kind: str) -> Wire:
    length = sum(len(part.encode()) if isinstance(part, str) else _field(entity, part) for part in template.parts)
    return _value(kind, length)


def _field(entity: Entity, field: Field) -> int:
    return field.width or TYPICAL_BYTES[cast(ValueType, field_type(entity, field.name))]


def _value(kind: str, length: int) -> Wire:
    made: Mapping[str, Any] = {
        "S": "x" * length, "N": "123", "B": b"x" * length, "BOOL": True, "L": [{"S": "x" * length}],
        "M": {"x": {"S": "x" * length}}, "SS": ["x" * length], "NS": ["123"], "BS": [b"x" * length],
    }  # fmt: skip
    return {kind: made[kind]}


def _fitted(item: Wire, size: int) -> Wire:
    """Return the item made longer by one attribute, or with shorter texts, until it has ``size`` bytes."""
    missing = size - item_size(item)
    if missing > 0:
        return {**item, _FILLER: {"S": "x" * (missing - 1)}}
    for name, value in item.items():
        cut = min(-missing, len(value.get("S", "")) - 1)
        if cut > 0:
            item = {**item, name: {"S": value["S"][cut:]}}
            missing += cut
    return item
