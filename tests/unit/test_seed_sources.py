"""Rows become items by key templates and types; a row that cannot is named with file, number, column and cure."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from workbench.errors import SeedError
from workbench.items import item_from_wire
from workbench.model import Attribute, Entity, Index, KeyAttribute, KeySchema, KeyTemplate, Source, Table
from workbench.seeding import items_of

ID = uuid.UUID("11111111-2222-5333-8444-555555555555")
TIME = dt.datetime(2026, 3, 2, 10, tzinfo=dt.timezone(dt.timedelta(hours=1)))
TABLE = Table(
    "readings",
    KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk", "N"),)),
    {"by-place": Index("by-place", KeySchema((KeyAttribute("place"),)))},
)
READING = Entity(
    "Reading",
    "readings",
    keys={"pk": KeyTemplate.of("DEV#{device}"), "sk": KeyTemplate.of("{number}")},
    attributes={
        "taken_at": Attribute("taken_at", "timestamp"),
        "value": Attribute("value", "number"),
        "ok": Attribute("ok", "boolean"),
        "place": Attribute("place", "string", required=False),
        "raw": Attribute("raw", "binary", required=False),
        "tags": Attribute("tags", "string_set", required=False),
        "detail": Attribute("detail", "map", required=False),
    },
    fields={"device": "uuid", "number": "integer"},
    source=Source("sql/readings.sql", "SELECT 1"),
)


def row(**changes: Any) -> dict[str, Any]:
    optional: dict[str, Any] = {"place": None, "raw": None, "tags": None, "detail": None}
    given = {"device": ID, "number": 7, "taken_at": TIME, "value": Decimal("1.50"), "ok": True}
    return given | optional | changes


def item(**changes: Any) -> dict[str, Any]:
    (found,) = items_of(READING, TABLE, [row(**changes)])
    return item_from_wire(found.wire)


def test_a_row_becomes_an_item_keys_first_then_attributes() -> None:
    assert list(item().items()) == [
        ("pk", f"DEV#{ID}"),
        ("sk", Decimal(7)),
        ("taken_at", "2026-03-02T09:00:00.000000Z"),
        ("value", Decimal("1.5")),
        ("ok", True),
    ]


def test_null_leaves_an_optional_attribute_out_and_key_fields_are_no_attributes() -> None:
    assert {"place", "raw", "tags", "detail", "device", "number"}.isdisjoint(item())


def test_bytes_arrays_and_json_become_binary_sets_and_maps() -> None:
    found = item(raw=memoryview(b"\x00\xff"), tags=["b", "a", "b"], detail={"depth": 3, "of": None})

    assert found["raw"] == b"\x00\xff"
    assert found["tags"] == frozenset({"a", "b"})
    assert found["detail"] == {"depth": Decimal(3), "of": None}


def test_items_say_where_they_come_from() -> None:
    found = list(items_of(READING, TABLE, [row(), row(number=8)]))

    assert [each.place for each in found] == ["sql/readings.sql, row 1", "sql/readings.sql, row 2"]
    assert {each.entity for each in found} == {"Reading"}


def test_no_rows_give_no_items() -> None:
    assert list(items_of(READING, TABLE, [])) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"device": None}, r"column 'device': NULL, and device is a key field of Reading.*WHERE.*coalesce"),
        ({"value": None}, r"column 'value': NULL, and value is a required attribute.*required: false"),
        ({"value": 1.5}, r"column 'value': 1.5 is a float.*column::numeric"),
        ({"value": Decimal("NaN")}, r"column 'value': .*no NaN"),
        ({"value": Decimal("1E+126")}, r"column 'value': "),
        ({"value": Decimal("1." + "3" * 40)}, r"column 'value': .*38"),
        ({"taken_at": dt.datetime(2026, 3, 2)}, r"column 'taken_at': .*no time zone"),  # noqa: DTZ001
        ({"device": "not-a-uuid"}, r"column 'device': 'not-a-uuid' is not a uuid"),
        ({"number": "x"}, r"column 'number': 'x' is not an integer"),
        ({"ok": 1}, r"column 'ok': 1 is not a boolean"),
        ({"place": 12}, r"column 'place': 12 is a int, not a string.*column::text"),
        ({"place": ""}, r"place, a key attribute of index by-place, is empty"),
        ({"tags": []}, r"column 'tags': an empty set"),
        ({"detail": {"depth": 0.5}}, r"column 'detail': detail.depth: 0.5 is a float"),
        ({"raw": b"x" * 409_600}, r"limit of 409,600"),
    ],
)
def test_a_row_that_cannot_become_an_item_is_named_with_its_column(changes: dict[str, Any], message: str) -> None:
    rows = [row(), row(number=8), row(number=9) | changes]

    with pytest.raises(SeedError, match=r"^sql/readings.sql, row 3.*" + message):
        list(items_of(READING, TABLE, rows))


def test_a_value_with_the_separator_in_it_cannot_become_a_key() -> None:
    entity = Entity(
        "Stock",
        "stock",
        keys={"pk": KeyTemplate.of("SHOP#{shop}#SHELF#{shelf}")},
        source=Source("sql/stock.sql", ""),
    )
    table = Table("stock", KeySchema((KeyAttribute("pk"),)))

    with pytest.raises(SeedError, match=r"sql/stock.sql, row 1, key pk: .*holds the separator"):
        list(items_of(entity, table, [{"shop": "a#SHELF#b", "shelf": "c"}]))


def test_a_missing_column_is_named_before_any_row() -> None:
    short = {name: value for name, value in row().items() if name != "taken_at"}

    with pytest.raises(
        SeedError, match=r"sql/readings.sql: Reading needs a column 'taken_at', and the SQL gives device"
    ):
        list(items_of(READING, TABLE, [short]))


def test_an_optional_column_may_be_missing() -> None:
    short = {name: value for name, value in row().items() if name != "place"}

    assert len(list(items_of(READING, TABLE, [short]))) == 1


def test_a_mistyped_column_is_not_dropped_in_silence() -> None:
    with pytest.raises(SeedError, match=r"column 'plcae' is no key field.*Did you mean 'place'"):
        list(items_of(READING, TABLE, [row(plcae="attic")]))
