"""What every benchmark says the same way: the machine, the command, a Markdown table, and whether a target was met."""

from __future__ import annotations

import json
import os
import platform
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.notebooks.pool import cores

__all__ = ["OUT", "ROOT", "Measure", "Report", "command", "machine", "measured", "run", "table", "verdict"]

ROOT = Path(__file__).parents[1]
OUT = ROOT / "runs" / "benchmarks"  # where what was measured is kept until the document takes it


@dataclass(frozen=True)
class Measure:
    """One measured run. Both in seconds; ``cpu`` is user and system time of the processes that it started."""

    wall: float
    cpu: float


def measured(work: Callable[[], None]) -> Measure:
    """Do the work once and return what it took. Servers that were up before are not in ``cpu``."""
    cpu, wall = _children_cpu(), time.perf_counter()
    work()
    return Measure(time.perf_counter() - wall, _children_cpu() - cpu)


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return its stdout; SystemExit with its last lines when it fails."""
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()[-15:]
        sys.exit("\n".join([f"exit code {done.returncode}: {shlex.join(arguments)}", *lines]))
    return done.stdout


def machine() -> str:
    """Return a line on the machine as it is now: cores, load, Python, and the command that was typed."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"{cores()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"load average {load:.1f} at the end of the measure. `{command()}`"
    )


def command() -> str:
    """Return what was typed, as it is typed in the project's folder."""
    path = Path(sys.argv[0])
    module = "benchmarks" if path.stem == "__main__" else f"benchmarks.{path.stem}"
    return shlex.join(["python", "-m", module, *sys.argv[1:]])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is text, the others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdict(what: str, seconds: float, target: float) -> tuple[str, bool]:
    """Return a sentence on whether a target in seconds was met, and whether it was."""
    met = seconds < target
    return f"{what}: {seconds:.2f} s, target under {target:g} s: {'met' if met else 'MISSED'}.", met


@dataclass(frozen=True)
class Report:
    """What a benchmark has to say: a line, tables with their heads, and a verdict. The document is made of its JSON."""

    title: str
    tables: Sequence[tuple[Sequence[str], Sequence[Sequence[str]]]]
    verdict: str = ""

    def text(self) -> str:
        """Return it as Markdown."""
        return "\n\n".join(
            [self.title, *(table(head, rows) for head, rows in self.tables), *filter(None, [self.verdict])]
        )

    def keep(self, name: str, folder: Path) -> None:
        """Print it, and write it to ``folder`` under a name."""
        print(self.text())
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(
            json.dumps(vars(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    @staticmethod
    def load(path: Path) -> Report:
        """Return the report of a file."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return Report(content["title"], [(head, rows) for head, rows in content["tables"]], content["verdict"])
