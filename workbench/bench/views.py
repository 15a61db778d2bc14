"""What a table or an index holds, as item collections: all the items that share a partition key, in key order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.model import Table
    from workbench.results import Result


@dataclass(frozen=True)
class StoredItem:
    """One item as stored: the entity it was recognised as (None where no entity fits), its keys and its attributes."""

    entity: str | None
    key: tuple[Any, ...]
    attributes: dict[str, Any]


@dataclass(frozen=True)
class ItemCollection:
    """The items of one partition key, in sort-key order."""

    partition: tuple[Any, ...]
    items: tuple[StoredItem, ...]


@dataclass(frozen=True)
class View:
    """The item collections of a table or of one of its indexes, in the order of their partition keys."""

    table: str
    index: str | None
    key_names: tuple[str, ...]
    collections: tuple[ItemCollection, ...]
    complete: bool = True

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities that occur, by name."""
        return tuple(sorted({item.entity or "?" for each in self.collections for item in each.items}))

    def __repr__(self) -> str:
        where = f"{self.table} / {self.index}" if self.index else self.table
        total = sum(len(each.items) for each in self.collections)
        more = "" if self.complete else ", more not read"
        boxes = len(self.collections)
        lines = [f"{where}: {total} item{'s' * (total != 1)} in {boxes} item collection{'s' * (boxes != 1)}{more}"]
        for each in self.collections:
            kinds = {item.entity or "?" for item in each.items}
            counts = ", ".join(
                f"{sum((item.entity or '?') == kind for item in each.items)} {kind}" for kind in sorted(kinds)
            )
            lines.append(f"  {' / '.join(map(str, each.partition))}  {counts}")
        return "\n".join(lines)


def view_of(table: Table, result: Result, *, index: str | None = None) -> View:
    """Return the scanned ``result`` of a table, or of one of its indexes, as item collections."""
    keys = table.indexes[index].keys if index else table.keys
    partition, sort = [a.name for a in keys.partition], [a.name for a in keys.sort]
    collections: dict[tuple[Any, ...], list[StoredItem]] = {}
    for item, row in zip(result.items, result.rows, strict=True):
        stored = StoredItem(
            row["entity"],
            tuple(item[name] for name in keys.names),
            {name: value for name, value in item.items() if name not in keys.names},
        )
        collections.setdefault(tuple(item[name] for name in partition), []).append(stored)
    return View(
        table.name,
        index,
        keys.names,
        tuple(
            ItemCollection(key, tuple(sorted(items, key=lambda item: item.key[len(partition) :] if sort else ())))
            for key, items in sorted(collections.items(), key=lambda pair: tuple(map(_sortable, pair[0])))
        ),
        complete=result.cursor is None,
    )


def _sortable(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value
