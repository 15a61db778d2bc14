"""Fan-outs with a journal: stopped anywhere and run again, they end as one run would have, and as SQL says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kill_writes
from tests.local.messaging import seeded_session
from workbench.bulk import run_with_journal
from workbench.engines import Engine, Store
from workbench.errors import JournalError, RequestError, UsageError
from workbench.plans import build
from workbench.results import Backoff, Result, Session
from workbench.seeding import load_schema, sql_digest, store_digest

pytestmark = pytest.mark.local

ARGUMENTS: dict[str, dict[str, Any]] = kill_writes.ARGUMENTS
ANDREW = "a151a3a1-6da0-5a0e-b4d7-c75b5b23079c"


@pytest.fixture
def session(engine: Engine, store: Store) -> Iterator[Session]:
    with seeded_session(engine, store) as made:
        yield made


class Stopped(BaseException):
    """Ends a run where a kill would, without an engine's error."""


class StoppingClient:
    """A client that stops its run at the n-th write: before it is sent, or after it is done and before it is told."""

    def __init__(self, client: Any, at: int, *, done: bool, method: str = "update_item") -> None:
        self.client, self.left, self.done, self.method, self.sent = client, at, done, method, 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.client, name)
        return call if name != self.method else lambda **request: self._write(call, request)

    def _write(self, call: Any, request: dict[str, Any]) -> Any:
        self.left -= 1
        if self.left == 0 and not self.done:
            raise Stopped
        self.sent += 1
        answer = call(**request)
        if self.left == 0:
            raise Stopped
        return answer


def go(session: Session, pattern: str, journal: Path, **other: Any) -> Result:
    arguments = {**ARGUMENTS.get(pattern, {}), **other}
    plan = build(session.model, pattern, arguments, clock=session.clock)
    return run_with_journal(session, plan, journal, given=arguments, backoff=Backoff(sleep=lambda _: None))


def apply_in_sql(session: Session, pattern: str) -> None:
    for statement in kill_writes.IN_SQL[pattern]:
        session.database.execute(statement, ARGUMENTS[pattern])


@pytest.mark.parametrize("done", [False, True], ids=["before it is sent", "done but not noted"])
@pytest.mark.parametrize("at", [1, 27, 53])
def test_a_rename_that_is_stopped_goes_on_and_ends_as_sql_says(
    at: int, done: bool, session: Session, tmp_path: Path
) -> None:
    stopping = StoppingClient(session.client, at, done=done)
    with pytest.raises(Stopped):
        go(replace(session, client=stopping), "rename-person", tmp_path / "journal")

    counting = StoppingClient(session.client, 1_000, done=False)
    result = go(replace(session, client=counting), "rename-person", tmp_path / "journal")

    assert counting.sent == 53 - (at - 1)  # the step in doubt is sent again, the ones before it are not
    assert len(result.items) == 53
    assert {item["user_display_name"] for item in result.items} == {"Andrew W. Brown"}
    apply_in_sql(session, "rename-person")
    assert store_digest(session) == sql_digest(session)


@pytest.mark.parametrize("done", [False, True], ids=["before it is sent", "done but not noted"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_deletion_that_is_stopped_goes_on_and_leaves_nothing_of_the_person(
    at: int, done: bool, session: Session, tmp_path: Path
) -> None:
    stopping = StoppingClient(session.client, at, done=done, method="batch_write_item")
    with pytest.raises(Stopped):
        go(replace(session, client=stopping), "delete-person", tmp_path / "journal")
    go(session, "delete-person", tmp_path / "journal")

    apply_in_sql(session, "delete-person")
    assert store_digest(session) == sql_digest(session)
    tables = [session.client.scan(TableName=name)["Items"] for name in session.model.tables]
    assert sum(map(len, tables)) == 52  # what the other wrote
    assert ANDREW not in repr(tables)


def test_a_journal_that_is_done_sends_nothing(session: Session, tmp_path: Path) -> None:
    go(session, "rename-person", tmp_path / "journal")
    counting = StoppingClient(session.client, 1_000, done=False)
    again = go(replace(session, client=counting), "rename-person", tmp_path / "journal")

    assert counting.sent == 0
    assert again.receipt.computed is not None
    assert again.receipt.computed.total == 0
    assert "every step was done by an earlier run; nothing was sent" in again.remarks


def test_the_steps_are_those_of_the_journal_whatever_sql_says_by_now(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        go(replace(session, client=StoppingClient(session.client, 10, done=False)), "rename-person", tmp_path / "j")
    session.database.execute("DELETE FROM messages WHERE created_at > '2026-03-08'")

    assert len(go(session, "rename-person", tmp_path / "j").items) == 53


def test_a_step_whose_item_went_is_named_and_the_others_are_done(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        go(replace(session, client=StoppingClient(session.client, 10, done=False)), "rename-person", tmp_path / "j")
    (row,) = (row for row in session.client.scan(TableName="cruddur-messages")["Items"] if _is_row_about_andrew(row))
    moved = {**row, "sk": {"S": "2026-03-31T12:00:00.000000Z"}}
    session.client.delete_item(TableName="cruddur-messages", Key={name: row[name] for name in ("pk", "sk")})
    session.client.put_item(TableName="cruddur-messages", Item=moved)

    with pytest.raises(RequestError, match="1 of 53 steps found their condition unmet, the others are done") as caught:
        go(session, "rename-person", tmp_path / "j")
    assert "step 53" in str(caught.value)
    assert caught.value.receipt.items_written == 43
    with pytest.raises(RequestError, match="1 of 53 steps"):  # and it stays open, rather than be forgotten
        go(session, "rename-person", tmp_path / "j")


def _is_row_about_andrew(row: dict[str, Any]) -> bool:
    return row["pk"]["S"].startswith("GRP#") and row["user_handle"]["S"] == "andrewbrown"


def test_a_journal_of_other_arguments_another_pattern_or_another_store_is_refused(
    session: Session, engine: Engine, tmp_path: Path
) -> None:
    go(session, "rename-person", tmp_path / "journal")

    with pytest.raises(JournalError, match=r"its arguments is .*Andrew W. Brown.*now .*Somebody"):
        go(session, "rename-person", tmp_path / "journal", display_name="Somebody")
    with pytest.raises(JournalError, match="its pattern is 'rename-person', now 'delete-person'"):
        go(session, "delete-person", tmp_path / "journal")
    with engine.lease(wait=60) as other:
        elsewhere = replace(session, client=other.client())
        load_schema(elsewhere.client, session.model)
        with pytest.raises(JournalError, match="its tables is"):
            go(elsewhere, "rename-person", tmp_path / "journal")


def test_a_torn_last_line_is_cut_off_and_its_step_done_again(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with pytest.raises(Stopped):
        go(replace(session, client=StoppingClient(session.client, 10, done=False)), "rename-person", path)
    path.write_bytes(path.read_bytes()[:-4])

    counting = StoppingClient(session.client, 1_000, done=False)
    go(replace(session, client=counting), "rename-person", path)

    assert counting.sent == 53 - 8


MESSAGE = {"handle": "andrewbrown", "other_handle": "mferrante", "message": "Nine out of ten."}


@pytest.mark.parametrize("done", [False, True], ids=["before it is sent", "done but not noted"])
def test_a_first_message_that_is_stopped_is_sent_once(done: bool, session: Session, tmp_path: Path) -> None:
    stopping = StoppingClient(session.client, 1, done=done, method="transact_write_items")
    with pytest.raises(Stopped):
        go(replace(session, client=stopping), "start-conversation", tmp_path / "journal", **MESSAGE)
    result = go(session, "start-conversation", tmp_path / "journal", **MESSAGE)

    items = session.client.scan(TableName="cruddur-messages")["Items"]
    new = [item for item in items if item["message"]["S"] == "Nine out of ten."]
    assert sorted(item["pk"]["S"][:4] for item in new) == ["GRP#", "GRP#", "MSG#"]
    unread = session.client.scan(TableName="cruddur-conversations")["Items"]
    assert [item["unread"] for item in unread if "ac7595ee" in item["pk"]["S"] and "unread" in item] == [{"N": "1"}]
    assert result.plan.pattern.name == ("send-to-person" if done else "start-conversation")


def test_a_read_takes_no_journal(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="writes nothing, so it needs no journal"):
        go(session, "count-unread", tmp_path / "journal", handle="bayko")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the child uses a client and a connection of its own
def test_kill_9_at_random_moments_ends_exact(engine: Engine, tmp_path: Path) -> None:
    folder = kill_writes.model_folder(tmp_path, 8, 10, 150)
    tallies = kill_writes.trials(engine, folder, 3, random.Random(5), tmp_path)

    assert {kind: (each.trials, each.exact, each.wrong) for kind, each in tallies.items()} == {
        kind: (1, 1, []) for kind in ("seed", "rename-person", "delete-person")
    }
    assert sum(each.kills for each in tallies.values()) >= 1
