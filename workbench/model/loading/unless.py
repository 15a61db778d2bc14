"""Checks `unless:` of a pattern that writes: what it looks for reads, what it runs instead writes, arguments fit."""

from __future__ import annotations

from workbench.model.loading.document import ModelDoc
from workbench.model.loading.lines import Path
from workbench.model.loading.problems import Problems
from workbench.model.loading.scope import Scope
from workbench.model.patterns import READS, Pattern

_READS = frozenset({"GetItem", "Query"})


def check_unless(document: ModelDoc, found: dict[str, Pattern], scope: Scope, problems: Problems) -> None:
    """Add a problem for everything that an `unless:` names and that cannot be run with its pattern's arguments."""
    for name, pattern in found.items():
        if pattern.unless is None:
            continue
        path: Path = ("patterns", name, "unless")
        if pattern.operation in READS:
            problems.add(path, f"{pattern.operation} writes nothing; `unless` is for a write", at_key=True)
            continue
        _check_finds(pattern, document, found, path, problems)
        _check_then(pattern, document, found, scope, path, problems)


def _named(
    part: str, name: str, document: ModelDoc, found: dict[str, Pattern], path: Path, problems: Problems
) -> Pattern | None:
    if name not in document.patterns:
        problems.unknown((*path, part), "pattern", name, document.patterns)
    return found.get(name)


def _check_finds(
    pattern: Pattern, document: ModelDoc, found: dict[str, Pattern], path: Path, problems: Problems
) -> None:
    assert pattern.unless is not None
    finds = _named("finds", pattern.unless.finds, document, found, path, problems)
    if finds is None:
        return
    if finds.operation not in _READS:
        problems.add((*path, "finds"), f"{finds.name!r} is a {finds.operation}; a GetItem or a Query finds a row")
    if not finds.consistent:
        problems.add(
            (*path, "finds"),
            f"{finds.name!r} is eventually consistent and may miss the row of a moment ago; give it `consistent: true`",
        )
    for name in _lacking(finds, set(pattern.parameters)):
        problems.add((*path, "finds"), f"{finds.name!r} needs {name!r}, which is no parameter of {pattern.name!r}")


def _check_then(
    pattern: Pattern, document: ModelDoc, found: dict[str, Pattern], scope: Scope, path: Path, problems: Problems
) -> None:
    assert pattern.unless is not None
    then = _named("then", pattern.unless.then, document, found, path, problems)
    finds = found.get(pattern.unless.finds)
    if then is None:
        return
    if then.operation in READS:
        problems.add((*path, "then"), f"{then.name!r} is a {then.operation}; what is done instead writes")
    if then.unless is not None:
        problems.add((*path, "then"), f"{then.name!r} has an `unless` of its own; one is enough")
    columns: set[str] = set()
    for entity in scope.entities.values() if finds is not None else ():
        if finds is not None and entity.table == finds.table:
            columns |= {*entity.attributes, *entity.fields}
    for at, name in enumerate(pattern.unless.takes):
        if name not in then.parameters:
            problems.unknown((*path, "takes", at), f"parameter of {then.name!r} called", name, then.parameters)
        elif finds is not None and name not in columns:
            problems.unknown((*path, "takes", at), "column of what is found called", name, columns)
    for name in _lacking(then, {*pattern.parameters, *pattern.unless.takes}):
        problems.add(
            (*path, "then"),
            f"{then.name!r} needs {name!r}, which is no parameter of {pattern.name!r} and not among `takes`",
        )


def _lacking(pattern: Pattern, known: set[str]) -> list[str]:
    return [name for name, each in pattern.parameters.items() if each.required and name not in known]
