"""Makes tables and indexes of their documents, by AWS's rules for names, keys and billing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.model.loading.document import BillingDoc, IndexDoc, KeyAttributeDoc, KeysDoc, ModelDoc, TableDoc
from workbench.model.loading.lines import Path
from workbench.model.loading.problems import Problems
from workbench.model.tables import Billing, Index, KeyAttribute, KeySchema, Table

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_MOST = {"global": 20, "local": 5}
_MOST_INCLUDED = 100


def read_tables(document: ModelDoc, problems: Problems) -> dict[str, Table]:
    """Return the tables in the order of the file; add what AWS would refuse to ``problems``."""
    _check_main(document, problems)
    return {name: _table(name, doc, ("tables", name), problems) for name, doc in document.tables.items()}


def _check_main(document: ModelDoc, problems: Problems) -> None:
    for name in [name for name, doc in document.tables.items() if doc.main][1:]:
        problems.add(("tables", name, "main"), "another table is the main one already; a model has one at most")


def _table(name: str, doc: TableDoc, path: Path, problems: Problems) -> Table:
    _check_name("table", name, path, problems)
    keys = _key_schema(doc.keys, (*path, "keys"), problems, most=1)
    billing = _billing(doc.billing, (*path, "billing"), problems)
    indexes = {
        index: _index(index, index_doc, keys, billing, (*path, "indexes", index), problems)
        for index, index_doc in doc.indexes.items()
    }
    _check_counts(indexes, (*path, "indexes"), problems)
    _check_types_agree(keys, indexes, (*path, "indexes"), problems)
    return Table(name, keys, indexes, billing, doc.stream, doc.ttl, doc.deletion_protection, doc.main)


def _index(name: str, doc: IndexDoc, table: KeySchema, paid: Billing, path: Path, problems: Problems) -> Index:
    _check_name("index", name, path, problems)
    local = doc.kind == "local"
    keys = _key_schema(doc.keys, (*path, "keys"), problems, most=1 if local else 4)
    billing = _billing(doc.billing, (*path, "billing"), problems) if doc.billing is not None else None
    if local:
        _check_local(keys, table, billing, path, problems)
    elif billing is not None and billing.mode != paid.mode:
        problems.add((*path, "billing"), f"the table is {paid.mode}, and an index is billed as its table")
    if isinstance(doc.projection, str):
        return Index(name, keys, doc.kind, doc.projection, (), billing)
    _check_included(doc.projection, keys.names + table.names, (*path, "projection"), problems)
    return Index(name, keys, doc.kind, "INCLUDE", tuple(doc.projection), billing)


def _check_name(kind: str, name: str, path: Path, problems: Problems) -> None:
    if not _NAME.fullmatch(name):
        problems.add(
            path, f"{name!r} is no {kind} name; AWS takes 3 to 255 of the characters a-z A-Z 0-9 _ . -", at_key=True
        )


def _key_schema(doc: KeysDoc, path: Path, problems: Problems, *, most: int) -> KeySchema:
    schema = KeySchema(_attributes(doc.partition), _attributes(doc.sort) if doc.sort is not None else ())
    for part, attributes in (("partition", schema.partition), ("sort", schema.sort)):
        if len(attributes) > most:
            problems.add(
                (*path, part),
                f"{len(attributes)} {part} attributes; a table or local index has one, a global index up to four",
            )
    for name in _twice(schema.names):
        problems.add(path, f"the attribute {name!r} is in the key twice")
    for attribute in schema.attributes:
        if not 1 <= len(attribute.name.encode()) <= 255:
            problems.add(path, f"{attribute.name!r} is no key attribute name; AWS takes 1 to 255 bytes")
    return schema


def _attributes(form: str | KeyAttributeDoc | list[str | KeyAttributeDoc]) -> tuple[KeyAttribute, ...]:
    forms = form if isinstance(form, list) else [form]
    return tuple(KeyAttribute(each) if isinstance(each, str) else KeyAttribute(each.name, each.type) for each in forms)


def _billing(form: str | BillingDoc, path: Path, problems: Problems) -> Billing:
    if isinstance(form, str):
        return Billing()
    if form.mode == "provisioned" and (form.read is None or form.write is None):
        problems.add(path, "provisioned billing needs read and write units, for example read: 5, write: 5")
    if form.mode == "on-demand" and (form.read, form.write) != (None, None):
        problems.add(path, "on-demand billing has no read and write units; take them out, or say mode: provisioned")
    return Billing(form.mode, form.read, form.write)


def _check_local(keys: KeySchema, table: KeySchema, billing: Billing | None, path: Path, problems: Problems) -> None:
    if not table.sort:
        problems.add(path, "a local index needs a table with a sort key; use kind: global", at_key=True)
    if keys.partition[:1] != table.partition[:1]:
        wanted, got = table.partition[0], keys.partition[0]
        problems.add(
            (*path, "keys", "partition"),
            f"a local index has the table's partition key, {wanted.name!r} of type {wanted.type}, "
            f"not {got.name!r} of type {got.type}; use kind: global",
        )
    if not keys.sort:
        problems.add((*path, "keys"), "a local index needs a sort attribute; that is all it adds")
    if billing is not None:
        problems.add((*path, "billing"), "a local index has no billing of its own; it uses the table's")


def _check_included(included: list[str], keys: tuple[str, ...], path: Path, problems: Problems) -> None:
    for at, name in enumerate(included):
        if name in keys:
            problems.add((*path, at), f"{name!r} is a key attribute, which every index holds; take it out")
    for name in _twice(included):
        problems.add(path, f"{name!r} is included twice")


def _check_counts(indexes: dict[str, Index], path: Path, problems: Problems) -> None:
    for kind, most in _MOST.items():
        count = sum(index.kind == kind for index in indexes.values())
        if count > most:
            problems.add(path, f"{count} {kind} indexes; a table has {most} at most", at_key=True)
    included = sum(len(index.include) for index in indexes.values())
    if included > _MOST_INCLUDED:
        problems.add(path, f"the indexes include {included} attributes; {_MOST_INCLUDED} at most", at_key=True)


def _check_types_agree(keys: KeySchema, indexes: dict[str, Index], path: Path, problems: Problems) -> None:
    first = {attribute.name: (attribute.type, "the table") for attribute in keys.attributes}
    for name, index in indexes.items():
        for attribute in index.keys.attributes:
            type_, where = first.setdefault(attribute.name, (attribute.type, f"index {name}"))
            if type_ != attribute.type:
                problems.add(
                    (*path, name, "keys"),
                    f"{attribute.name!r} is {attribute.type} here and {type_} in {where}; one attribute, one type",
                )


def _twice(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return [name for name in dict.fromkeys(listed) if listed.count(name) > 1]
