"""What a pattern needs to be allowed: IAM actions on tables and indexes, the keys and attributes that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.errors import ModelError
from workbench.formats.leading import Callers, leading_keys, partition_of
from workbench.model import Action, Entity, Model, Pattern
from workbench.plans.expressions import parse_condition, parse_path, parse_update
from workbench.plans.syntax import Node, paths

__all__ = ["Need", "needs_of", "written_attributes"]

_ACTIONS = {
    "put": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "check": "ConditionCheckItem",
    "get": "GetItem",
}
_TRANSACTIONS = ("TransactGetItems", "TransactWriteItems")


@dataclass(frozen=True)
class Need:
    """One action on one resource (``table/NAME`` or ``table/NAME/index/INDEX``).

    ``leading`` is the pattern of the partition keys, None for any. ``attributes`` are all that the request names, None
    where a read returns whole items. ``enclosing`` is the transaction that the action is part of, or None.
    """

    action: str
    resource: str
    leading: str | None = None
    attributes: frozenset[str] | None = None
    enclosing: str | None = None
    reads: bool = True

    @property
    def together(self) -> bool:
        """Whether one request may name several items, so that IAM sees the keys and attributes of all of them."""
        return self.enclosing is not None or self.action.startswith("Batch")


def needs_of(model: Model, pattern: Pattern, callers: Callers) -> Iterator[Need]:
    """Give what a pattern needs, in the order of its actions; ModelError for an operation that is not known here."""
    operation = pattern.operation
    if operation in ("Query", "Scan") or (operation == "GetItem" and not pattern.actions):
        yield _read(model, pattern, callers)
        return
    for action in pattern.actions:
        yield _touch(model, pattern, action, callers)


def written_attributes(model: Model, entity: Entity) -> frozenset[str]:
    """Return every attribute that an item of the entity may have: keys of table and indexes, and its own."""
    return frozenset({*model.table(entity.table).keys.names, *entity.keys, *entity.attributes})


def _read(model: Model, pattern: Pattern, callers: Callers) -> Need:
    where = f"table/{pattern.table}" + (f"/index/{pattern.index}" if pattern.index else "")
    leading = leading_keys(partition_of(model, pattern, None), callers) if pattern.operation != "Scan" else None
    return Need(pattern.operation, where, leading, _projected(model, pattern))


def _projected(model: Model, pattern: Pattern) -> frozenset[str] | None:
    """The attributes that a read with a projection names: those, its keys, and what it filters by."""
    if not pattern.projection:
        return None
    keys = model.table(pattern.table).keys.names
    index = model.index(pattern.table, pattern.index).keys.names if pattern.index else ()
    named = {parse_path(each, pattern.name).attribute for each in pattern.projection}
    return frozenset({*keys, *index, *named, *_named(parse_condition(pattern.filter) if pattern.filter else None)})


def _touch(model: Model, pattern: Pattern, action: Action, callers: Callers) -> Need:
    where = f"table/{model.entity(action.entity).table}"
    leading = leading_keys(partition_of(model, pattern, action), callers)
    attributes = _projected(model, pattern) if action.kind == "get" else _changed(model, action)
    reads = action.kind == "get"
    if pattern.operation in ("BatchGetItem", "BatchWriteItem"):
        return Need(pattern.operation, where, leading, attributes, reads=reads)
    if pattern.operation in _TRANSACTIONS:
        return Need(_ACTIONS[action.kind], where, leading, attributes, pattern.operation, reads)
    if pattern.operation != _ACTIONS[action.kind]:
        raise ModelError(
            f"{pattern.name}: a {pattern.operation} with a {action.kind}: it is not known what IAM allows it by"
        )
    return Need(pattern.operation, where, leading, attributes, reads=reads)


def _changed(model: Model, action: Action) -> frozenset[str]:
    """The attributes that a write names: the key, a put's whole item, an update's and a condition's attributes."""
    entity = model.entity(action.entity)
    own = written_attributes(model, entity) if action.kind == "put" else model.table(entity.table).keys.names
    condition = parse_condition(action.condition) if action.condition else None
    update = parse_update(action.update) if action.update else None
    return frozenset({*own, *_named(condition), *_named(update)})


def _named(node: Node | None) -> set[str]:
    return {path.attribute for path in paths(node)} if node is not None else set()
