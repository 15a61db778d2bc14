"""Measure the workbench beside boto3 and the libraries, in rounds, and say which of the issue's targets are met.

What is measured is kept under --out after every round, so that a run that was stopped goes on where it was; --fresh
begins anew. `python -m benchmarks.document` makes the tables and the chart of docs/performance.md from it.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks import targets
from benchmarks.measurement import Record, measure, path_of
from benchmarks.measuring import OUT, machine, table
from benchmarks.parts import PARTS, Case, Part, cases
from benchmarks.summary import figures
from benchmarks.trials import WrongAnswerError


def main() -> int:
    """Measure, print a table a case and the targets, and return the exit code."""
    given = _arguments()
    if given.list:
        print("\n".join(f"{part.name}:{case.name}" for part in PARTS.values() for case in part.cases))
        return 0
    try:
        chosen = list(cases(given.only))
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    ends = time.monotonic() + given.minutes * 60 if given.minutes else float("inf")
    records = []
    for part, case in chosen:
        if given.fresh:
            path_of(given.out, part.name, case.name).unlink(missing_ok=True)
        try:
            records.append(_measured(part, case, given, ends))
        except WrongAnswerError as error:
            print(f"REFUSED. {part.name}:{case.name}: {error}", file=sys.stderr)
            return 1
    found = targets.findings({(record.part, record.case): record.rounds for record in records})
    print(f"{machine()}\n")
    print(table(["target", "bound", "measured", ""], [each.row() for each in found]))
    return int(given.enforce and not all(each.met for each in found))


def _measured(part: Part, case: Case, given: argparse.Namespace, ends: float) -> Record:
    record = measure(
        part.name,
        case,
        given.out,
        rounds=given.rounds,
        until=lambda: time.monotonic() > ends,
        say=lambda text: print(text, file=sys.stderr, flush=True),
    )
    if len(record.rounds) < given.rounds:
        print(f"{part.name}:{case.name} has {len(record.rounds)} of {given.rounds} rounds; the same command goes on.")
    print(f"\n{part.title}: {case.name}, {len(record.rounds)} rounds\n\n{figures(record, case)}\n", flush=True)
    return record


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="PART[:CASE]", help="a part or a case; may be given again (all)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds a case (5)")
    parser.add_argument("--minutes", type=float, help="begin no round after so many minutes")
    parser.add_argument("--fresh", action="store_true", help="forget the rounds kept before")
    parser.add_argument("--out", type=Path, default=OUT, help="where rounds are kept")
    parser.add_argument("--enforce", action="store_true", help="exit code 1 when a target is missed")
    parser.add_argument("--list", action="store_true", help="name the parts and cases, and measure nothing")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
