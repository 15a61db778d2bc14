"""The tables and charts of docs/performance.md, made of the rounds that were measured and of nothing else.

`python -m benchmarks.document` takes the records under --out into benchmarks/results, which is committed, and writes
the page anew between its marks. --check writes nothing, and fails when the page is not what the records give.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd

from benchmarks import targets
from benchmarks.measurement import Record, load, path_of
from benchmarks.measuring import OUT, ROOT, Report, table
from benchmarks.parts import PARTS, Case, Part, cases
from benchmarks.summary import figures
from benchmarks.trials import Run, summaries
from workbench.show import chart

__all__ = ["blocks", "charts", "marks", "page", "records", "text"]

PAGE = ROOT / "docs" / "performance.md"
IMAGES = ROOT / "docs" / "images"
RESULTS = Path(__file__).parent / "results"
REPORTS = ("first_cell", "suite", "exactness")
NOTHING = "Nothing has been measured yet."
CHARTS = {
    "reading.svg": ("Reading: times boto3's resource", {"messages": "reading-messages", "wide": "reading-wide"}),
    "writing.svg": ("Writing: times batch_writer", {"no latency": "writing", "10 ms": "writing-latency"}),
}
Records = Mapping[tuple[str, str], Record]


def records(folder: Path) -> dict[tuple[str, str], Record]:
    """Return the records of a folder whose part and case there are, by both names, in the order of the parts."""
    paths = {(part.name, case.name): path_of(folder, part.name, case.name) for part, case in cases([])}
    return {names: load(path) for names, path in paths.items() if path.exists()}


def blocks(folder: Path) -> dict[str, str]:
    """Return what stands between the page's marks, by the marks' names, made of the results in a folder."""
    paths = {name: folder / f"{name}.json" for name in REPORTS}
    told = {name: Report.load(path).text() if path.exists() else NOTHING for name, path in paths.items()}
    return told | {"items": text(records(folder))}


def text(found: Records) -> str:
    """Return what is said of reading and writing items: the targets, then a section for each part that was measured."""
    if not found:
        return NOTHING
    sections = (_section(part, found) for part in PARTS.values())
    return "\n".join([_targets(found), *_pictures(found), *filter(None, sections)]).strip()


def _targets(found: Records) -> str:
    told = targets.findings({(each.part, each.case): () for each in targets.TARGETS} | _rounds(found))
    head = ["target", "bound", "measured", "verdict"]
    return f"### Targets\n\n{table(head, [each.row() for each in told])}\n"


def _rounds(found: Records) -> dict[tuple[str, str], Sequence[Sequence[Run]]]:
    return {names: record.rounds for names, record in found.items()}


def _pictures(found: Records) -> Iterator[str]:
    for name, picture in charts(found).items():
        yield f"![{picture[0]}](images/{name})\n"


def charts(found: Records) -> dict[str, tuple[str, str]]:
    """Return title and SVG of each chart that there are figures for, by file name."""
    made = {}
    for name, (title, parts) in CHARTS.items():
        bars = pd.DataFrame([bar for label, part in parts.items() for bar in _bars(label, part, found)])
        if len(bars):
            drawn = chart(bars, x="way", y="ratio", by="what", kind="bar", title=title, x_title="", y_title="times")
            made[name] = (title, drawn.svg)
    return made


def _bars(label: str, part: str, found: Records) -> Iterator[dict[str, object]]:
    """A bar for each way of the part's largest case that was measured, the floor left out: it would hide the others."""
    measured = [case for case in PARTS[part].cases if (part, case.name) in found and case.name.startswith(_first(part))]
    if not measured:
        return
    case = measured[-1]
    what = case.name if label in case.name else f"{case.name}, {label}"
    for each in summaries(found[part, case.name].rounds, case.ways, case.base):
        if each.ratio is not None and not each.way.startswith("floor"):
            yield {"way": each.way, "ratio": Decimal(f"{each.ratio:.2f}"), "what": what}


def _first(part: str) -> str:
    return PARTS[part].cases[0].kind


def _section(part: Part, found: Records) -> str:
    measured = [case for case in part.cases if (part.name, case.name) in found]
    if not measured:
        return ""
    told = [_told(found[part.name, case.name], case) for case in measured]
    command = f"python -m benchmarks --only {part.name}"
    return "\n".join([f"### {part.title}\n", f"`{command}`\n", *told])


def _told(record: Record, case: Case) -> str:
    about = record.about
    rounds = f"{len(record.rounds)} round{'s' * (len(record.rounds) > 1)}"
    where = (
        f"{case.name}, {rounds} on {about['date']}; {about['cores']} cores, {about['system']}, "
        f"Python {about['python']}, load average {about['load']} at the end."
    )
    return f"{where}\n\n{figures(record, case)}\n"


def page(before: str, made: Mapping[str, str]) -> str:
    """Return the page with each text of ``made`` between the marks of its name; ValueError where there are none."""
    for name, content in made.items():
        begin, end = marks(name)
        head, found, rest = before.partition(begin)
        _, ended, tail = rest.partition(end)
        if not found or not ended:
            raise ValueError(f"the page needs the two marks {begin} and {end}")
        before = f"{head}{begin}\n\n{content}\n\n{end}{tail}"
    return before


def marks(name: str) -> tuple[str, str]:
    """Return what stands before and after what is made, in the page."""
    return f"<!-- {name}: made by python -m benchmarks.document -->", f"<!-- {name}: end -->"


def main() -> int:
    """Write page and charts, or compare them, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT, help="where rounds were kept")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when the page is another one")
    given = parser.parse_args()
    if not given.check:
        _take(given.out)
    found = records(RESULTS)
    wanted = {PAGE: page(PAGE.read_text(encoding="utf-8"), blocks(RESULTS))}
    wanted |= {IMAGES / name: svg for name, (_, svg) in charts(found).items()}
    if given.check:
        other = [path.name for path, content in wanted.items() if not _holds(path, content)]
        print("\n".join(f"{name} is not what benchmarks/results gives" for name in other))
        return int(bool(other))
    for path, content in wanted.items():
        path.write_text(content, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(found)} cases")
    return 0


def _holds(path: Path, content: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == content


def _take(folder: Path) -> None:
    RESULTS.mkdir(exist_ok=True)
    paths = [path_of(folder, part.name, case.name) for part, case in cases([])]
    for path in [*paths, *(folder / f"{name}.json" for name in REPORTS)]:
        if path.exists():
            shutil.copy(path, RESULTS)


if __name__ == "__main__":
    sys.exit(main())
