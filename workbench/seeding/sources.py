"""Rows of an entity's SQL become items: by key templates and attribute types, or refused with row, column and cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import ArgumentError, ItemError, KeyTemplateError, SeedError, did_you_mean
from workbench.items import check_item, to_wire
from workbench.model import Entity, KeyAttribute, KeyTemplate, Table, ValueType, parse
from workbench.plans.entries import field_type, key_wire

Wire = dict[str, Any]
_CURES: dict[type, str] = {
    float: "cast it in the SQL: column::numeric",
    int: "cast it in the SQL: column::text",
}


@dataclass(frozen=True)
class SourceItem:
    """An item in wire form and where it comes from: entity, SQL file and the row's number, counted from 1."""

    entity: str
    source: str
    row: int
    wire: Wire

    @property
    def place(self) -> str:
        """Where it comes from, for messages: ``sql/messages.sql, row 17``."""
        return f"{self.source}, row {self.row:,}"


def items_of(entity: Entity, table: Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[SourceItem]:
    """Yield an item for each row, in order.

    A column is a field of a key template or an attribute; NULL in one that is not required leaves it out. Raises
    SeedError for a row that cannot become an item; the message says file, row, column, value and cure.
    """
    source = entity.source.path if entity.source else entity.name
    reader = _Reader(entity, table, source)
    if rows:
        reader.check_columns(list(rows[0]))
    for number, row in enumerate(rows, start=1):
        yield SourceItem(entity.name, source, number, reader.wire(row, f"{source}, row {number:,}"))


class _Reader:
    def __init__(self, entity: Entity, table: Table, source: str) -> None:
        self.entity, self.table, self.source = entity, table, source
        self.key_attributes = _key_attributes(table)
        fields = dict.fromkeys(field for template in entity.keys.values() for field in template.fields)
        self.fields: dict[str, str] = {name: field_type(entity, name) for name in fields}

    def check_columns(self, columns: list[str]) -> None:
        known = [*self.fields, *self.entity.attributes]
        for name in columns:
            if name not in known:
                raise SeedError(
                    f"{self.source}: the column {name!r} is no key field and no attribute of {self.entity.name}. "
                    f"{did_you_mean(name, known)} Rename it with AS, declare it in the model, or take it out."
                )
        optional = [name for name, each in self.entity.attributes.items() if not each.required]
        for name in known:
            if name not in columns and (name in self.fields or name not in optional):
                raise SeedError(
                    f"{self.source}: {self.entity.name} needs a column {name!r}, and the SQL gives "
                    f"{', '.join(columns)}. Add it to the SELECT; AS renames a column."
                )

    def wire(self, row: Mapping[str, Any], place: str) -> Wire:
        values = {name: self._value(row, name, type_, place) for name, type_ in self.fields.items()}
        item = {name: self._key(name, template, values, place) for name, template in self.entity.keys.items()}
        for name, attribute in self.entity.attributes.items():
            if name in item or (row.get(name) is None and not attribute.required):
                continue
            value = self._value(row, name, attribute.type, place)
            try:
                item[name] = to_wire(value, name)
            except ItemError as error:
                raise SeedError(f"{place}, column {name!r}: {error}") from error
        try:
            check_item(item, self.table)
        except ItemError as error:
            raise SeedError(f"{place}: {error}") from error
        return item

    def _value(self, row: Mapping[str, Any], name: str, type_: str | ValueType, place: str) -> Any:
        value = row[name]
        if value is None:
            what = "a key field" if name in self.fields else "a required attribute"
            raise SeedError(
                f"{place}, column {name!r}: NULL, and {name} is {what} of {self.entity.name}. Filter such rows with "
                f"WHERE, give a value with coalesce(){'' if name in self.fields else ', or say required: false'}."
            )
        try:
            return parse(type_, value)
        except ValueError as error:
            raise SeedError(f"{place}, column {name!r}: {_cured(error, value)}") from error

    def _key(self, name: str, template: KeyTemplate, values: Mapping[str, Any], place: str) -> Wire:
        attribute = self.key_attributes.get(name, KeyAttribute(name))
        try:
            return key_wire(attribute, template.render(values), place)
        except (KeyTemplateError, ArgumentError, ItemError) as error:
            raise SeedError(f"{place}, key {name}: {error}") from error


def _key_attributes(table: Table) -> dict[str, KeyAttribute]:
    schemas = (table.keys, *(index.keys for index in table.indexes.values()))
    return {attribute.name: attribute for keys in schemas for attribute in keys.attributes}


def _cured(error: ValueError, value: Any) -> str:
    cure = _CURES.get(type(value))
    return f"{error}; {cure}" if cure else str(error)
