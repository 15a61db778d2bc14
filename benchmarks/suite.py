"""How long the whole notebook suite takes, warm: ``workbench run`` beside papermill's command line, same notebooks.

The engine and PostgreSQL are held up for the whole measure, for all of them alike, and one run before it warms files
and the database template. papermill's command line makes no HTML page and no report; ``workbench run`` does.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measuring import OUT, Measure, Report, machine, measured, run, verdict
from workbench.notebooks import find_notebooks
from workbench.notebooks.holding import hold_services

TARGET_SECONDS = 60.0
WORKBENCH = "workbench run"
Table = tuple[list[str], list[list[str]]]
PEERS = {"papermill, one after another": 1, "papermill, two at a time": 2}


class Suite:
    """The notebooks, a folder for what running them leaves, and what each run took."""

    def __init__(self, notebooks: Sequence[Path], folder: Path) -> None:
        self.notebooks = notebooks
        self.folder = folder
        self.taken: dict[str, list[Measure]] = {WORKBENCH: [], **{name: [] for name in PEERS}}
        self.shares: dict[str, list[float]] = {path.stem: [] for path in notebooks}

    def warm(self) -> None:
        """Run everything once without counting it."""
        self._workbench()

    def round(self, *, peers: bool) -> None:
        """Measure the workbench once, and the peers right after it."""
        report: dict[str, float] = {}
        self.taken[WORKBENCH].append(measured(lambda: report.update(self._workbench())))
        for name, seconds in report.items():
            self.shares[name].append(seconds)
        for name, at_a_time in PEERS.items() if peers else ():
            self.taken[name].append(measured(lambda at_a_time=at_a_time: self._papermill(at_a_time)))

    def _workbench(self) -> dict[str, float]:
        command = [sys.executable, "-m", "workbench", "run", *map(str, self.notebooks)]
        report = json.loads(run([*command, "--out", str(self.folder / "runs"), "--json"]))
        return {each["name"]: each["seconds"] for each in report["notebooks"]}

    def _papermill(self, at_a_time: int) -> None:
        paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        with ThreadPoolExecutor(at_a_time) as pool:
            list(pool.map(lambda path: self._one(path, os.environ | {"PATH": paths}), self.notebooks))

    def _one(self, path: Path, environment: dict[str, str]) -> None:
        output = str(self.folder / path.name)
        command = [sys.executable, "-m", "papermill", str(path), output, "--cwd", str(path.parent)]
        run([*command, "--no-progress-bar"], environment)


def main() -> int:
    """Measure, print two tables, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="measured runs of `workbench run` (5)")
    parser.add_argument("--peer-runs", type=int, default=1, help="of them, how many with papermill beside (1)")
    parser.add_argument("--out", type=Path, default=OUT, help="where the result is kept")
    parser.add_argument("--enforce", action="store_true", help="exit code 1 when the target is missed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, hold_services("auto", print) as engine:
        suite = Suite(find_notebooks(), Path(folder))
        suite.warm()
        for number in range(given.runs):
            suite.round(peers=number < given.peer_runs)
    median = statistics.median(each.wall for each in suite.taken[WORKBENCH])
    said, met = verdict("The suite, warm, median", median, TARGET_SECONDS)
    title = f"{len(suite.notebooks)} notebooks on {engine}. {machine()}"
    Report(title, [_comparison(suite.taken), _shares(suite.shares)], said).keep("suite", given.out)
    return int(given.enforce and not met)


def _comparison(taken: dict[str, list[Measure]]) -> Table:
    base = statistics.median(each.wall for each in taken[WORKBENCH])
    rows = []
    for name, measures in taken.items():
        if measures:
            walls, cpu = [each.wall for each in measures], statistics.median(each.cpu for each in measures)
            wall = statistics.median(walls)
            spread = f"{min(walls):.1f} to {max(walls):.1f}"
            rows.append([name, str(len(walls)), f"{wall:.1f}", spread, f"{wall / base:.1f}", f"{cpu:.1f}"])
    return ["way", "runs", "median s", "range s", "ratio", "CPU s"], rows


def _shares(shares: dict[str, list[float]]) -> Table:
    medians = {name: statistics.median(seconds) for name, seconds in shares.items()}
    total = sum(medians.values())
    rows = [[name, f"{seconds:.2f}", f"{seconds / total:.0%}"] for name, seconds in medians.items()]
    return ["notebook", "median s", "share"], rows


if __name__ == "__main__":
    sys.exit(main())
