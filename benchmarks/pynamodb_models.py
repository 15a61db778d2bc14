"""The models that PynamoDB wants declared before it reads or writes.

An attribute that holds another type from item to item has no place in PynamoDB's types. ``AnyAttribute`` is what its
users write then: it looks at the value's own type.
"""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import (
    Attribute,
    BinaryAttribute,
    BinarySetAttribute,
    BooleanAttribute,
    DynamicMapAttribute,
    ListAttribute,
    NumberAttribute,
    NumberSetAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.models import Model

__all__ = ["model"]


class AnyAttribute(Attribute[Any]):
    """A value of whatever type it has."""

    attr_type = "S"

    def get_value(self, value: dict[str, Any]) -> Any:
        return value

    def deserialize(self, value: dict[str, Any]) -> Any:
        ((tag, content),) = value.items()
        if tag == "NULL":
            return None
        return _BY_TAG[tag]().deserialize(content)


_BY_TAG: dict[str, Any] = {
    "S": UnicodeAttribute,
    "N": NumberAttribute,
    "BOOL": BooleanAttribute,
    "L": ListAttribute,
    "M": DynamicMapAttribute,
}
_MESSAGES = {"message_uuid": UnicodeAttribute, "message": UnicodeAttribute, "user_uuid": UnicodeAttribute}
_WIDE: dict[str, Any] = {
    **dict.fromkeys(("identity", "title", "kind"), UnicodeAttribute),
    **dict.fromkeys(("quantity", "version", "big", "price", "ratio", "extreme"), NumberAttribute),
    "active": BooleanAttribute,
    "payload": lambda **_: BinaryAttribute(legacy_encoding=False),
    "tags": UnicodeSetAttribute,
    "scores": NumberSetAttribute,
    "chunks": lambda **_: BinarySetAttribute(legacy_encoding=False),
    "address": DynamicMapAttribute,
    "history": ListAttribute,
    "matrix": ListAttribute,
    **dict.fromkeys(("code", "detail", "note", "deleted_at", "nothing", "flag"), AnyAttribute),
}
_FIELDS = {"messages": _MESSAGES | {"user_handle": UnicodeAttribute}, "wide": _WIDE}


def model(kind: str, url: str, table: str) -> type[Model]:
    """Return the model of one kind of items in a table behind an address."""
    meta = type(
        "Meta",
        (),
        {
            "table_name": table,
            "host": url,
            "region": "us-east-1",
            "aws_access_key_id": "benchmark",
            "aws_secret_access_key": "benchmark",
        },
    )
    fields = {name: make(null=True) for name, make in _FIELDS[kind].items()}
    keys = {"pk": UnicodeAttribute(hash_key=True), "sk": UnicodeAttribute(range_key=True)}
    return type("Item", (Model,), {"Meta": meta, **keys, **fields})
