"""Steps -> requests: one each, cut into batches, or all in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from workbench.errors import ModelError, UsageError
from workbench.model import Pattern
from workbench.plans.requests import Request
from workbench.plans.steps import Step, key_words

MOST_GETS = 100
MOST_WRITES = 25
MOST_ACTIONS = 100
KINDS: dict[str, tuple[str, ...]] = {
    "GetItem": ("get",),
    "PutItem": ("put",),
    "UpdateItem": ("update",),
    "DeleteItem": ("delete",),
    "BatchGetItem": ("get",),
    "BatchWriteItem": ("put", "delete"),
    "TransactGetItems": ("get",),
    "TransactWriteItems": ("put", "update", "delete", "check"),
}
_IN_TRANSACTION = {"put": "Put", "update": "Update", "delete": "Delete", "check": "ConditionCheck", "get": "Get"}


def requests_of(pattern: Pattern, steps: list[Step]) -> tuple[Request, ...]:
    """Return the requests that make the steps; none when there is no step (an ``each`` over no rows)."""
    match pattern.operation:
        case "BatchGetItem":
            return tuple(_batch_get(pattern, part) for part in _cut(merged(pattern, steps), MOST_GETS))
        case "BatchWriteItem":
            _refuse_conditions(pattern)
            return tuple(_batch_write(pattern, part) for part in _cut(merged(pattern, steps), MOST_WRITES))
        case "TransactGetItems" | "TransactWriteItems":
            return _transaction(pattern, steps)
        case _:
            return _single(pattern, steps)


def merged(pattern: Pattern, steps: list[Step]) -> list[Step]:
    """Return the steps of a batch with identical ones made one; UsageError where two differ on one item."""
    found: dict[Any, Step] = {}
    for at, step in enumerate(steps):
        known = found.setdefault(step.identity or at, step)
        if known != step:
            raise UsageError(
                f"{pattern.name}: a {known.kind} and another {step.kind} on the item {key_words(step.key)} of "
                f"{step.table}; a batch has no order and takes one; drop one, or use a transaction or two patterns"
            )
    return list(found.values())


def _single(pattern: Pattern, steps: list[Step]) -> tuple[Request, ...]:
    if len(pattern.actions) > 1 and any(action.each is None for action in pattern.actions):
        raise ModelError(f"{pattern.name}: a {pattern.operation} has one action; use a batch or a transaction for more")
    consistent = {"ConsistentRead": True} if pattern.operation == "GetItem" and pattern.consistent else {}
    return tuple(Request(pattern.operation, step.kwargs | consistent) for step in steps)


def _batch_get(pattern: Pattern, steps: list[Step]) -> Request:
    tables: dict[str, dict[str, Any]] = {}
    for step in steps:
        others = {name: value for name, value in step.kwargs.items() if name not in ("TableName", "Key")}
        consistent = {"ConsistentRead": True} if pattern.consistent else {}
        tables.setdefault(step.table, {"Keys": [], **others, **consistent})["Keys"].append(step.key)
    return Request(pattern.operation, {"RequestItems": tables})


def _batch_write(pattern: Pattern, steps: list[Step]) -> Request:
    tables: dict[str, list[dict[str, Any]]] = {}
    for step in steps:
        one = (
            {"PutRequest": {"Item": step.kwargs["Item"]}}
            if step.kind == "put"
            else {"DeleteRequest": {"Key": step.key}}
        )
        tables.setdefault(step.table, []).append(one)
    return Request(pattern.operation, {"RequestItems": tables})


def _refuse_conditions(pattern: Pattern) -> None:
    if any(action.condition is not None for action in pattern.actions):
        raise ModelError(f"{pattern.name}: a BatchWriteItem takes no condition; use a TransactWriteItems, or PutItem")


def _transaction(pattern: Pattern, steps: list[Step]) -> tuple[Request, ...]:
    if len(steps) > MOST_ACTIONS:
        raise UsageError(
            f"{pattern.name}: a transaction of {len(steps)} actions; DynamoDB takes {MOST_ACTIONS}, and two "
            f"transactions would not be all or nothing; look up fewer rows, or use single writes that can be repeated"
        )
    _refuse_twice(pattern, steps)
    items = [{_IN_TRANSACTION[step.kind]: step.kwargs} for step in steps]
    return (Request(pattern.operation, {"TransactItems": items}),) if items else ()


def _refuse_twice(pattern: Pattern, steps: list[Step]) -> None:
    seen: dict[Any, Step] = {}
    for at, step in enumerate(steps):
        known = seen.setdefault(step.identity or at, step)
        if known is not step:
            raise UsageError(
                f"{pattern.name}: a {known.kind} and a {step.kind} on the one item {key_words(step.key)} of "
                f"{step.table}; a transaction takes one action an item; put a check's condition on the write itself"
            )


T = TypeVar("T")


def _cut(parts: list[T], most: int) -> Iterator[list[T]]:
    return (parts[start : start + most] for start in range(0, len(parts), most))
