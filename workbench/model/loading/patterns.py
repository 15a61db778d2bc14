"""Makes access patterns of their documents and checks that each operation has the parts it needs, and no others."""

from __future__ import annotations

import re
from decimal import Decimal

from workbench.model.entities import Source
from workbench.model.loading.actions import read_actions, written_actions
from workbench.model.loading.conditions import read_key
from workbench.model.loading.document import ModelDoc
from workbench.model.loading.examples import check_pages, read_examples, units_text
from workbench.model.loading.files import Files
from workbench.model.loading.lines import Path, position
from workbench.model.loading.names import Names, read_lookups, read_parameters
from workbench.model.loading.pattern_document import PatternDoc, RateDoc
from workbench.model.loading.problems import Problems
from workbench.model.loading.scope import Scope
from workbench.model.loading.unless import check_unless
from workbench.model.patterns import Budget, KeyCondition, Pattern, Rate, Unless
from workbench.model.tables import KeySchema, Table

_READ = {"projection", "consistent"}
_ACTIONS = {"put", "update", "delete", "get", "actions"}
_NEEDS: dict[str, set[str]] = {
    "GetItem": {"key"},
    "Query": {"key"},
    "Scan": set(),
    "PutItem": {"put"},
    "UpdateItem": {"update"},
    "DeleteItem": {"delete"},
}
_TAKES: dict[str, set[str]] = {
    "GetItem": {"key", *_READ},
    "Query": {"key", "index", "filter", "order", "limit", *_READ},
    "Scan": {"index", "filter", "limit", *_READ},
    "PutItem": {"put"},
    "UpdateItem": {"update", "actions"},
    "DeleteItem": {"delete", "actions"},
    "BatchGetItem": {"get", "actions", *_READ},
    "TransactGetItems": {"get", "actions", "projection"},
    "BatchWriteItem": {"put", "delete", "actions"},
    "TransactWriteItems": {"put", "update", "delete", "actions"},
}
_PARTS = (
    "index",
    "key",
    "filter",
    "projection",
    "order",
    "limit",
    "consistent",
    "put",
    "update",
    "delete",
    "get",
    "actions",
)
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(?:/ *(s|sec|second|m|min|minute|h|hour|d|day))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def read_patterns(document: ModelDoc, scope: Scope, files: Files, problems: Problems) -> dict[str, Pattern]:
    """Return the patterns in the order of the file, without those whose table is unknown or broken."""
    found: dict[str, Pattern] = {}
    for name, doc in document.patterns.items():
        pattern = _pattern(name, doc, ("patterns", name), scope, files, problems)
        if pattern is not None:
            found[name] = pattern
    check_unless(document, found, scope, problems)
    return found


def _pattern(name: str, doc: PatternDoc, path: Path, scope: Scope, files: Files, problems: Problems) -> Pattern | None:
    _check_parts(doc, path, problems)
    parameters = read_parameters(doc, path, problems)
    names = Names(parameters, read_lookups(doc, parameters, files, path, problems))
    names.check_expression(doc.filter, (*path, "filter"), problems)
    _check_limit(doc, names, path, problems)
    actions = read_actions(doc, names, scope, path, problems)
    oracle = _oracle(doc, names, files, path, problems)
    table = _table(doc, path, scope, problems)
    if table is None:
        return None
    schema, owner = _target(doc, table, path, problems)
    key = _key(doc, schema, owner, names, path, problems) if schema is not None else None
    tables = {table.name, *(scope.entities[action.entity].table for action in actions)}
    stored = [entity for entity in scope.entities.values() if entity.table in tables]
    return Pattern(
        name=name,
        question=doc.question,
        operation=doc.operation,
        table=table.name,
        index=doc.index,
        key=key,
        actions=actions,
        unless=_unless(doc),
        filter=doc.filter,
        projection=tuple(doc.projection or ()),
        order=doc.order or "ascending",
        limit=doc.limit.strip("{}") if isinstance(doc.limit, str) else doc.limit,
        consistent=bool(doc.consistent),
        parameters=parameters,
        lookups=names.lookups,
        oracle=oracle,
        rate=_rate(doc.rate, (*path, "rate"), problems),
        budget=_budget(doc, path, problems),
        examples=read_examples(doc, parameters, stored, table, path, problems),
        description=doc.description,
        line=position(problems.tree, path, of_key=True).line,
    )


def _unless(doc: PatternDoc) -> Unless | None:
    return None if doc.unless is None else Unless(doc.unless.finds, doc.unless.then, tuple(doc.unless.takes))


def _check_parts(doc: PatternDoc, path: Path, problems: Problems) -> None:
    operation = doc.operation
    given = [part for part in _PARTS if getattr(doc, part) is not None]
    for part in sorted(_NEEDS.get(operation, set()) - set(given)):
        if part in ("update", "delete") and "actions" in given:
            continue  # several kinds of item, one request each: a name that is copied to two entities, say
        problems.add(path, f"{operation} needs `{part}:`", at_key=True)
    if operation not in _NEEDS and not _ACTIONS & set(given):
        problems.add(path, f"{operation} needs `actions:`, a list of what it does", at_key=True)
    for part in given:
        if part not in _TAKES[operation]:
            takers = ", ".join(each for each in _TAKES if part in _TAKES[each])
            problems.add((*path, part), f"{operation} takes no `{part}`; these do: {takers}", at_key=True)


def _table(doc: PatternDoc, path: Path, scope: Scope, problems: Problems) -> Table | None:
    if doc.table is None and len(scope.tables) > 1:
        for _, part, _ in written_actions(doc, path, Problems(problems.tree, problems.file)):
            if part.entity in scope.entities:
                return scope.tables[scope.entities[part.entity].table]
    return scope.table(doc.table, path, problems)


def _target(doc: PatternDoc, table: Table, path: Path, problems: Problems) -> tuple[KeySchema | None, str]:
    if doc.index is None:
        return table.keys, f"table {table.name!r}"
    index = table.indexes.get(doc.index)
    if index is None:
        problems.unknown((*path, "index"), f"index of table {table.name!r} called", doc.index, table.indexes)
        return None, ""
    if doc.consistent and index.kind == "global":
        problems.add(
            (*path, "consistent"), f"a global index has no consistent reads; read the table instead of {index.name!r}"
        )
    return index.keys, f"index {index.name!r}"


def _key(
    doc: PatternDoc, schema: KeySchema, owner: str, names: Names, path: Path, problems: Problems
) -> KeyCondition | None:
    if doc.key is None:
        return None
    return read_key(doc.key, schema, owner, names, (*path, "key"), problems, whole=doc.operation == "GetItem")


def _check_limit(doc: PatternDoc, names: Names, path: Path, problems: Problems) -> None:
    if not isinstance(doc.limit, str):
        return
    name = doc.limit.strip("{}")
    if name not in names.parameters:
        problems.unknown((*path, "limit"), "parameter", name, names.parameters)
    elif names.parameters[name].type != "integer":
        problems.add(
            (*path, "limit"), f"the limit is an integer, and parameter {name!r} is {names.parameters[name].type}"
        )


def _oracle(doc: PatternDoc, names: Names, files: Files, path: Path, problems: Problems) -> Source | None:
    if doc.oracle is None:
        return None
    source = files.sql(doc.oracle, (*path, "oracle"))
    limit = ["limit"] if doc.limit is not None else []
    files.check_names(source, list(dict.fromkeys([*names.parameters, *limit])), (*path, "oracle"))
    return source


def _budget(doc: PatternDoc, path: Path, problems: Problems) -> Budget | None:
    most = doc.budget
    if most is None:
        return None
    check_pages(most, doc.operation, (*path, "budget"), problems)
    return Budget(units_text(most.read_units), units_text(most.write_units), most.pages, most.items_read)


def _rate(doc: RateDoc | None, path: Path, problems: Problems) -> Rate | None:
    if doc is None:
        return None
    average = _a_second(doc.average, (*path, "average"), problems)
    peak = _a_second(doc.peak, (*path, "peak"), problems)
    if average is not None and peak is not None and peak < average:
        problems.add((*path, "peak"), "the peak is below the average; are they the wrong way round?")
    return Rate(average, peak)


def _a_second(text: str | None, path: Path, problems: Problems) -> float | None:
    if text is None:
        return None
    match = _RATE.fullmatch(text.strip())
    if match is None:
        problems.add(path, f"{text!r} is no rate; write 40/s, 10/min, 5/h or 2/day")
        return None
    return float(Decimal(match[1]) / _SECONDS[(match[2] or "s")[0]])
