"""Query, Scan and GetItem: key conditions on tables and indexes, filters, projections, order and limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.errors import ArgumentError, ModelError
from workbench.model import KeyAttribute, KeyCondition, KeySchema, KeyTemplate, Model, Pattern, SortCondition
from workbench.plans.entries import holds_unresolved, key_wire
from workbench.plans.expressions import parse_condition, parse_path
from workbench.plans.placeholders import Placeholders, Wire, Words, in_words
from workbench.plans.scope import Scope
from workbench.plans.syntax import Junction, write

_OPERATORS = {
    "equals": "{name} = {0}",
    "less_than": "{name} < {0}",
    "less_or_equal": "{name} <= {0}",
    "greater_than": "{name} > {0}",
    "greater_or_equal": "{name} >= {0}",
    "begins_with": "begins_with({name}, {0})",
    "between": "{name} BETWEEN {0} AND {1}",
}
_IN_WORDS = _OPERATORS | {"begins_with": "{name} begins with {0}", "between": "{name} between {0} and {1}"}


@dataclass(frozen=True)
class KeyPart:
    """A condition on one key attribute: its operator, its values in wire form, and how the model writes them."""

    attribute: KeyAttribute
    operator: str
    values: tuple[Wire, ...]
    sources: tuple[str, ...]

    def expression(self, placeholders: Placeholders) -> str:
        """Return the condition with placeholders."""
        name = placeholders.name(self.attribute.name)
        values = [
            placeholders.wire(value, source=source) for value, source in zip(self.values, self.sources, strict=True)
        ]
        return _OPERATORS[self.operator].format(*values, name=name)

    def words(self, scope: Scope) -> str:
        """Return the condition in words: ``pk = 'MSG#1'``."""
        values = [in_words(value) for value in self.values]
        return _IN_WORDS[self.operator].format(*values, name=Words(scope).name(self.attribute.name))


def key_schema(model: Model, pattern: Pattern) -> KeySchema:
    """Return the key schema that a pattern's key condition is about: the index's, or the table's."""
    if pattern.index is not None:
        return model.index(pattern.table, pattern.index).keys
    return model.table(pattern.table).keys


def key_parts(model: Model, pattern: Pattern, scope: Scope) -> tuple[KeyPart, ...]:
    """Return the conditions on the key, partition first; ModelError where DynamoDB could not look them up."""
    schema, key = key_schema(model, pattern), pattern.key
    if key is None:
        raise ModelError(f"{pattern.name}: a {pattern.operation} needs a key; give key: {{partition: ...}}")
    check_key_condition(pattern.name, schema, key)
    partition = (_part(each, "equals", (key.partition[each.name],), scope) for each in schema.partition)
    declared = {each.name: each for each in schema.sort}
    sort = (_part(declared[each.attribute], each.operator, each.values, scope) for each in key.sort)
    return (*partition, *sort)


def check_key_condition(place: str, schema: KeySchema, key: KeyCondition) -> None:
    """Raise ModelError unless every partition attribute is given and sort attributes go from left to right."""
    wanted = [each.name for each in schema.partition]
    if sorted(key.partition) != sorted(wanted):
        given = ", ".join(key.partition) or "none"
        raise ModelError(f"{place}: the partition key is {', '.join(wanted)}; the key condition gives {given}")
    names = [each.attribute for each in key.sort]
    allowed = [each.name for each in schema.sort]
    if names != allowed[: len(names)]:
        raise ModelError(
            f"{place}: conditions on {', '.join(names)}; sort attributes go from left to right without a gap: "
            f"{', '.join(allowed) or 'there are none'}"
        )
    for condition in key.sort[:-1]:
        if condition.operator != "equals":
            raise ModelError(
                f"{place}: {condition.attribute} {condition.operator}; only the last sort attribute named may have "
                f"another operator than equals"
            )
    for condition in key.sort:
        _check_operator(place, condition, schema)


def query(model: Model, pattern: Pattern, scope: Scope, parts: Sequence[KeyPart], limit: int | None) -> dict[str, Any]:
    """Return the arguments of a Query; ``parts`` are its ``key_parts``."""
    placeholders = Placeholders(scope)
    conditions = " AND ".join(part.expression(placeholders) for part in parts)
    return {
        **_target(model, pattern),
        "KeyConditionExpression": conditions,
        **_filter(pattern, placeholders),
        **projection(pattern, placeholders),
        **placeholders.kwargs(),
        **({"ScanIndexForward": False} if pattern.order == "descending" else {}),
        **({"Limit": limit} if limit else {}),
        **_consistent(model, pattern),
    }


def scan_request(model: Model, pattern: Pattern, scope: Scope, limit: int | None) -> dict[str, Any]:
    """Return the arguments of a Scan; ModelError when the pattern has a key condition."""
    if pattern.key is not None:
        raise ModelError(f"{pattern.name}: a Scan reads everything and takes no key; make it a Query")
    placeholders = Placeholders(scope)
    return {
        **_target(model, pattern),
        **_filter(pattern, placeholders),
        **projection(pattern, placeholders),
        **placeholders.kwargs(),
        **({"Limit": limit} if limit else {}),
        **_consistent(model, pattern),
    }


def get_by_key(model: Model, pattern: Pattern, scope: Scope) -> dict[str, Any]:
    """Return the arguments of a GetItem whose key the pattern gives as a key condition."""
    parts = key_parts(model, pattern, scope)
    names = model.table(pattern.table).keys.names
    if tuple(part.attribute.name for part in parts) != names or any(part.operator != "equals" for part in parts):
        raise ModelError(f"{pattern.name}: a GetItem needs the whole key, {' and '.join(names)}, each with one value")
    placeholders = Placeholders(scope)
    return {
        "TableName": pattern.table,
        "Key": {part.attribute.name: part.values[0] for part in parts},
        **projection(pattern, placeholders),
        **placeholders.kwargs(),
        **({"ConsistentRead": True} if pattern.consistent else {}),
    }


def projection(pattern: Pattern, placeholders: Placeholders) -> dict[str, str]:
    """Return ProjectionExpression for the attributes that come back, or nothing for all of them."""
    if not pattern.projection:
        return {}
    place = f"{pattern.name}: projection"
    return {
        "ProjectionExpression": ", ".join(write(parse_path(each, place), placeholders) for each in pattern.projection)
    }


def filter_words(pattern: Pattern, scope: Scope) -> tuple[str, ...]:
    """Return the filter in words, one for each condition that AND joins."""
    if pattern.filter is None:
        return ()
    condition = parse_condition(pattern.filter, f"{pattern.name}: filter")
    parts = condition.parts if isinstance(condition, Junction) and condition.word == "AND" else (condition,)
    return tuple(write(part, Words(scope)) for part in parts)


def _part(attribute: KeyAttribute, operator: str, templates: tuple[KeyTemplate, ...], scope: Scope) -> KeyPart:
    place = scope.pattern.name
    values = tuple(key_wire(attribute, scope.render(template), place) for template in templates)
    if operator == "between":
        _check_between(attribute, values, place)
    return KeyPart(attribute, operator, values, tuple(template.text for template in templates))


def _check_between(attribute: KeyAttribute, values: tuple[Wire, ...], place: str) -> None:
    if any(holds_unresolved(value) for value in values):
        return
    low, high = (_comparable(value) for value in values)
    if low > high:
        first, second = (in_words(value) for value in values)
        raise ArgumentError(f"{place}: {attribute.name} between {first} and {second}: the first is greater; swap them")


def _comparable(value: Wire) -> Any:
    kind, content = next(iter(value.items()))
    if kind == "N":
        return Decimal(content)
    return content.encode() if kind == "S" else content


def _check_operator(place: str, condition: SortCondition, schema: KeySchema) -> None:
    type_ = next(each.type for each in schema.sort if each.name == condition.attribute)
    if condition.operator == "begins_with" and type_ == "N":
        raise ModelError(f"{place}: {condition.attribute} is a number, which begins_with can't take; use between")
    wanted = 2 if condition.operator == "between" else 1
    if len(condition.values) != wanted:
        raise ModelError(f"{place}: {condition.attribute} {condition.operator} takes {wanted} value(s)")


def _target(model: Model, pattern: Pattern) -> dict[str, str]:
    if pattern.index is None:
        return {"TableName": model.table(pattern.table).name}
    return {"TableName": pattern.table, "IndexName": model.index(pattern.table, pattern.index).name}


def _filter(pattern: Pattern, placeholders: Placeholders) -> dict[str, str]:
    if pattern.filter is None:
        return {}
    condition = parse_condition(pattern.filter, f"{pattern.name}: filter")
    return {"FilterExpression": placeholders.write(condition, "filter")}


def _consistent(model: Model, pattern: Pattern) -> dict[str, bool]:
    if not pattern.consistent:
        return {}
    if pattern.index is not None and model.index(pattern.table, pattern.index).kind == "global":
        raise ModelError(
            f"{pattern.name}: consistent: true on {pattern.index}, a global index, which has only eventually "
            f"consistent reads; read the table, or leave it out"
        )
    return {"ConsistentRead": True}
