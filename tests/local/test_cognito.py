"""The ids of a Cognito user pool of more than one page reach the people in PostgreSQL, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from workbench.engines import Database, open_database
from workbench.errors import DatabaseError, UnreachableError
from workbench.model import Database as Relational
from workbench.model import Model, Source
from workbench.seeding.identities import sync_cognito_ids

pytestmark = pytest.mark.local

PEOPLE = 70
SCHEMA = "CREATE TABLE users (handle text PRIMARY KEY, cognito_user_id text);"
SEED = "INSERT INTO users (handle) SELECT 'person' || to_char(n, 'FM00') FROM generate_series(0, 69) AS n;"


@pytest.fixture
def database() -> Iterator[Database]:
    relational = Relational(schema=(Source("schema.sql", SCHEMA),), seed=(Source("seed.sql", SEED),))
    with open_database(Model("people", Path("model.yaml"), database=relational)) as opened:
        yield opened


@pytest.fixture
def cognito(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("cognito-idp", region_name="eu-central-1")


def make_pool(cognito: Any, handles: list[str | None]) -> str:
    pool: str = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    for number, handle in enumerate(handles):
        attributes = [{"Name": "preferred_username", "Value": handle}] if handle else []
        cognito.admin_create_user(UserPoolId=pool, Username=f"user{number:03d}", UserAttributes=attributes)
    return pool


def ids(database: Database) -> dict[str, str | None]:
    return {row["handle"]: row["cognito_user_id"] for row in database.query("SELECT * FROM users")}


def test_every_page_of_the_pool_is_listed_and_who_cannot_be_matched_is_named(cognito: Any, database: Database) -> None:
    handles = [f"person{number:02d}" for number in range(65)]
    pool = make_pool(cognito, [*handles, None, "stranger", None, "person66", "person66"])

    report = sync_cognito_ids(cognito, database, pool)

    assert report.listed == 70
    assert list(report.updated) == handles
    assert report.without_name == ("user065", "user067")
    assert report.unknown == ("stranger",)
    assert report.ambiguous == ("person66",)
    assert report.not_in_pool == ("person65", "person67", "person68", "person69")
    stored = ids(database)
    assert {handle for handle, id_ in stored.items() if id_} == set(handles)
    assert stored["person64"] == report.ids["person64"]
    assert len(report.lines()) == 65 + 2 + 1 + 1 + 4


def test_twice_changes_nothing(cognito: Any, database: Database) -> None:
    pool = make_pool(cognito, ["person00", "person01"])
    first = sync_cognito_ids(cognito, database, pool)
    before = ids(database)

    second = sync_cognito_ids(cognito, database, pool)

    assert first.updated == second.unchanged == ("person00", "person01")
    assert second.updated == ()
    assert ids(database) == before


def test_an_id_that_was_there_is_kept_where_the_pool_does_not_know_the_person(cognito: Any, database: Database) -> None:
    database.execute("UPDATE users SET cognito_user_id = 'kept' WHERE handle = 'person69'")

    sync_cognito_ids(cognito, database, make_pool(cognito, ["person00"]))

    assert ids(database)["person69"] == "kept"


def test_an_unknown_pool_and_an_unknown_table_are_named(cognito: Any, database: Database) -> None:
    with pytest.raises(UnreachableError, match="eu-central-1_nowhere cannot be listed"):
        sync_cognito_ids(cognito, database, "eu-central-1_nowhere")
    with pytest.raises(DatabaseError, match='relation "members" does not exist'):
        sync_cognito_ids(cognito, database, "eu-central-1_nowhere", table="members")


def test_a_name_is_an_identifier_and_never_sql(cognito: Any, database: Database) -> None:
    with pytest.raises(DatabaseError, match="does not exist"):
        sync_cognito_ids(cognito, database, "pool", table="users; DROP TABLE users")
    assert len(ids(database)) == PEOPLE
