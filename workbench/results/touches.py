"""Touches: which items a request names, one by one, whatever operation wraps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.plans.steps import key_words

if TYPE_CHECKING:
    from workbench.model import Model
    from workbench.plans import Request

__all__ = ["Touch", "touches"]

Wire = Mapping[str, Any]
Kind = Literal["put", "update", "delete", "check", "get"]
_SINGLE: dict[str, Kind] = {"PutItem": "put", "UpdateItem": "update", "DeleteItem": "delete", "GetItem": "get"}
_PARTS: dict[str, Kind] = {
    "Put": "put", "Update": "update", "Delete": "delete", "ConditionCheck": "check", "Get": "get",
    "PutRequest": "put", "DeleteRequest": "delete",
}  # fmt: skip


@dataclass(frozen=True)
class Touch:
    """One item that a request names: what is done to it, its table and key, and for a put the item itself."""

    kind: Kind
    table: str
    key: Wire
    item: Wire | None = None
    condition: str = ""

    @property
    def words(self) -> str:
        """The touch in words: ``put pk = 'MSG#1', sk = '2026' of chats``."""
        return f"{self.kind} {key_words(dict(self.key))} of {self.table}"

    @property
    def place(self) -> tuple[str, str]:
        """Table and key in a form that can be compared and looked up."""
        return self.table, repr(sorted(self.key.items()))


def touches(request: Request, model: Model) -> tuple[Touch, ...]:
    """Return the items that a request names, in its order; none for a Query or a Scan."""
    operation, kwargs = request.operation, request.kwargs
    if operation in _SINGLE:
        return (_touch(_SINGLE[operation], kwargs["TableName"], kwargs, model),)
    if operation == "BatchGetItem":
        tables = kwargs["RequestItems"].items()
        return tuple(Touch("get", table, key) for table, part in tables for key in part["Keys"])
    if operation == "BatchWriteItem":
        every = ((table, name, part) for table, parts in kwargs["RequestItems"].items() for p in parts
                 for name, part in p.items())  # fmt: skip
        return tuple(_touch(_PARTS[name], table, part, model) for table, name, part in every)
    if operation in ("TransactGetItems", "TransactWriteItems"):
        actions = (next(iter(action.items())) for action in kwargs["TransactItems"])
        return tuple(_touch(_PARTS[name], part["TableName"], part, model) for name, part in actions)
    return ()


def _touch(kind: Kind, table: str, part: Mapping[str, Any], model: Model) -> Touch:
    condition = str(part.get("ConditionExpression", ""))
    if kind != "put":
        return Touch(kind, table, part["Key"], condition=condition)
    item = part["Item"]
    return Touch(kind, table, {name: item[name] for name in model.table(table).keys.names}, item, condition)
