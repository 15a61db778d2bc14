"""The command line on real servers: what a person types in a terminal, from setting up to dropping."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.local.own_servers import servers_in
from workbench.engines import engine_status
from workbench.frames import to_items

pytestmark = pytest.mark.local

SMALL = str(Path(__file__).parents[1] / "models" / "small")


@pytest.fixture(scope="module", autouse=True)
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with servers_in(tmp_path_factory.mktemp("state")) as state:
        yield state


def ask(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as a terminal does."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "workbench", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
        timeout=120,
    )


def good(*arguments: str, **environment: str) -> str:
    done = ask(*arguments, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def data(*arguments: str) -> Any:
    return json.loads(good(*arguments, "--json"))


def test_a_model_is_set_up_filled_asked_scanned_and_dropped(own_servers: Path) -> None:
    first = ask("ddb", "schema-load", SMALL)
    assert first.stdout == "library: created\n"
    assert "keeps running with the store 'default'; `workbench engine stop` ends it." in first.stderr

    again = ask("ddb", "schema-load", SMALL)
    assert again.stdout == "library: there\n"
    assert "keeps running" not in again.stderr
    assert good("ddb", "list-tables") == "library\n"
    assert [count["written"] for count in data("ddb", "seed", SMALL)] == [5, 1]
    assert [count["unchanged"] for count in data("ddb", "seed", SMALL, "--mode", "put")] == [5, 1]

    asked = ask("query", SMALL, "list-shelf", "-a", "shelf=poetry")
    assert "list-shelf: 3 items, 1 page, 3 read, 0.5 RCU (engine: 0.5)" in asked.stdout
    assert "freshly seeded" not in asked.stderr

    scanned = data("ddb", "scan", SMALL)
    assert len(scanned["items"]) == 6
    assert scanned["receipt"]["pages"] == 1
    assert len(good("ddb", "scan", SMALL, "library", "--index", "by-author").splitlines()) == 6
    assert data("ddb", "scan", SMALL, "--segments", "3")["items"] == scanned["items"]
    described = good("ddb", "describe-table", "library")
    assert "global index  by-author  author S HASH, year N RANGE, title S RANGE  INCLUDE" in described
    assert data("ddb", "describe-table", "library")["ItemCount"] == 6

    assert data("ddb", "drop", SMALL) == [{"table": "library", "done": "dropped"}]
    assert good("ddb", "list-tables") == "no tables\n"


def test_a_table_is_written_to_parquet_and_a_second_run_finds_it_done(own_servers: Path, tmp_path: Path) -> None:
    good("ddb", "schema-load", SMALL)
    good("ddb", "seed", SMALL)
    command = ("ddb", "scan", SMALL, "--segments", "2", "--max-units", "500", "--to-parquet", str(tmp_path / "out"))

    first = ask(*command)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("library: 6 items in ")
    assert "library: about 6 items" in first.stderr
    assert len(to_items(tmp_path / "out")) == 6

    second = data(*command)
    assert (second["items"], second["was_done"], Decimal(second["units_now"])) == (6, True, 0)
    other = ask("ddb", "scan", SMALL, "--segments", "3", "--to-parquet", str(tmp_path / "out"))
    assert other.returncode == 2
    assert "its segments is 2, now 3" in other.stderr
    both = ask("ddb", "scan", SMALL, "--max-pages", "1", "--to-parquet", str(tmp_path / "out"))
    assert (both.returncode, "--max-pages does not go with --to-parquet" in both.stderr) == (2, True)
    good("ddb", "drop", SMALL)


def test_an_unknown_table_is_refused_with_the_nearest_name() -> None:
    good("ddb", "schema-load", SMALL)
    done = ask("ddb", "describe-table", "librari")

    assert done.returncode == 2
    assert "There is no table 'librari' in this store. Did you mean 'library'?" in done.stderr
    good("ddb", "drop", SMALL)


def test_without_a_filled_store_a_query_runs_in_a_fresh_one() -> None:
    done = ask("query", SMALL, "list-shelf", "-a", "shelf=poetry", "--format", "csv")

    assert "In a freshly seeded store of its own." in done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["title"] for row in rows] == ["Rain", "Leaves", "Stones"]
    assert "list-shelf: 3 items" in done.stderr


def test_a_cursor_leads_to_the_next_page_and_all_reads_every_page() -> None:
    first = ask("query", SMALL, "list-shelf", "-a", "shelf=poetry")
    cursor = first.stderr.split("--cursor ")[1].split()[0]

    second = json.loads(good("query", SMALL, "list-shelf", "-a", "shelf=poetry", "--cursor", cursor, "--json"))
    everything = json.loads(good("query", SMALL, "list-shelf", "-a", "shelf=poetry", "--all", "--json"))

    assert [item["title"] for item in second["items"]] == ["Nets"]
    assert len(everything["items"]) == 4
    assert everything["receipt"]["pages"] == 2


def test_a_file_gets_its_format_from_its_name(tmp_path: Path) -> None:
    import pyarrow.parquet as parquet

    for suffix in ("csv", "json", "md", "parquet"):
        good("query", SMALL, "get-book", "--example", "leaves", "-o", str(tmp_path / f"book.{suffix}"))

    assert "Leaves" in (tmp_path / "book.csv").read_text()
    assert json.loads((tmp_path / "book.json").read_text())["items"][0]["title"] == "Leaves"
    assert (tmp_path / "book.md").read_text().startswith("|")
    assert parquet.read_table(tmp_path / "book.parquet").to_pylist()[0]["title"] == "Leaves"


def test_a_writing_pattern_says_that_a_fresh_store_is_gone_afterwards() -> None:
    done = ask("query", SMALL, "lend-book", "--example", "first-loan")

    assert done.returncode == 0, done.stderr
    assert "What it writes is gone afterwards." in done.stderr
    assert "2 written" in done.stdout


def test_a_refused_write_ends_with_1_and_the_reason() -> None:
    done = ask("query", SMALL, "lend-book", "-a", "reader=mia", "-a", "isbn=999")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: lend-book: no book has the isbn 999"


def test_check_reports_every_example_with_rows_units_and_the_oracle() -> None:
    report = data("check", SMALL)

    assert report["ok"]
    assert len(report["examples"]) == 6
    poetry = report["examples"][0]
    assert (poetry["rows"], poetry["oracle"]["verdict"]) == (3, "agrees")
    assert poetry["units"]["computed"] == poetry["units"]["engine"]


def test_check_writes_junit_and_checks_single_patterns(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    done = good("check", SMALL, "get-book", "--junit", str(report))

    assert "1 example ok" in done
    assert [case.get("name") for case in ElementTree.parse(report).iter("testcase")] == ["leaves"]


def test_a_wrong_limit_turns_the_check_red(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(SMALL, tmp_path / "small")
    model = tmp_path / "small" / "model.yaml"
    model.write_text(model.read_text().replace("default: 3", "default: 2"))

    done = ask("check", str(tmp_path / "small"))

    assert done.returncode == 1
    assert "FAILED" in done.stdout
    assert "list-shelf / poetry" in done.stdout


def test_two_engines_are_compared() -> None:
    done = ask("check", SMALL, "list-shelf", "get-book", "--engine", "dynamodb-local", "--engine", "moto", "--json")
    told = json.loads(done.stdout)

    assert [report["engine"].split()[0] for report in told["reports"]] == ["DynamoDB", "moto"]
    assert told["differences"] == []
    assert done.returncode == 0


def test_the_database_is_made_step_by_step_and_whole() -> None:
    name = ("--name", "steps")
    assert data("db", "create", SMALL, *name) == {"database": "workbench_small_steps", "done": "created"}
    assert data("db", "schema-load", SMALL, *name) == [{"file": "sql/schema.sql", "rows": None}]
    assert data("db", "seed", SMALL, *name) == [
        {"file": "books.csv", "rows": 5},
        {"file": "sql/seed.sql", "rows": None},
    ]
    twice = ask("db", "seed", SMALL, *name)
    assert twice.returncode == 2
    assert "books.csv:2: PostgreSQL refused a row for books: duplicate key" in twice.stderr

    assert "books.csv: loaded" in good("db", "setup", SMALL, *name)
    told = data("db", "connect", SMALL, *name)
    assert told["uri"].startswith("postgresql://postgres@/workbench_small_steps?host=")
    assert told["psql"] == f'psql "{told["uri"]}"'
    assert data("db", "drop", SMALL, *name) == {"database": "workbench_small_steps", "done": "dropped"}
    gone = ask("db", "drop", SMALL, *name)
    assert gone.returncode == 2
    assert "There is no database workbench_small_steps" in gone.stderr


def test_psql_is_opened_in_the_database() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "db", "connect", SMALL, "--psql"],
        input="SELECT count(*) FROM books;\n",
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )

    assert done.returncode == 0, done.stderr
    assert "5" in done.stdout


def test_sessions_are_listed() -> None:
    assert good("db", "sessions") == "no sessions\n"


def test_a_database_that_is_down_ends_with_3_and_hides_the_password() -> None:
    done = ask("db", "sessions", WORKBENCH_POSTGRES="postgresql://mia:opensesame@127.0.0.1:1/app")

    assert done.returncode == 3
    assert "could not be reached. Start it, or correct WORKBENCH_POSTGRES" in done.stderr
    assert "opensesame" not in done.stderr


def test_an_engine_that_is_down_ends_with_3() -> None:
    done = ask("ddb", "list-tables", "--engine", "http://127.0.0.1:9")

    assert done.returncode == 3
    assert "Nothing that speaks DynamoDB's protocol answers at http://127.0.0.1:9" in done.stderr


def test_an_older_database_is_said_aloud(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(SMALL, tmp_path / "small")
    copy = str(tmp_path / "small")
    good("db", "setup", copy)
    good("ddb", "schema-load", copy)
    with (tmp_path / "small" / "sql" / "books.csv").open("a") as file:
        file.write("006,travel,Bo,2020,Rails\n")

    done = ask("ddb", "seed", copy)
    assert "was made of another schema or seed than model.yaml has now" in done.stderr
    good("db", "setup", copy)
    assert "was made of another" not in ask("ddb", "seed", copy).stderr
    good("ddb", "drop", copy)


def test_engines_are_started_shown_and_stopped_and_nothing_stays(own_servers: Path) -> None:
    good("engine", "stop")
    assert good("engine", "status") == "nothing is running\n"
    assert good("engine", "stop") == "nothing was running\n"

    started = data("engine", "start")
    assert (started[0]["kind"], started[0]["kept"]) == ("dynamodb-local", True)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", started[0]["where"])
    good("engine", "start", "postgres")
    assert [row.split()[0] for row in good("engine", "status").splitlines()] == ["engine", "dynamodb-local", "postgres"]
    assert good("engine", "stop", "postgres") == "postgres: stopped\n"
    assert good("engine", "stop") == "dynamodb-local: stopped\n"
    assert engine_status() == []


def test_a_port_in_use_is_named() -> None:
    import socket

    good("engine", "stop")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ask("engine", "start", "--port", str(port))

    assert done.returncode == 3
    assert f"cannot listen on port {port}" in done.stderr


def test_install_says_where_dynamodb_local_is() -> None:
    assert data("engine", "install")["jars"] > 50


def test_a_command_that_ends_leaves_nothing_running_that_nobody_asked_to_stay(own_servers: Path) -> None:
    good("engine", "stop")
    good("query", SMALL, "list-shelf", "-a", "shelf=poetry", WORKBENCH_LINGER="0.2")

    until = time.monotonic() + 15
    while engine_status() and time.monotonic() < until:
        time.sleep(0.3)
    assert engine_status() == []


def test_ctrl_c_in_a_check_ends_with_130_in_one_line() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "check", "messaging"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    until = time.monotonic() + 60
    while not any(status.users for status in engine_status(("dynamodb-local",))) and time.monotonic() < until:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130, (out, err)
    assert err.strip().endswith("Interrupted.")
    assert "Traceback" not in err


def test_a_closed_pipe_is_no_error() -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m workbench check messaging --json | head -c 10"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )

    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
