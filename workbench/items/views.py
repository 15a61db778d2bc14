"""What an index stores of an item: its entry, or nothing where the item lacks a key attribute of the index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.items.values import Wire, tagged
from workbench.model.tables import Index, Table


def index_view(item: Mapping[str, Any], table: Table, index: Index) -> Wire | None:
    """Return the entry that ``index`` holds for a wire item, in the item's order; None when it is not in the index.

    An item is in an index when it has every key attribute of it, of the declared type and not empty.
    """
    for key in index.keys.attributes:
        if key.name not in item:
            return None
        tag, content = tagged(item[key.name], key.name)
        if tag != key.type or content in ("", b""):
            return None
    if index.projection == "ALL":
        return dict(item)
    projected = {*table.keys.names, *index.keys.names, *index.include}
    return {name: av for name, av in item.items() if name in projected}
