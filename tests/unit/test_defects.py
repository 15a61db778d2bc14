"""A known defect explains exactly the figure that it makes; every other difference stays unexplained."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from workbench.engines.defects import DEFECTS, Touched, known_defect
from workbench.items import Units, item_to_wire
from workbench.model import Index, KeyAttribute, KeySchema, Table

PLAIN = Table("plain", KeySchema((KeyAttribute("pk"),)))
INDEXED = Table(
    "indexed",
    KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),)),
    indexes={
        "by-group": Index("by-group", KeySchema((KeyAttribute("g"),))),
        "by-two": Index("by-two", KeySchema((KeyAttribute("a"),), (KeyAttribute("b"),))),
        "local-one": Index("local-one", KeySchema((KeyAttribute("pk"),), (KeyAttribute("l"),)), kind="local"),
    },
)


def item(size: int, **attributes: Any) -> dict[str, Any]:
    return item_to_wire({"pk": "p", "sk": "s", **attributes, "fill": "x" * size})


def put(size: int, table: Table = PLAIN, **attributes: Any) -> Touched:
    return Touched("put", table, None, item(size, **attributes))


def written(amount: str, **arms: str) -> Units:
    indexes = {name.replace("_", "-"): Decimal(arm) for name, arm in arms.items()}
    return Units(write=Decimal(amount) + sum(indexes.values()), table=Decimal(amount), indexes=indexes)


def read(amount: str) -> Units:
    return Units(read=Decimal(amount), table=Decimal(amount))


DELETE_MISSING = Touched("delete", PLAIN, None, None)
CASES = [
    ("TransactWriteItems", [put(1900), put(1900)], written("8.0"), written("4.0"), "count.* only once"),
    ("TransactWriteItems", [put(900)] * 3, written("6.0"), written("2.0"), "count.* only once"),
    ("TransactWriteItems", [put(900), DELETE_MISSING], written("4.0"), written("3.0"), "does not double the delete"),
    (
        "TransactWriteItems",
        [put(900, INDEXED, g="x")],
        written("2.0", by_group="1.0"),
        written("2.0", by_group="2.0"),
        "doubles the writes to indexes",
    ),
    (
        "TransactWriteItems",
        [Touched("check", PLAIN, item(5000), item(5000))],
        written("10.0"),
        written("4.0"),
        "ConditionCheck by 4 KB",
    ),
    ("BatchWriteItem", [DELETE_MISSING], written("1.0"), written("2.0"), "charges 2 units for deleting"),
    ("BatchWriteItem", [DELETE_MISSING, put(900)], written("2.0"), written("3.0"), "charges 2 units for deleting"),
    (
        "PutItem",
        [put(980, INDEXED, l="1")],
        written("1.0", local_one="1.0"),
        written("1.0", local_one="2.0"),
        "adds 100 bytes",
    ),
    (
        "PutItem",
        [Touched("put", INDEXED, item(1, a="x"), item(1, b="y"))],
        written("1.0"),
        written("1.0", by_two="1.0"),
        "only half of its key",
    ),
]


@pytest.mark.parametrize(("operation", "touched", "computed", "reported", "says"), CASES)
def test_a_write_that_the_engine_is_known_to_charge_wrongly_is_explained(
    operation: str, touched: list[Touched], computed: Units, reported: Units, says: str
) -> None:
    found = known_defect("dynamodb-local", operation, computed, reported, touched=touched)

    assert found is not None
    assert re.search(says, found)


@pytest.mark.parametrize(("operation", "touched", "computed", "reported", "says"), CASES)
def test_any_other_figure_of_the_same_write_stays_unexplained(
    operation: str, touched: list[Touched], computed: Units, reported: Units, says: str
) -> None:
    for other in (reported + written("1.0"), reported + written("0.0", other_index="1.0"), Units()):
        assert known_defect("dynamodb-local", operation, computed, other, touched=touched) is None
    assert known_defect("aws", operation, computed, reported, touched=touched) is None
    assert known_defect("dynamodb-local", operation, computed, reported) is None


def test_equal_figures_need_no_defect() -> None:
    assert known_defect("moto", "GetItem", read("0.5"), read("0.5")) is None


def test_every_figure_of_moto_is_a_constant() -> None:
    assert "constants" in (known_defect("moto", "PutItem", written("10.0"), written("1.0")) or "")


@pytest.mark.parametrize("operation", ["BatchGetItem", "Query", "Scan"])
def test_what_is_not_there_costs_the_engine_nothing(operation: str) -> None:
    computed, absent = read("1.5"), read("0.5")

    assert "AWS, the minimum" in (known_defect("dynamodb-local", operation, computed, read("1.0"), absent=absent) or "")
    assert known_defect("dynamodb-local", operation, computed, read("0.5"), absent=absent) is None
    assert known_defect("dynamodb-local", operation, computed, read("1.0")) is None
    assert known_defect("dynamodb-local", "GetItem", computed, read("1.0"), absent=absent) is None


def test_an_empty_page_of_an_index_is_explained_on_its_arm() -> None:
    minimum = Units(read=Decimal("0.5"), indexes={"by-group": Decimal("0.5")})

    assert known_defect("dynamodb-local", "Query", minimum, Units(), absent=minimum) is not None
    assert known_defect("dynamodb-local", "Query", minimum, read("0.0"), absent=read("0.5")) is None


@pytest.mark.parametrize(
    ("operation", "says"), [("Scan", "by the size of the table's items"), ("Query", "as if it fetched every item")]
)
def test_a_read_of_an_index_at_the_price_of_whole_items_is_explained(operation: str, says: str) -> None:
    computed, reported = read("0.5"), read("74.5")

    assert says in (known_defect("dynamodb-local", operation, computed, reported, whole=reported) or "")
    assert known_defect("dynamodb-local", operation, computed, read("74.0"), whole=reported) is None
    assert known_defect("dynamodb-local", operation, computed, reported) is None
    assert known_defect("dynamodb-local", "GetItem", computed, reported, whole=reported) is None


def test_several_mistakes_of_one_request_are_all_named() -> None:
    touched = [put(900, INDEXED, g="x"), put(900, INDEXED, g="x")]
    found = known_defect(
        "dynamodb-local",
        "TransactWriteItems",
        written("4.0", by_group="2.0"),
        written("2.0", by_group="2.0"),
        touched=touched,
    )

    assert found is not None
    assert "only once" in found
    assert "doubles" in found


def test_every_defect_has_a_name_of_its_own_and_says_where_it_is_from() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)
    assert all(defect.source and defect.sentence and defect.operations for defect in DEFECTS)
