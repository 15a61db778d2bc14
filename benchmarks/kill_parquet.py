"""Exports that are killed: ``kill -9`` of ``to_parquet`` at random moments, run again until done, every item compared.

    python -m benchmarks.kill_parquet --count 25

Each trial exports one mixed table of DynamoDB Local from a process of its own, which is killed at a random moment,
again and again, at most ``--kills`` times; the run after that is left alone. Then the files must hold exactly the
items that were put in, none twice, with one schema, and a run more must find the export finished. The exit code is 1
where a trial did not end so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

TABLE = "killed-exports"
SEGMENTS = 4
PART_BYTES = 60_000
PAGE_ITEMS = 150
OPTIONS: dict[str, Any] = {"TableName": TABLE, "Limit": PAGE_ITEMS, "segments": SEGMENTS, "part_bytes": PART_BYTES}
Item = dict[str, Any]


def mixed_item(number: int) -> Item:
    """Return an item of a single table: types that change with the number, sets, documents, NULL, binary, 38 digits."""
    item: Item = {"pk": f"P#{number % 997:04d}", "sk": f"I#{number:07d}", "n": Decimal(number)}
    kind = number % 7
    if kind == 1:
        item |= {"n": Decimal(number) / 8, "tags": frozenset({f"t{number % 5}", "all"})}
    elif kind == 2:
        item |= {"n": f"text {number}", "long": Decimal("12345678901234567890123456789012345678") - number}
    elif kind == 3:
        item |= {"map": {"a": Decimal(number), "b": [None, True, b"\x00" + bytes([number % 256])]}, "gone": None}
    elif kind == 4:
        item |= {"raw": bytes([number % 256, 255]), "ids": frozenset({Decimal(number), Decimal("0.5")})}
    elif kind == 5:
        item |= {"n": Decimal("1E-20") * number, "flag": number % 2 == 0}
    return item | {"text": "é" * (number % 60)}


def digest(items: Iterable[Item]) -> tuple[int, str]:
    """Return how many items there are and a digest of all of them, the same in whatever order they come."""
    from workbench.items import item_from_wire, item_to_wire

    lines = []
    for item in items:
        wire = item_to_wire(item_from_wire(item_to_wire(item)))
        canonical = {name: {tag: sorted(v) if tag in ("SS", "NS", "BS") else v for tag, v in av.items()}
                     for name, av in wire.items()}  # fmt: skip
        lines.append(json.dumps(canonical, sort_keys=True, default=lambda raw: raw.hex()))
    return len(lines), hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def child(folder: str) -> None:
    """Export, in a process that may be killed; the store's facts come by the environment."""
    from workbench.bulk import to_parquet
    from workbench.engines.clients import make_client

    facts = json.loads(os.environ["KILL_PARQUET_STORE"])
    client = make_client("dynamodb", facts["endpoint"], facts)
    print("started", flush=True)
    start = time.perf_counter()
    report = to_parquet(client, folder, TableName=TABLE, Limit=PAGE_ITEMS, segments=SEGMENTS, part_bytes=PART_BYTES)
    print(json.dumps(report.to_dict() | {"seconds": time.perf_counter() - start}), flush=True)


def run_child(folder: Path, facts: dict[str, Any], after: float | None) -> dict[str, Any] | None:
    """Run an export, killed ``after`` seconds; return its report, None where it was killed before it was done."""
    environment = {**os.environ, "KILL_PARQUET_STORE": json.dumps(facts)}
    command = [sys.executable, str(Path(__file__).resolve()), "--child", str(folder)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        if after is not None:
            time.sleep(after)
            process.send_signal(signal.SIGKILL)
        told = process.stdout.readline()
        process.wait()
    if after is None and process.returncode:
        raise RuntimeError(f"an export that was not killed ended with {process.returncode}")
    return json.loads(told) if told.endswith("\n") else None


def trial(
    place: Path, client: Any, facts: dict[str, Any], wanted: tuple[int, str], waits: list[float]
) -> tuple[int, list[str]]:
    """Return how often the export was killed before it was done, and what is wrong with its files.

    ``waits`` are the seconds after which its runs are killed.
    """
    from workbench.bulk import to_parquet
    from workbench.frames import to_items

    killed, report = 0, None
    for seconds in waits:
        report = run_child(place, facts, seconds)
        if report is not None:
            break
        killed += 1
    if report is None:
        report = run_child(place, facts, None)
    assert report is not None
    again = to_parquet(client, place, **OPTIONS)
    found = digest(to_items(place))
    wrong = []
    if found != wanted:
        wrong.append(f"{found} instead of {wanted}")
    if report["items"] != wanted[0]:
        wrong.append(f"reported {report['items']} items")
    if not again.was_done or again.units_now:
        wrong.append("a run more did not find it finished")
    if left := [each.name for each in place.iterdir() if each.name.endswith((".tmp", ".part"))]:
        wrong.append(f"left behind: {left}")
    return killed, wrong


def main() -> int:
    """Run the trials and print a line for each; return the exit code."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    options.add_argument("--count", type=int, default=5)
    options.add_argument("--kills", type=int, default=3, help="the most kills of one export")
    options.add_argument("--items", type=int, default=4000)
    options.add_argument("--seed", type=int, default=None)
    options.add_argument("--child", metavar="FOLDER", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        child(given.child)
        return 0
    from workbench.bulk import write
    from workbench.engines import open_engine

    seed = given.seed if given.seed is not None else random.randrange(10**6)
    chance = random.Random(seed)
    items = [mixed_item(number) for number in range(given.items)]
    wanted, failed, kills = digest(items), 0, 0
    with open_engine("dynamodb-local") as engine, engine.lease() as store, tempfile.TemporaryDirectory() as folder:
        client = store.client()
        client.create_table(
            TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )  # fmt: skip
        write(client, TABLE, items)
        facts = {**store.facts, "endpoint": engine.endpoint}
        seconds = float(run_child(Path(folder) / "whole", facts, None)["seconds"])  # type: ignore[index]
        print(f"{given.items:,} items, {seconds:.1f} s for one export, seed {seed}", flush=True)
        for number in range(given.count):
            waits = [chance.uniform(0, seconds) for _ in range(given.kills)]
            killed, wrong = trial(Path(folder) / f"trial-{number}", client, facts, wanted, waits)
            kills += killed
            failed += bool(wrong)
            print(f"trial {number + 1}: killed {killed} times, {'; '.join(wrong) or 'exact'}", flush=True)
    print(f"{given.count} exports, {kills} kills, {given.count - failed} exact, {failed} wrong")
    return 1 if failed or not kills else 0


if __name__ == "__main__":
    sys.exit(main())
