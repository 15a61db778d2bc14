"""Kill the writer with SIGKILL at random moments, let another go on with its journal, and compare every item.

    python -m benchmarks.kill_writer [--count 25] [--rows 4000] [--seed 7]

Each trial writes rows to a table of its own on DynamoDB Local from a child process, which is killed up to three times;
each next child resumes. At the end the table must hold every row exactly as given, and the children's reports must add
up. Prints a line a trial, and ends with status 1 where one of them is not exact.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import workbench as wb
from workbench.engines import Store, open_engine
from workbench.items import canonical, item_to_wire

Wire = dict[str, Any]
ITERATOR, FRAME = "iterator", "frame"
KEYS = (("pk", "S"), ("sk", "N"))
_CHILD = (sys.executable, __file__, "--child")


@dataclass(frozen=True)
class Trial:
    """What a trial came to: kills that hit a running child, rows that the last child found confirmed, and exactness."""

    kills: int
    already: int
    repeated: int
    exact: bool


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield items of every type, the same each time."""
    for number in range(count):
        yield {
            "pk": f"P#{number % 97}", "sk": number, "text": f"line {number} ä\"\n", "exact": Decimal(number) / 8,
            "flag": number % 2 == 0, "raw": number.to_bytes(4, "big"), "tags": {f"t{number % 3}", "all"},
            "nested": {"list": [number, None, {"deep": True}]}, "nothing": None,
        }  # fmt: skip


def digest(items: Iterator[Wire] | list[Wire]) -> str:
    """Return one digest of items in wire form, whatever their order."""
    lines = sorted(json.dumps({n: canonical(av) for n, av in sorted(i.items())}, default=bytes.hex) for i in items)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def child(endpoint: str, key: str, region: str, table: str, journal: str, count: int, kind: str) -> None:
    """Write the rows, as a process of its own, and print the report's counts."""
    import boto3

    from workbench.frames import from_items

    client = boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name=region, aws_access_key_id=key, aws_secret_access_key="x"
    )
    source = rows(count) if kind == ITERATOR else from_items(rows(count))
    print("begun", flush=True)
    report = wb.write(client, table, source, journal=journal, in_flight=8)
    print(json.dumps({"already": report.already, "written": report.written, "rows": report.rows}), flush=True)


def trial(store: Store, table: str, count: int, chance: random.Random, most_kills: int = 3) -> Trial:
    """Run one trial in a store and return what it came to."""
    client = store.client()
    client.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in KEYS],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    kind = chance.choice([ITERATOR, FRAME])
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "write.journal"
        where = [store.engine.endpoint, store.facts["access_key"], store.facts["region"], table]
        arguments = [*where, str(journal), str(count), kind]
        moments = [chance.uniform(0, 1) for _ in range(chance.randint(1, most_kills))]
        kills = sum(_killed(arguments, journal, moment * count, chance.uniform(0, 0.3)) for moment in sorted(moments))
        last = subprocess.run([*_CHILD, *arguments], check=True, capture_output=True, text=True)
        report = json.loads(last.stdout.splitlines()[-1])
    there = [item for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
             for item in page["Items"]]  # fmt: skip
    exact = digest(there) == digest([item_to_wire(item) for item in rows(count)])
    adds_up = report["already"] + report["written"] == report["rows"] == count == len(there)
    client.delete_table(TableName=table)
    return Trial(kills, report["already"], report["written"], exact and adds_up)


def _killed(arguments: list[str], journal: Path, confirmed: float, seconds: float) -> bool:
    """Start a child and kill it ``seconds`` after its journal holds so many rows; say whether it was still running."""
    process = subprocess.Popen([*_CHILD, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
        while process.poll() is None and _confirmed(journal) < confirmed:
            time.sleep(0.02)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    return process.returncode == -signal.SIGKILL


def _confirmed(journal: Path) -> int:
    lines = journal.read_bytes().split(b"\n")[1:-1] if journal.exists() else []
    return sum(sum(numbers[1::2]) - sum(numbers[::2]) for numbers in (json.loads(line)["rows"] for line in lines))


def main() -> int:
    """Run the trials that the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=25, help="trials")
    parser.add_argument("--rows", type=int, default=4_000, help="rows a trial")
    parser.add_argument("--seed", type=int, default=7, help="of the moments of the kills")
    asked = parser.parse_args()
    chance, exact, kills = random.Random(asked.seed), 0, 0
    with open_engine("dynamodb-local") as engine, engine.lease(wait=60) as store:
        for number in range(asked.count):
            found = trial(store, f"kill-{number}", asked.rows, chance)
            kills, exact = kills + found.kills, exact + found.exact
            word = "exact" if found.exact else "NOT EXACT"
            print(f"trial {number}: {found.kills} kills, {found.already} rows before, {found.repeated} after: {word}")
    print(f"{exact} of {asked.count} trials exact, {kills} kills in mid-flight")
    return 0 if exact == asked.count else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:7], int(sys.argv[7]), sys.argv[8])  # type: ignore[call-arg]
    else:
        sys.exit(main())
