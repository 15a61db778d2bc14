"""`workbench streams` as a person uses it: records as they come, a handler over them, Ctrl-C, SIGTERM and kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.own_servers import servers_in
from workbench.engines import open_engine

pytestmark = pytest.mark.local

ROOT = Path(__file__).parents[2]
TABLE = "cruddur-messages"
INBOX = str(ROOT / "data" / "models" / "messaging" / "handlers" / "keep_inbox_fresh.py")
COUNTS = str(ROOT / "data" / "models" / "messaging" / "handlers" / "count_messages.py")

# A handler as a user would write one: boto3 and the environment, nothing of the workbench.
NOTES = """
import os, boto3
dynamodb = boto3.client("dynamodb")

def handler(event, context):
    print("seen", len(event["Records"]))
    for record in event["Records"]:
        keys = record["dynamodb"]["Keys"]
        if keys["pk"]["S"] == "poison" and not os.environ.get("MENDED"):
            raise ValueError("this one is poison")
        if keys["pk"]["S"] != "note":
            dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item={"pk": {"S": "note"}, "sk": keys["sk"]})
"""


@pytest.fixture(scope="module", autouse=True)
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with servers_in(tmp_path_factory.mktemp("state")) as state:
        yield state


@pytest.fixture
def table() -> Iterator[Any]:
    """A client of the store 'default', in which the table is there and empty, with a stream of its own."""
    with open_engine("dynamodb-local") as engine, engine.lease("default") as store:
        client = store.client()
        if TABLE in client.list_tables()["TableNames"]:
            good("ddb", "drop", "messaging")
        good("ddb", "schema-load", "messaging")
        yield client


def put(client: Any, *keys: tuple[str, str]) -> None:
    for pk, sk in keys:
        client.put_item(TableName=TABLE, Item={"pk": {"S": pk}, "sk": {"S": sk}})


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "workbench", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def ask(*arguments: str, **environment: str) -> tuple[int, str, str]:
    process = start(*arguments, **environment)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return process.returncode, out, err


def good(*arguments: str, **environment: str) -> str:
    code, out, err = ask(*arguments, **environment)
    assert code == 0, err
    return out


def notes(client: Any) -> list[str]:
    page = client.query(
        TableName=TABLE, KeyConditionExpression="pk = :n", ExpressionAttributeValues={":n": {"S": "note"}}
    )
    return [item["sk"]["S"] for item in page["Items"]]


@pytest.fixture
def handler(tmp_path: Path) -> str:
    (tmp_path / "notes.py").write_text(NOTES)
    return str(tmp_path / "notes.py")


def test_tail_prints_a_line_for_each_record_and_json_for_machines(table: Any) -> None:
    put(table, ("GRP#1", "a b"), ("other", "2"))
    table.delete_item(TableName=TABLE, Key={"pk": {"S": "other"}, "sk": {"S": "2"}})

    code, out, err = ask("streams", "tail", "messaging", "--no-follow")
    lines = [line.split("  ") for line in out.splitlines()]
    records = [
        json.loads(line) for line in good("streams", "tail", "messaging", TABLE, "--no-follow", "--json").splitlines()
    ]

    assert code == 0
    assert [line[1].strip() for line in lines] == ["INSERT", "INSERT", "REMOVE"]
    assert [line[-1].strip() for line in lines] == ["GRP#1 / a b", "other / 2", "other / 2"]
    assert err.strip() == "3 records"
    assert [each["eventName"] for each in records] == ["INSERT", "INSERT", "REMOVE"]
    assert {each["eventSourceARN"].split("/")[1] for each in records} == {TABLE}
    assert isinstance(records[0]["dynamodb"]["ApproximateCreationDateTime"], int)


def test_tail_ends_after_as_many_records_as_were_asked_for(table: Any) -> None:
    put(table, *(("many", str(number)) for number in range(5)))

    out = good("streams", "tail", "messaging", "--from", "TRIM_HORIZON", "--limit", "2")

    assert len(out.splitlines()) == 2


def test_tail_follows_from_the_end_and_ctrl_c_ends_it_cleanly(table: Any) -> None:
    put(table, ("before", "1"))
    process = start("streams", "tail", "messaging")
    assert process.stderr is not None
    assert process.stdout is not None
    assert process.stderr.readline().startswith(f"Following the stream of {TABLE} (NEW_IMAGE)")
    put(table, ("after", "2"))

    line = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert "after / 2" in line
    assert out == ""
    assert process.returncode == 130
    assert [text for text in err.splitlines() if text] == ["1 record", "Interrupted."]


def test_following_ends_when_the_table_is_dropped(table: Any) -> None:
    process = start("streams", "tail", "messaging")
    assert process.stderr is not None
    process.stderr.readline()
    good("ddb", "drop", "messaging")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 0
    assert f"the stream of {TABLE} was switched off, and is read to its end" in err


def test_a_handler_with_a_client_of_its_own_reaches_the_store_and_goes_on_where_it_was(
    table: Any, handler: str, tmp_path: Path
) -> None:
    put(table, ("one", "1"), ("two", "2"))
    run = ("streams", "run", "messaging", handler, "--once", "--checkpoints", str(tmp_path / "kept.json"))

    code, out, err = ask(*run, AWS_PROFILE="of-the-user", AWS_ACCESS_KEY_ID="of-the-user")
    again = json.loads(good(*run, "--json"))

    assert (code, out) == (0, f"notes: 4 records of {TABLE} in 2 calls\n"), err
    assert "seen 2" in err
    assert notes(table) == ["1", "2"]
    assert (again["records"], again["calls"]) == (0, 0)


def test_a_poison_record_ends_the_run_or_is_set_aside_and_handed_over_again(
    table: Any, handler: str, tmp_path: Path
) -> None:
    put(table, ("one", "1"), ("poison", "2"), ("three", "3"))
    left = str(tmp_path / "left.jsonl")
    run = ("streams", "run", "messaging", handler, "--once", "--attempts", "2", "--checkpoints", str(tmp_path / "kept"))

    code, _, err = ask(*run)
    assert code == 1
    assert "notes failed 2 times on the record" in err
    assert "(INSERT pk = 'poison', sk = '2')" in err
    assert "ValueError: this one is poison (notes.py, line 10)" in err
    assert notes(table) == ["1"]

    code, out, err = ask(*run, "--dead-letters", left)
    assert code == 1
    assert "1 set aside" in out
    assert f"--records {left}` hands them over again" in err
    assert notes(table) == ["1", "3"]

    out = good("streams", "run", "messaging", handler, "--records", left, MENDED="1")
    assert out == "notes: 1 record of the file in 1 call\n"
    assert notes(table) == ["1", "2", "3"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_run_that_is_asked_to_end_finishes_its_batch_and_says_what_it_did(
    table: Any, handler: str, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    kept = tmp_path / "kept.json"
    process = start("streams", "run", "messaging", handler, "--checkpoints", str(kept), "--json")
    put(table, ("one", "1"))
    until = time.monotonic() + 60
    while not notes(table) and time.monotonic() < until:
        time.sleep(0.1)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert process.returncode == code, err
    assert json.loads(out)["records"] >= 1
    assert "Traceback" not in err
    assert kept.exists()


def test_two_runs_of_one_consumer_are_refused(table: Any, handler: str, tmp_path: Path) -> None:
    run = ("streams", "run", "messaging", handler, "--checkpoints", str(tmp_path / "kept.json"))
    first = start(*run)
    assert first.stderr is not None
    assert first.stderr.readline().startswith("notes follows the stream")

    code, _, err = ask(*run, "--once")
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=60)

    assert code == 1
    assert "another run holds the checkpoints in" in err


def test_counts_in_postgresql_share_a_transaction_with_the_checkpoint(table: Any) -> None:
    good("ddb", "seed", "messaging")
    run = ("streams", "run", "messaging", COUNTS, "--once", "--checkpoints", "postgres")

    assert good(*run) == f"count_messages: 106 records of {TABLE} in 2 calls\n"
    assert good(*run) == f"count_messages: 0 records of {TABLE} in 0 calls\n"


def test_the_inbox_follows_a_message_that_the_command_line_sent(table: Any) -> None:
    good("ddb", "seed", "messaging")
    good("query", "messaging", "send-message", "--example", "by-a-member")

    good("streams", "run", "messaging", INBOX, "--once")
    inbox = json.loads(good("query", "messaging", "list-conversations", "-a", "handle=bayko", "--json"))

    assert [row["sk"] for row in inbox["items"]] == ["2026-03-31T17:05:00.000000Z"]


@pytest.mark.timeout(900)  # a dozen processes, one after the other
@pytest.mark.parametrize("handler_word", ["inbox", "counts"])
def test_killed_at_random_and_run_again_the_end_state_is_what_postgresql_says(handler_word: str) -> None:
    command = [sys.executable, "-m", "benchmarks.kill_streams", "--handler", handler_word]
    done = subprocess.run(
        [*command, "--trials", "3", "--messages", "40", "--seed", "5"], capture_output=True, text=True, check=False,
        cwd=ROOT,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("3 of 3 exact")
