"""Seeding a real DynamoDB Local from a real PostgreSQL: twice changes nothing, and half a seed is mended by another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workbench.engines import Engine, Store, open_database
from workbench.errors import EngineError, SeedError, TableError
from workbench.items import item_size
from workbench.model import Model, Source, load_model
from workbench.plans import Clock
from workbench.results import Backoff, Session
from workbench.seeding import drop_schema, load_schema, seed

pytestmark = pytest.mark.local

MESSAGING = Path(__file__).parents[2] / "data" / "models" / "messaging"
TABLE = "cruddur-messages"
Item = dict[str, Any]


@pytest.fixture(scope="module")
def model() -> Model:
    """The messaging model with its main table alone, the one that the published figures are of."""
    whole = load_model(MESSAGING)
    entities = {name: entity for name, entity in whole.entities.items() if entity.table == TABLE}
    return replace(whole, tables={TABLE: whole.table(TABLE)}, entities=entities)


@pytest.fixture
def session(model: Model, engine: Engine, store: Store) -> Iterator[Session]:
    database = open_database(model)
    made = Session(model, store.client(), database, engine, Clock.fixed())
    load_schema(made.client, model)
    yield made
    database.close()


def stored(session: Session) -> list[Item]:
    items = session.client.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def counts(report: Any) -> list[tuple[str, int, int, int]]:
    return [(each.entity, each.rows, each.written, each.unchanged) for each in report]


def test_seeding_writes_two_inbox_rows_and_104_messages(session: Session) -> None:
    report = seed(session)

    assert counts(report) == [("InboxRow", 2, 2, 0), ("Message", 104, 104, 0)]
    assert repr(report) == "InboxRow: 2 rows, 2 written, 0 unchanged\nMessage: 104 rows, 104 written, 0 unchanged"
    assert (report.rows, report.written, report.unchanged) == (106, 106, 0)


def test_the_table_has_exactly_the_bytes_of_the_arithmetic_table(session: Session) -> None:
    seed(session)
    sizes = {
        kind: [item_size(i) for i in stored(session) if i["pk"]["S"].startswith(kind)] for kind in ("GRP#", "MSG#")
    }

    assert sorted(sizes["GRP#"]) == [251, 257]
    assert sum(sizes["MSG#"]) == 42_114
    assert sum(sizes["GRP#"]) + sum(sizes["MSG#"]) == 42_622


@pytest.mark.parametrize(
    ("limit", "units"), [(10, 0.5), (20, 1.0), (40, 2.5), (50, 3.0), (104, 5.5)], ids=["10", "20", "40", "50", "all"]
)
def test_the_engine_charges_what_the_arithmetic_table_says(limit: int, units: float, session: Session) -> None:
    seed(session)
    message = next(item for item in stored(session) if item["pk"]["S"].startswith("MSG#"))
    answer = session.client.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": message["pk"]},
        ScanIndexForward=False,
        Limit=limit,
        ReturnConsumedCapacity="TOTAL",
    )

    assert len(answer["Items"]) == limit
    assert answer["ConsumedCapacity"]["CapacityUnits"] == units


@pytest.mark.parametrize(("consistent", "units"), [(False, 5.5), (True, 11.0)])
def test_a_scan_of_the_table_costs_5_and_a_half_and_11_units(consistent: bool, units: float, session: Session) -> None:
    seed(session)
    answer = session.client.scan(TableName=TABLE, ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL")

    assert answer["ConsumedCapacity"]["CapacityUnits"] == units


def test_seeding_twice_changes_nothing_and_says_so(session: Session) -> None:
    seed(session)
    before = stored(session)

    assert counts(seed(session)) == [("InboxRow", 2, 0, 2), ("Message", 104, 0, 104)]
    assert stored(session) == before


def test_seeding_twice_leaves_no_second_record_in_the_stream(session: Session, store: Store) -> None:
    seed(session)
    seed(session)
    streams = store.streams_client()
    arn = session.client.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")

    assert len(streams.get_records(ShardIterator=start["ShardIterator"])["Records"]) == 106


def test_both_ways_of_writing_and_two_stores_give_the_same_bytes(session: Session, engine: Engine) -> None:
    seed(session)
    with engine.lease(wait=60) as other:
        slow = replace(session, client=other.client())
        load_schema(slow.client, session.model)
        report = seed(slow, mode="put")

        assert report.written == 106
        assert stored(slow) == stored(session)


def test_only_what_is_missing_or_different_is_written(session: Session) -> None:
    seed(session)
    whole = stored(session)
    lost, changed = whole[5], whole[50]
    session.client.delete_item(TableName=TABLE, Key={name: lost[name] for name in ("pk", "sk")})
    session.client.put_item(TableName=TABLE, Item={**changed, "message": {"S": "not what SQL says"}})

    assert counts(seed(session)) == [("InboxRow", 2, 0, 2), ("Message", 104, 2, 102)]
    assert stored(session) == whole


def test_items_that_sql_does_not_give_stay(session: Session) -> None:
    session.client.put_item(TableName=TABLE, Item={"pk": {"S": "MSG#x"}, "sk": {"S": "2026"}})
    seed(session)

    assert len(stored(session)) == 107


def test_progress_counts_every_item_once(session: Session) -> None:
    first: list[tuple[int, int]] = []
    again: list[tuple[int, int]] = []
    seed(session, progress=lambda done, total: first.append((done, total)))
    seed(session, progress=lambda done, total: again.append((done, total)))

    assert first == [(25, 106), (50, 106), (75, 106), (100, 106), (106, 106)]
    assert again == [(106, 106)]


def test_ctrl_c_in_the_middle_leaves_nothing_that_a_second_seed_does_not_mend(session: Session) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed(session, progress=interrupt)
    assert len(stored(session)) == 50

    report = seed(session)
    assert (report.written, report.unchanged) == (56, 50)
    assert len(stored(session)) == 106


def test_a_killed_process_leaves_nothing_that_a_second_seed_does_not_mend(session: Session, store: Store) -> None:
    code = """
        import os, signal, sys
        from pathlib import Path
        import boto3
        from workbench.engines import open_database
        from workbench.model import load_model
        from workbench.plans import Clock
        from workbench.results import Session
        from workbench.seeding import seed

        endpoint, key, region, folder = sys.argv[1:]
        client = boto3.client("dynamodb", endpoint_url=endpoint, region_name=region,
                              aws_access_key_id=key, aws_secret_access_key="x")
        model = load_model(Path(folder))
        die = lambda done, total: os.kill(os.getpid(), signal.SIGKILL) if done >= 75 else None
        seed(Session(model, client, open_database(model), None, Clock.fixed()), progress=die)
    """
    meta, key = session.client.meta, session.client._request_signer._credentials.access_key
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), meta.endpoint_url, key, meta.region_name, str(MESSAGING)],
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(stored(session)) == 75
    assert seed(session).written == 31
    assert len(stored(session)) == 106


def test_two_who_seed_at_the_same_moment_end_with_one_seed(session: Session, store: Store) -> None:
    def one(_: int) -> int:
        database = open_database(session.model)
        try:
            return seed(replace(session, client=store.client(), database=database)).rows
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(one, range(2))) == [106, 106]
    assert len(stored(session)) == 106


def test_two_who_load_the_schema_at_the_same_moment_get_one_table(model: Model, store: Store) -> None:
    clients = [store.client() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda client: load_schema(client, model), clients))

    assert sum(step.done == "created" for report in reports for step in report) == 1


def test_a_table_with_other_keys_is_refused_with_the_difference(model: Model, store: Store) -> None:
    client = store.client()
    client.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )

    with pytest.raises(
        TableError, match=r"key is id \(S, HASH\), and the model says pk .*message-group-sk-index is not"
    ):
        load_schema(client, model)


def test_seeding_a_table_with_other_keys_is_refused_with_the_difference_and_the_cure(session: Session) -> None:
    drop_schema(session.client, session.model)
    session.client.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )

    with pytest.raises(TableError, match=r"key is id \(S, HASH\), and the model says pk .*Drop it"):
        seed(session)


def test_dropping_names_the_tables_and_is_safe_to_repeat(session: Session) -> None:
    assert repr(drop_schema(session.client, session.model)) == f"{TABLE}: dropped"
    assert repr(drop_schema(session.client, session.model)) == f"{TABLE}: missing"


def test_seeding_without_a_table_says_what_to_do(session: Session) -> None:
    drop_schema(session.client, session.model)

    with pytest.raises(TableError, match=f"{TABLE}.*Load the schema first"):
        seed(session)


def test_an_engine_that_is_down_is_an_engine_error(session: Session, model: Model) -> None:
    import boto3
    from botocore.config import Config

    nowhere = boto3.client(
        "dynamodb",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )
    with pytest.raises(EngineError, match="did not answer"):
        seed(replace(session, client=nowhere))
    with pytest.raises(EngineError, match="did not answer"):
        load_schema(nowhere, model)


def with_source(session: Session, sql: str) -> Session:
    message = replace(session.model.entity("Message"), source=Source("sql/broken.sql", sql))
    entities = {**session.model.entities, "Message": message}
    return replace(session, model=replace(session.model, entities=entities))


@pytest.mark.parametrize(
    ("column", "expression", "message"),
    [
        ("created_at", "messages.created_at AT TIME ZONE 'UTC'", r"row 1, column 'created_at': .*no time zone"),
        ("message", "nullif(messages.message, 'Noted')", ""),
        ("message", "CASE WHEN messages.message LIKE 'Put this%%' THEN NULL ELSE messages.message END",
         r"row 19, column 'message': NULL, and message is a required attribute of Message"),
        ("message", "repeat(messages.message, 4000)", r"row 1: an item of .* over the limit of 409,600"),
        ("created_at", "date_trunc('hour', messages.created_at)", r"row 1 and sql/broken.sql, row 2 .*have one key"),
    ],
    ids=["naive time", "harmless", "null", "too large", "one key twice"],
)  # fmt: skip
def test_a_row_that_cannot_become_an_item_is_named_and_nothing_is_written(
    column: str, expression: str, message: str, session: Session
) -> None:
    source = session.model.entity("Message").source
    assert source is not None
    broken = with_source(session, source.sql.replace(f"messages.{column},", f"{expression} AS {column},", 1))

    if not message:
        assert seed(broken).written == 106
        return
    with pytest.raises(SeedError, match="sql/broken.sql, " + message):
        seed(broken)
    assert stored(session) == []


def test_a_model_without_a_database_is_told_so(session: Session) -> None:
    with pytest.raises(SeedError, match="declares no database"):
        seed(replace(session, database=None))


def test_a_throttling_engine_is_waited_for(session: Session) -> None:
    """Every other BatchWriteItem of a real client is answered with a throttle, as a table of 5 units would."""
    from botocore.exceptions import ClientError

    calls = 0
    real = session.client.batch_write_item

    def throttled(**request: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls % 2:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "BatchWriteItem")
        return real(**request)

    session.client.batch_write_item = throttled
    waits: list[float] = []

    assert seed(session, backoff=Backoff(sleep=waits.append, chance=lambda: 1.0)).written == 106
    assert len(waits) == 5
    assert len(stored(session)) == 106
