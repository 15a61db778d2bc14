"""Seeding again after an inbox row moved on: its old self is not put back beside it, and that is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.local.messaging import seeded_session
from workbench.engines import Engine, Store
from workbench.results import Session
from workbench.seeding import seed

pytestmark = pytest.mark.local

TABLE = "cruddur-messages"


@pytest.fixture
def session(engine: Engine, store: Store) -> Iterator[Session]:
    with seeded_session(engine, store) as made:
        yield made


def inbox(session: Session) -> list[dict[str, Any]]:
    items = session.client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    return sorted((i for i in items if i["pk"]["S"].startswith("GRP#")), key=lambda i: (i["pk"]["S"], i["sk"]["S"]))


def move(session: Session, row: dict[str, Any], time: str) -> dict[str, Any]:
    """Do what a new message does to an inbox row: delete it, put it under the new time."""
    moved = {**row, "sk": {"S": time}, "message": {"S": "Newer."}}
    session.client.delete_item(TableName=TABLE, Key={name: row[name] for name in ("pk", "sk")})
    session.client.put_item(TableName=TABLE, Item=moved)
    return moved


def test_a_row_that_moved_on_stays_and_its_old_self_is_not_put_back(session: Session) -> None:
    first, second = inbox(session)
    moved = move(session, first, "2026-04-01T09:00:00.000000Z")

    report = seed(session)

    assert inbox(session) == sorted([moved, second], key=lambda i: (i["pk"]["S"], i["sk"]["S"]))
    assert next((each.entity, each.written, each.unchanged, each.moved) for each in report) == ("InboxRow", 0, 1, 1)
    assert "InboxRow: 2 rows, 0 written, 1 unchanged, 1 moved on and left where it is" in repr(report)


def test_a_row_that_is_gone_altogether_is_put_back(session: Session) -> None:
    before = inbox(session)
    session.client.delete_item(TableName=TABLE, Key={name: before[0][name] for name in ("pk", "sk")})

    report = seed(session)

    assert inbox(session) == before
    assert next((each.written, each.moved) for each in report) == (1, 0)


def test_without_one_per_the_old_row_comes_back_beside_the_new_one(session: Session) -> None:
    row = replace(session.model.entity("InboxRow"), one_per=None)
    model = replace(session.model, entities={**session.model.entities, "InboxRow": row})
    move(session, inbox(session)[0], "2026-04-01T09:00:00.000000Z")

    seed(replace(session, model=model))

    assert len(inbox(session)) == 3
