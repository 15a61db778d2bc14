"""What a table accepts: key attributes present, typed, not empty and not too long; an item of at most 400 KB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import ItemError
from workbench.items.sizes import MAX_ITEM_SIZE, item_size
from workbench.items.values import tagged
from workbench.items.views import index_view
from workbench.model.tables import KeyAttribute, KeySchema, Table

MAX_PARTITION_KEY = 2048
MAX_SORT_KEY = 1024
MAX_NAME = 65_535
_WIRE = "; it looks like boto3's wire form, of which items.item_from_wire makes the Python form"
_WORDS = {"S": "text", "N": "a number", "B": "bytes"}


def check_item(item: Mapping[str, Any], table: Table) -> None:
    """Raise ItemError when ``table`` could not hold a wire item; the message names attribute, limit and cure."""
    for name in item:
        if len(name.encode()) > MAX_NAME:
            raise ItemError(f"attribute {name[:40]}...: a name of {len(name.encode())} bytes; at most {MAX_NAME}")
    _check_keys(item, table.keys, f"table {table.name}", required=True)
    for index in table.indexes.values():
        _check_keys(item, index.keys, f"index {index.name}", required=False)
    _check_size(item, table)


def check_key(key: Mapping[str, Any], table: Table) -> None:
    """Raise ItemError when a wire key is not exactly a key of ``table``."""
    _check_keys(key, table.keys, f"table {table.name}", required=True)
    extra = [name for name in key if name not in table.keys.names]
    if extra:
        raise ItemError(f"{', '.join(extra)}: not in the key of table {table.name}, which is {_names(table.keys)}")


def _check_keys(item: Mapping[str, Any], keys: KeySchema, owner: str, *, required: bool) -> None:
    for limit, attributes in ((MAX_PARTITION_KEY, keys.partition), (MAX_SORT_KEY, keys.sort)):
        for attribute in attributes:
            if attribute.name in item:
                _check_key_value(item[attribute.name], attribute, owner, limit)
            elif required:
                raise ItemError(f"{attribute.name}: missing, and {owner} has the key {_names(keys)}; give it a value")


def _check_key_value(av: Mapping[str, Any], attribute: KeyAttribute, owner: str, limit: int) -> None:
    tag, content = tagged(av, attribute.name)
    what = f"{attribute.name}, a key attribute of {owner},"
    if tag != attribute.type:
        is_wire = tag == "M" and len(content) == 1 and content.keys() <= _WORDS.keys()
        raise ItemError(
            f"{what} is declared {attribute.type} and the value is {tag}; give {_WORDS[attribute.type]}"
            f"{_WIRE if is_wire else ''}"
        )
    if tag == "N":
        return
    length = len(content.encode()) if isinstance(content, str) else len(content)
    if not length:
        raise ItemError(f"{what} is empty; a key has at least one byte, leave an index key out instead")
    if length > limit:
        raise ItemError(f"{what} has {length:,} bytes, at most {limit:,} are allowed; shorten it, or use a hash of it")


def _check_size(item: Mapping[str, Any], table: Table) -> None:
    size = item_size(item)
    if size > MAX_ITEM_SIZE:
        raise ItemError(
            f"an item of {size:,} bytes, {size - MAX_ITEM_SIZE:,} over the limit of {MAX_ITEM_SIZE:,}; its largest "
            f"attribute is {_largest(item)}: split the item, or keep that outside of DynamoDB"
        )
    views = [index_view(item, table, index) for index in table.indexes.values() if index.kind == "local"]
    with_entries = size + sum(item_size(view) for view in views if view is not None)
    if with_entries > MAX_ITEM_SIZE:
        raise ItemError(
            f"an item of {size:,} bytes and its entries in local indexes have {with_entries:,} bytes together, over "
            f"the limit of {MAX_ITEM_SIZE:,}; project fewer attributes, or split the item"
        )


def _largest(item: Mapping[str, Any]) -> str:
    return max(item, key=lambda name: item_size({name: item[name]}))


def _names(keys: KeySchema) -> str:
    return " and ".join(keys.names)
