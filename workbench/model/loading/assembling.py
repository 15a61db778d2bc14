"""Puts the parts of a model together in the order in which they refer to each other."""

from __future__ import annotations

from pathlib import Path

from workbench.errors import ModelError
from workbench.model.entities import Source
from workbench.model.loading.document import DatabaseDoc, ModelDoc
from workbench.model.loading.entities import read_entities
from workbench.model.loading.files import Files
from workbench.model.loading.grammar import fit
from workbench.model.loading.lines import read
from workbench.model.loading.patterns import read_patterns
from workbench.model.loading.problems import Problems
from workbench.model.loading.scope import Scope
from workbench.model.loading.tables import read_tables
from workbench.model.model import Database, Model, Rows


def assemble(text: str, path: Path, file: str) -> Model:
    """Return the model that ``text`` writes; ``path`` is where it lies, ``file`` how problems name it."""
    tree = read(text, file)
    problems = Problems(tree, file)
    document, broken = fit(tree, problems)
    if document is None:
        raise ModelError(problems.in_order())
    scope = Scope(read_tables(document, problems), broken)
    files = Files(path.parent, problems)
    database = _database(document.database, files, problems) if document.database is not None else None
    scope.entities = read_entities(document, scope, files, problems)
    scope.unread = frozenset(document.entities) - frozenset(scope.entities)
    patterns = read_patterns(document, scope, files, problems)
    _check_sources(document, problems)
    if problems.found:
        raise ModelError(problems.in_order())
    return Model(document.model, path, document.description, scope.tables, scope.entities, patterns, database)


def _database(doc: DatabaseDoc, files: Files, problems: Problems) -> Database:
    schema = tuple(files.sql(name, ("database", "schema", at)) for at, name in enumerate(doc.schema_))
    seed: list[Source | Rows] = []
    for at, form in enumerate(doc.seed):
        if isinstance(form, str):
            seed.append(files.sql(form, ("database", "seed", at)))
        else:
            found = files.find(form.rows, ("database", "seed", at, "rows"))
            seed.append(Rows(form.table, found or Path(form.rows)))
    return Database(schema, tuple(seed))


def _check_sources(document: ModelDoc, problems: Problems) -> None:
    """SQL without a database can never run."""
    if document.database is not None:
        return
    cure = "the model has no `database:`, so SQL cannot run; add database: {schema: [...], seed: [...]}"
    for name, entity in document.entities.items():
        if entity.source:
            problems.add(("entities", name, "source"), cure)
    for name, pattern in document.patterns.items():
        if pattern.oracle:
            problems.add(("patterns", name, "oracle"), cure)
        for lookup in pattern.lookups:
            problems.add(("patterns", name, "lookups", lookup), cure, at_key=True)
