"""Steps: each touches one item, and is a request by itself or one part of a batch or a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from workbench.errors import ModelError
from workbench.model import Action, Model, Pattern
from workbench.plans.entries import Entry, holds_unresolved
from workbench.plans.expressions import check_overlap, parse_condition, parse_update
from workbench.plans.placeholders import Placeholders, Wire, Words, in_words
from workbench.plans.reads import projection
from workbench.plans.scope import Scope
from workbench.plans.syntax import Update, write


@dataclass(frozen=True)
class Step:
    """What is done to one item. ``kwargs`` are the arguments of the operation for this item alone.

    ``update`` and ``condition`` are in words; empty where there is none.
    """

    kind: Literal["put", "update", "delete", "check", "get"]
    entity: str
    table: str
    key: Wire
    kwargs: dict[str, Any]
    update: str = ""
    condition: str = ""

    @property
    def identity(self) -> tuple[str, tuple[tuple[str, str, Any], ...]] | None:
        """Return table and key in a form that can be compared; None while a lookup has to give a part of the key."""
        if any(holds_unresolved(value) for value in self.key.values()):
            return None
        return self.table, tuple((name, *next(iter(value.items()))) for name, value in sorted(self.key.items()))

    @property
    def words(self) -> str:
        """The step in words: ``put Message pk = 'MSG#1', sk = '2026'``."""
        return f"{self.kind} {self.entity} {key_words(self.key)}"


def key_words(key: Wire) -> str:
    """Return a key in words: ``pk = 'MSG#1', sk = '2026'``."""
    return ", ".join(f"{name} = {in_words(value)}" for name, value in key.items())


def steps_of(model: Model, pattern: Pattern, scope: Scope, kinds: tuple[str, ...]) -> list[Step]:
    """Return the steps of a pattern's actions in order, one a row where an action has ``each``.

    ModelError where an action is of a kind that the operation does not know.
    """
    if not pattern.actions:
        raise ModelError(f"{pattern.name}: a {pattern.operation} needs {' or '.join(kinds)}; it has no action")
    steps: list[Step] = []
    for action in pattern.actions:
        if action.kind not in kinds:
            raise ModelError(
                f"{pattern.name}: a {pattern.operation} knows no {action.kind}; only {' and '.join(kinds)}"
            )
        steps += [_step(model, action, each) for each in scope.scopes(action.each)]
    return steps


def _step(model: Model, action: Action, scope: Scope) -> Step:
    entry = Entry(model, action, scope)
    placeholders = Placeholders(scope)
    subject = _subject(entry)
    names = entry.table.keys.names
    update, update_words = _update(entry, placeholders)
    condition, condition_words = _condition(entry, placeholders)
    return Step(
        kind=action.kind,
        entity=action.entity,
        table=entry.table.name,
        key={name: next(iter(subject.values()))[name] for name in names},
        kwargs={
            "TableName": entry.table.name,
            **subject,
            **update,
            **condition,
            **(projection(scope.pattern, placeholders) if action.kind == "get" else {}),
            **placeholders.kwargs(),
        },
        update=update_words,
        condition=condition_words,
    )


def _subject(entry: Entry) -> dict[str, Wire]:
    return {"Item": entry.item()} if entry.action.kind == "put" else {"Key": entry.key()}


def _update(entry: Entry, placeholders: Placeholders) -> tuple[dict[str, str], str]:
    text = entry.action.update
    if entry.action.kind != "update":
        if text is not None:
            raise ModelError(f"{entry.place}: set is for an update; a {entry.action.kind} changes no single attribute")
        return {}, ""
    if text is None:
        raise ModelError(f'{entry.place}: an update needs set, such as set: "SET name = {{name}}"')
    update = parsed_update(text, f"{entry.place}: set", entry.table.keys.names)
    return {"UpdateExpression": placeholders.write(update, "set")}, write(update, Words(entry.scope))


def parsed_update(text: str, place: str, keys: tuple[str, ...]) -> Update:
    """Return the tree of an update; ModelError for a mistake, a place changed twice, or a key attribute changed."""
    update = parse_update(text, place)
    wrong = check_overlap(update, keys, text=text, place=place)
    if wrong is not None:
        raise wrong
    return update


def _condition(entry: Entry, placeholders: Placeholders) -> tuple[dict[str, str], str]:
    text, kind = entry.action.condition, entry.action.kind
    if text is None:
        if kind == "check":
            raise ModelError(f'{entry.place}: a check needs condition, such as "attribute_exists(pk)"')
        return {}, ""
    if kind == "get":
        raise ModelError(f"{entry.place}: a get takes no condition")
    condition = parse_condition(text, f"{entry.place}: condition")
    return {"ConditionExpression": placeholders.write(condition, "condition")}, write(condition, Words(entry.scope))
