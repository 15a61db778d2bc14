"""Makes entities of their documents and checks their key templates against the keys of their table."""

from __future__ import annotations

from workbench.model.entities import Attribute, Entity
from workbench.model.keys import KeyTemplate
from workbench.model.loading.document import AttributeDoc, EntityDoc, ModelDoc
from workbench.model.loading.files import Files
from workbench.model.loading.lines import Path
from workbench.model.loading.problems import Problems
from workbench.model.loading.scope import Scope
from workbench.model.loading.templates import check_field_types, check_key_type, read_template
from workbench.model.tables import KeyAttribute, Table
from workbench.model.types import DYNAMODB_TYPE, ValueType


def read_entities(document: ModelDoc, scope: Scope, files: Files, problems: Problems) -> dict[str, Entity]:
    """Return the entities in the order of the file, without those whose table is unknown or broken."""
    entities: dict[str, Entity] = {}
    for name, doc in document.entities.items():
        path: Path = ("entities", name)
        table = scope.table(doc.table, path, problems)
        if table is not None:
            entities[name] = _entity(name, doc, table, path, files, problems)
    return entities


def _entity(name: str, doc: EntityDoc, table: Table, path: Path, files: Files, problems: Problems) -> Entity:
    attributes = {each: _attribute(each, form) for each, form in doc.attributes.items()}
    keys = _keys(doc, table, path, problems)
    fields = _fields(keys, doc, attributes, path, problems)
    for attribute in table.keys.attributes:
        if attribute.name in keys:
            at = _at(doc, table, attribute.name, path)
            check_key_type(keys[attribute.name], attribute, fields, at, problems)
            check_field_types(keys[attribute.name], fields, at, problems)
    _check_attributes(attributes, table, path, problems)
    source = files.sql(doc.source, (*path, "source")) if doc.source else None
    if source is not None:
        files.check_names(source, [], (*path, "source"))
    _check_one_per(doc, attributes, table, path, problems)
    return Entity(name, table.name, keys, attributes, fields, source, doc.description, doc.one_per)


def _check_one_per(
    doc: EntityDoc, attributes: dict[str, Attribute], table: Table, path: Path, problems: Problems
) -> None:
    if doc.one_per is None:
        return
    if doc.one_per not in attributes:
        problems.unknown((*path, "one_per"), "attribute", doc.one_per, attributes)
    if not table.keys.sort:
        problems.add((*path, "one_per"), f"{table.name!r} has no sort key that could move; take it out")


def _attribute(name: str, form: ValueType | AttributeDoc) -> Attribute:
    if isinstance(form, str):
        return Attribute(name, form)
    return Attribute(name, form.type, form.description, form.required)


def _keys(doc: EntityDoc, table: Table, path: Path, problems: Problems) -> dict[str, KeyTemplate]:
    keys: dict[str, KeyTemplate] = {}
    _match(keys, "partition", doc.keys.partition, table.keys.partition, table, path, problems)
    _match(keys, "sort", doc.keys.sort, table.keys.sort, table, path, problems)
    return keys


def _match(
    keys: dict[str, KeyTemplate],
    part: str,
    form: str | list[str] | None,
    attributes: tuple[KeyAttribute, ...],
    table: Table,
    path: Path,
    problems: Problems,
) -> None:
    texts = [] if form is None else [form] if isinstance(form, str) else form
    if len(texts) != len(attributes):
        names = ", ".join(repr(attribute.name) for attribute in attributes) or "none"
        problems.add(
            (*path, "keys", *((part,) if texts else ())),
            f"{len(texts)} {part} templates, and table {table.name!r} has {len(attributes)} {part} attributes: {names}",
        )
    for at, (text, attribute) in enumerate(zip(texts, attributes, strict=False)):
        here = (*path, "keys", part, *((at,) if isinstance(form, list) else ()))
        template = read_template(text, here, problems)
        if template is not None:
            keys[attribute.name] = template
            for field in template.fields:
                if "." in field:
                    problems.add(here, f"{{{field}}}: an entity has no lookups; a field is one plain name")


def _fields(
    keys: dict[str, KeyTemplate], doc: EntityDoc, attributes: dict[str, Attribute], path: Path, problems: Problems
) -> dict[str, ValueType]:
    """Return the type of each template field: as declared, else of the attribute of that name, else string."""
    named = list(dict.fromkeys(field for template in keys.values() for field in template.fields))
    padded = {
        part.name for template in keys.values() for part in template.parts if not isinstance(part, str) and part.width
    }
    for field, type_ in doc.fields.items():
        if field not in named:
            problems.unknown((*path, "fields", field), "template field", field, named, at_key=True)
        elif field in attributes and attributes[field].type != type_:
            problems.add(
                (*path, "fields", field), f"{field!r} is {type_} here and {attributes[field].type} in the attributes"
            )
    inherited: dict[str, ValueType] = {field: attributes[field].type for field in named if field in attributes}
    return {
        field: doc.fields.get(field) or inherited.get(field) or ("integer" if field in padded else "string")
        for field in named
    }


def _at(doc: EntityDoc, table: Table, attribute: str, path: Path) -> Path:
    part = "partition" if any(each.name == attribute for each in table.keys.partition) else "sort"
    form = getattr(doc.keys, part)
    schema = table.keys.partition if part == "partition" else table.keys.sort
    at = [each.name for each in schema].index(attribute)
    return (*path, "keys", part, *((at,) if isinstance(form, list) else ()))


def _check_attributes(attributes: dict[str, Attribute], table: Table, path: Path, problems: Problems) -> None:
    typed = {each.name: each for index in table.indexes.values() for each in index.keys.attributes}
    for name, attribute in attributes.items():
        here = (*path, "attributes", name)
        stored = DYNAMODB_TYPE.get(attribute.type)
        if name in table.keys.names:
            problems.add(
                here, f"{name!r} is a key attribute of {table.name!r}; its template stands under keys", at_key=True
            )
        elif name in typed and stored not in (None, typed[name].type):
            problems.add(
                here,
                f"{name!r} is an index key of type {typed[name].type}, and {attribute.type} is stored as {stored}",
            )
        elif name == table.ttl and stored not in (None, "N"):
            problems.add(here, f"{name!r} is the time to live, a number of seconds; make it an integer")
