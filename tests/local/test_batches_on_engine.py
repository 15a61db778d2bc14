"""Batches and transactions on DynamoDB Local: orders, limits, cancellations, and what stays unprocessed."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.local.things import Rows, fill, go, session_of
from workbench.engines import Store
from workbench.errors import RequestError
from workbench.plans import build
from workbench.results import Backoff, Session, run, scan

pytestmark = pytest.mark.local


@pytest.fixture
def session(store: Store, tmp_path: Path) -> Session:
    return session_of(store, tmp_path)


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
