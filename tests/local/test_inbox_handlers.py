"""Pattern E on DynamoDB Local: its figures, both handlers over one bad day, the table in memory beside the real one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.fake_table import FakeTable
from tests.inbox_handlers import famous, ours, rehearsal
from workbench.bench import Bench
from workbench.engines import Engine, Store, open_database
from workbench.engines.defects import Touched, known_defect
from workbench.items import Units, write_units
from workbench.model import load_model
from workbench.plans import Clock
from workbench.results import Session
from workbench.streams import Pace, lambda_event, read_all

pytestmark = pytest.mark.local

TABLE, INDEX = "cruddur-messages", "message-group-sk-index"
GROUP = "50d22f1d-7314-5b24-92d7-5e0766fc740a"
QUICK = Pace(poll=0.02, patience=1)


@pytest.fixture
def bench(engine: Engine, store: Store) -> Iterator[Bench]:
    model = load_model("messaging")
    with open_database(model) as database:
        bench = Bench(model, engine, store, Session(model, store.client(), database, engine, Clock.fixed()))
        bench.load_schema()
        bench.seed()
        yield bench


def send(bench: Bench, second: int, *, handle: str = "bayko") -> None:
    arguments = {"message_group_uuid": GROUP, "handle": handle, "message": f"Message number {second} of the evening."}
    at = f"2026-03-31T17:00:{second:02}.000000Z"
    bench.pattern("send-message").run(**arguments, created_at=at)
    sql = (
        "INSERT INTO messages (message_group_uuid, user_uuid, message, created_at) SELECT %(message_group_uuid)s, uuid,"
        " %(message)s, %(at)s FROM users WHERE handle = %(handle)s"
    )
    bench.database.execute(sql, {**arguments, "at": at})


def start(bench: Bench) -> None:
    arguments = {"handle": "mferrante", "other_handle": "tobi42", "message": "The first message of a new conversation."}
    bench.pattern("start-conversation").run(**arguments, created_at="2026-03-31T17:00:00Z")


def lived_through(bench: Bench, handler: Any, before: int) -> tuple[list[Any], list[tuple[str, str, float]]]:
    """Hand every record after the first ``before`` over, one by one, those that the handler causes too."""
    client = bench.store.client()
    log = rehearsal.metered(client)
    stream, done = bench.stream(), before
    while len(records := read_all(stream, pace=QUICK)) > done:
        handler(lambda_event(records[done : done + 1], stream.arn), None, client)
        done += 1
    return records[before:], log


def units(log: list[tuple[str, str, float]], *operations: str) -> float:
    return sum(amount for operation, _, amount in log if operation in operations)


def test_pattern_e_costs_9_wcu_and_half_an_rcu_and_5_records_in_the_famous_form(bench: Bench) -> None:
    before = len(read_all(bench.stream(), pace=QUICK))
    send(bench, 1)

    records, log = lived_through(bench, famous.handler, before)

    message, moves = 1.0, [("DeleteItem", 1.0, 1.0), ("PutItem", 1.0, 1.0)] * 2
    arms = [
        (operation, arm, amount)
        for operation, *both in moves
        for arm, amount in zip(("table", INDEX), both, strict=True)
    ]
    assert [entry for entry in log if entry[0] != "Query"] == arms
    assert message + units(log, "DeleteItem", "PutItem") == 9.0
    assert units(log, "Query") == 0.5
    assert [each["eventName"] for each in records] == ["INSERT", "REMOVE", "INSERT", "REMOVE", "INSERT"]
    assert sum(each["dynamodb"]["Keys"]["pk"]["S"].startswith("GRP#") for each in records) == 4


def test_on_a_new_conversation_the_famous_form_makes_7_records_though_nothing_changes(bench: Bench) -> None:
    before = len(read_all(bench.stream(), pace=QUICK))
    start(bench)
    rows = inbox_rows(bench)

    records, log = lived_through(bench, famous.handler, before)

    assert len(records) == 7
    assert inbox_rows(bench) == rows
    assert units(log, "DeleteItem", "PutItem") == 8.0


def test_on_a_new_conversation_ours_makes_no_record_and_writes_nothing(bench: Bench) -> None:
    before = len(read_all(bench.stream(), pace=QUICK))
    start(bench)

    records, log = lived_through(bench, ours.handler, before)

    assert len(records) == 3
    assert log == [("Query", INDEX, 0.5)]


def test_ours_costs_13_wcu_and_what_the_engine_says_instead_is_its_known_defects(bench: Bench) -> None:
    before = len(read_all(bench.stream(), pace=QUICK))
    old = {row["pk"]["S"]: row for row in inbox_rows(bench)}
    send(bench, 1)

    records, log = lived_through(bench, ours.handler, before)

    table = bench.model.table(TABLE)
    computed = Units()
    for new in inbox_rows(bench):
        touched = [Touched("delete", table, old[new["pk"]["S"]], None), Touched("put", table, None, new)]
        row = Units()
        for each in touched:
            row += write_units(each.before, each.after, table, transactional=True)
        assert row == Units(write=Decimal("6.0"), table=Decimal("4.0"), indexes={INDEX: Decimal("2.0")})
        said = Units(write=Decimal("4.0"), table=Decimal("2.0"), indexes={INDEX: Decimal("2.0")})
        defect = known_defect("dynamodb-local", "TransactWriteItems", row, said, touched=touched)
        assert defect is not None
        assert "only once" in defect
        assert "doubles the writes to indexes" in defect
        computed += row
    assert Decimal("1.0") + computed.write == 13
    assert log == [
        ("Query", INDEX, 0.5),
        *[("TransactWriteItems", "table", 2.0), ("TransactWriteItems", INDEX, 2.0)] * 2,
    ]
    assert len(records) == 5


def inbox_rows(bench: Bench) -> list[dict[str, Any]]:
    page = bench.session.client.scan(TableName=TABLE, ConsistentRead=True)
    assert "LastEvaluatedKey" not in page
    return sorted(
        (item for item in page["Items"] if item["pk"]["S"].startswith("GRP#")), key=lambda item: item["pk"]["S"]
    )


def test_after_a_bad_day_the_inbox_is_what_sql_says_with_ours_and_not_with_the_famous_one(bench: Bench) -> None:
    before = len(read_all(bench.stream(), pace=QUICK))
    for second in range(1, 25):
        send(bench, second, handle=("bayko", "andrewbrown")[second % 2])
    records = lambda_event(read_all(bench.stream(), pace=QUICK)[before:], "")["Records"]
    day = rehearsal.bad_day(records, seed=3)
    rows = bench.database.query((bench.model.path.parent / "sql" / "inbox-rows.sql").read_text())
    newest = {(GROUP, str(row["member_uuid"])): ("2026-03-31T17:00:24.000000Z", row["message"]) for row in rows}
    start = inbox_rows(bench)

    lost = after(bench, start, day, famous.handler, newest)
    kept = after(bench, start, day, ours.handler, newest)

    assert lost["right"] < 2
    assert kept == {"right": 2}
    bench.pattern("inbox-rows-of-group").run(message_group_uuid=GROUP).verify()


def after(bench: Bench, rows: list[Any], day: list[Any], handler: Any, newest: Any) -> Any:
    client = bench.session.client
    for row in inbox_rows(bench):
        client.delete_item(TableName=TABLE, Key={"pk": row["pk"], "sk": row["sk"]})
    for row in rows:
        client.put_item(TableName=TABLE, Item=row)
    rehearsal.live_through(day, handler, client)
    return rehearsal.losses(inbox_rows(bench), newest)


def test_the_table_in_memory_answers_as_dynamodb_local_does(bench: Bench) -> None:
    """Every request that the handlers make, at random on few keys, so that conditions hold and fail."""
    chance = random.Random(11)
    fake, real = FakeTable(), bench.session.client
    outcomes: set[str] = set()
    for item in bench.table().scan().items:
        real.delete_item(TableName=TABLE, Key={name: {"S": item[name]} for name in ("pk", "sk")})
    for _ in range(150):
        operation, request = something(chance)
        answers = [outcome(client, operation, request) for client in (fake, real)]
        assert answers[0] == answers[1], (operation, request)
        outcomes.add(f"{operation} {answers[0][0]}")

    assert outcomes == {
        "query ok", "put_item ok", "delete_item ok", "transact_write_items ok",
        "transact_write_items TransactionCanceledException",
    }  # fmt: skip


def something(chance: random.Random) -> tuple[str, dict[str, Any]]:
    group, member, other = chance.choice([("g1", "ann", "bob"), ("g1", "bob", "ann"), ("g2", "ann", "cid")])
    names = {"message_group_uuid": group, "message": chance.choice("xy"), "user_uuid": other}
    values = {"pk": f"GRP#{member}", "sk": f"2026-{chance.randint(1, 3)}", **names}
    row = {name: {"S": value} for name, value in values.items()}
    message = ours.Message(group, f"2026-{chance.randint(1, 3)}", member, "z")
    asked: list[tuple[str, dict[str, Any]]] = []

    class Noting:
        class exceptions:  # noqa: N801
            TransactionCanceledException = KeyError

        def __getattr__(self, name: str) -> Any:
            return lambda **request: asked.append((name, request)) or {"Items": []}

    match chance.randint(0, 4):
        case 0:
            ours.in_index(Noting(), group)
        case 1:
            ours.in_table(Noting(), member, group)
        case 2:
            return "put_item", {"TableName": TABLE, "Item": row}
        case 3:
            return "delete_item", {"TableName": TABLE, "Key": {"pk": row["pk"], "sk": row["sk"]}}
        case _:
            message = message if message.created_at != row["sk"]["S"] else message._replace(created_at="2026-9")
            ours.move(Noting(), row, message)
    return asked[0]


def outcome(client: Any, operation: str, request: dict[str, Any]) -> tuple[str, Any]:
    try:
        answer = getattr(client, operation)(**request)
    except client.exceptions.TransactionCanceledException as error:
        reasons = [(each["Code"], each.get("Item")) for each in error.response["CancellationReasons"]]
        return "TransactionCanceledException", reasons
    items = answer.get("Items", [])
    assert [item["sk"]["S"] for item in items] == sorted(item["sk"]["S"] for item in items)
    return "ok", sorted(items, key=lambda item: (item["sk"]["S"], item["pk"]["S"]))  # equal times have no order
