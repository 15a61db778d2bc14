"""Many people write to each other for the first time, all at once: one conversation a pair, and no message lost?

    python -m benchmarks.race_first_messages                       # 1,000 messages between 20 people, 16 threads
    python -m benchmarks.race_first_messages --messages 200 --people 8

Every message is sent by the pattern `start-conversation`, so every thread believes that it may be the first. The
messages of a pair stand next to each other, so that they are on their way together. Then both tables are read whole
and counted. Exit code 1 says what does not hold.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from benchmarks.measuring import machine, table
from workbench.bench.fresh import new_session
from workbench.engines import Engine, open_engine
from workbench.items import item_from_wire
from workbench.model import format_timestamp, load_model
from workbench.plans import Clock, build
from workbench.results import Backoff, Result, Session, run
from workbench.seeding import load_schema

FIRST = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
ONE_LOOK = 2  # requests of who found, or wrote, at once; who lost a race looked again
TABLES = ("cruddur-messages", "cruddur-conversations")


@dataclass(frozen=True)
class First:
    """One first message: who writes to whom, and the words."""

    handle: str
    other: str
    text: str
    created_at: str


@dataclass(frozen=True)
class Outcome:
    """What the race left behind, and the sentences that are wrong about it, none where all holds."""

    messages: int
    pairs: int
    started: int
    replied: int
    lost: int
    seconds: float
    wrong: tuple[str, ...]


@contextmanager
def race_session(engine: Engine, people: int) -> Iterator[Session]:
    """Give a session in an empty store with tables, and a database in which there are that many people."""
    model = load_model("messaging")
    with engine.lease(wait=60) as store:
        session = new_session(model, engine, store, Clock.system())
        try:
            load_schema(session.client, model)
            there = session.database.query("SELECT count(*) AS n FROM users")[0]["n"]
            for number in range(there, people):
                session.database.execute(
                    "INSERT INTO users (display_name, handle, email) VALUES (%(name)s, %(handle)s, %(email)s)",
                    {"name": f"Racer {number}", "handle": f"racer{number}", "email": f"racer{number}@example.com"},
                )
            # Nobody has a conversation yet, on either side.
            for statement in ("messages", "message_group_members", "message_groups"):
                session.database.execute(f"DELETE FROM {statement}")
            yield session
        finally:
            session.database.close()


def first_messages(session: Session, people: int, count: int, chance: random.Random) -> list[First]:
    """Return messages of random direction; every pair occurs where there are enough, its messages side by side."""
    handles = [row["handle"] for row in session.database.query("SELECT handle FROM users ORDER BY created_at, handle")]
    pairs = list(itertools.combinations(handles[:people], 2))
    chance.shuffle(pairs)
    chosen = sorted((pairs[at % len(pairs)] for at in range(count)), key=pairs.index)
    times = (format_timestamp(FIRST + dt.timedelta(microseconds=at)) for at in range(count))
    return [
        First(*(pair if chance.random() < 0.5 else pair[::-1]), f"message {at}", time)
        for at, (pair, time) in enumerate(zip(chosen, times, strict=False))
    ]


def race(session: Session, messages: Sequence[First], *, threads: int) -> Outcome:
    """Send all messages from many threads and count what is in the tables afterwards.

    What an app would send and no more: without the reads that show a notebook each item before and after.
    """
    patience = Backoff(attempts=12)
    app = replace(session, engine=SimpleNamespace(name=session.engine.name, is_near=False))

    def send(each: First) -> Result:
        arguments = {
            "handle": each.handle, "other_handle": each.other, "message": each.text, "created_at": each.created_at,
        }  # fmt: skip
        return run(app, build(app.model, "start-conversation", arguments, clock=app.clock), backoff=patience)

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(send, messages))
    seconds = time.perf_counter() - start
    done = Counter(result.plan.pattern.name for result in results)
    lost = sum(result.receipt.requests > ONE_LOOK for result in results)
    items = [item for table in TABLES for item in _stored(session, table)]
    pairs = [item for item in items if item["pk"].startswith("PAIR#")]
    wrong = tuple(_wrong(session, messages, items, done))
    started, replied = done["start-conversation"], done["send-to-person"]
    return Outcome(len(messages), len(pairs), started, replied, lost, seconds, wrong)


def _stored(session: Session, table: str) -> list[dict[str, Any]]:
    pages = session.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item_from_wire(item) for page in pages for item in page["Items"]]


def _wrong(
    session: Session, messages: Sequence[First], items: list[dict[str, Any]], done: Counter[str]
) -> Iterator[str]:
    """Yield a sentence for everything that does not hold."""
    uuids = {row["handle"]: str(row["uuid"]) for row in session.database.query("SELECT handle, uuid FROM users")}
    wanted = Counter(_pair(uuids[each.handle], uuids[each.other]) for each in messages)
    groups = {_pair(i["pk"].removeprefix("PAIR#"), i["sk"]): i["message_group_uuid"] for i in items if _is(i, "PAIR#")}
    if groups.keys() != wanted.keys():
        yield f"{len(groups)} pair items, and {len(wanted)} pairs wrote"
    if len(set(groups.values())) != len(groups):
        yield "two pairs share one conversation"
    if done["start-conversation"] != len(wanted):
        yield f"{done['start-conversation']} conversations were started, for {len(wanted)} pairs"
    rows = Counter((i["pk"].removeprefix("GRP#"), i["message_group_uuid"]) for i in items if _is(i, "GRP#"))
    members = Counter((member, groups.get(pair)) for pair in wanted for member in pair)
    if rows != members:
        yield f"{sum(rows.values())} inbox rows, expected one for each of {len(members)} memberships"
    sent = Counter(
        (f"MSG#{groups.get(_pair(uuids[each.handle], uuids[each.other]))}", uuids[each.handle], each.text)
        for each in messages
    )
    stored = Counter((i["pk"], i["user_uuid"], i["message"]) for i in items if _is(i, "MSG#"))
    if stored != sent:
        yield f"messages: {sum((sent - stored).values())} missing, {sum((stored - sent).values())} in no pair's group"
    unread = {(i["pk"].removeprefix("UNREAD#"), i["sk"]): int(i["unread"]) for i in items if _is(i, "UNREAD#")}
    counted = Counter(
        (uuids[each.other], groups.get(_pair(uuids[each.handle], uuids[each.other]))) for each in messages
    )
    if unread != dict(counted):
        yield f"counters: {sum(unread.values())} counted, {sum(counted.values())} sent"


def _pair(one: str, two: str) -> tuple[str, str]:
    return (one, two) if one < two else (two, one)


def _is(item: dict[str, Any], prefix: str) -> bool:
    return str(item["pk"]).startswith(prefix)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the race and print what came of it; 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=1_000, help="first messages (1,000)")
    parser.add_argument("--people", type=int, default=20, help="people who write to each other (20)")
    parser.add_argument("--threads", type=int, default=16, help="messages on their way at once (16)")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same messages (7)")
    asked = parser.parse_args(arguments)
    with open_engine("dynamodb-local") as engine, race_session(engine, asked.people) as session:
        messages = first_messages(session, asked.people, asked.messages, random.Random(asked.seed))
        outcome = race(session, messages, threads=asked.threads)
    head = ("first messages", "pair items", "started", "sent into them", "lost a race first", "seconds", "wrong")
    figures = (outcome.messages, outcome.pairs, outcome.started, outcome.replied, outcome.lost)
    print(table(head, [[*map(str, figures), f"{outcome.seconds:.1f}", str(len(outcome.wrong))]]))
    print(f"\n{machine()}")
    print("\n".join(outcome.wrong), file=sys.stderr)
    return int(bool(outcome.wrong))


if __name__ == "__main__":
    sys.exit(main())
