"""Tables and indexes as a model declares them: pure data, in AWS's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

KeyType = Literal["S", "N", "B"]
StreamView = Literal["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"]


@dataclass(frozen=True)
class KeyAttribute:
    """One attribute of a key: its name and its type, S, N or B."""

    name: str
    type: KeyType = "S"


@dataclass(frozen=True)
class KeySchema:
    """The partition (HASH) and sort (RANGE) attributes of a table or index, each in order.

    A table and an LSI have one partition and at most one sort attribute; a GSI up to four of each.
    """

    partition: tuple[KeyAttribute, ...]
    sort: tuple[KeyAttribute, ...] = ()

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        """Every key attribute, partition first."""
        return self.partition + self.sort

    @property
    def names(self) -> tuple[str, ...]:
        """The names of every key attribute, partition first."""
        return tuple(attribute.name for attribute in self.attributes)


@dataclass(frozen=True)
class Billing:
    """How capacity is paid: on demand, or provisioned with read and write units a second."""

    mode: Literal["on-demand", "provisioned"] = "on-demand"
    read: int | None = None
    write: int | None = None


@dataclass(frozen=True)
class Index:
    """A secondary index. ``projection`` is ALL or KEYS_ONLY, or INCLUDE with ``include`` naming the attributes."""

    name: str
    keys: KeySchema
    kind: Literal["global", "local"] = "global"
    projection: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    include: tuple[str, ...] = ()
    billing: Billing | None = None


@dataclass(frozen=True)
class Table:
    """A table: keys, indexes in the order of the file, billing, stream view, TTL attribute, deletion protection.

    ``main`` marks the table that is meant where a model has several and none is named.
    """

    name: str
    keys: KeySchema
    indexes: dict[str, Index] = field(default_factory=dict)
    billing: Billing = Billing()
    stream: StreamView | None = None
    ttl: str | None = None
    deletion_protection: bool = False
    main: bool = False

    def __repr__(self) -> str:
        """Say in one line which keys the table and its indexes have."""
        indexes = "".join(f"; {index.name}: {', '.join(index.keys.names)}" for index in self.indexes.values())
        return f"table {self.name}: {', '.join(self.keys.names)}{indexes}"
