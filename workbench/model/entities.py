"""Entities: the item types of a model, their key templates, attributes and the SQL that fills them."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.model.keys import KeyTemplate
from workbench.model.types import ValueType


@dataclass(frozen=True)
class Attribute:
    """One attribute of an entity; ``description`` says in words what it means where the name does not."""

    name: str
    type: ValueType
    description: str = ""
    required: bool = True


@dataclass(frozen=True)
class Source:
    """The SQL whose rows become items: file name as written in the model, and its text."""

    path: str
    sql: str


@dataclass(frozen=True)
class Entity:
    """An item type.

    ``keys`` maps each key attribute of the table, in key order, to its template. ``fields`` maps every template
    field to its type. ``attributes`` are the other attributes, in the order of the file. ``source`` is None for an
    entity that is not seeded. ``one_per`` names an attribute: a partition key has one item for each of its values,
    and the item's sort key may move.
    """

    name: str
    table: str
    keys: dict[str, KeyTemplate]
    attributes: dict[str, Attribute] = field(default_factory=dict)
    fields: dict[str, ValueType] = field(default_factory=dict)
    source: Source | None = None
    description: str = ""
    one_per: str | None = None
