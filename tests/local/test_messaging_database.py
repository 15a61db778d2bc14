"""The relational twin on a real PostgreSQL: constraints, lookups, and oracles for data of any size."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.engines import Database, Engine, Store, open_database
from workbench.errors import DatabaseError
from workbench.model import Model, load_model
from workbench.plans import Clock, build
from workbench.results import Session, run
from workbench.seeding import load_schema, seed

pytestmark = pytest.mark.local

MESSAGING = Path(__file__).parents[2] / "data" / "models" / "messaging"
GROUP = "50d22f1d-7314-5b24-92d7-5e0766fc740a"
ANDREW, BAYKO = "a151a3a1-6da0-5a0e-b4d7-c75b5b23079c", "02fb09bf-ce59-52d4-bbcd-a984f9cb494f"
FERRANTE = "ac7595ee-7a6e-5dcb-b214-3405576c99f7"


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(MESSAGING)


@pytest.fixture
def database(model: Model) -> Iterator[Database]:
    opened = open_database(model)
    yield opened
    opened.close()


def test_the_seed_has_8_people_one_conversation_and_104_messages(database: Database) -> None:
    tables = ("users", "activities", "message_groups", "message_group_members", "messages", "conversations")
    counts = [database.query(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in tables]

    assert counts == [8, 3, 1, 2, 104, 2]


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("INSERT INTO users (display_name, handle, email) VALUES ('B', 'bayko', 'b@example.com')", "users_handle_key"),
        ("INSERT INTO users (display_name, handle, email) VALUES ('B', 'b y', 'b@example.com')", "users_handle_check"),
        ("INSERT INTO users (display_name, handle, email) VALUES ('B', 'b', 'bayko@example.com')", "users_email_key"),
        ("UPDATE users SET cognito_user_id = 'one' WHERE true", "users_cognito_user_id_key"),
        (f"INSERT INTO message_group_members VALUES ('{GROUP}', '{FERRANTE}', 2)", "message_group_uuid_seat_key"),
        (f"INSERT INTO message_group_members VALUES ('{GROUP}', '{FERRANTE}', 3)", "seat_check"),
        (
            f"INSERT INTO messages (message_group_uuid, user_uuid, message) VALUES ('{GROUP}', '{FERRANTE}', 'Hello')",
            "messages_message_group_uuid_user_uuid_fkey",
        ),
        (
            "INSERT INTO messages (message_group_uuid, user_uuid, message, created_at) "
            f"VALUES ('{GROUP}', '{ANDREW}', 'Twin', '2026-03-30T22:50:28.259154Z')",
            "messages_message_group_uuid_created_at_key",
        ),
        (f"INSERT INTO messages (message_group_uuid, user_uuid, message) VALUES ('{GROUP}', '{ANDREW}', '')", "check"),
        ("UPDATE activities SET expires_at = created_at", "activities_check"),
        ("UPDATE activities SET likes_count = -1", "likes_count_check"),
    ],
)
def test_the_schema_refuses_what_the_app_must_not_store(statement: str, constraint: str, database: Database) -> None:
    with pytest.raises(DatabaseError, match=constraint):
        database.execute(statement)


def test_another_case_is_another_handle(database: Database, model: Model) -> None:
    lookup = model.pattern("list-conversations").lookups["me"]
    database.execute("INSERT INTO users (display_name, handle, email) VALUES ('Other', 'Bayko', 'other@example.com')")

    assert database.query(lookup.source.sql, {"handle": "bayko"})[0]["user_display_name"] == "Andrew Bayko"
    assert database.query(lookup.source.sql, {"handle": "Bayko"})[0]["user_display_name"] == "Other"
    assert database.query(lookup.source.sql, {"handle": "BAYKO"}) == []


@pytest.mark.parametrize("handle", ["' OR '1'='1", "bayko' --", "%", "_____", "", "bayko "])
def test_no_odd_handle_finds_anybody(handle: str, database: Database, model: Model) -> None:
    for pattern, lookup in (("list-conversations", "me"), ("send-message", "author")):
        sql = model.pattern(pattern).lookups[lookup].source.sql
        assert database.query(sql, {"handle": handle, "message_group_uuid": GROUP}) == []


def test_only_members_are_found_as_members(database: Database, model: Model) -> None:
    sql = model.pattern("send-message").lookups["author"].source.sql
    found = {
        handle: len(database.query(sql, {"handle": handle, "message_group_uuid": GROUP}))
        for handle in ("andrewbrown", "bayko", "mferrante", "nobody")
    }

    assert found == {"andrewbrown": 1, "bayko": 1, "mferrante": 0, "nobody": 0}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello!", "Hello!"),
        ("x" * 29, "x" * 29),
        ("x" * 30, "x" * 26 + "..."),
        ("100 % of {it} & 'more' \\ of the same", "100 % of {it} & 'more' \\ of..."[:26] + "..."),
        ("☂" * 40, "☂" * 26 + "..."),
    ],
)
def test_a_preview_is_29_characters_at_most(text: str, shown: str, database: Database, model: Model) -> None:
    sql = model.pattern("start-conversation").lookups["shown"].source.sql

    assert database.query(sql, {"message": text}) == [{"message": shown}]


def test_sort_times_keep_their_width_and_are_utc_whatever_the_zone(database: Database) -> None:
    sql = """
        WITH zone AS MATERIALIZED (SELECT set_config('TimeZone', 'Asia/Kolkata', true) AS name)
        SELECT name, sort_time('2026-03-08 03:00:00-05'::timestamptz) AS sk FROM zone
    """

    assert database.query(sql) == [{"name": "Asia/Kolkata", "sk": "2026-03-08T08:00:00.000000Z"}]


def test_rebuilding_the_database_gives_the_same_uuids(model: Model) -> None:
    found = []
    for _ in range(2):
        database = open_database(model)
        found.append([str(row["uuid"]) for row in database.query("SELECT uuid FROM users ORDER BY created_at")])
        database.close()

    assert found[0] == found[1]
    assert found[0][:2] == [ANDREW, BAYKO]


# -- data of any size -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The model over 30 people, 60 conversations and 1,500 generated messages."""
    folder = tmp_path_factory.mktemp("busy") / "messaging"
    shutil.copytree(MESSAGING, folder, ignore=shutil.ignore_patterns("__pycache__"))
    generate = runpy.run_path(str(MESSAGING / "generate.py"))
    generate["write"](generate["generated_rows"](30, 60, 1_500, 11), folder / "data")
    return load_model(folder)


@pytest.fixture
def busy_session(busy: Model, engine: Engine, store: Store) -> Iterator[Session]:
    database = open_database(busy)
    session = Session(busy, store.client(), database, engine, Clock.fixed())
    load_schema(session.client, busy)
    seed(session)
    yield session
    database.close()


def answers(session: Session, pattern: str, **arguments: Any) -> tuple[list[Any], list[Any]]:
    """Return the rows of DynamoDB and of the oracle, in the oracle's columns, as text."""
    plan = build(session.model, pattern, arguments)
    oracle = session.model.pattern(pattern).oracle
    assert oracle is not None
    wanted = session.database.query(oracle.sql, plan.arguments)
    found = [{name: row[name] for name in wanted[0]} for row in run(session, plan).rows] if wanted else []
    return [_texts(row) for row in found], [_texts(row) for row in wanted]


def _texts(row: dict[str, Any]) -> dict[str, str]:
    return {
        name: value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if hasattr(value, "strftime") else str(value)
        for name, value in row.items()
    }


def test_patterns_and_oracles_agree_on_generated_data_hot_keys_included(busy_session: Session) -> None:
    hottest = busy_session.database.query(
        "SELECT message_group_uuid AS g FROM messages GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 3"
    )
    for row in hottest:
        found, wanted = answers(busy_session, "list-messages", message_group_uuid=row["g"])
        assert len(wanted) == 20
        assert found == wanted
        older, all_older = answers(
            busy_session, "older-messages", message_group_uuid=row["g"], before=wanted[-1]["created_at"], limit=7
        )
        assert len(all_older) == 7
        assert older == all_older
    for handle in ("andrewbrown", "bayko", "sato-keiko"):
        found, wanted = answers(busy_session, "list-conversations", handle=handle, limit=5)
        assert wanted
        assert found == wanted


def test_generated_data_is_seeded_whole_and_once(busy_session: Session) -> None:
    again = seed(busy_session)

    assert [(each.entity, each.rows, each.written) for each in again] == [
        ("InboxRow", 120, 0),
        ("Message", 1_500, 0),
        ("Pair", 60, 0),
        ("Unread", 120, 0),
    ]
