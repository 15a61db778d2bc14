"""The columns of a result's frames: which are known before any item is seen, and of what types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.errors import UnknownNameError, did_you_mean
from workbench.frames import Columns, Page, first_rows, from_items
from workbench.results.entities import entity_types, names_in_order, recognise

if TYPE_CHECKING:
    import pandas as pd

    from workbench.model import Entity, Model
    from workbench.plans import Plan

__all__ = ["UNRECOGNISED", "EntityFrames", "answer_columns", "answer_frame", "entity_frame", "key_columns"]

UNRECOGNISED = "?"
_KEY_TYPES = {"S": "string", "B": "binary"}  # a number may be whole or not: its values, or an entity, say which


def key_columns(plan: Plan) -> tuple[str, ...]:
    """Return the names of the key attributes of what a plan reads: the index's first, then the table's."""
    model, pattern = plan.model, plan.pattern
    index = model.index(pattern.table, pattern.index).keys.names if pattern.index else ()
    keys = (name for table in _tables(plan) for name in model.table(table).keys.names)
    return tuple(dict.fromkeys((*index, *keys)))


def answer_columns(plan: Plan, pages: Sequence[Page]) -> Columns:
    """Return the pages of a Query or Scan as columns in the order of ``answer_frame``, the same on every engine.

    Engines give the attributes of an item in any order, so those that first appear in the same item are in the order
    of its entity's attributes, others by name.
    """
    first: dict[int, list[str]] = {}
    for name, row in first_rows(pages).items():
        first.setdefault(row, []).append(name)
    keys = key_columns(plan)
    names = _first_columns(plan, keys)
    for row in sorted(first):
        new = [name for name in first[row] if name not in names]
        names += _new_columns(plan, keys, pages, row, new) if len(new) > 1 else new
    types = _types(plan)
    return Columns(pages, names, {name: types[name] for name in names if name in types})


def _new_columns(plan: Plan, keys: tuple[str, ...], pages: Sequence[Page], row: int, new: list[str]) -> list[str]:
    """Return names that first appear in one item in their order, which is the item's entity's."""
    if not plan.model.entities_of(plan.pattern.table):
        return sorted(new)
    item = Columns(pages).item(row)
    entity = recognise(plan.model, plan.pattern.table, item).entity
    return names_in_order(new, keys, entity)


def answer_frame(plan: Plan, items: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return items as one frame: keys (or what the projection names) first, then by first appearance."""
    first = _first_columns(plan, key_columns(plan))
    columns = list(dict.fromkeys([*first, *(name for item in items for name in item)]))
    types = _types(plan)
    return from_items(items, columns, types={name: types[name] for name in columns if name in types})


def _first_columns(plan: Plan, keys: tuple[str, ...]) -> list[str]:
    projected = _projected(plan)
    first = [*(name for name in keys if name in projected), *projected] if projected else list(keys)
    return list(dict.fromkeys(first))


class EntityFrames(dict[str, "pd.DataFrame"]):
    """Frames by entity name. An entity of the model that did not come back gives an empty frame with its columns."""

    def __init__(self, frames: Iterable[tuple[str, pd.DataFrame]], model: Model, keys: tuple[str, ...]) -> None:
        super().__init__(frames)
        self._model = model
        self._keys = keys

    def __missing__(self, name: str) -> pd.DataFrame:
        """Return the empty frame of an entity; UnknownNameError names the nearest."""
        if name == UNRECOGNISED:
            return from_items([], self._keys)
        if name not in self._model.entities:
            near = did_you_mean(name, list(self._model.entities))
            raise UnknownNameError(f"{self._model.name} has no entity {name!r}. {near}")
        return entity_frame(self._model, self._model.entity(name), [], self._keys)


def entity_frame(
    model: Model, entity: Entity | None, rows: Sequence[Mapping[str, Any]], keys: tuple[str, ...]
) -> pd.DataFrame:
    """Return rows of one entity: keys, typed fields of the key templates, declared attributes, others."""
    if entity is None:
        return from_items(rows, keys)
    first = tuple(dict.fromkeys([*(name for name in keys if name in entity.keys), *entity.keys]))
    key_types = _key_types(model, [entity], entity.table)
    types = {name: key_types[name] for name in first if name in key_types}
    return from_items(rows, first, types=types | entity_types(entity))


def _tables(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(step.table for step in plan.steps), plan.pattern.table]))


def _types(plan: Plan) -> dict[str, str]:
    """Return the type of every attribute that all entities of the plan's tables declare alike, and of their keys."""
    declared: dict[str, set[str]] = {}
    keys: dict[str, str] = {}
    for table in _tables(plan):
        entities = plan.model.entities_of(table)
        keys |= _key_types(plan.model, entities, table)
        for entity in entities:
            for name, attribute in entity.attributes.items():
                declared.setdefault(name, set()).add(attribute.type)
    return {name: found.pop() for name, found in declared.items() if len(found) == 1} | keys


def _key_types(model: Model, entities: Sequence[Entity], table: str) -> dict[str, str]:
    schemas = [model.table(table).keys, *(index.keys for index in model.table(table).indexes.values())]
    types = {key.name: _KEY_TYPES[key.type] for keys in schemas for key in keys.attributes if key.type in _KEY_TYPES}
    for key in (key for keys in schemas for key in keys.attributes if key.type == "N"):
        templates = [entity.keys[key.name] for entity in entities if key.name in entity.keys]
        found = {entity_types(entity).get(entity.keys[key.name].only_field or "") for entity in entities
                 if key.name in entity.keys}  # fmt: skip
        if templates and len(found) == 1 and found <= {"integer", "number"}:
            types[key.name] = str(found.pop())
    return types


def _projected(plan: Plan) -> list[str]:
    """Return the attributes that the plan's projection names, without the paths into them; empty for everything."""
    return list(dict.fromkeys(re.split(r"[.\[]", path)[0] if "`" not in path else path.split("`")[1]
                              for path in plan.pattern.projection))  # fmt: skip
