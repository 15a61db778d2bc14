"""Streams on DynamoDB Local, and checkpoints in PostgreSQL: what is read, handled, and kept when a run dies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from workbench.bench import Bench
from workbench.engines import Database, Engine, Store, open_database
from workbench.errors import StreamError, TableError
from workbench.model import load_model
from workbench.plans import Clock
from workbench.results import Backoff, Session
from workbench.streams import (
    FileCheckpoints,
    MemoryCheckpoints,
    Pace,
    Position,
    PostgresCheckpoints,
    Reader,
    Rules,
    Settings,
    find_stream,
    read_all,
    run,
)

pytestmark = pytest.mark.local

TABLE = "cruddur-messages"
GROUP = "50d22f1d-7314-5b24-92d7-5e0766fc740a"


@pytest.fixture
def bench(engine: Engine, store: Store) -> Iterator[Bench]:
    model = load_model("messaging")
    with open_database(model) as database:
        session = Session(model, store.client(), database, engine, Clock.fixed())
        bench = Bench(model, engine, store, session)
        bench.load_schema()
        yield bench


@pytest.fixture
def database() -> Iterator[Database]:
    with open_database(load_model("messaging")) as opened:
        yield opened


def put(bench: Bench, *numbers: int, pk: str = "item") -> None:
    for number in numbers:
        item = {"pk": {"S": pk}, "sk": {"S": f"{number:04}"}}
        bench.session.client.put_item(TableName=TABLE, Item=item)


def keys(records: Any) -> list[str]:
    return [each["dynamodb"]["Keys"]["sk"]["S"] for each in records]


def settings(**more: Any) -> Settings:
    backoff = Backoff(attempts=2, sleep=lambda _: None)
    return Settings(backoff=backoff, pace=Pace(poll=0.05, patience=1), **more)


def test_every_change_is_a_record_in_the_order_of_the_writes_and_a_put_that_changes_nothing_is_none(
    bench: Bench,
) -> None:
    put(bench, 1, 2, 1)
    bench.session.client.delete_item(TableName=TABLE, Key={"pk": {"S": "item"}, "sk": {"S": "0001"}})

    records = read_all(bench.stream(), pace=Pace(poll=0.05, patience=1))

    assert [(each["eventName"], *keys([each])) for each in records] == [
        ("INSERT", "0001"),
        ("INSERT", "0002"),
        ("REMOVE", "0001"),
    ]


def test_more_records_than_a_page_holds_are_all_read_in_pages_of_a_thousand(bench: Bench) -> None:
    for at in range(0, 1100, 25):
        items = [{"pk": {"S": "many"}, "sk": {"S": f"{number:04}"}} for number in range(at, at + 25)]
        bench.session.client.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": i}} for i in items]})

    pages = list(Reader(bench.stream(), pace=Pace(poll=0.05, patience=1)).pages(follow=False))

    assert [len(page.records) for page in pages] == [1000, 100]
    assert sorted(keys(record for page in pages for record in page.records)) == [f"{n:04}" for n in range(1100)]


def test_a_table_that_was_made_anew_has_a_stream_of_its_own_and_the_old_one_is_not_read(bench: Bench) -> None:
    put(bench, 1)
    kept = MemoryCheckpoints()
    seen: list[str] = []
    told: list[str] = []
    run(bench.stream(), lambda event, _: seen.extend(keys(event["Records"])), kept, settings=settings())
    bench.drop_schema()
    bench.load_schema()
    put(bench, 2)

    rules = Rules(told=told.append)
    run(bench.stream(), lambda event, _: seen.extend(keys(event["Records"])), kept, settings=settings(rules=rules))

    assert seen == ["0001", "0002"]
    assert ["another one than last time" in text for text in told] == [True]


def test_a_stream_that_was_switched_off_is_read_to_its_end(bench: Bench) -> None:
    put(bench, 1, 2)
    bench.session.client.update_table(TableName=TABLE, StreamSpecification={"StreamEnabled": False})
    kept = MemoryCheckpoints()
    seen: list[str] = []

    stream = bench.stream()
    run(stream, lambda event, _: seen.extend(keys(event["Records"])), kept, follow=True, settings=settings())

    assert seen == ["0001", "0002"]
    assert [position.done for position in kept.load(stream.arn).values()] == [True]
    assert stream.view == "NEW_IMAGE"


def test_following_a_stream_gives_records_as_they_are_written(bench: Bench) -> None:
    seen: list[str] = []
    pace = Pace(poll=0.02, stopping=lambda: len(seen) >= 5)
    put(bench, 0)
    reader = Reader(bench.stream(), start="latest", pace=pace)
    writer = threading.Timer(0.3, put, (bench, 1, 2, 3, 4, 5))
    writer.start()

    for page in reader.pages(follow=True):
        seen += keys(page.records)
    writer.join()

    assert seen == ["0001", "0002", "0003", "0004", "0005"]


def test_a_run_goes_on_in_the_engine_from_checkpoints_in_a_file(bench: Bench, tmp_path: Path) -> None:
    put(bench, *range(7))
    seen: list[str] = []

    def dies_at_five(event: Any, _context: Any) -> None:
        for key in keys(event["Records"]):
            if key == "0005":
                raise KeyboardInterrupt
            seen.append(key)

    kept = FileCheckpoints(tmp_path / "kept.json", "test")
    with pytest.raises(KeyboardInterrupt):
        run(bench.stream(), dies_at_five, kept, settings=settings(batch=2))
    kept.close()
    kept = FileCheckpoints(tmp_path / "kept.json", "test")
    run(bench.stream(), lambda event, _: seen.extend(keys(event["Records"])), kept, settings=settings(batch=2))

    assert seen == ["0000", "0001", "0002", "0003", "0004", "0004", "0005", "0006"]


def test_a_table_that_is_not_there_or_has_no_stream_says_so(store: Store) -> None:
    client, streams = store.client(), store.streams_client()
    with pytest.raises(TableError, match="no table 'chats'"):
        find_stream(client, streams, "chats")
    client.create_table(
        TableName="chats",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(StreamError, match="'chats' has no stream"):
        find_stream(client, streams, "chats")


Opening = Callable[..., PostgresCheckpoints]


@pytest.fixture
def keeping() -> Iterator[Opening]:
    """Checkpoints in PostgreSQL of a database, for a consumer; closed when the test ends."""
    with ExitStack() as stack:

        def opened(database: Database, consumer: str, **more: Any) -> PostgresCheckpoints:
            made = PostgresCheckpoints(lambda: psycopg.connect(database.dsn, autocommit=True), consumer, **more)
            stack.callback(made.close)
            return made

        yield opened


def test_the_effect_and_the_checkpoint_are_one_transaction(bench: Bench, keeping: Opening) -> None:
    """An increment, which no condition makes safe to repeat: a crash behind it leaves neither it nor the checkpoint."""
    put(bench, *range(10))
    database = bench.database
    database.execute("CREATE TABLE counted (n bigint NOT NULL)")
    database.execute("INSERT INTO counted VALUES (0)")
    crashes = iter([False, True, False, True])

    def count(event: Any, context: Any) -> None:
        context.connection.execute("UPDATE counted SET n = n + %s", [len(event["Records"])])
        if next(crashes, False):
            raise KeyboardInterrupt

    for _ in range(2):
        kept = keeping(database, "counter")
        with pytest.raises(KeyboardInterrupt):
            run(bench.stream(), count, kept, settings=settings(batch=3))
        kept.close()
    kept = keeping(database, "counter")
    run(bench.stream(), count, kept, settings=settings(batch=3))

    assert database.query("SELECT n FROM counted") == [{"n": 10}]


def test_a_handler_that_breaks_its_transaction_is_found_by_halving_like_any_other(
    bench: Bench, keeping: Opening
) -> None:
    put(bench, *range(4))
    bench.database.execute("CREATE TABLE seen (key text PRIMARY KEY CHECK (key <> '0002'))")

    def keep(event: Any, context: Any) -> None:
        for key in keys(event["Records"]):
            context.connection.execute("INSERT INTO seen VALUES (%s)", [key])

    with pytest.raises(StreamError, match=r"failed 2 times on the record .*CheckViolation"):
        run(bench.stream(), keep, keeping(bench.database, "keeper"), settings=settings())

    assert [row["key"] for row in bench.database.query("SELECT key FROM seen ORDER BY 1")] == ["0000", "0001"]


def test_checkpoints_in_postgresql_are_kept_by_consumer_and_stream(database: Database, keeping: Opening) -> None:
    kept = keeping(database, "one")
    kept.save("stream", "shard", Position("0009"))
    kept.save("stream", "shard", Position("0010"))
    kept.save("stream", "empty", Position())
    kept.save("other stream", "shard", Position("7", done=True))

    assert kept.load("stream") == {"shard": Position("0010"), "empty": Position()}
    assert kept.others("stream") == 1
    kept.forget("stream", {"shard"})
    assert kept.load("stream") == {"empty": Position()}
    assert keeping(database, "two").load("stream") == {}


@pytest.mark.parametrize("now", ["9", "10", "0009"])
def test_checkpoints_in_postgresql_never_move_back(database: Database, keeping: Opening, now: str) -> None:
    kept = keeping(database, "one")
    kept.save("stream", "shard", Position("10"))

    with pytest.raises(StreamError, match="by another run"):
        kept.save("stream", "shard", Position(now))
    kept.save("stream", "shard", Position("10", done=True))
    assert kept.load("stream") == {"shard": Position("10", done=True)}


def test_two_runs_cannot_hold_the_checkpoints_of_one_consumer_in_postgresql(
    database: Database, keeping: Opening
) -> None:
    first = keeping(database, "one")
    slept: list[float] = []
    with pytest.raises(StreamError, match="another run holds the checkpoints of 'one'"):
        keeping(database, "one", sleep=slept.append)
    assert sum(slept) == 10
    first.close()

    keeping(database, "one").close()
