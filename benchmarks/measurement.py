"""How a case is measured: each way is checked once, then rounds of fresh processes, kept so that they can go on."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import importlib.metadata
import json
import os
import platform
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import kinds, reading, recordings, writing
from benchmarks.digests import digest_of_wire
from benchmarks.measuring import ROOT
from benchmarks.parts import Case
from benchmarks.serving import ask_replay, local_tables, replaying
from benchmarks.trials import Run, WrongAnswerError, as_json, ask, from_json, one_round, trusted
from benchmarks.worker import CHECKED_PAGES, SMALL_ITEMS
from workbench.notebooks.pool import cores

__all__ = ["Record", "load", "measure", "path_of"]

PACKAGES = (
    "boto3", "botocore", "pandas", "pyarrow", "numpy", "awswrangler", "dynamo-pandas", "pynamodb", "pydynox",
)  # fmt: skip
CHECKED_WRITES = 500


@dataclass
class Record:
    """What is known of a case: what it was measured with, what the checks said, and the rounds so far."""

    part: str
    case: str
    fingerprint: str
    about: dict[str, Any] = field(default_factory=dict)
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    rounds: list[list[Run]] = field(default_factory=list)

    def save(self, folder: Path) -> None:
        """Write the record whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        path = path_of(folder, self.part, self.case)
        content = vars(self) | {"rounds": as_json(self.rounds)}
        path.with_suffix(".part").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        os.replace(path.with_suffix(".part"), path)

    @property
    def broken(self) -> set[str]:
        """The ways that raised, in a check or in a round."""
        raised = {run.way for runs in self.rounds for run in runs if run.error}
        return raised | {way for way, said in self.checks.items() if "error" in said}


def path_of(folder: Path, part: str, case: str) -> Path:
    """Return where a case's record lies."""
    return folder / f"{part}.{case}.json"


def load(path: Path) -> Record:
    """Return the record of a file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Record(**content | {"rounds": from_json(content["rounds"])})


def fingerprint(of: object) -> str:
    """Return a digest of all that a figure depends on: the code, the packages, Python, and what is measured."""
    digest = hashlib.sha256(repr((of, versions(), platform.python_version())).encode())
    for path in sorted([*(ROOT / "workbench").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")]):
        if path.stem not in ("document", "chart", "summary", "targets", "suite", "first_cell", "__main__"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    """Return the version of each package that has a part in the measurement."""
    found = {}
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def measure(
    part: str, case: Case, folder: Path, *, rounds: int, until: Callable[[], bool], say: Callable[[str], None]
) -> Record:
    """Return the case's record with ``rounds`` rounds, going on from what the folder holds of the same code.

    It stops between two rounds when ``until`` says so. WrongAnswerError where a way gave other items than there are.
    """
    record = _begun(part, case, folder, say)
    if len(record.rounds) >= rounds:
        return record
    record.checks = {way: _checked(case, way, folder, say) for way in case.ways}
    chance = random.Random()  # the order of the ways: nothing that is measured hangs on it alone
    with _served(case) as (url, fresh):
        while len(record.rounds) < rounds and not until():
            found = one_round(case.ways, lambda way: _run(case, way, url, fresh), chance, record.broken)
            record.rounds.append(found)
            record.about = _about(case)
            record.save(folder)
            say(f"{part}:{case.name} round {len(record.rounds)} of {rounds}: {_words(found)}")
    return record


def _begun(part: str, case: Case, folder: Path, say: Callable[[str], None]) -> Record:
    path, now = path_of(folder, part, case.name), fingerprint(case)
    if path.exists():
        record = load(path)
        if record.fingerprint == now:
            return record
        say(f"{part}:{case.name}: the code or the packages are not those of the rounds kept before; beginning anew.")
    return Record(part, case.name, now)


def _about(case: Case) -> dict[str, Any]:
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
        "versions": versions(),
        "kind": case.kind,
        "delay": case.delay,
    }


def _words(found: list[Run]) -> str:
    return ", ".join(
        f"{run.way} {run.error or f'{run.seconds:.3g} s'}" for run in sorted(found, key=lambda run: run.way)
    )


@contextlib.contextmanager
def _served(case: Case) -> Iterator[tuple[str, Callable[[], None]]]:
    if case.tables:
        with replaying(case.tables, delay=case.delay) as url:
            yield url, lambda: ask_replay(url, "/reset")
    else:
        with local_tables(index=case.index) as (url, fresh):
            yield url, fresh


def _run(case: Case, way: str, url: str, fresh: Callable[[], None]) -> Run:
    """One fresh process for one way."""
    fresh()
    job = _job(case, way, url)
    said = ask(job)
    if "error" in said:
        return Run(way, error=f"{said['error']}: {said['message']}")
    trusted(way, said, case.items or _rows(case, job["table"]))
    if case.task == "write":
        _counted(case, way, url)
    return Run(way, said["seconds"], said["memory"], said["rows"], cpu=said["cpu"])


def _job(case: Case, way: str, url: str) -> dict[str, Any]:
    return {
        "task": case.task,
        "way": case.ways_of.get(way, way),
        "kind": case.kind,
        "url": url,
        "table": case.tables_of.get(way, "measured"),
        "calls": case.calls,
        "items": case.items,
    }


def _rows(case: Case, table: str) -> int:
    given = case.tables[table]
    lap = recordings.recorded(case.kind)
    return given.get("items") or sum(lap[number % len(lap)].count for number in range(given["pages"]))


def _counted(case: Case, way: str, url: str) -> None:
    """Count what was written where it came in; WrongAnswerError when it is not what was given and the warm-up's."""
    if case.tables:
        came = ask_replay(url, "/counts")["items"] - 2 * SMALL_ITEMS
    else:
        made = reading.client(url)
        pages = made.get_paginator("scan").paginate(TableName="measured", Select="COUNT")
        came = sum(page["Count"] for page in pages)
    if came != case.items:
        raise WrongAnswerError(f"{way} was given {case.items} items, and {came} came in.")


def _checked(case: Case, row: str, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """A way once on two pages, before anything is timed: the workbench must be exact; of rivals it is noted.

    What was said is kept for the other cases of the same kind, while the code is the same.
    """
    way = case.ways_of.get(row, row)
    now, path = fingerprint((case.task, case.kind, way)), folder / "checks.json"
    kept: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
    if now not in kept:
        said = (_check_read if case.task == "read" else _check_write)(case, way)
        if "error" in said:
            say(f"{way}, {case.kind}: raises {said['error']}: {said['message']}")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept | {now: said}, indent=1), encoding="utf-8")
        return said
    return kept[now]


def _check_read(case: Case, way: str) -> dict[str, Any]:
    wire = [item for page in recordings.recorded(case.kind)[:CHECKED_PAGES] for item in page.wire()]
    tables = {name: {"kind": case.kind, "pages": CHECKED_PAGES} for name in ("small", "measured")}
    with replaying(tables) as url:
        said = ask({"task": "check-read", "way": way, "kind": case.kind, "url": url, "table": "measured"})
    ours = way in reading.EXACT
    trusted(way, said, len(wire), digest_of_wire(wire) if ours else None)
    return said | ({"exact": 1.0} if ours and "error" not in said else {})


def _check_write(case: Case, way: str) -> dict[str, Any]:
    tables = {name: {"kind": case.kind, "pages": 1, "items": 20} for name in ("small", "measured")}
    with replaying(tables, keep=True) as url:
        job = {"task": "check-write", "way": way, "kind": case.kind, "url": url, "table": "measured"}
        said = ask(job | {"items": CHECKED_WRITES})
        came = _came(ask_replay(url, "/kept"))
    if "error" in said:
        return said
    trusted(way, {"rows": len(came)}, CHECKED_WRITES)
    sent = list(kinds.items(case.kind, CHECKED_WRITES))
    same = [digest_of_wire([one]) == digest_of_wire([other]) for one, other in zip(came, sent, strict=True)]
    if way in writing.OURS:
        trusted(way, said | {"digest": digest_of_wire(came)}, CHECKED_WRITES, digest_of_wire(sent))
    return said | {"exact": sum(same) / len(same)}


def _came(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items of BatchWriteItem requests by their sort key, whichever order and batches they came in."""
    found = [put["PutRequest"]["Item"] for request in requests for put in request["RequestItems"]["measured"]]
    return sorted(found, key=lambda item: str(item["sk"]["S"]))
