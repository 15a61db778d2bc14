"""What DynamoDB Local says that a read of an index costs. It fails when a newer version is right."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workbench.engines import Store
from workbench.items import item_size, item_to_wire
from workbench.model import Index, KeyAttribute, KeyCondition, KeySchema, KeyTemplate, Model, Pattern, Table
from workbench.plans import Clock, build, table_request
from workbench.results import Receipt, Session, run

pytestmark = pytest.mark.local

PK, GROUP = KeyAttribute("pk"), KeyAttribute("group")
GLOBAL = KeySchema((GROUP,))
LOCAL = KeySchema((PK,), (KeyAttribute("rank"),))
INDEXES = {
    "global-keys": Index("global-keys", GLOBAL, projection="KEYS_ONLY"),
    "global-some": Index("global-some", GLOBAL, projection="INCLUDE", include=("note",)),
    "global-all": Index("global-all", GLOBAL),
    "local-keys": Index("local-keys", LOCAL, kind="local", projection="KEYS_ONLY"),
    "local-some": Index("local-some", LOCAL, kind="local", projection="INCLUDE", include=("note",)),
    "local-all": Index("local-all", LOCAL, kind="local"),
}
TABLE = Table("boxes", KeySchema((PK,), (KeyAttribute("sk"),)), indexes=INDEXES)
PARTIAL = [name for name, index in INDEXES.items() if index.projection != "ALL"]
WHOLE = [name for name, index in INDEXES.items() if index.projection == "ALL"]


def pattern(operation: Any, index: str, **more: Any) -> Pattern:
    """Return a read of an index, of all its entries; its name is ``scan-local-keys``."""
    keys = INDEXES[index].keys.partition[0].name
    key = KeyCondition({keys: KeyTemplate.of("p")}) if operation == "Query" else None
    name = f"{operation.lower()}-{index}-{'-'.join(more)}"
    return Pattern(name, "?", operation, table="boxes", index=index, key=key, **more)


@pytest.fixture
def session(store: Store, tmp_path: Path) -> Session:
    """A table with six indexes, and 30 items of 400 to 9,000 bytes that are in all of them."""
    client, rng = store.client(), random.Random(8)
    client.create_table(**table_request(TABLE))
    for number in range(30):
        item = {"pk": "p", "sk": f"{number:02d}", "group": "p", "rank": f"{number:02d}", "note": "n" * 120}
        wire = item_to_wire(item | {"rest": "x" * rng.randint(200, 9_000)})
        client.put_item(TableName="boxes", Item=wire)
    return Session(
        Model("boxes", tmp_path / "model.yaml", tables={"boxes": TABLE}), client, None, store.engine, Clock.fixed()
    )


def receipt_of(session: Session, asked: Pattern, pages: int = 1) -> Receipt:
    model = Model("boxes", session.model.path, tables={"boxes": TABLE}, patterns={asked.name: asked})
    there = Session(model, session.client, None, session.engine, session.clock)
    return run(there, build(model, asked.name, {}, clock=session.clock), pages=pages).receipt


def units_of_items(session: Session) -> Decimal:
    items = session.client.query(
        TableName="boxes", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}}
    )["Items"]
    return Decimal(-(-sum(map(item_size, items)) // 4096)) / 2


@pytest.mark.parametrize("index", PARTIAL)
def test_a_scan_of_an_index_is_charged_by_the_size_of_the_tables_items(session: Session, index: str) -> None:
    receipt = receipt_of(session, pattern("Scan", index))

    assert receipt.computed.read <= Decimal("1.0")  # type: ignore[union-attr]
    assert receipt.reported.read == units_of_items(session) > Decimal("10")  # type: ignore[union-attr]
    assert "charges a Scan of an index by the size of the table's items" in str(receipt.defect)


@pytest.mark.parametrize("index", PARTIAL)
@pytest.mark.parametrize("more", [{"limit": 7}, {"filter": "sk < '10'"}, {"projection": ("sk",)}], ids=str)
def test_each_page_of_such_a_scan_is_explained_exactly(session: Session, index: str, more: Any) -> None:
    receipt = receipt_of(session, pattern("Scan", index, **more), pages=9)

    assert receipt.computed != receipt.reported
    assert "charges a Scan of an index" in str(receipt.defect)


@pytest.mark.parametrize("index", PARTIAL)
def test_a_query_of_an_index_is_charged_by_its_entries(session: Session, index: str) -> None:
    receipt = receipt_of(session, pattern("Query", index))

    assert receipt.computed == receipt.reported
    assert receipt.defect is None


@pytest.mark.parametrize("index", WHOLE)
@pytest.mark.parametrize("operation", ["Scan", "Query"])
def test_an_index_that_holds_whole_items_is_charged_by_them(session: Session, index: str, operation: str) -> None:
    receipt = receipt_of(session, pattern(operation, index))

    assert receipt.computed == receipt.reported
    assert receipt.reported.read == units_of_items(session)  # type: ignore[union-attr]


@pytest.mark.parametrize("index", ["local-keys", "local-some"])
def test_a_query_of_a_local_index_is_charged_for_items_that_its_projection_does_not_need(
    session: Session, index: str
) -> None:
    receipt = receipt_of(session, pattern("Query", index, projection=("sk",)))

    assert (receipt.computed.table, receipt.reported.table > 10) == (Decimal(0), True)  # type: ignore[union-attr]
    assert "as if it fetched every item" in str(receipt.defect)


def test_a_query_of_a_local_index_that_must_fetch_its_items_is_charged_for_them(session: Session) -> None:
    receipt = receipt_of(session, pattern("Query", "local-keys", projection=("rest",)))

    assert receipt.computed == receipt.reported


@pytest.mark.parametrize("index", ["global-keys", "global-some"])
def test_a_query_of_a_global_index_with_a_projection_is_charged_by_its_entries(session: Session, index: str) -> None:
    receipt = receipt_of(session, pattern("Query", index, projection=("sk",)))

    assert receipt.computed == receipt.reported
