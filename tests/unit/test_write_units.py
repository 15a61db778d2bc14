"""Units of writes: the captures of the real service, then the rules they follow from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from workbench.items import (
    condition_check_units,
    failed_condition_units,
    index_view,
    item_size,
    item_to_wire,
    write_units,
)
from workbench.model import Index, KeyAttribute, KeySchema, Table

KEYS = KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),))
GSI = Index("gsi", KeySchema((KeyAttribute("gsiPk"),)), projection="INCLUDE", include=("proj",))
LSI = Index("lsi", KeySchema((KeyAttribute("pk"),), (KeyAttribute("lsiSk"),)), kind="local")
TABLE = Table("t", KEYS, indexes={"gsi": GSI, "lsi": LSI})
PLAIN = Table("t", KEYS)
ONLY_GSI = Table("t", KEYS, indexes={"gsi": GSI})

KEY = {"pk": "p", "sk": "s"}
BOTH = {**KEY, "gsiPk": "g", "lsiSk": "l", "proj": "a", "other": "x"}
# The ladder captured 2026-08-12/13 on a table with a GSI that includes [proj] and an LSI that projects everything.
CAPTURES: dict[str, tuple[Any, Any, str, dict[str, str]]] = {
    "put with the GSI's key only": (None, {**KEY, "gsiPk": "g"}, "2.0", {"gsi": "1.0"}),
    "put in neither": (None, {**KEY, "other": "x"}, "1.0", {}),
    "put in both": (None, BOTH, "3.0", {"gsi": "1.0", "lsi": "1.0"}),
    "SET of an unprojected attribute": (BOTH, {**BOTH, "other": "y"}, "2.0", {"lsi": "1.0"}),
    "SET of the projected attribute": (BOTH, {**BOTH, "proj": "b"}, "3.0", {"gsi": "1.0", "lsi": "1.0"}),
    "SET of the GSI's key": (BOTH, {**BOTH, "gsiPk": "h"}, "4.0", {"gsi": "2.0", "lsi": "1.0"}),
    "REMOVE of the GSI's key": (
        BOTH, {k: v for k, v in BOTH.items() if k != "gsiPk"}, "3.0", {"gsi": "1.0", "lsi": "1.0"},
    ),
    "move of the LSI's key, not in the GSI": (
        {**KEY, "lsiSk": "l"}, {**KEY, "lsiSk": "m"}, "3.0", {"lsi": "2.0"},
    ),
    "delete of an item in both": (BOTH, None, "3.0", {"gsi": "1.0", "lsi": "1.0"}),
    "identical overwrite": (BOTH, BOTH, "1.0", {}),
    "delete of a missing item": (None, None, "1.0", {}),
}  # fmt: skip


def filled(item: dict[str, Any], name: str, size: int) -> dict[str, Any]:
    """An item of exactly ``size`` bytes, padded in one attribute."""
    return {**item, name: "x" * (size - item_size(item_to_wire({**item, name: ""})))}


def wire(item: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if item is None else item_to_wire(item)


def texts(arms: dict[str, Decimal]) -> dict[str, str]:
    return {name: str(units) for name, units in arms.items()}


@pytest.mark.parametrize(("before", "after", "total", "arms"), CAPTURES.values(), ids=CAPTURES)
def test_a_write_costs_what_was_captured_on_every_arm(
    before: Any, after: Any, total: str, arms: dict[str, str]
) -> None:
    units = write_units(wire(before), wire(after), TABLE)

    assert str(units.write) == total
    assert texts(units.indexes) == arms
    assert str(units.table) == "1.0"
    assert units.read == 0


def test_a_small_entry_of_a_large_item_pays_by_the_entry() -> None:
    item = filled({**KEY, "gsiPk": "g"}, "other", 3023)

    assert item_size(index_view(item_to_wire(item), ONLY_GSI, GSI) or {}) < 20
    units = write_units(None, item_to_wire(item), ONLY_GSI)
    assert (str(units.table), texts(units.indexes)) == ("3.0", {"gsi": "1.0"})


@pytest.mark.parametrize(
    ("old_entry", "new_entry", "gsi"),
    [(1517, 1517, "4.0"), (3017, 18, "4.0"), (1024, 1024, "2.0"), (1025, 1024, "3.0")],
)
def test_a_moved_entry_pays_for_the_old_and_the_new_each_rounded_on_its_own(
    old_entry: int, new_entry: int, gsi: str
) -> None:
    old = filled({**KEY, "gsiPk": "g"}, "proj", old_entry)
    new = filled({**KEY, "gsiPk": "h"}, "proj", new_entry)

    assert texts(write_units(wire(old), wire(new), ONLY_GSI).indexes) == {"gsi": gsi}


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (3017, 18, "3.0"), (18, 3017, "3.0"), (None, 1024, "1.0"), (None, 1025, "2.0"), (2049, None, "3.0"),
        (None, 409_600, "400.0"), (1024, 1024, "1.0"),
    ],
)  # fmt: skip
def test_a_write_pays_for_the_larger_image_in_kb(before: int | None, after: int | None, units: str) -> None:
    images = [None if size is None else wire(filled(KEY, "fill", size)) for size in (before, after)]

    assert str(write_units(*images, PLAIN).write) == units


def test_a_projected_change_in_place_pays_for_the_larger_entry_once() -> None:
    old, new = ({**KEY, "gsiPk": "g", "proj": "x" * size} for size in (3000, 10))

    assert texts(write_units(wire(old), wire(new), ONLY_GSI).indexes) == {"gsi": "3.0"}
    assert texts(write_units(wire(new), wire(old), ONLY_GSI).indexes) == {"gsi": "3.0"}


def test_an_entry_that_is_stored_the_same_pays_nothing_however_it_was_written() -> None:
    before = {"pk": {"S": "p"}, "sk": {"S": "s"}, "gsiPk": {"S": "g"}, "proj": {"NS": ["1", "2"]}}
    after = {"sk": {"S": "s"}, "pk": {"S": "p"}, "proj": {"NS": ["2.0", "1"]}, "gsiPk": {"S": "g"}}

    assert write_units(before, after, ONLY_GSI).indexes == {}


def test_one_and_true_are_two_values_to_an_index() -> None:
    before = {**item_to_wire({**KEY, "gsiPk": "g"}), "proj": {"N": "1"}}
    after = {**before, "proj": {"BOOL": True}}

    assert texts(write_units(before, after, ONLY_GSI).indexes) == {"gsi": "1.0"}


def test_a_transaction_doubles_the_table_and_not_its_indexes() -> None:
    units = write_units(None, wire(BOTH), TABLE, transactional=True)

    assert (str(units.table), texts(units.indexes), str(units.write)) == ("2.0", {"gsi": "1.0", "lsi": "1.0"}, "4.0")
    two_puts = write_units(None, wire(filled(KEY, "f", 2048)), PLAIN, transactional=True)
    assert str((two_puts + two_puts).write) == "8.0"
    assert str(write_units(wire(filled(KEY, "f", 1025)), None, PLAIN, transactional=True).write) == "4.0"


@pytest.mark.parametrize(
    ("size", "once", "checked"), [(None, "1.0", "2.0"), (1024, "1.0", "2.0"), (2049, "3.0", "6.0")]
)
def test_a_failed_condition_is_charged_by_the_item_that_is_there(size: int | None, once: str, checked: str) -> None:
    image = None if size is None else wire(filled(KEY, "f", size))

    assert str(failed_condition_units(image).write) == once
    assert str(failed_condition_units(image, transactional=True).write) == checked
    assert str(condition_check_units(image).write) == checked


# Captured 2026-08-13 on the same table, inside TransactWriteItems: what was there, what is written, table and arms.
IN_BOTH = {**KEY, "gsiPk": "g", "lsiSk": "l"}
TRANSACTIONS: dict[str, tuple[Any, Any, str, dict[str, str]]] = {
    "put into the GSI": (None, {**KEY, "gsiPk": "g"}, "2.0", {"gsi": "1.0"}),
    "put into neither": (None, {**KEY, "other": "o"}, "2.0", {}),
    "put into both": (None, {**IN_BOTH, "proj": "p"}, "2.0", {"gsi": "1.0", "lsi": "1.0"}),
    "identical overwrite": (IN_BOTH, IN_BOTH, "2.0", {}),
    "update outside of the GSI": ({**IN_BOTH, "other": "o"}, {**IN_BOTH, "other": "o2"}, "2.0", {"lsi": "1.0"}),
    "move of the GSI's key": (IN_BOTH, {**IN_BOTH, "gsiPk": "g2"}, "2.0", {"gsi": "2.0", "lsi": "1.0"}),
    "delete from both": (IN_BOTH, None, "2.0", {"gsi": "1.0", "lsi": "1.0"}),
    "delete of 3 KB in the GSI": ({**KEY, "gsiPk": "g", "proj": "x" * 3000}, None, "6.0", {"gsi": "3.0"}),
    "put that shrinks 3 KB": ({**KEY, "other": "x" * 3000}, KEY, "6.0", {}),
    "move of a 1.5 KB entry": (
        {**KEY, "gsiPk": "g", "proj": "x" * 1500}, {**KEY, "gsiPk": "h", "proj": "x" * 1500}, "4.0", {"gsi": "4.0"},
    ),
    "update that shrinks an entry": (
        {**KEY, "gsiPk": "g", "proj": "x" * 3000}, {**KEY, "gsiPk": "g", "proj": "p"}, "6.0", {"gsi": "3.0"},
    ),
    "update that makes the item": (None, IN_BOTH, "2.0", {"gsi": "1.0", "lsi": "1.0"}),
    "delete of a missing item": (None, None, "2.0", {}),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "table", "arms"), TRANSACTIONS.values(), ids=TRANSACTIONS)
def test_a_transaction_costs_what_was_captured(before: Any, after: Any, table: str, arms: dict[str, str]) -> None:
    units = write_units(wire(before), wire(after), TABLE, transactional=True)

    assert (str(units.table), texts(units.indexes)) == (table, arms)


def test_a_condition_check_of_3_kb_costs_six_as_captured() -> None:
    assert str(condition_check_units(wire({**KEY, "other": "x" * 3000})).write) == "6.0"


MANY = Index(
    "many", KeySchema((KeyAttribute("a"), KeyAttribute("n", "N")), (KeyAttribute("b"),)), projection="KEYS_ONLY"
)
VIEWS: list[tuple[dict[str, Any], Index, list[str] | None]] = [
    (BOTH, LSI, ["pk", "sk", "gsiPk", "lsiSk", "proj", "other"]),
    (BOTH, GSI, ["pk", "sk", "gsiPk", "proj"]),
    ({**KEY, "proj": "a"}, GSI, None),
    ({**KEY, "gsiPk": 7}, GSI, None),
    ({**KEY, "gsiPk": ""}, GSI, None),
    ({**KEY, "a": "x", "n": 0, "b": "y", "c": "z"}, MANY, ["pk", "sk", "a", "n", "b"]),
    ({**KEY, "a": "x", "b": "y"}, MANY, None),
]


@pytest.mark.parametrize(("item", "index", "names"), VIEWS)
def test_an_index_holds_an_item_with_all_its_keys_and_only_what_it_projects(
    item: dict[str, Any], index: Index, names: list[str] | None
) -> None:
    view = index_view(item_to_wire(item), TABLE, index)

    assert (None if view is None else list(view)) == names
