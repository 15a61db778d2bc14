"""What a request is likely to cost, from typical sizes, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.items.units import Units, batch_get_units, get_units, query_units, transact_get_units
from workbench.model.entities import Entity
from workbench.model.keys import Field, KeyTemplate
from workbench.model.types import ValueType

PAGE_SIZE = 1_048_576
# Bytes of a usual value of each type; text and binary are guesses that sample sizes should replace.
TYPICAL_BYTES: dict[ValueType, int] = {
    "string": 24, "uuid": 36, "timestamp": 27, "date": 10, "integer": 3, "number": 4, "boolean": 1, "binary": 64,
    "list": 40, "map": 60, "string_set": 40, "number_set": 10, "binary_set": 64, "any": 24,
}  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """What a read of ``items`` evaluated items of ``item_bytes`` each will take."""

    items: int
    item_bytes: int
    bytes: int
    pages: int
    units: Units


def entity_bytes(entity: Entity, typical: Mapping[str, int] | None = None) -> int:
    """Return the bytes of a typical item of an entity; ``typical`` gives known bytes by attribute or field."""
    known = typical or {}
    keys = sum(len(name.encode()) + _key_bytes(template, entity, known) for name, template in entity.keys.items())
    return keys + sum(
        len(name.encode()) + known.get(name, TYPICAL_BYTES[attribute.type])
        for name, attribute in entity.attributes.items()
        if name not in entity.keys
    )


def query_estimate(items: int, item_bytes: int, *, consistent: bool = False, index: str | None = None) -> Estimate:
    """Return what a Query or Scan of ``items`` evaluated items of ``item_bytes`` costs, in pages of 1 MB."""
    a_page = max(1, PAGE_SIZE // max(1, item_bytes))
    full, rest = divmod(items, a_page)
    pages = [[item_bytes * a_page]] * full + ([[item_bytes * rest]] if rest or not full else [])
    units = query_units(pages, consistent=consistent, index=index)
    return Estimate(items, item_bytes, items * item_bytes, len(pages), units)


def get_estimate(item_bytes: int, *, consistent: bool = False) -> Estimate:
    """Return what a GetItem of an item of ``item_bytes`` costs."""
    return Estimate(1, item_bytes, item_bytes, 1, get_units(item_bytes, consistent=consistent))


def batch_get_estimate(
    items: int, item_bytes: int, *, consistent: bool = False, transactional: bool = False
) -> Estimate:
    """Return what a BatchGetItem or TransactGetItems of ``items`` items of ``item_bytes`` costs."""
    sizes = [item_bytes] * items
    units = transact_get_units(sizes) if transactional else batch_get_units(sizes, consistent=consistent)
    return Estimate(items, item_bytes, items * item_bytes, 1, units)


def _key_bytes(template: KeyTemplate, entity: Entity, known: Mapping[str, int]) -> int:
    return sum(
        len(part.encode()) if isinstance(part, str) else _field_bytes(part, entity, known) for part in template.parts
    )


def _field_bytes(field: Field, entity: Entity, known: Mapping[str, int]) -> int:
    if field.width is not None:
        return field.width
    return known.get(field.name, TYPICAL_BYTES[entity.fields.get(field.name, "string")])
