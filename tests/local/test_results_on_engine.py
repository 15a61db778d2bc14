"""All ten operations on DynamoDB Local: what comes back, what changed, and the price beside the engine's."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest

from tests.local.things import TABLES, fill, go, session_of
from workbench.engines import Store
from workbench.errors import RequestError, TableError
from workbench.items import item_to_wire
from workbench.plans import build, table_request
from workbench.results import Session, run, scan

pytestmark = pytest.mark.local


@pytest.fixture
def session(store: Store, tmp_path: Path) -> Session:
    return session_of(store, tmp_path)


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


def test_a_known_defect_of_the_engine_is_named_where_the_figures_differ(session: Session) -> None:
    pytest.importorskip("workbench.engines.defects", reason="the engine's defects are not written down yet")

    empty = go(session, "notes")
    several = go(session, "move-all", [{"number": 1}, {"number": 2}])

    for result in (empty, several):
        assert result.receipt.computed != result.receipt.reported
        assert result.receipt.defect
        assert not result.receipt.differs
        assert "a known defect" in repr(result)
