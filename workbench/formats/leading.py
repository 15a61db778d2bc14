"""Which partition keys a request may name: a key template as IAM compares it with ``dynamodb:LeadingKeys``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.errors import UnknownNameError, UsageError, did_you_mean
from workbench.model import Action, KeyTemplate, Model, Pattern
from workbench.model.keys import Field

__all__ = ["IDENTITY", "Callers", "Partition", "callers_of", "leading_keys", "partition_of"]

IDENTITY = "${cognito-identity.amazonaws.com:sub}"
# In a policy these stand for themselves only so written (IAM User Guide, "Policy variables": special characters).
_SPECIAL = {"*": "${*}", "?": "${?}", "$": "${$}"}


@dataclass(frozen=True)
class Partition:
    """The partition key of one request: literals and fields as the pattern writes them.

    ``fields`` maps each field of ``template`` to what the pattern puts there, such as ``me.user_uuid``.
    """

    template: KeyTemplate
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Callers:
    """The fields that hold the caller's own identity, each with the policy variable that has it."""

    variables: Mapping[str, str]

    def variable(self, field: str) -> str | None:
        """Return the variable of a field, None where it is not the caller's identity."""
        return self.variables.get(field)


def leading_keys(partition: Partition | None, callers: Callers) -> str | None:
    """Return the pattern that the partition keys fit, None where it could be any: ``GRP#${...:sub}``, ``MSG#*``."""
    if partition is None:
        return None
    parts = [_part(part, partition, callers) for part in partition.template.parts]
    return None if parts == ["*"] else "".join(parts)


def partition_of(model: Model, pattern: Pattern, action: Action | None) -> Partition | None:
    """Return the partition key that a pattern's request, or one of its actions, names; None for a Scan."""
    if action is not None:
        return _written(model, action)
    if pattern.key is None:
        return None
    keys = model.index(pattern.table, pattern.index).keys if pattern.index else model.table(pattern.table).keys
    template = pattern.key.partition[keys.partition[0].name]
    return Partition(template, {name: name for name in template.fields})


def callers_of(model: Model, patterns: list[Pattern], named: Mapping[str, str]) -> Callers:
    """Return which of the patterns' fields are the caller, from names that a person gave with their variables.

    A name is a field as a pattern writes it (``me.user_uuid``), or the entity's own (``member_uuid``) where the
    patterns fill it from one field only. UsageError where they fill it from several, UnknownNameError for another.
    """
    partitions = [
        (partition, _entity_fields(model, pattern.table, partition.template))
        for pattern in patterns
        for action in (pattern.actions or (None,))
        if (partition := partition_of(model, pattern, action)) is not None
    ]
    direct = {field for partition, _ in partitions for field in partition.fields.values()}
    found = {}
    for name, variable in named.items():
        sources = {name} if name in direct else _sources(name, partitions)
        if len(sources) > 1:
            raise UsageError(
                f"{name} is filled from {' and '.join(sorted(sources))}; say which of them is the caller, for example "
                f"--caller {min(sources)}"
            )
        if not sources:
            known = direct | {each for _, fields in partitions for each in fields.values()}
            raise UnknownNameError(
                f"no partition key of these patterns has a field {name!r}. {did_you_mean(name, sorted(known))}"
            )
        found[sources.pop()] = variable
    return Callers(found)


def _sources(name: str, partitions: list[tuple[Partition, dict[str, str]]]) -> set[str]:
    """The fields that patterns put where an entity's template has the field ``name``."""
    return {
        partition.fields[field]
        for partition, own in partitions
        for field, entity_field in own.items()
        if entity_field == name and field in partition.fields
    }


def _entity_fields(model: Model, table: str, template: KeyTemplate) -> dict[str, str]:
    """The entity's name for each field of a template that is written like one of the table's key templates."""
    for entity in model.entities_of(table):
        for own in entity.keys.values():
            if _literals(own) == _literals(template) and len(own.parts) > 1:
                return dict(zip(_fields(template), _fields(own), strict=True))
    return {}


def _literals(template: KeyTemplate) -> list[str | None]:
    return [part if isinstance(part, str) else None for part in template.parts]


def _fields(template: KeyTemplate) -> list[str]:
    return [part.name for part in template.parts if isinstance(part, Field)]


def _written(model: Model, action: Action) -> Partition:
    entity = model.entity(action.entity)
    name = model.table(entity.table).keys.partition[0].name
    if name in action.values:
        template = action.values[name]
        return Partition(template, {field: field for field in template.fields})
    template = entity.keys[name]
    return Partition(template, {field: _source(action, field) for field in template.fields})


def _source(action: Action, field: str) -> str:
    """What an action puts into a field of its entity's key: a lookup's column, or the argument of that name."""
    given = action.values.get(field)
    if given is not None:
        return given.only_field or given.text
    return f"{action.each}.{field}" if action.each else field


def _part(part: str | Field, partition: Partition, callers: Callers) -> str:
    if isinstance(part, str):
        return "".join(_SPECIAL.get(char, char) for char in part)
    return callers.variable(partition.fields[part.name]) or "*"
