"""Makes the actions of writes, batches and transactions, and checks that every item they name can be made."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from workbench.model.entities import Attribute, Entity
from workbench.model.keys import KeyTemplate
from workbench.model.loading.lines import Path
from workbench.model.loading.names import Names
from workbench.model.loading.pattern_document import ActionDoc, GetDoc, PatternDoc
from workbench.model.loading.problems import Problems
from workbench.model.loading.scope import Scope
from workbench.model.loading.templates import read_template
from workbench.model.patterns import Action
from workbench.model.types import DYNAMODB_TYPE, ValueType, parse

Kind = Literal["put", "update", "delete", "check", "get"]
KINDS: tuple[Kind, ...] = ("put", "update", "delete", "check", "get")
_ALLOWED: dict[str, tuple[Kind, ...]] = {
    "PutItem": ("put",),
    "UpdateItem": ("update",),
    "DeleteItem": ("delete",),
    "BatchGetItem": ("get",),
    "TransactGetItems": ("get",),
    "BatchWriteItem": ("put", "delete"),
    "TransactWriteItems": ("put", "update", "delete", "check"),
}
_MOST = 100


def written_actions(doc: PatternDoc, path: Path, problems: Problems) -> list[tuple[Kind, GetDoc, Path]]:
    """Return each action as (kind, document, path), of the short forms and of ``actions`` alike."""
    short = [(kind, part, (*path, kind)) for kind in KINDS if (part := getattr(doc, kind, None)) is not None]
    listed: list[tuple[Kind, GetDoc, Path]] = []
    for at, action in enumerate(doc.actions or []):
        here = (*path, "actions", at)
        found = [(kind, part, (*here, kind)) for kind in KINDS if (part := _part(action, kind)) is not None]
        if len(found) != 1:
            problems.add(here, f"an action is one of {', '.join(KINDS)}, and this one has {len(found)} of them")
        listed += found
    if len(listed) > _MOST:
        problems.add((*path, "actions"), f"{len(listed)} actions; one request takes {_MOST} at most")
    return short + listed


def _part(action: ActionDoc, kind: Kind) -> GetDoc | None:
    part: GetDoc | None = getattr(action, kind)
    return part


def read_actions(doc: PatternDoc, names: Names, scope: Scope, path: Path, problems: Problems) -> tuple[Action, ...]:
    """Return the actions in the order of the file, without those whose entity is unknown."""
    found: list[Action] = []
    for kind, part, here in written_actions(doc, path, problems):
        allowed = _ALLOWED.get(doc.operation, ())
        if allowed and kind not in allowed:
            problems.add(here, f"{doc.operation} takes {', '.join(allowed)}, not {kind}", at_key=True)
            continue
        entity = scope.entity(part.entity, here, problems)
        if entity is not None:
            found.append(
                _action(kind, part, entity, doc.operation, _through(part, names, here, problems), here, problems)
            )
    return tuple(found)


def _through(part: GetDoc, names: Names, path: Path, problems: Problems) -> Names:
    if part.each is None:
        return names
    lookup = names.lookups.get(part.each)
    if lookup is None:
        problems.unknown((*path, "each"), "lookup", part.each, names.lookups)
    elif not lookup.many:
        problems.add((*path, "each"), f"lookup {part.each!r} gives one row; declare it with `rows: many`")
    return replace(names, each=part.each)


def _action(
    kind: Kind, part: GetDoc, entity: Entity, operation: str, names: Names, path: Path, problems: Problems
) -> Action:
    condition: str | None = getattr(part, "condition", None)
    update: str | None = getattr(part, "set", None)
    if condition is not None and operation == "BatchWriteItem":
        problems.add((*path, "condition"), "BatchWriteItem takes no conditions; use TransactWriteItems")
    names.check_expression(condition, (*path, "condition"), problems)
    names.check_expression(update, (*path, "set"), problems)
    fields = _fields(kind, entity)
    values = _values(part, kind, entity, fields, names, path, problems)
    _check_complete(kind, entity, fields, part, names, path, problems)
    return Action(kind, entity.name, values, update, condition, part.each)


def _fields(kind: Kind, entity: Entity) -> dict[str, ValueType]:
    attributes: dict[str, Attribute] = entity.attributes if kind == "put" else {}
    return {**{name: attribute.type for name, attribute in attributes.items()}, **entity.fields}


def _values(
    part: GetDoc, kind: Kind, entity: Entity, fields: dict[str, ValueType], names: Names, path: Path, problems: Problems
) -> dict[str, KeyTemplate]:
    found: dict[str, KeyTemplate] = {}
    for name, text in part.values.items():
        here = (*path, "values", name)
        if name not in fields and name not in entity.keys:
            what = "attribute or key field" if kind == "put" else "key field"
            problems.unknown(here, f"{what} of {entity.name}", name, [*fields, *entity.keys], at_key=True)
            continue
        template = read_template(text, here, problems)
        if template is not None:
            names.check(template.fields, here, problems)
            _check_type(name, fields.get(name, "any"), template, names, here, problems)
            found[name] = template
    return found


def _check_type(
    name: str, type_: ValueType, template: KeyTemplate, names: Names, path: Path, problems: Problems
) -> None:
    if template.only_field is not None:
        given = names.types.get(template.only_field, "any")
        if "any" not in (given, type_) and DYNAMODB_TYPE[given] != DYNAMODB_TYPE[type_]:
            problems.add(path, f"{name!r} is {type_}, and {{{template.only_field}}} is {given}")
    elif not template.fields:
        try:
            parse(type_, template.prefix)
        except ValueError as error:
            problems.add(path, str(error))
    elif DYNAMODB_TYPE.get(type_, "S") != "S":
        problems.add(
            path, f"{name!r} is {type_}, and a template with text in it makes a string; use one bare {{field}}"
        )


def _check_complete(
    kind: Kind,
    entity: Entity,
    fields: dict[str, ValueType],
    part: GetDoc,
    names: Names,
    path: Path,
    problems: Problems,
) -> None:
    """Add a problem for every key field and required attribute that nothing gives. Rows of ``each`` may give any."""
    if part.each is not None:
        return
    whole = {key for key in entity.keys if key in part.values or key in names.parameters}
    made = {field for key in whole for field in entity.keys[key].fields}
    for name in fields:
        attribute = entity.attributes.get(name) if name not in entity.fields else None
        needed = attribute is None or attribute.required
        given = name in part.values or name in names.parameters or (attribute is None and name in made)
        if needed and not given:
            what = "required attribute" if attribute is not None else "key field"
            problems.add(
                path,
                f"{kind} of {entity.name} lacks a value for the {what} {name!r}; add it under values, or add a "
                f"parameter of that name",
                at_key=True,
            )
