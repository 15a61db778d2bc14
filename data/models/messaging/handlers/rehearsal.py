"""A bad day for a stream handler, rehearsed: the same records, in the same calls, for each handler that is tried.

DynamoDB Streams gives each record once and each item's records in order. What a handler meets is worse: a consumer that
crashes hands a batch over again, one that starts again from an old checkpoint replays, and with several workers the
records of different keys overtake each other. Every message has a key of its own, so the messages of one conversation
may come in any order.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

Item = dict[str, Any]
Record = dict[str, Any]
WRITES = ("delete_item", "put_item", "transact_write_items")
ATTEMPTS = 10
FAULTS = ("batches", "kills", "repeats", "overtaking")
SPACE = uuid.UUID("5b0d3f1e-2f0c-5a53-9a0e-6a1d1c7a5d10")


class Crash(BaseException):
    """The process is killed. No handler can catch it and go on."""


class Call(NamedTuple):
    """One call of a handler: its records, and after how many writes it is killed; None for a call that may end."""

    records: list[Record]
    killed_after: int | None = None


class Mortal:
    """A client that kills its process right after so many writes: each is done as a whole, or not begun."""

    def __init__(self, client: Any, writes: int | None) -> None:
        self._client = client
        self._left = writes

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if self._left is None or name not in WRITES:
            return found

        def write(**request: Any) -> Any:
            if self._left == 0:
                raise Crash
            self._left -= 1
            return found(**request)

        return write


def bad_day(records: Sequence[Record], *, seed: int, faults: Collection[str] = FAULTS) -> list[Call]:
    """Return the calls of a day: every record at least once, and whatever of FAULTS is to happen.

    batches: up to four records in a call. kills: one call in five dies after some of its writes. repeats: one call in
    seven is made twice, and one in eleven comes again much later. overtaking: three workers share the records by their
    keys, and run at their own pace; the records of one item stay in order. Without faults: one call a record, in order.
    """
    chance = random.Random(seed)  # noqa: S311  # a rehearsal must be the same each time
    lanes = [lane for lane in _lanes(records, 3 if "overtaking" in faults else 1) if lane]
    calls: list[Call] = []
    while lanes:
        lane = chance.choice(lanes)
        size = chance.randint(1, 4) if "batches" in faults else 1
        batch, lane[:] = lane[:size], lane[size:]
        lanes = [each for each in lanes if each]
        killed = "kills" in faults and chance.random() < 1 / 5
        calls.append(Call(batch, chance.randint(0, 4) if killed else None))
        if "repeats" in faults:
            calls += [Call(batch)] * (chance.random() < 1 / 7)
            calls += [Call(chance.choice(calls).records)] * (chance.random() < 1 / 11)
    return calls


def _lanes(records: Sequence[Record], workers: int) -> list[list[Record]]:
    lanes: list[list[Record]] = [[] for _ in range(workers)]
    for record in records:
        key = "".join(value["S"] for value in record["dynamodb"]["Keys"].values())
        lanes[sum(key.encode()) % workers].append(record)
    return lanes


def live_through(calls: Iterable[Call], handler: Callable[..., Any], client: Any) -> Counter[str]:
    """Make the calls, as a stream's consumer does: what was killed, or reported, is handed over again.

    Returns counts: calls, kills, reports (of batchItemFailures). Raises RuntimeError for a record that never succeeds.
    """
    counts: Counter[str] = Counter()
    for call in calls:
        records, killed_after = call.records, call.killed_after
        for _ in range(ATTEMPTS):
            counts["calls"] += 1
            try:
                answer = handler({"Records": records}, None, Mortal(client, killed_after)) or {}
            except Crash:
                counts["kills"] += 1
                killed_after = None
                continue
            failed = [each["itemIdentifier"] for each in answer.get("batchItemFailures", [])]
            if not failed:
                break
            counts["reports"] += 1
            numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
            records = records[numbers.index(min(failed, key=int)) :]
        else:
            raise RuntimeError(f"a record fails for good: {records[0]['dynamodb']['Keys']}")
    return counts


def talk(bench: Any, pairs: Sequence[tuple[str, str]], messages: int) -> list[str]:
    """Have each pair begin a conversation and send it so many messages, in DynamoDB and PostgreSQL; return the groups.

    Nobody touches the inbox rows: they stay as of each conversation's first message.
    """
    groups = [str(uuid.uuid5(SPACE, f"{one} {other}")) for one, other in pairs]
    for number in range(messages + 1):
        for place, (group, pair) in enumerate(zip(groups, pairs, strict=True)):
            author, other = pair if number % 2 == 0 else pair[::-1]
            arguments = {
                "message_group_uuid": group,
                "handle": author,
                "message": f"Message {number} of {author} to {other}, which is longer than an inbox row shows",
                "message_uuid": str(uuid.uuid5(SPACE, f"{group} {number}")),
                "created_at": f"2026-04-01T10:{number:02}:{place:02}.000000Z",
            }
            if number == 0:
                bench.pattern("start-conversation").run(other_handle=other, **arguments)
            else:
                bench.pattern("send-message").run(**arguments)
            _tell_sql(bench.database, {**arguments, "pair": list(pair)}, first=number == 0)
    return groups


def _tell_sql(database: Any, values: dict[str, Any], *, first: bool) -> None:
    if first:
        database.execute(
            "INSERT INTO message_groups (uuid, created_at) VALUES (%(message_group_uuid)s, %(created_at)s)", values
        )
        database.execute(
            "INSERT INTO message_group_members (message_group_uuid, user_uuid, seat)"
            " SELECT %(message_group_uuid)s, uuid, array_position(%(pair)s, handle) FROM users"
            " WHERE handle = ANY(%(pair)s)",
            values,
        )
    database.execute(
        "INSERT INTO messages (uuid, message_group_uuid, user_uuid, message, created_at)"
        " SELECT %(message_uuid)s, %(message_group_uuid)s, uuid, %(message)s, %(created_at)s FROM users"
        " WHERE handle = %(handle)s",
        values,
    )


def inbox_rows(client: Any, table: str) -> list[Item]:
    """Return every inbox row of the table, by a Scan of all pages."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith("GRP#")]


def set_back(client: Any, table: str, rows: Iterable[Item]) -> None:
    """Make the inbox rows of the table these and no others."""
    for row in inbox_rows(client, table):
        client.delete_item(TableName=table, Key={"pk": row["pk"], "sk": row["sk"]})
    for row in rows:
        client.put_item(TableName=table, Item=row)


def metered(client: Any) -> list[tuple[str, str, float]]:
    """Have a boto3 client ask for the capacity of all it does; return a list that fills: operation, arm, units."""
    log: list[tuple[str, str, float]] = []

    def ask(params: dict[str, Any], model: Any, **_: Any) -> None:
        if "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "INDEXES"

    def note(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        said = parsed.get("ConsumedCapacity") or []
        for each in said if isinstance(said, list) else [said]:
            arms = {"table": each.get("Table", {}), **each.get("GlobalSecondaryIndexes", {})}
            log.extend((model.name, arm, of["CapacityUnits"]) for arm, of in arms.items() if of.get("CapacityUnits"))

    client.meta.events.register("provide-client-params.dynamodb.*", ask)
    client.meta.events.register("after-call.dynamodb.*", note)
    return log


def losses(rows: Iterable[Item], newest: dict[tuple[str, str], tuple[str, str]]) -> Counter[str]:
    """Return how inbox rows stand, in counts of members of groups: right, old, missing, double, text (another one).

    ``rows`` are items as boto3 gives them. ``newest`` says for each (group, member) the time of the newest message and
    what the inbox shows of it.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = {place: [] for place in newest}
    for row in rows:
        place = row["message_group_uuid"]["S"], row["pk"]["S"].removeprefix("GRP#")
        found.setdefault(place, []).append((row["sk"]["S"], row["message"]["S"]))
    return Counter(_verdict(there, newest.get(place)) for place, there in found.items())


def _verdict(there: list[tuple[str, str]], newest: tuple[str, str] | None) -> str:
    if newest is None:
        return "nobody's"
    if not there:
        return "missing"
    if len(there) > 1:
        return "double"
    if there[0][0] != newest[0]:
        return "old"
    return "right" if there[0] == newest else "text"
