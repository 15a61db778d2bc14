"""Which entity a stored item is, and the values that its key was made of.

The rule: of the entities of the item's table, those whose every key template fits the key attributes that the item
has. Of several, the one whose required attributes are all there; then the one whose templates say more in literals
(``USER#{id}`` before ``{id}``); then the one with more of its attributes there; then the first in the file.
An item that no entity fits, or that came back without any key attribute, is of no entity.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import KeyTemplateError
from workbench.model import DYNAMODB_TYPE, Entity, Model
from workbench.model.keys import Field

__all__ = ["Recognised", "entity_types", "names_in_order", "ordered", "recognise"]

_KINDS: dict[str, str] = {
    "str": "S", "Decimal": "N", "int": "N", "bool": "BOOL", "bytes": "B", "list": "L", "dict": "M",
}  # fmt: skip


@dataclass(frozen=True)
class Recognised:
    """The entity that an item is, None where there is none, and the typed values of its key templates' fields."""

    entity: Entity | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def recognise(model: Model, table: str, item: Mapping[str, Any]) -> Recognised:
    """Return what an item in Python form is; see the rule at the top of this module."""
    fitting = [(entity, fields) for entity in model.entities_of(table) if (fields := _fields(entity, item)) is not None]
    if not fitting:
        return Recognised()
    # Of equals, max gives the first. One that stands alone need not be scored, which most items are spared by.
    best = max(fitting, key=lambda each: _score(each[0], item)) if len(fitting) > 1 else fitting[0]
    return Recognised(*best)


def entity_types(entity: Entity) -> dict[str, str]:
    """Return the value types of an entity's key fields, then of its attributes, by name."""
    types: dict[str, str] = {}
    for template in entity.keys.values():
        for part in template.parts:
            if isinstance(part, Field):
                types[part.name] = "integer" if part.width else entity.fields.get(part.name, "string")
    return types | {name: attribute.type for name, attribute in entity.attributes.items()}


def ordered(item: Mapping[str, Any], keys: tuple[str, ...], entity: Entity | None) -> dict[str, Any]:
    """Return the item in one order on every engine: keys, the entity's attributes, others by name."""
    return {name: _sorted(item[name]) for name in names_in_order(item, keys, entity)}


def names_in_order(names: Collection[str], keys: tuple[str, ...], entity: Entity | None) -> list[str]:
    """Return names of attributes in that order."""
    known = [*keys, *(entity.keys if entity else ()), *(entity.attributes if entity else ())]
    return list(dict.fromkeys([*(name for name in known if name in names), *sorted(names)]))


def _fields(entity: Entity, item: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the fields of the key templates that the item's attributes fit, None where one does not fit."""
    found: dict[str, Any] = {}
    seen = False
    for name, template in entity.keys.items():
        if name not in item:  # left out by a projection, or by a sparse index
            continue
        seen = True
        try:
            parsed = template.parse(item[name], entity.fields)
        except KeyTemplateError:
            return None
        if any(found.setdefault(field, value) != value for field, value in parsed.items()):
            return None
    return found if seen else None


def _score(entity: Entity, item: Mapping[str, Any]) -> tuple[bool, int, int]:
    attributes = entity.attributes.values()
    present = {each.name for each in attributes if each.name in item and _is(each.type, item[each.name])}
    complete = all(each.name in present for each in attributes if each.required)
    literals = sum(len(part) for template in entity.keys.values() for part in template.parts if isinstance(part, str))
    return complete, literals, len(present)


def _is(type_: str, value: Any) -> bool:
    wanted = DYNAMODB_TYPE.get(type_)
    kind = _KINDS.get(type(value).__name__)
    return wanted is None or kind is None or wanted == kind


def _sorted(value: Any) -> Any:
    """Return a value with the names of its maps in order; engines give them in any."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value
