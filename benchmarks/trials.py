"""Rounds of measurements: every way once in each, in random order, so that the machine's drift hits all alike.

A ratio is made within a round and the median is taken over the rounds' ratios. A way that raises is not tried again in
that case, and its error is its result. A way that gives another number of rows than there are is refused.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measuring import ROOT

__all__ = ["Run", "Summary", "WrongAnswerError", "ask", "one_round", "ratios", "summaries", "trusted"]

PATIENCE_SECONDS = 900


class WrongAnswerError(Exception):
    """A way gave other items than there are: its time says nothing."""


@dataclass(frozen=True)
class Run:
    """One measured run of a way: seconds, seconds of all its cores, peak memory over its start, rows; or its error."""

    way: str
    seconds: float | None = None
    memory: int | None = None
    rows: int | None = None
    error: str | None = None
    cpu: float | None = None


@dataclass(frozen=True)
class Summary:
    """What the rounds say of one way: ``ratio`` is seconds of the base over its own, ``memory_ratio`` the other way."""

    way: str
    seconds: float | None = None
    shortest: float | None = None
    longest: float | None = None
    memory: float | None = None
    ratio: float | None = None
    memory_ratio: float | None = None
    rows: int | None = None
    error: str | None = None
    cpu: float | None = None


def ask(job: Mapping[str, Any]) -> dict[str, Any]:
    """Run a worker process for one job and return what it says; a crash is an error like any other."""
    command = [sys.executable, "-m", "benchmarks.worker"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job),
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": "TimeoutExpired", "message": f"took more than {PATIENCE_SECONDS} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = done.stderr.strip().splitlines()[-1:] or [""]
        return {"error": f"exit code {done.returncode}", "message": last[0][:200]}
    said: dict[str, Any] = json.loads(lines[-1])
    return said


def one_round(
    ways: Sequence[str], measure: Callable[[str], Run], chance: random.Random, broken: Iterable[str] = ()
) -> list[Run]:
    """Measure each way once in random order; those that are ``broken`` already are left out."""
    order = [way for way in ways if way not in set(broken)]
    chance.shuffle(order)
    return [measure(way) for way in order]


def trusted(way: str, said: Mapping[str, Any], rows: int, digest: str | None = None) -> None:
    """Raise WrongAnswerError when a way's answer has another number of rows, or another digest than it must have."""
    if "error" in said:
        return
    if said["rows"] != rows:
        raise WrongAnswerError(f"{way} gave {said['rows']} rows where there are {rows}: its time says nothing.")
    if digest is not None and said.get("digest") != digest:
        raise WrongAnswerError(f"{way} gave other items than were sent: the digests differ.")


def ratios(rounds: Sequence[Sequence[Run]], way: str, base: str, value: str = "seconds") -> list[float]:
    """Return base over way for each round in which both were measured: 2.0 is half the base's seconds."""
    found = []
    for runs in rounds:
        by_way = {run.way: getattr(run, value) for run in runs}
        if by_way.get(way) and by_way.get(base):
            found.append(by_way[base] / by_way[way])
    return found


def summaries(rounds: Sequence[Sequence[Run]], ways: Sequence[str], base: str) -> list[Summary]:
    """Return one summary a way, in the order given; a way with an error in any round has the error and no figure."""
    return [_summary(rounds, way, base) for way in ways if any(run.way == way for runs in rounds for run in runs)]


def _summary(rounds: Sequence[Sequence[Run]], way: str, base: str) -> Summary:
    runs = [run for each in rounds for run in each if run.way == way]
    errors = [run.error for run in runs if run.error]
    if errors:
        return Summary(way, error=errors[0])
    seconds = [run.seconds for run in runs if run.seconds is not None]
    return Summary(
        way,
        seconds=statistics.median(seconds),
        shortest=min(seconds),
        longest=max(seconds),
        memory=statistics.median(run.memory for run in runs if run.memory is not None),
        ratio=_median(ratios(rounds, way, base)),
        memory_ratio=_median([1 / each for each in ratios(rounds, way, base, "memory")]),
        rows=runs[0].rows,
        cpu=_median([run.cpu for run in runs if run.cpu is not None]),
    )


def _median(found: Sequence[float]) -> float | None:
    return statistics.median(found) if found else None


def as_json(rounds: Sequence[Sequence[Run]]) -> list[list[dict[str, Any]]]:
    """Return rounds as JSON holds them."""
    return [
        [{name: value for name, value in asdict(run).items() if value is not None} for run in each] for each in rounds
    ]


def from_json(content: Sequence[Sequence[Mapping[str, Any]]]) -> list[list[Run]]:
    """Return the rounds that ``as_json`` wrote."""
    return [[Run(**run) for run in each] for each in content]
