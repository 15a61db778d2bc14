"""All ten operations on DynamoDB Local: what comes back, what changed, and the price beside the engine's."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from workbench.errors import RequestError, TableError
from workbench.items import item_to_wire
from workbench.model import (
    Action,
    Attribute,
    Entity,
    Index,
    KeyAttribute,
    KeyCondition,
    KeySchema,
    KeyTemplate,
    Lookup,
    Model,
    Parameter,
    Pattern,
    Source,
    Table,
)
from workbench.plans import Clock, build, table_request
from workbench.results import Backoff, Result, Session, run, scan

pytestmark = pytest.mark.local

KEYS = KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk", "N"),))
TABLES = {
    "shelves": Table(
        "shelves",
        KEYS,
        indexes={
            "by-colour": Index("by-colour", KeySchema((KeyAttribute("colour"),)), projection="KEYS_ONLY"),
            "by-weight": Index(
                "by-weight",
                KeySchema((KeyAttribute("pk"),), (KeyAttribute("weight", "N"),)),
                kind="local",
                projection="KEYS_ONLY",
            ),
        },
    ),
    "plain": Table("plain", KEYS),
}


def entity(name: str, table: str, prefix: str) -> Entity:
    keys = {"pk": KeyTemplate.of(prefix + "#{owner}"), "sk": KeyTemplate.of("{number}")}
    attributes = {
        "text": Attribute("text", "string", required=False),
        "colour": Attribute("colour", "string", required=False),
    }
    return Entity(name, table, keys, attributes, {"owner": "string", "number": "integer"})


ENTITIES = {"Box": entity("Box", "shelves", "BOX"), "Note": entity("Note", "plain", "NOTE")}
PARAMETERS: dict[str, Any] = {
    "owner": Parameter("owner", "string"),
    "number": Parameter("number", "integer", required=False),
    "text": Parameter("text", "string", required=False),
    "colour": Parameter("colour", "string", required=False),
}
EACH: dict[str, Any] = {
    "lookups": {"each_box": Lookup("each_box", Source("boxes.sql", "SELECT"), many=True)},
    "parameters": {"owner": PARAMETERS["owner"]},
}


def pattern(name: str, operation: Any, **more: Any) -> Pattern:
    return Pattern(name=name, question="?", operation=operation, **{"table": "plain", "parameters": PARAMETERS, **more})


def put(entity: str = "Note", **more: Any) -> Action:
    return Action("put", entity, **more)


NEW = "attribute_not_exists(pk)"
GET_EACH = Action("get", "Note", each="each_box")
WHOLE_KEY = {"pk": KeyTemplate.of("NOTE#{owner}")}
PATTERNS = {
    each.name: each
    for each in [
        pattern("put-note", "PutItem", actions=(put(),)),
        pattern("put-new-note", "PutItem", actions=(put(condition=NEW),)),
        pattern("put-box", "PutItem", table="shelves", actions=(put("Box"),)),
        pattern("append", "UpdateItem", actions=(Action("update", "Note", update="SET text = {text}"),)),
        pattern("drop", "DeleteItem", actions=(Action("delete", "Note"),)),
        pattern("get", "GetItem", actions=(Action("get", "Note"),)),
        pattern("get-text", "GetItem", actions=(Action("get", "Note"),), projection=("text",)),
        pattern("get-many", "BatchGetItem", actions=(GET_EACH,), **EACH),
        pattern("get-texts", "BatchGetItem", actions=(GET_EACH,), **EACH, projection=("text",)),
        pattern("get-at-once", "TransactGetItems", actions=(GET_EACH,), **EACH),
        pattern("put-many", "BatchWriteItem", actions=(put(each="each_box"),), **EACH),
        pattern("drop-many", "BatchWriteItem", actions=(Action("delete", "Note", each="each_box"),), **EACH),
        pattern("put-each", "PutItem", actions=(put(each="each_box", condition=NEW),), **EACH),
        pattern(
            "move", "TransactWriteItems",
            actions=(Action("check", "Note", condition="attribute_exists(pk)"), put("Box", condition=NEW)),
        ),
        pattern("move-all", "TransactWriteItems", actions=(put(each="each_box"),), **EACH),
        pattern("put-at-once", "TransactWriteItems", actions=(put(),)),
        pattern("notes", "Query", key=KeyCondition(WHOLE_KEY), limit=2),
        pattern("some-notes", "Query", key=KeyCondition(WHOLE_KEY), filter="text = {text}", projection=("text",)),
        pattern(
            "boxes-by-weight", "Query", table="shelves", index="by-weight",
            key=KeyCondition({"pk": KeyTemplate.of("BOX#{owner}")}), projection=("text",),
        ),
        pattern(
            "boxes-by-colour", "Query", table="shelves", index="by-colour",
            key=KeyCondition({"colour": KeyTemplate.of("{colour}")}),
        ),
    ]
}  # fmt: skip


class Rows:
    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def query(self, sql: str, params: Any) -> list[dict[str, Any]]:
        return self.rows


@pytest.fixture
def model(tmp_path: Any) -> Model:
    return Model("things", tmp_path / "model.yaml", tables=TABLES, entities=ENTITIES, patterns=PATTERNS)


@pytest.fixture
def session(model: Model, store: Any) -> Session:
    client = store.client()
    for table in model.tables.values():
        client.create_table(**table_request(table))
    return Session(model, client, Rows([]), store.engine, Clock.fixed())


def go(session: Session, name: str, rows: list[dict[str, Any]] | None = None, **arguments: Any) -> Result:
    asked = dataclasses.replace(session, database=Rows(rows or []))
    return run(asked, build(session.model, name, {"owner": "ann", **arguments}, clock=session.clock), pages=1)


def fill(session: Session, *numbers: int, text: str = "x", **more: Any) -> None:
    for number in numbers:
        item = item_to_wire({"pk": "NOTE#ann", "sk": number, "text": text, **more})
        session.client.put_item(TableName="plain", Item=item)


def test_a_put_gives_the_item_as_it_is_now_and_what_changed(session: Session) -> None:
    result = go(session, "put-note", number=1, text="x" * 3000)
    again = go(session, "put-note", number=1, text="short")

    assert repr(result).splitlines()[0] == "put-note: 1 item, 1 request, 1 written, 3.0 WCU (engine: 3.0)"
    assert result.items == [{"pk": "NOTE#ann", "sk": Decimal(1), "text": "x" * 3000}]
    assert (result.changes[0].before, result.changes[0].after) == (None, result.items[0])
    assert repr(again).splitlines()[0] == "put-note: 1 item, 1 request, 1 written, 3.0 WCU (engine: 3.0)"
    assert again.changes[0].before == result.items[0]
    assert again.rows[0] == {
        "entity": "Note",
        "pk": "NOTE#ann",
        "sk": Decimal(1),
        "owner": "ann",
        "number": 1,
        "text": "short",
    }
    assert str(again.df["sk"].dtype) == "Int64"


def test_a_failed_condition_is_an_error_that_knows_what_it_cost(session: Session) -> None:
    fill(session, 1, text="x" * 2000)

    with pytest.raises(
        RequestError, match=r"the condition does not hold: put pk = 'NOTE#ann', sk = 1 of plain wants"
    ) as caught:
        go(session, "put-new-note", number=1, text="new")

    assert caught.value.code == "ConditionalCheckFailedException"
    assert "attribute_not_exists(pk)" in str(caught.value)
    assert str(caught.value.receipt.computed.write) == "2.0"
    assert caught.value.receipt.reported is None


def test_an_each_that_fails_in_the_middle_says_how_far_it_came(session: Session) -> None:
    fill(session, 2)
    rows = [{"number": number, "text": "new"} for number in (1, 2, 3)]

    with pytest.raises(RequestError, match="1 of 3 requests were done before it") as caught:
        go(session, "put-each", rows)

    assert str(caught.value.receipt.computed.write) == "2.0"
    assert [item["sk"] for item in scan(session, "plain")] == [Decimal(1), Decimal(2)]


def test_an_update_and_a_delete_give_both_images(session: Session) -> None:
    updated = go(session, "append", number=7, text="hello")
    dropped = go(session, "drop", number=7)
    nothing = go(session, "drop", number=7)

    assert updated.items[0]["text"] == "hello"
    assert repr(dropped) == "drop: 0 items, 1 request, 1 written, 1.0 WCU (engine: 1.0)"
    assert dropped.changes[0].before == updated.items[0]
    assert dropped.changes[0].after is None
    assert nothing.receipt.price == "1.0 WCU (engine: 1.0)"


def test_index_arms_are_told_apart(session: Session) -> None:
    result = go(session, "put-box", number=1, colour="red", text="x" * 1500)

    assert result.receipt.computed.indexes == {"by-colour": Decimal("1.0")}
    assert "computed  3.0 WCU (table 2.0, by-colour 1.0)" in repr(result.receipt)
    assert not result.receipt.differs


def test_gets_find_or_miss_and_a_projection_hides_no_cost(session: Session) -> None:
    fill(session, 1, text="x" * 5000)

    found, missing, text = go(session, "get", number=1), go(session, "get", number=2), go(session, "get-text", number=1)

    assert repr(found).splitlines()[0] == "get: 1 item, 1 request, 1 read, 1.0 RCU (engine: 1.0)"
    assert repr(missing).splitlines()[0] == "get: 0 items, 1 request, 0 read, 0.5 RCU (engine: 0.5)"
    assert list(text.df.columns) == ["text"]
    assert text.receipt.price == "1.0 RCU (engine: 1.0)"
    assert text.receipt.bytes_read == found.receipt.bytes_read


def test_a_batch_get_gives_items_in_the_order_of_the_keys_and_counts_missing_ones(session: Session) -> None:
    fill(session, *range(120))
    rows = [{"number": number} for number in (*range(119, -1, -1), 500)]

    result = go(session, "get-many", rows)

    assert [item["sk"] for item in result] == [Decimal(number) for number in range(119, -1, -1)]
    assert (result.receipt.requests, str(result.receipt.computed.read)) == (2, "60.5")
    assert "1 of 21 keys not found; AWS charges a missing item at the minimum" in result.receipt.notes


def test_a_batch_get_with_a_projection_knows_its_cost(session: Session) -> None:
    fill(session, 1, 2, text="x" * 5000)

    result = go(session, "get-texts", [{"number": 1}, {"number": 2}])

    assert [list(item) for item in result] == [["text"], ["text"]]
    assert result.receipt.price == "2.0 RCU (engine: 2.0)"


def test_a_transactional_get_costs_double(session: Session) -> None:
    fill(session, 1)

    result = go(session, "get-at-once", [{"number": 1}, {"number": 2}])

    assert repr(result).splitlines()[0] == "get-at-once: 1 item, 1 request, 1 read, 4.0 RCU (engine: 4.0)"


def test_batches_write_and_delete_over_their_limit_of_25(session: Session) -> None:
    rows = [{"number": number, "text": "x" * 1200} for number in range(30)]

    written = go(session, "put-many", rows)
    dropped = go(session, "drop-many", rows)

    assert repr(written).splitlines()[0] == "put-many: 30 items, 2 requests, 30 written, 60.0 WCU (engine: 60.0)"
    assert repr(dropped) == "drop-many: 0 items, 2 requests, 30 written, 60.0 WCU (engine: 60.0)"
    assert {change.after for change in dropped.changes} == {None}


def test_an_each_over_no_rows_sends_nothing(session: Session) -> None:
    result = go(session, "put-many", [])

    assert repr(result) == "put-many: 0 items, 0 requests, 0 written, 0.0 WCU (engine: 0.0)"


def test_a_transaction_that_is_cancelled_names_the_action_and_its_condition(session: Session) -> None:
    with pytest.raises(
        RequestError, match=r"cancelled, nothing was written:\n  action 1, check pk = 'NOTE#ann'"
    ) as caught:
        go(session, "move", number=1, text="x")

    assert caught.value.code == "TransactionCanceledException"
    assert "wants attribute_exists(pk)" in str(caught.value)
    assert "action 2" not in str(caught.value)
    assert caught.value.receipt.computed is None
    assert scan(session, "shelves").items == []


def test_a_transaction_costs_double_and_its_checks_are_no_items(session: Session) -> None:
    fill(session, 1)

    one = go(session, "put-at-once", number=2, text="x" * 1500)
    moved = go(session, "move", number=1, text="x")

    assert str(one.receipt.computed.write) == "4.0"
    assert [item["pk"] for item in moved] == ["BOX#ann"]
    assert (moved.receipt.items_written, str(moved.receipt.computed.write)) == (1, "4.0")
    assert [change.kind for change in moved.changes] == ["check", "put"]


def test_pages_and_cursors_go_through_a_partition(session: Session) -> None:
    fill(session, *range(5))
    plan = build(session.model, "notes", {"owner": "ann"})

    seen, cursor = [], None
    for _ in range(3):
        page = run(session, build(session.model, "notes", {"owner": "ann"}, cursor=cursor))
        cursor = page.cursor
        seen += [int(item["sk"]) for item in page]
    whole = run(session, plan, pages=10)
    cut = run(session, plan, pages=2)

    assert seen == [0, 1, 2, 3, 4]
    assert cursor is None
    assert (whole.receipt.pages, len(whole), whole.incomplete) == (3, 5, False)
    assert (cut.receipt.pages, len(cut), cut.incomplete) == (2, 4, True)


def test_a_filter_and_a_projection_over_more_than_a_megabyte_are_measured(session: Session) -> None:
    fill(session, *range(12), text="x" * 200_000)
    fill(session, 12, text="wanted")

    filtered = go(session, "some-notes", text="wanted")
    notes = run(session, build(session.model, "notes", {"owner": "ann"}, limit=100), pages=10)

    assert "read 13, kept 1, 293.0 RCU (engine: 293.0)" in repr(filtered)
    assert filtered.receipt.bytes_read == notes.receipt.bytes_read
    assert "this page evaluated 2,400,2" in filtered.receipt.notes[0]
    assert notes.receipt.pages == 3
    assert notes.receipt.notes == ()
    assert not notes.receipt.differs


def test_a_local_index_fetches_what_it_does_not_hold_and_that_is_paid(session: Session) -> None:
    for number in range(3):
        item = {"pk": "BOX#ann", "sk": number, "weight": number, "text": "x" * 9000}
        session.client.put_item(TableName="shelves", Item=item_to_wire(item))

    result = go(session, "boxes-by-weight")

    assert result.receipt.price == "5.0 RCU (engine: 5.0)"
    assert result.receipt.computed.indexes == {"by-weight": Decimal("0.5")}


def test_an_index_gives_its_keys_first_and_is_told_as_its_arm(session: Session) -> None:
    session.client.put_item(
        TableName="shelves", Item=item_to_wire({"pk": "BOX#ann", "sk": 1, "colour": "red", "text": "t"})
    )

    result = go(session, "boxes-by-colour", colour="red")

    assert list(result.df.columns) == ["colour", "pk", "sk"]
    assert result.receipt.computed.indexes == {"by-colour": Decimal("0.5")}
    assert [row["entity"] for row in result.rows] == ["Box"]


def test_a_missing_table_and_a_missing_index_are_named(session: Session) -> None:
    session.client.delete_table(TableName="shelves")
    with pytest.raises(TableError, match=r"no table 'shelves' in this store; bench.load_schema\(\) creates it"):
        go(session, "put-box", number=1)

    bare = dataclasses.replace(TABLES["shelves"], indexes={})
    session.client.create_table(**table_request(bare))
    with pytest.raises(RequestError, match="has no index 'by-colour' here"):
        go(session, "boxes-by-colour", colour="red")


class Reluctant:
    """A client that leaves most of each batch unprocessed, as a throttled table does."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def batch_write_item(self, *, RequestItems: Any, **kwargs: Any) -> Any:  # noqa: N803
        return self._some("batch_write_item", RequestItems, "UnprocessedItems", kwargs)

    def _some(self, method: str, asked: Any, word: str, kwargs: Any) -> Any:
        self.calls += 1
        ((table, parts),) = asked.items()
        response = getattr(self.client, method)(RequestItems={table: parts[:4]}, **kwargs)
        return {**response, word: {table: parts[4:]} if parts[4:] else {}}


def test_unprocessed_items_are_written_again_with_waits_until_all_are(session: Session) -> None:
    waits: list[float] = []
    client = Reluctant(session.client)
    asked = dataclasses.replace(session, client=client, database=Rows([{"number": n, "text": "x"} for n in range(10)]))
    plan = build(session.model, "put-many", {"owner": "ann"})

    result = run(asked, plan, backoff=Backoff(sleep=waits.append, chance=lambda: 1.0))

    assert (client.calls, waits) == (3, [0.1, 0.2])
    assert (len(result), result.receipt.requests, result.receipt.price) == (10, 3, "10.0 WCU (engine: 10.0)")


def test_items_that_stay_unprocessed_are_an_error_that_counts_them(session: Session) -> None:
    asked = dataclasses.replace(
        session, client=Reluctant(session.client), database=Rows([{"number": n, "text": "x"} for n in range(10)])
    )
    plan = build(session.model, "put-many", {"owner": "ann"})

    with pytest.raises(RequestError, match="2 of 10 items were not written after 2 attempts") as caught:
        run(asked, plan, backoff=Backoff(attempts=2, sleep=lambda _: None))

    assert caught.value.code == "UnprocessedItems"
    assert len(scan(session, "plain")) == 8


def test_a_known_defect_of_the_engine_is_named_where_the_figures_differ(session: Session) -> None:
    pytest.importorskip("workbench.engines.defects", reason="the engine's defects are not written down yet")

    empty = go(session, "notes")
    several = go(session, "move-all", [{"number": 1}, {"number": 2}])

    for result in (empty, several):
        assert result.receipt.computed != result.receipt.reported
        assert result.receipt.defect
        assert not result.receipt.differs
        assert "a known defect" in repr(result)
