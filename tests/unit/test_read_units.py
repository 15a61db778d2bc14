"""Units of reads: rounding once a page, or once an item, and what missing items cost."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.items import (
    Units,
    amount_text,
    batch_get_units,
    get_units,
    lsi_fetch_units,
    query_estimate,
    query_units,
    replayed_transaction_units,
    reported_units,
    transact_get_units,
)

KB = 1024
GETS = [  # size, eventual, strong
    (None, "0.5", "1.0"), (0, "0.5", "1.0"), (1, "0.5", "1.0"), (4 * KB, "0.5", "1.0"), (4 * KB + 1, "1.0", "2.0"),
    (8 * KB, "1.0", "2.0"), (8 * KB + 1, "1.5", "3.0"), (400 * KB, "50.0", "100.0"),
]  # fmt: skip
QUERIES = [  # pages, eventual, strong
    ([[]], "0.5", "1.0"),
    ([], "0.0", "0.0"),
    ([[100] * 40], "0.5", "1.0"),
    ([[8191]], "1.0", "2.0"),  # 20 messages of the public example
    ([[8161]], "1.0", "2.0"),
    ([[8251]], "1.5", "3.0"),  # the same with slightly other names
    ([[42_114]], "5.5", "11.0"),  # the whole conversation
    ([[42_622]], "5.5", "11.0"),  # a scan of the whole table
    ([[251]], "0.5", "1.0"),  # one row of the inbox
    ([[257]], "0.5", "1.0"),
    ([[4096], [4097], []], "2.0", "4.0"),
    ([[1_048_576]], "128.0", "256.0"),
]


@pytest.mark.parametrize(("size", "eventual", "strong"), GETS)
def test_a_get_rounds_the_item_up_to_4_kb_and_a_missing_one_costs_the_minimum(
    size: int | None, eventual: str, strong: str
) -> None:
    assert str(get_units(size).read) == eventual
    assert str(get_units(size, consistent=True).read) == strong


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.0"), ("0.5", "0.5"), ("1", "1.0"), ("1.0", "1.0"), ("1.50", "1.5"), ("1E+2", "100.0"), ("0.25", "0.25")],
)
def test_units_are_printed_with_one_decimal_place(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


@pytest.mark.parametrize(("pages", "eventual", "strong"), QUERIES)
def test_a_query_rounds_once_a_page(pages: list[list[int]], eventual: str, strong: str) -> None:
    assert str(query_units(pages).read) == eventual
    assert str(query_units(pages, consistent=True).read) == strong


def test_a_batch_get_rounds_each_item_on_its_own_and_charges_missing_ones() -> None:
    sizes = [1536, 6656]  # AWS's example: 1.5 KB and 6.5 KB read as 12 KB

    assert batch_get_units(sizes, consistent=True).read == 3
    assert batch_get_units(sizes).read == Decimal("1.5")
    assert batch_get_units([2048, None]).read == 1
    assert batch_get_units([None, None], consistent=True).read == 2
    assert batch_get_units([]).read == 0


def test_a_transactional_get_costs_two_for_every_4_kb_and_for_missing_items() -> None:
    assert transact_get_units([2000]).read == 2
    assert transact_get_units([4097, None]).read == 6


def test_a_transaction_sent_again_costs_a_transactional_read() -> None:
    assert replayed_transaction_units([100, 5000]) == transact_get_units([100, 5000])
    assert replayed_transaction_units([100]).write == 0


def test_attributes_that_a_local_index_lacks_are_fetched_item_by_item_on_the_tables_arm() -> None:
    units = lsi_fetch_units([[60, 60, 60]], [9 * KB] * 3, index="by-time")

    assert units.table == Decimal("4.5")  # captured: 3 rows of 9 KB
    assert units.indexes == {"by-time": Decimal("0.5")}
    assert units.read == 5
    strong = lsi_fetch_units([[60, 60, 60]], [9 * KB] * 3, index="by-time", consistent=True)
    assert (strong.table, strong.indexes["by-time"]) == (9, 1)


def test_the_units_of_a_query_on_an_index_stand_on_its_arm() -> None:
    assert query_units([[10]], index="gsi") == Units(
        read=Decimal("0.5"), table=Decimal("0.0"), indexes={"gsi": Decimal("0.5")}
    )
    assert query_units([[10]]).table == Decimal("0.5")


def test_units_add_up_arm_by_arm_in_alphabetical_order() -> None:
    both = (
        query_units([[1]], index="z") + get_units(5000) + query_units([[1]], index="a") + query_units([[1]], index="z")
    )

    assert both == Units(read=Decimal("2.5"), table=Decimal("1.0"), indexes={"a": Decimal("0.5"), "z": Decimal("1.0")})
    assert list(both.indexes) == ["a", "z"]
    assert both.total == Decimal("2.5")


@given(st.lists(st.lists(st.integers(0, 409_600), max_size=30), max_size=5), st.booleans())
def test_a_query_never_costs_less_for_more_items_nor_more_than_item_by_item(pages: Any, consistent: bool) -> None:
    units = query_units(pages, consistent=consistent).read

    assert (
        units
        <= batch_get_units([size for page in pages for size in page] + [0] * len(pages), consistent=consistent).read
    )
    assert units * 2 == query_units(pages, consistent=True).read * (2 if consistent else 1)
    assert query_units([*pages, [0]], consistent=consistent).read > units


def test_the_decimal_context_of_the_notebook_changes_nothing() -> None:
    with localcontext(Context(prec=2)):
        units = query_units([[1_000_000] * 3]) + get_units(1)

    assert str(units.read) == "367.0"


REPORTS: list[tuple[Any, bool, Units | None]] = [
    (None, False, None),
    ([], False, None),
    ({"TableName": "t", "CapacityUnits": 0.5}, False, Units(Decimal("0.5"), table=Decimal("0.5"))),
    (
        {
            "TableName": "t",
            "CapacityUnits": 3.0,
            "Table": {"CapacityUnits": 1.0},
            "GlobalSecondaryIndexes": {"g": {"CapacityUnits": 2.0}, "idle": {"CapacityUnits": 0.0}},
        },
        True,
        Units(write=Decimal("3.0"), table=Decimal("1.0"), indexes={"g": Decimal("2.0")}),
    ),
    (
        [
            {"TableName": "a", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}},
            {"TableName": "b", "CapacityUnits": 1.5, "LocalSecondaryIndexes": {"l": {"CapacityUnits": 0.5}},
             "Table": {"CapacityUnits": 1.0}},
        ],
        False,
        Units(Decimal("2.5"), table=Decimal("2.0"), indexes={"l": Decimal("0.5")}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("consumed", "writes", "units"), REPORTS)
def test_what_an_engine_reports_reads_as_units(consumed: Any, writes: bool, units: Units | None) -> None:
    assert reported_units(consumed, writes=writes) == units


@pytest.mark.parametrize(
    ("items", "size", "pages", "units"),
    [(0, 400, 1, "0.5"), (20, 405, 1, "1.0"), (104, 405, 1, "5.5"), (2621, 400, 1, "128.0"), (5242, 400, 2, "256.0"),
     (3, 400_000, 2, "147.0")],
)  # fmt: skip
def test_an_estimate_cuts_pages_at_1_mb_and_rounds_each(items: int, size: int, pages: int, units: str) -> None:
    estimate = query_estimate(items, size)

    assert (estimate.pages, str(estimate.units.read), estimate.bytes) == (pages, units, items * size)
