"""Kill -9 in the middle of a write, run it again, and compare every item with PostgreSQL.

    python -m benchmarks.kill_writes                      # 130 trials: seed, rename-person and delete-person in turn
    python -m benchmarks.kill_writes --trials 6 --seed 3

A trial fills a store, starts a process that writes, kills it at a random moment once or several times, and lets it end
at last. The fan-outs go on by their journal, the seed by what is in the tables. Then a digest over every item of both
tables is compared with the digest of what SQL gives. Exit code 1 where one differs, or where no kill hit.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import runpy
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from benchmarks.measuring import machine, table
from workbench.bench.fresh import new_session
from workbench.bulk import run_with_journal
from workbench.engines import Engine, open_engine
from workbench.engines.clients import make_client
from workbench.model import load_model
from workbench.plans import Clock, build
from workbench.results import Session
from workbench.seeding import load_schema, seed, sql_digest, store_digest

MESSAGING = Path(__file__).parents[1] / "data" / "models" / "messaging"
HANDLE, NAME = "andrewbrown", "Andrew W. Brown"
KINDS = ("seed", "rename-person", "delete-person")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "seed": {},
    "rename-person": {"handle": HANDLE, "display_name": NAME},
    "delete-person": {"handle": HANDLE},
}
# What the write means in SQL: done there after it has ended here.
IN_SQL: dict[str, tuple[str, ...]] = {
    "seed": (),
    "rename-person": ("UPDATE users SET display_name = %(display_name)s WHERE handle = %(handle)s",),
    "delete-person": ((MESSAGING / "sql" / "forget-person.sql").read_text(encoding="utf-8"),),
}
MOST_KILLS = 3
PROCESSES = multiprocessing.get_context("fork")  # everything is imported: no trial is spent on starting Python
PATIENCE_SECONDS = 120


@dataclass
class Tally:
    """What came of the trials of one kind. ``kills`` hit a process that had begun and was not done."""

    trials: int = 0
    kills: int = 0
    exact: int = 0
    wrong: list[str] = field(default_factory=list)


def model_folder(folder: Path, people: int = 8, groups: int = 12, messages: int = 160) -> Path:
    """Return a copy of the messaging model in ``folder`` with generated rows."""
    copy = folder / "messaging"
    shutil.copytree(MESSAGING, copy, ignore=shutil.ignore_patterns("__pycache__"))
    generate = runpy.run_path(str(MESSAGING / "generate.py"))
    generate["write"](generate["generated_rows"](people, groups, messages, 11), copy / "data")
    return copy


def trials(engine: Engine, folder: Path, count: int, chance: random.Random, work: Path) -> dict[str, Tally]:
    """Run ``count`` trials, the kinds in turn, and return a tally of each kind."""
    tallies = {kind: Tally() for kind in KINDS}
    lasts: dict[str, float] = {}
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        if kind not in lasts:  # how long it takes when nobody kills it
            with _store(engine, folder, kind) as session:
                lasts[kind] = _ended(session, kind, work / f"uncut-{kind}")
        with _store(engine, folder, kind) as session:
            journal = work / f"trial-{number}"
            tallies[kind].trials += 1
            tallies[kind].kills += _killed(session, kind, journal, lasts[kind], chance)
            _ended(session, kind, journal)
            for statement in IN_SQL[kind]:
                session.database.execute(statement, ARGUMENTS[kind])
            if sql_digest(session) == store_digest(session):
                tallies[kind].exact += 1
            else:
                tallies[kind].wrong.append(f"trial {number}: {kind}: the tables are not what SQL gives")
    return tallies


@contextmanager
def _store(engine: Engine, folder: Path, kind: str) -> Iterator[Session]:
    model = load_model(folder)
    with engine.lease(wait=60) as store:
        session = new_session(model, engine, store, Clock.system())
        try:
            load_schema(session.client, model)
            if kind != "seed":
                seed(session)
            yield session
        finally:
            session.database.close()


def _start(session: Session, kind: str, journal: Path) -> BaseProcess:
    """Start a process that does the write, and return it when it is about to send its first request."""
    meta, signer = session.client.meta, session.client._request_signer
    store = {"region": meta.region_name, "access_key": signer._credentials.access_key}
    client = make_client("dynamodb", meta.endpoint_url, store)  # a fresh one, on which nothing was sent yet
    ready = PROCESSES.Event()
    process = PROCESSES.Process(target=child, args=(session, client, session.database.dsn, kind, journal, ready))
    process.start()
    if not ready.wait(PATIENCE_SECONDS):
        raise RuntimeError(f"{kind} did not start; its exit code is {process.exitcode}")
    return process


def _killed(session: Session, kind: str, journal: Path, lasts: float, chance: random.Random) -> int:
    """Start the write and kill it, one to three times; return how often it was alive to be killed."""
    hits = 0
    for _ in range(chance.randint(1, MOST_KILLS)):
        process = _start(session, kind, journal)
        time.sleep(chance.random() * lasts)
        process.kill()
        process.join(PATIENCE_SECONDS)
        hits += process.exitcode == -signal.SIGKILL
    return hits


def _ended(session: Session, kind: str, journal: Path) -> float:
    """Do the write, or the rest of it, to its end; return the seconds it took from its first request on."""
    process = _start(session, kind, journal)
    start = time.perf_counter()
    process.join(PATIENCE_SECONDS)
    if process.exitcode:
        raise RuntimeError(f"{kind} ended with {process.exitcode}")
    return time.perf_counter() - start


class _Sql:
    """The database of the parent, asked by a child: only to read."""

    def __init__(self, dsn: str) -> None:
        import psycopg
        from psycopg.rows import dict_row

        self._connection: Any = psycopg.connect(dsn, row_factory=dict_row, autocommit=True)

    def query(self, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        return list(self._connection.execute(sql, dict(params)).fetchall())


def child(session: Session, client: Any, dsn: str, kind: str, journal: Path, ready: Any) -> None:
    """Do the write in this process, which is made to be killed; say that it begins before the first request."""
    own = replace(session, client=client, database=_Sql(dsn))
    ready.set()
    if kind == "seed":
        seed(own)
    else:
        arguments = ARGUMENTS[kind]
        run_with_journal(own, build(own.model, kind, arguments), journal, given=arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials and print what came of them; 1 where an item is not as SQL gives it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=130, help="trials, the kinds in turn (130)")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same moments, as far as the machine allows (7)")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as work, open_engine("dynamodb-local") as engine:
        folder = model_folder(Path(work))
        tallies = trials(engine, folder, asked.trials, random.Random(asked.seed), Path(work))
    rows = [[kind, str(each.trials), str(each.kills), str(each.exact)] for kind, each in tallies.items()]
    print(table(("write", "trials", "kills that hit", "exact in the end"), rows))
    print(f"\n{machine()}")
    wrong = [sentence for each in tallies.values() for sentence in each.wrong]
    wrong += [f"{kind}: no kill hit" for kind, each in tallies.items() if each.trials and not each.kills]
    print("\n".join(wrong), file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
