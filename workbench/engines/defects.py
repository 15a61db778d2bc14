"""Capacity figures that an engine is known to report wrongly, each with its source.

What DynamoDB Local says of a write is predicted from the same images that the computed units come from, mistakes
included. A difference is explained only where the engine's figure is exactly the predicted one: any other stays
unexplained, and is worth a look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.items import Units, condition_check_units, item_size, write_units
from workbench.items.units import READ_BLOCK, WRITE_BLOCK, blocks, half_units
from workbench.items.writes import index_entry_units
from workbench.model import Index, Table

__all__ = ["DEFECTS", "Defect", "Touched", "known_defect"]

MEASURED = "measured on DynamoDB Local 3.3.1, 2026-11-21; tests/local/test_defects_on_engine.py"
MEASURED_READS = "measured on DynamoDB Local 3.3.1, 2026-11-26; tests/local/test_defects_of_indexes.py"
ISSUE_7 = "awslabs/amazon-dynamodb-local-samples#7"
ISSUE_31 = "awslabs/amazon-dynamodb-local-samples#31"
LOCAL_INDEX_OVERHEAD = 100


@dataclass(frozen=True)
class Defect:
    """One known mistake: the engine, the operations, what it does instead of what AWS does, and where that is from."""

    name: str
    engine: str
    operations: frozenset[str]
    sentence: str
    source: str


@dataclass(frozen=True)
class Touched:
    """One item that a write touched: ``kind`` is put, update, delete or check; wire images, None for "not there"."""

    kind: str
    table: Table
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
_TRANSACT = frozenset({"TransactWriteItems"})

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "constants", "moto", frozenset({"*"}),
        "moto's capacity figures are constants, whatever is read or written",
        "moto 5.2, moto/dynamodb/responses.py include_consumed_capacity",
    ),
    Defect(
        "absent", "dynamodb-local", frozenset({"BatchGetItem", "Query", "Scan"}),
        "DynamoDB Local charges nothing for keys not found in a BatchGetItem, and for empty pages; AWS, the minimum",
        f"{ISSUE_7}; {MEASURED}",
    ),
    Defect(
        "scan-of-index", "dynamodb-local", frozenset({"Scan"}),
        "DynamoDB Local charges a Scan of an index by the size of the table's items; AWS, of its entries",
        MEASURED_READS,
    ),
    Defect(
        "needless-fetch", "dynamodb-local", frozenset({"Query"}),
        "DynamoDB Local charges a Query of a local index with a projection as if it fetched every item; AWS does not "
        "where the index holds what is asked for",
        MEASURED_READS,
    ),
    Defect(
        "statement", "dynamodb-local", frozenset({"ExecuteStatement"}),
        "DynamoDB Local reports no capacity for ExecuteStatement",
        MEASURED,
    ),
    Defect(
        "batch-delete", "dynamodb-local", frozenset({"BatchWriteItem"}),
        "DynamoDB Local charges 2 units for deleting an item that is not there in a BatchWriteItem; AWS charges 1",
        f"{ISSUE_7}; {MEASURED}",
    ),
    Defect(
        "same-price", "dynamodb-local", _TRANSACT,
        "DynamoDB Local counts items of a transaction that cost the same only once; AWS counts each",
        f"{ISSUE_31} (seen there as 1x instead of 2x); {MEASURED}",
    ),
    Defect(
        "doubled-indexes", "dynamodb-local", _TRANSACT,
        "DynamoDB Local doubles the writes to indexes in a transaction; AWS doubles the table's only",
        MEASURED,
    ),
    Defect(
        "cheap-check", "dynamodb-local", _TRANSACT,
        "DynamoDB Local charges a ConditionCheck by 4 KB, as a read; AWS charges it by 1 KB, as a write",
        MEASURED,
    ),
    Defect(
        "cheap-delete", "dynamodb-local", _TRANSACT,
        "DynamoDB Local does not double the delete of an item that is not there; AWS does",
        MEASURED,
    ),
    Defect(
        "local-index-overhead", "dynamodb-local", _WRITES,
        "DynamoDB Local adds 100 bytes to each entry of a local index before it rounds; AWS does not",
        MEASURED,
    ),
    Defect(
        "half-keys", "dynamodb-local", _WRITES,
        "DynamoDB Local charges an index for an item that has only half of its key before and the other half after; "
        "AWS does not",
        MEASURED,
    ),
)  # fmt: skip
_OF_INDEXES = {"Scan": "scan-of-index", "Query": "needless-fetch"}
_BY_NAME = {defect.name: defect for defect in DEFECTS}


def known_defect(
    engine: str,
    operation: str,
    computed: Units,
    reported: Units,
    *,
    touched: Sequence[Touched] = (),
    absent: Units | None = None,
    whole: Units | None = None,
) -> str | None:
    """Return the sentence of the known mistake that turns ``computed`` into ``reported``, or None where none does.

    ``touched`` is what a write did, in the order of its actions. ``absent`` is the part of ``computed`` that stands for
    what is not there: keys not found, and pages without items. ``whole`` is what pages of an index cost where the whole
    items behind its entries are charged, None where they are not.
    """
    if computed == reported:
        return None
    if engine == "moto":
        return _BY_NAME["constants"].sentence
    if engine != "dynamodb-local":
        return None
    if operation in _BY_NAME["absent"].operations and absent is not None and _plus(reported, absent) == computed:
        return _BY_NAME["absent"].sentence
    if operation in _OF_INDEXES and whole is not None and reported == whole:
        return _BY_NAME[_OF_INDEXES[operation]].sentence
    if operation in _WRITES and touched:
        return _write_defect(operation, computed, reported, touched)
    return None


def _plus(one: Units, other: Units) -> Units:
    """Both together, without index arms of 0."""
    both = one + other
    return Units(both.read, both.write, both.table, {name: arm for name, arm in both.indexes.items() if arm})


def _write_defect(operation: str, computed: Units, reported: Units, touched: Sequence[Touched]) -> str | None:
    mistakes: dict[str, None] = {}
    prices = [(each.table.name, *_price(operation, each, mistakes)) for each in touched]
    counted = list(dict.fromkeys(prices)) if operation == "TransactWriteItems" else prices
    if len(counted) < len(prices):
        mistakes["same-price"] = None
    if _total(counted) != reported or _total(counted) == computed:
        return None
    return "; ".join(defect.sentence for defect in DEFECTS if defect.name in mistakes) or None


_Price = tuple[Decimal, tuple[tuple[str, Decimal], ...]]


def _total(prices: Sequence[tuple[str, Decimal, tuple[tuple[str, Decimal], ...]]]) -> Units:
    total = Units()
    for _, table, arms in prices:
        total += Units(write=table + sum((arm for _, arm in arms), Decimal(0)), table=table, indexes=dict(arms))
    return total


def _price(operation: str, each: Touched, mistakes: dict[str, None]) -> _Price:
    """What the engine charges for one item: its table's arm, and the arms of indexes. Notes the mistakes it makes."""
    transactional = operation == "TransactWriteItems"
    if each.kind == "check":
        return _check_price(each, mistakes)
    if each.kind == "delete" and each.before is None:
        return _missing_delete_price(operation, mistakes)
    table = write_units(each.before, each.after, each.table, transactional=transactional).table
    factor = 2 if transactional else 1
    arms = tuple((name, half_units(2 * factor * count)) for name, count in _arms(each, mistakes) if count)
    if arms and transactional:
        mistakes["doubled-indexes"] = None
    return table, arms


def _check_price(each: Touched, mistakes: dict[str, None]) -> _Price:
    price = half_units(4 * blocks(item_size(each.before) if each.before else 0, READ_BLOCK))
    if price != condition_check_units(each.before).write:
        mistakes["cheap-check"] = None
    return price, ()


def _missing_delete_price(operation: str, mistakes: dict[str, None]) -> _Price:
    if operation == "BatchWriteItem":
        mistakes["batch-delete"] = None
        return half_units(4), ()
    if operation == "TransactWriteItems":
        mistakes["cheap-delete"] = None
    return half_units(2), ()


def _arms(each: Touched, mistakes: dict[str, None]) -> list[tuple[str, int]]:
    arms = []
    for name, index in sorted(each.table.indexes.items()):
        right = index_entry_units(each.before, each.after, each.table, index)
        overhead = LOCAL_INDEX_OVERHEAD if index.kind == "local" else 0
        count = index_entry_units(each.before, each.after, each.table, index, overhead=overhead)
        if count != right:
            mistakes["local-index-overhead"] = None
        if right == 0 and _changes_halves(each, index.keys.names):
            mistakes["half-keys"] = None
            count = _entry_that_never_was(each, index)
        arms.append((name, count))
    return arms


def _entry_that_never_was(each: Touched, index: Index) -> int:
    """What an entry of the item before would cost, if the index had held it."""
    names = {*index.keys.names, *each.table.keys.names, *index.include}
    before = each.before or {}
    held = {name: value for name, value in before.items() if index.projection == "ALL" or name in names}
    return blocks(item_size(held), WRITE_BLOCK)


def _changes_halves(each: Touched, names: tuple[str, ...]) -> bool:
    """Whether an item has some of an index's key attributes before and the rest of them after, never all."""
    before = {name for name in names if each.before and name in each.before}
    after = {name for name in names if each.after and name in each.after}
    every = set(names)
    return bool(before and after) and before != every and after != every and before | after == every and before != after
