"""Kill -9 at random points of `workbench streams run`, run it again until all is handled, compare with PostgreSQL.

Each trial has a new table and a new stream: inbox rows as of each conversation's first message, then all messages in
the order of their times. A run is killed at a random moment of its work, one to three times; then a run may end. What
the table holds must be, item by item, what PostgreSQL says of who wrote last in each conversation (`--handler inbox`);
or what it counts, where the effect is an increment in PostgreSQL that shares a transaction with the checkpoint
(`--handler counts`). A trial in which no kill came before the end of the work is done again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, machine, table
from workbench.engines import Engine, engine_stop, open_database, open_engine
from workbench.items import canonical
from workbench.model import Model, load_model
from workbench.seeding import drop_schema, items_of, load_schema
from workbench.streams import find_stream

MESSAGING = ROOT / "data" / "models" / "messaging"
TABLE = "cruddur-messages"
STORE = "default"
HANDLERS = {"inbox": "keep_inbox_fresh.py", "counts": "count_messages.py"}
CHECKPOINTS = "workbench.stream_checkpoints"
COUNTS = "SELECT message_group_uuid, user_uuid, {} AS messages FROM {} {} ORDER BY 1, 2"
ENGINE_TRIALS = 10  # DynamoDB Local keeps the stream records of dropped tables, and gets slower: begin it anew


@dataclass
class Trial:
    """What happened to one stream: kills that hit, the records that were handled by then, and whether all is exact."""

    kills: int
    handled: list[int]
    records: int
    exact: bool


class Stage:
    """A model of its own in a folder of its own, its database, and the table that each trial makes anew."""

    def __init__(self, folder: Path, handler: str, messages: int) -> None:
        self.folder = folder
        self.handler = handler
        self.model = self._make_model(messages)
        self.database = open_database(self.model, name=STORE)
        self.rows = {name: self.database.query(self._sql(name)) for name in ("inbox-rows", "messages")}
        first = self._sql("inbox-rows").replace("created_at DESC", "created_at")
        self.first_rows = self.database.query(first)

    def _sql(self, name: str) -> str:
        return (self.model.path.parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")

    def _make_model(self, messages: int) -> Model:
        there = self.folder / "model"
        shutil.copytree(MESSAGING, there)
        text = (there / "model.yaml").read_text(encoding="utf-8")
        (there / "model.yaml").write_text(text.replace("model: messaging", "model: kill-trial", 1), encoding="utf-8")
        numbers = ["--people", "12", "--groups", "15", "--messages", str(messages), "--seed", "7"]
        command = [sys.executable, str(MESSAGING / "generate.py"), *numbers, "--out", str(there / "data")]
        subprocess.run(command, check=True, capture_output=True)
        return load_model(there)

    def prepare(self, engine: Engine) -> int:
        """Make the table, its stream and the checkpoints anew; return how many records the stream holds."""
        self.checkpoints.unlink(missing_ok=True)
        if self.handler == "counts":
            self.database.execute("DROP TABLE IF EXISTS message_counts")
            self.database.execute("DROP SCHEMA IF EXISTS workbench CASCADE")
        items = [*self._items("InboxRow", self.first_rows), *self._items("Message", self.rows["messages"])]
        with engine.lease(STORE) as store:
            client = store.client()
            drop_schema(client, self.model)
            load_schema(client, self.model)
            for at in range(0, len(items), 25):
                puts = [{"PutRequest": {"Item": each.wire}} for each in items[at : at + 25]]
                assert not client.batch_write_item(RequestItems={TABLE: puts}).get("UnprocessedItems")
            (shard,) = find_stream(client, store.streams_client(), TABLE).listing().shards
        self.first = int(shard.first)  # DynamoDB Local numbers all the records of a store in one row
        return len(items)

    def _items(self, entity: str, rows: list[dict[str, Any]]) -> Iterator[Any]:
        return items_of(self.model.entities[entity], self.model.tables[TABLE], rows)

    def is_exact(self, engine: Engine) -> bool:
        """Whether what the handler made has the digest of what PostgreSQL says."""
        if self.handler == "counts":
            made = self.database.query(COUNTS.format("messages", "message_counts", ""))
            said = self.database.query(COUNTS.format("count(*)", "messages", "GROUP BY 1, 2"))
            return digest(map(repr, made)) == digest(map(repr, said))
        with engine.lease(STORE) as store:
            pages = store.client().get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
            stored = [item for page in pages for item in page["Items"]]
        made = [item for item in stored if item["pk"]["S"].startswith("GRP#")]
        said = [each.wire for each in self._items("InboxRow", self.rows["inbox-rows"])]
        return digest(map(_line, made)) == digest(map(_line, said))

    def start(self) -> subprocess.Popen[str]:
        """Start a run that ends when the stream is drained."""
        handler = self.folder / "model" / "handlers" / HANDLERS[self.handler]
        kept = "postgres" if self.handler == "counts" else str(self.checkpoints)
        command = [sys.executable, "-m", "workbench", "streams", "run", str(self.model.path.parent), str(handler)]
        return subprocess.Popen(
            [*command, "--once", "--batch", "5", "--checkpoints", kept],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip

    @property
    def checkpoints(self) -> Path:
        """The file of the checkpoints, of the handler that keeps them in one."""
        return self.folder / "checkpoints.json"

    def handled(self) -> int:
        """Return how many records the checkpoint has behind it."""
        last = self._last()
        return int(last) - self.first + 1 if last else 0

    def _last(self) -> str | None:
        if self.handler == "counts":
            (there,) = self.database.query(f"SELECT to_regclass('{CHECKPOINTS}') IS NOT NULL AS kept")
            rows = self.database.query(f"SELECT sequence_number FROM {CHECKPOINTS}") if there["kept"] else []
            return rows[0]["sequence_number"] if rows else None
        if not self.checkpoints.exists():
            return None
        (shards,) = json.loads(self.checkpoints.read_text(encoding="utf-8"))["streams"].values()
        return next(iter(shards.values()))["sequence"]


def _line(item: dict[str, Any]) -> str:
    return json.dumps({name: canonical(item[name]) for name in sorted(item)}, sort_keys=True, default=str)


def digest(lines: Iterable[str]) -> str:
    """Return one fingerprint of lines in any order."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def trial(stage: Stage, engine: Engine, chance: random.Random, window: tuple[float, float]) -> Trial:
    """Kill runs at random moments in the window, in seconds after their start, then let one end; compare."""
    records = stage.prepare(engine)
    handled = []
    for _ in range(chance.randint(1, 3)):
        process = stage.start()
        try:
            process.wait(chance.uniform(*window))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        if process.returncode == -9 and stage.handled() < records:
            handled.append(stage.handled())
    finish(stage)
    return Trial(len(handled), handled, records, stage.handled() >= records and stage.is_exact(engine))


def finish(stage: Stage) -> float:
    """Run until the stream is drained; return how long it took. SystemExit when the run fails."""
    start = time.perf_counter()
    process = stage.start()
    _, said = process.communicate(timeout=300)
    if process.returncode:
        sys.exit(f"a run that nobody killed ended with {process.returncode}:\n{said}")
    return time.perf_counter() - start


@contextmanager
def fresh_engine() -> Iterator[Engine]:
    """Give DynamoDB Local, begun anew."""
    engine_stop(("dynamodb-local",))
    with open_engine("dynamodb-local") as engine:
        yield engine


def run_trials(stage: Stage, count: int, seed: int) -> list[Trial]:
    """Return that many trials in which a kill hit; those without one do not count."""
    chance = random.Random(seed)
    trials: list[Trial] = []
    while len(trials) < count:
        with fresh_engine() as engine:
            stage.prepare(engine)
            whole = finish(stage)
            idle = finish(stage)  # nothing is left: what starting, looking and ending takes
            window = 0.6 * idle, whole
            for _ in range(min(ENGINE_TRIALS, count - len(trials))):
                done = trial(stage, engine, chance, window)
                trials += [done] if done.kills else []
                print(f"{len(trials)} of {count}", end="\r", file=sys.stderr, flush=True)
    return trials


def main() -> int:
    """Run the trials and print what came out; 1 when one is not exact."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=70)
    parser.add_argument("--messages", type=int, default=80, help="of one trial")
    parser.add_argument("--handler", choices=sorted(HANDLERS), default="inbox")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WORKBENCH_STATE"] = str(Path(folder) / "state")
        try:
            stage = Stage(Path(folder), given.handler, given.messages)
            trials = run_trials(stage, given.trials, given.seed)
            stage.database.close()
        finally:
            engine_stop()
    return told(given.handler, trials)


def told(handler: str, trials: list[Trial]) -> int:
    """Print a table of the trials; return the exit code."""
    kills = sum(each.kills for each in trials)
    partway = sum(0 < at < each.records for each in trials for at in each.handled)
    exact = sum(each.exact for each in trials)
    head = ("handler", "trials", "records each", "kills", "of them with some records handled, not all", "exact")
    row = (HANDLERS[handler], len(trials), trials[0].records, kills, partway, exact)
    print(table(head, [[str(value) for value in row]]))
    print(f"\n{machine()}\n\n{exact} of {len(trials)} exact")
    return int(exact < len(trials))


if __name__ == "__main__":
    sys.exit(main())
