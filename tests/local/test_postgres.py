"""PostgreSQL as readers and the command line meet it: clones of their own, named databases, errors that help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from workbench.engines import (
    Database,
    create_database,
    database_sessions,
    drop_database,
    engine_status,
    load_database_schema,
    named_databases,
    open_database,
    seed_database,
    setup_database,
)
from workbench.engines.postgres_server import CLONE, NEW, TEMPLATE, find_server
from workbench.errors import DatabaseError, GuardError, UnknownNameError, UsageError
from workbench.model import Model, Rows, Source, load_model

pytestmark = pytest.mark.local

SMALL = Path(__file__).parents[1] / "models" / "small"
BOOKS = "SELECT isbn, year FROM books ORDER BY isbn"


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(SMALL)


@pytest.fixture
def database(model: Model) -> Iterator[Database]:
    with open_database(model) as opened:
        yield opened


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex[:8]}"


def altered(model: Model, **database: Any) -> Model:
    assert model.database is not None
    return replace(model, database=replace(model.database, **database))


def on_server(prefix: str) -> list[str]:
    server = find_server()
    try:
        return server.names(prefix)
    finally:
        server.close()


def test_a_database_holds_the_rows_of_schema_csv_and_seed(database: Database) -> None:
    assert len(database.query(BOOKS)) == 5
    assert database.query("SELECT reader FROM loans") == [{"reader": "noa"}]


def test_opening_a_database_starts_and_connects_nothing(model: Model) -> None:
    opened = open_database(model, dsn="postgresql://nobody@127.0.0.1:1/nowhere")

    assert repr(opened) == "<Database of its own of small>"


def test_two_databases_do_not_see_each_others_changes(model: Model, database: Database) -> None:
    with open_database(model) as other:
        assert database.execute("UPDATE books SET year = 1 WHERE isbn = %(isbn)s", {"isbn": "001"}) == 1
        assert database.query(BOOKS)[0]["year"] == 1
        assert other.query(BOOKS)[0]["year"] == 1999


def test_a_closed_clone_is_gone_from_the_server(model: Model) -> None:
    opened = open_database(model)
    opened.query(BOOKS)
    called = opened.uri.split("/")[3].split("?")[0]
    assert called in on_server(CLONE)

    opened.close()
    opened.close()

    assert called not in on_server(CLONE)


def test_the_clone_of_a_killed_user_is_dropped_by_the_next_one(model: Model, database: Database) -> None:
    database.query(BOOKS)
    code = (
        "import os, signal; from workbench.model import load_model; from workbench.engines import open_database\n"
        f"database = open_database(load_model({str(SMALL)!r})); database.query('SELECT 1 AS one')\n"
        "print(database.uri.split('/')[3].split('?')[0], flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    orphan = killed.stdout.strip()
    assert killed.returncode == -9
    assert orphan.startswith(CLONE)

    until = time.monotonic() + 10  # PostgreSQL notices the closed socket
    while orphan in on_server(CLONE) and time.monotonic() < until:
        with open_database(model) as other:
            other.query(BOOKS)

    assert orphan not in on_server(CLONE)
    assert len(database.query(BOOKS)) == 5


def test_a_named_database_stays_and_is_shared(model: Model, name: str) -> None:
    try:
        with open_database(model, name=name) as first, open_database(model, name=name) as second:
            first.execute("DELETE FROM loans")
            assert second.query("SELECT * FROM loans") == []
        with open_database(model, name=name) as later:
            assert later.query("SELECT * FROM loans") == []
            assert not later.outdated
        assert f"workbench_small_{name}" in named_databases()
    finally:
        drop_database(model, name)


def test_a_named_database_of_an_older_seed_says_so(model: Model, name: str) -> None:
    newer = altered(model, seed=())
    try:
        with open_database(model, name=name) as first:
            first.query(BOOKS)
        with open_database(newer, name=name) as later:
            assert later.outdated
    finally:
        drop_database(model, name)


def test_users_that_ask_at_the_same_moment_build_one_template(model: Model) -> None:
    unique = altered(model, schema=(*model.database.schema, Source("extra.sql", f"-- {uuid.uuid4()}")))  # type: ignore[union-attr]
    before = set(on_server(TEMPLATE))

    def count(_: int) -> int:
        with open_database(unique) as opened:
            return len(opened.query(BOOKS))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(count, range(4))) == [5, 5, 5, 5]

    assert len(set(on_server(TEMPLATE)) - before) == 1
    assert on_server(NEW) == []


def test_a_half_built_template_is_not_used_and_leaves_nothing(model: Model) -> None:
    broken = altered(
        model, seed=(Source("sql/seed.sql", f"SELECT 1;\n\n  INSERT INTO lones VALUES (1); -- {uuid.uuid4()}"),)
    )

    with (
        pytest.raises(DatabaseError, match=r'sql/seed.sql:3: .*relation "lones" does not exist'),
        open_database(broken) as it,
    ):
        it.query(BOOKS)

    assert on_server(NEW) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("isbn,shelf,author,year,title\n1,a,b,1999,c\n2,a,b,soon,c\n", r'books.csv:3: .*"soon".* column year'),
        ("isbn,shelf,author,year,title\n1,a,b,1999,c\n1,a,b,1999,c\n", r"books.csv:3: .*\(isbn\)=\(1\) already exists"),
        ("isbn,shelf,author,year,title\n1,a,b,1999\n", r"books.csv:2: .*missing data for column"),
        (
            "isbn,shelf,author,born,title\n1,a,b,1999,c\n",
            r'books.csv: .*column "born" of relation "books" does not exist',
        ),
        ("isbn,,author\n", r"books.csv:1: the first line must name the columns of books"),
        ("", r"books.csv:1: the first line must name the columns of books"),
    ],
)
def test_a_wrong_csv_row_is_named_by_file_and_line(model: Model, tmp_path: Path, rows: str, says: str) -> None:
    file = tmp_path / "books.csv"
    file.write_text(rows)
    broken = altered(model, seed=(Rows("books", file),))

    with pytest.raises(DatabaseError, match=says), open_database(broken) as opened:
        opened.query(BOOKS)


def test_a_missing_csv_file_is_named(model: Model, tmp_path: Path) -> None:
    broken = altered(model, seed=(Rows("books", tmp_path / "gone.csv"),))

    with pytest.raises(DatabaseError, match=r"gone.csv, the rows of books, cannot be read"):
        open_database(broken).query(BOOKS)


def test_a_model_without_a_database_says_so(model: Model) -> None:
    with pytest.raises(DatabaseError, match=r"declares no database; add `database:` to model\.yaml"):
        open_database(replace(model, database=None)).query(BOOKS)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM loans", "DROP TABLE loans", "INSERT INTO loans VALUES ('a', '001', now(), 1) RETURNING 1"],
)
def test_a_query_cannot_write(database: Database, statement: str) -> None:
    with pytest.raises(DatabaseError, match="Only reading is allowed here"):
        database.query(statement)
    assert len(database.query("SELECT * FROM loans")) == 1


def test_a_query_cannot_smuggle_in_a_second_statement(database: Database) -> None:
    with pytest.raises(DatabaseError, match="multiple commands"):
        database.query("SELECT 1 AS one; DELETE FROM loans")
    with pytest.raises(DatabaseError, match="multiple commands"):
        database.query("COMMIT; DELETE FROM loans")
    assert len(database.query("SELECT * FROM loans")) == 1


def test_values_reach_a_query_as_parameters_only(database: Database) -> None:
    assert database.query("SELECT * FROM books WHERE shelf = %(shelf)s", {"shelf": "x' OR 'a' = 'a"}) == []
    assert database.query("SELECT title FROM books WHERE title LIKE 'Le%%'") == [{"title": "Leaves"}]


def test_parameters_that_a_statement_does_not_name_are_passed_over(database: Database) -> None:
    assert database.query("SELECT 1 AS one", {"limit": 3}) == [{"one": 1}]


def test_a_missing_parameter_is_named(database: Database) -> None:
    with pytest.raises(DatabaseError, match="query parameter missing: shelf"):
        database.query("SELECT * FROM books WHERE shelf = %(shelf)s")


def test_a_refused_statement_is_named_with_its_line_and_the_next_one_works(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r'line:2: .*column "nam" does not exist'):
        database.query("SELECT isbn,\n nam FROM books")
    assert len(database.query(BOOKS)) == 5


def test_numbers_inside_json_are_exact_and_times_are_utc(database: Database) -> None:
    row = database.query("""SELECT '{"a": 1.10}'::jsonb AS j, '2026-01-01T00:00:00+05:30'::timestamptz AS t""")[0]

    assert str(row["j"]["a"]) == "1.10"
    assert row["t"].isoformat() == "2025-12-31T18:30:00+00:00"


def test_text_sorts_as_dynamodb_sorts_it(database: Database) -> None:
    rows = database.query("SELECT v FROM unnest(ARRAY['b', 'a', 'B', 'é', '_', '1']) AS v ORDER BY v")

    assert [row["v"] for row in rows] == ["1", "B", "_", "a", "b", "é"]


def test_query_one_gives_the_row_none_or_an_error(database: Database) -> None:
    assert database.query_one("SELECT 1 AS one") == {"one": 1}
    assert database.query_one("SELECT 1 AS one WHERE false") is None
    with pytest.raises(DatabaseError, match="must give one row gave 5"):
        database.query_one(BOOKS)


def test_the_steps_of_the_command_line_make_a_database_piece_by_piece(model: Model, name: str) -> None:
    assert create_database(model, name) == f"workbench_small_{name}"
    try:
        with pytest.raises(DatabaseError, match="is there already"):
            create_database(model, name)
        assert [step.file for step in load_database_schema(model, name)] == ["sql/schema.sql"]
        assert [(step.file, step.rows) for step in seed_database(model, name)] == [
            ("books.csv", 5),
            ("sql/seed.sql", None),
        ]
        with pytest.raises(DatabaseError, match=r"books.csv:2: .*already exists"):  # all or nothing
            seed_database(model, name)
        with open_database(model, name=name) as opened:
            assert len(opened.query(BOOKS)) == 5
            assert not opened.outdated
            assert f"workbench_small_{name}" in {row["database"] for row in database_sessions()}
    finally:
        assert drop_database(model, name) == f"workbench_small_{name}"
    with pytest.raises(UnknownNameError, match=f"There is no database workbench_small_{name}"):
        drop_database(model, name)


def test_setup_makes_a_named_database_anew_and_a_broken_seed_leaves_the_old_one(model: Model, name: str) -> None:
    assert setup_database(model, name) == ["sql/schema.sql", "books.csv", "sql/seed.sql"]
    try:
        with open_database(model, name=name) as opened:
            opened.execute("DELETE FROM loans")
        broken = altered(model, seed=(Source("sql/seed.sql", f"INSERT INTO lones VALUES (1); -- {uuid.uuid4()}"),))
        with pytest.raises(DatabaseError, match="lones"):
            setup_database(broken, name)
        with open_database(model, name=name) as opened:
            assert opened.query("SELECT * FROM loans") == []
        setup_database(model, name)
        with open_database(model, name=name) as opened:
            assert len(opened.query("SELECT * FROM loans")) == 1
    finally:
        drop_database(model, name)


def test_the_server_ends_when_its_host_is_killed_and_the_next_one_takes_over_what_stays(
    model: Model, name: str, own_hosts: Path
) -> None:
    with open_database(model, name=name) as opened:
        opened.execute("DELETE FROM loans")
        host = engine_status(("postgres",))[0]
        server = psutil.Process(host.facts["pid"])
        os.kill(host.pid, signal.SIGKILL)
        server.wait(20)
        with pytest.raises(
            DatabaseError, match=r"The connection to embedded PostgreSQL .* broke; open the bench again"
        ):
            opened.query(BOOKS)

    with open_database(model, name=name) as later:
        assert later.query("SELECT * FROM loans") == []


@pytest.mark.parametrize("wrong", ["", "a b", "../x", "x;y", "é", '"', "-x", "a" * 60])
def test_a_name_that_cannot_be_a_database_is_refused(model: Model, wrong: str) -> None:
    with pytest.raises(UsageError):
        create_database(model, wrong)


def test_a_database_that_is_not_the_workbenchs_is_never_dropped() -> None:
    server = find_server()
    try:
        with pytest.raises(GuardError, match="postgres was left alone"):
            server.drop("postgres")
    finally:
        server.close()


def test_a_connection_string_leads_to_that_server(
    model: Model, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_POSTGRES", database.dsn)  # the embedded one, as a server of the user's own
    with open_database(model) as opened:
        assert len(opened.query(BOOKS)) == 5
        assert opened.title.startswith("PostgreSQL at ")
        rows = opened.query("SELECT v FROM unnest(ARRAY['b', 'a', 'B', 'é', '_']) AS v ORDER BY v")
        assert [row["v"] for row in rows] == ["B", "_", "a", "b", "é"]
        with psycopg.connect(opened.dsn) as connection:
            assert connection.execute("SELECT count(*) FROM books").fetchone() == (5,)


def test_a_server_that_is_down_says_what_to_do_and_hides_the_password(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_POSTGRES", "postgresql://mia:opensesame@127.0.0.1:1/app")
    opened = open_database(model)

    with pytest.raises(
        DatabaseError, match=r"127.0.0.1:1 could not be reached. Start it, or correct WORKBENCH_POSTGRES"
    ) as failed:
        opened.query(BOOKS)

    assert "opensesame" not in f"{failed.value}{failed.value.__cause__}{opened!r}"


@pytest.mark.parametrize("dsn", ["postgresql://mia:open@sesame@host/app", "opensesame", "host=x port=sesame"])
def test_a_connection_string_that_cannot_be_read_is_refused_without_showing_it(model: Model, dsn: str) -> None:
    with pytest.raises(DatabaseError, match=r"cannot be read\. Write postgresql://") as failed:
        open_database(model, dsn=dsn).query(BOOKS)

    assert "sesame" not in f"{failed.value}{failed.value.__cause__}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs under another account")
def test_root_needs_to_open_no_folder_of_its_own(model: Model, own_hosts: Path) -> None:
    own_hosts.mkdir(mode=0o700)
    own_hosts.parent.chmod(0o700)
    with open_database(model) as opened:
        assert len(opened.query(BOOKS)) == 5

    assert {oct(folder.stat().st_mode & 0o077) for folder in (own_hosts, own_hosts.parent)} == {"0o0"}
