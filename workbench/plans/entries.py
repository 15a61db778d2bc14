"""Keys and items in wire form, made from an entity's templates, an action's values and the scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.errors import ArgumentError, ItemError, KeyTemplateError, ModelError, did_you_mean
from workbench.items import check_item, check_key
from workbench.model import DYNAMODB_TYPE, Action, Entity, KeyAttribute, KeyTemplate, Model, Table, parse
from workbench.model.keys import Field
from workbench.plans.placeholders import Wire, wire
from workbench.plans.scope import NOTHING, Scope, Unresolved, in_words


@dataclass(frozen=True)
class Entry:
    """One action in one scope: what its key, and for a put its item, are made of."""

    model: Model
    action: Action
    scope: Scope

    @property
    def entity(self) -> Entity:
        """The entity that the action is about."""
        return self.model.entity(self.action.entity)

    @property
    def table(self) -> Table:
        """The table that the entity lives in."""
        return self.model.table(self.entity.table)

    @property
    def place(self) -> str:
        """Where an error message says it is: pattern, kind of action, entity."""
        return f"{self.scope.pattern.name}: {self.action.kind} {self.action.entity}"

    def key(self) -> Wire:
        """Return the key, in wire form, in the order of the table's key attributes."""
        keys = self._keys()
        key = {name: keys[name] for name in self.table.keys.names}
        self._check(key, lambda: check_key(key, self.table))
        return key

    def item(self) -> Wire:
        """Return the item of a put: keys, then attributes in the entity's order, optional ones where they have one."""
        self._refuse_unknown_values()
        item = self._keys()
        for name, attribute in self.entity.attributes.items():
            if name not in item:
                value = self._attribute(name, required=attribute.required)
                if value is not NOTHING:
                    item[name] = wire(self._typed(name, attribute.type, value), DYNAMODB_TYPE.get(attribute.type, "S"))
        self._check(item, lambda: check_item(item, self.table))
        return item

    def _keys(self) -> Wire:
        declared = {attribute.name: attribute for attribute in self.table.keys.attributes}
        for index in self.table.indexes.values():
            declared |= {each.name: each for each in index.keys.attributes if each.name not in declared}
        return {
            name: key_wire(declared.get(name, KeyAttribute(name)), self._key(name, template), self.place)
            for name, template in self.entity.keys.items()
        }

    def _key(self, name: str, template: KeyTemplate) -> Any:
        if name in self.action.values:
            return self._fitting(name, template, self.scope.render(self.action.values[name]))
        found = {field: self._field(field) for field in template.fields}
        missing = [field for field, value in found.items() if value is NOTHING or value is None]
        if not missing:
            return self._rendered(template, found)
        whole = self.scope.same_name(name)
        if whole is NOTHING:
            raise self._missing(missing[0], f" for its key {name} ({template.text})")
        return self._fitting(name, template, whole)

    def _field(self, name: str) -> Any:
        value = self._given(name)
        if value is NOTHING or value is None:
            return self._open(name) if name not in self.scope.pattern.parameters else value
        return self._typed(name, field_type(self.entity, name), value)

    def _given(self, name: str) -> Any:
        if name in self.action.values:
            template = self.action.values[name]
            if template.only_field is not None:
                return self.scope.value(template.only_field)
            return self.scope.render(template)
        return self.scope.same_name(name)

    def _open(self, name: str) -> Any:
        return Unresolved(f"<{self.scope.each}.{name}>") if self.scope.open_row() else NOTHING

    def _attribute(self, name: str, *, required: bool) -> Any:
        value = self._given(name)
        if (value is NOTHING or value is None) and name in self.entity.fields and name not in self.action.values:
            value = self._field(name)
        if value is NOTHING or value is None:
            value = self._open(name) if required else NOTHING
        if required and value is NOTHING:
            raise self._missing(name, "")
        return value

    def _missing(self, name: str, reason: str) -> ModelError | ArgumentError:
        if name in self.scope.pattern.parameters:
            return ArgumentError(f"{self.place}: needs {name}{reason}; give the argument")
        cure = f"declare a parameter {name}, or write it under values"
        return ModelError(f"{self.place}: nothing gives {name}{reason}; {cure}")

    def _rendered(self, template: KeyTemplate, found: dict[str, Any]) -> Any:
        if any(isinstance(value, Unresolved) for value in found.values()):
            return in_words(template, found)
        try:
            return template.render(found)
        except KeyTemplateError as error:
            raise KeyTemplateError(f"{self.place}: {error}") from None

    def _fitting(self, name: str, template: KeyTemplate, value: Any) -> Any:
        if isinstance(value, Unresolved):
            return value
        try:
            template.parse(value, self.entity.fields)
        except KeyTemplateError as error:
            raise KeyTemplateError(f"{self.place}: {name}: {error}") from None
        return value

    def _typed(self, name: str, type_: str, value: Any) -> Any:
        if isinstance(value, Unresolved):
            return value
        try:
            return parse(type_, value)
        except ValueError as error:
            raise ArgumentError(f"{self.place}: {name}: {error}") from None

    def _refuse_unknown_values(self) -> None:
        known = [*self.entity.attributes, *self.entity.keys, *_fields(self.entity)]
        for name in self.action.values:
            if name not in known:
                raise ModelError(f"{self.place}: values: no attribute {name!r}. {did_you_mean(name, known)}")

    def _check(self, content: Wire, check: Any) -> None:
        if any(holds_unresolved(value) for value in content.values()):
            return
        try:
            check()
        except ItemError as error:
            raise ItemError(f"{self.place}: {error}") from None


def key_wire(attribute: KeyAttribute, value: Any, place: str) -> Wire:
    """Return the value of a key attribute in wire form, as the type that the key schema declares."""
    if isinstance(value, Unresolved):
        return wire(value, attribute.type)
    declared = {"S": "string", "N": "number", "B": "binary"}[attribute.type]
    try:
        return wire(parse(declared, value))
    except ValueError as error:
        message = f"{place}: key attribute {attribute.name} is declared {attribute.type}: {error}"
        raise ArgumentError(message) from None


def holds_unresolved(wire_value: Wire) -> bool:
    """Return whether a wire value stands for one that a lookup must give first."""
    return any(isinstance(content, Unresolved) for content in wire_value.values())


def field_type(entity: Entity, name: str) -> str:
    """Return the type of a template field: as declared, integer where it is padded, else string."""
    padded = any(
        isinstance(part, Field) and part.name == name and part.width
        for template in entity.keys.values()
        for part in template.parts
    )
    return entity.fields.get(name, "integer" if padded else "string")


def _fields(entity: Entity) -> Iterable[str]:
    return (field for template in entity.keys.values() for field in template.fields)
