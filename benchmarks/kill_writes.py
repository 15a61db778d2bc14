"""Kill -9 in the middle of a write, run it again, and compare every item with PostgreSQL.

    python benchmarks/kill_writes.py                      # 130 trials: seed, rename-person and delete-person in turn
    python benchmarks/kill_writes.py --trials 6 --seed 3

A trial fills a store, starts a process that writes, kills it at a random moment once or several times, and lets it end
at last. The fan-outs go on by their journal, the seed by what is in the tables. Then a digest over every item of both
tables is compared with the digest of what SQL gives. Exit code 1 where one differs, or where no kill hit.
"""

from __future__ import annotations

import argparse
import json
import random
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
PATIENCE_SECONDS = 120


@dataclass
class Tally:
    """What came of the trials of one kind. ``kills`` hit a process that had begun and was not done."""

    trials: int = 0
    kills: int = 0
    exact: int = 0
    wrong: list[str] = field(default_factory=list)


def model_folder(folder: Path, people: int = 12, groups: int = 20, messages: int = 300) -> Path:
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
                lasts[kind] = _ended(session, folder, kind, work / f"uncut-{kind}")
        with _store(engine, folder, kind) as session:
            journal = work / f"trial-{number}"
            tallies[kind].trials += 1
            tallies[kind].kills += _killed(session, folder, kind, journal, lasts[kind], chance)
            _ended(session, folder, kind, journal)
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


def _start(session: Session, folder: Path, kind: str, journal: Path) -> subprocess.Popen[str]:
    """Start a process that does the write, and return it when it is about to send its first request."""
    client = session.client
    where = {
        "endpoint": client.meta.endpoint_url,
        "region": client.meta.region_name,
        "access_key": client._request_signer._credentials.access_key,
        "dsn": session.database.dsn,
    }
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), "--child", kind, str(folder), str(journal)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(where) + "\n")
    process.stdin.flush()
    if process.stdout.readline().strip() != "ready":
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
        raise RuntimeError(f"{kind} did not start: {told}")
    return process


def _killed(session: Session, folder: Path, kind: str, journal: Path, lasts: float, chance: random.Random) -> int:
    """Start the write and kill it, one to three times; return how often it was alive to be killed."""
    hits = 0
    for _ in range(chance.randint(1, MOST_KILLS)):
        process = _start(session, folder, kind, journal)
        time.sleep(chance.random() * lasts)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE_SECONDS)
        hits += process.returncode == -signal.SIGKILL
    return hits


def _ended(session: Session, folder: Path, kind: str, journal: Path) -> float:
    """Do the write, or the rest of it, to its end; return the seconds it took from its first request on."""
    process = _start(session, folder, kind, journal)
    start = time.perf_counter()
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    if process.returncode:
        raise RuntimeError(f"{kind} ended with {process.returncode}: {told}")
    return time.perf_counter() - start


class _Sql:
    """The database of the parent, asked by a child: only to read."""

    def __init__(self, dsn: str) -> None:
        import psycopg
        from psycopg.rows import dict_row

        self._connection: Any = psycopg.connect(dsn, row_factory=dict_row, autocommit=True)

    def query(self, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        return list(self._connection.execute(sql, dict(params)).fetchall())


def child(kind: str, folder: Path, journal: Path) -> int:
    """Do the write in this process, which is made to be killed; say "ready" before the first request."""
    where = json.loads(sys.stdin.readline())
    client = make_client("dynamodb", where["endpoint"], where)
    near = argparse.Namespace(name="dynamodb-local", is_near=True)
    session = Session(load_model(folder), client, _Sql(where["dsn"]), near, Clock.system())
    print("ready", flush=True)
    if kind == "seed":
        seed(session)
    else:
        arguments = ARGUMENTS[kind]
        run_with_journal(session, build(session.model, kind, arguments), journal, given=arguments)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials and print what came of them; 1 where an item is not as SQL gives it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=130, help="trials, the kinds in turn (130)")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same moments, as far as the machine allows (7)")
    parser.add_argument("--child", nargs=3, metavar=("KIND", "FOLDER", "JOURNAL"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.child:
        return child(asked.child[0], Path(asked.child[1]), Path(asked.child[2]))
    from measuring import machine, table

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
