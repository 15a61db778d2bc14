"""A case's rounds as a table of figures: what a reader sees, in the terminal and in the document."""

from __future__ import annotations

from benchmarks.measurement import Record
from benchmarks.measuring import table
from benchmarks.parts import Case
from benchmarks.trials import Summary, summaries

__all__ = ["figures", "head", "rows"]

HEAD = ("way", "median s", "range s", "CPU s", "items/s", "ratio", "exact")
MEMORY = ("peak MB", "of base")


def figures(record: Record, case: Case) -> str:
    """Return a Markdown table, one row a way."""
    return table(head(case), rows(record, case))


def head(case: Case) -> list[str]:
    """Return the columns of a case; memory is told of readers only, for a writer holds its items before it starts."""
    return [*HEAD, *(MEMORY if case.task == "read" else ())]


def rows(record: Record, case: Case) -> list[list[str]]:
    """Return one row of words a way in the case's order; a way that raised says what, and has no figures."""
    found = {each.way: each for each in summaries(record.rounds, case.ways, case.base)}
    return [_row(way, found.get(way), record.checks.get(way, {}), case) for way in case.ways]


def _row(way: str, summary: Summary | None, check: dict[str, object], case: Case) -> list[str]:
    error = check.get("error") or (summary.error if summary else "not measured")
    if error or summary is None or summary.seconds is None or summary.rows is None:
        said = str(error).partition(":")[0]
        return [way, said if said == "not measured" else f"raises {said}", *["–"] * (len(head(case)) - 2)]
    exact = check.get("exact")
    return [
        way,
        _seconds(summary.seconds),
        f"{_seconds(summary.shortest)} to {_seconds(summary.longest)}",
        _seconds(summary.cpu),
        f"{summary.rows / summary.seconds:,.0f}",
        _ratio(summary, case),
        "–" if not isinstance(exact, float) else f"{exact:.0%}",
        *(_memory(summary) if case.task == "read" else ()),
    ]


def _memory(summary: Summary) -> list[str]:
    part = "–" if summary.memory_ratio is None else f"{summary.memory_ratio:.2f}"
    return [f"{(summary.memory or 0) / 1e6:.0f}", part]


def _seconds(seconds: float | None) -> str:
    """Three digits, and no more precision than that."""
    return "–" if seconds is None else f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"


def _ratio(summary: Summary, case: Case) -> str:
    if summary.ratio is None:
        return "–"
    if case.per_item:  # other numbers of items: the ratio of the whole says nothing
        return f"{summary.seconds / summary.rows * 1e6:.2f} µs an item" if summary.seconds and summary.rows else "–"
    return f"{summary.ratio:.2f}" if summary.ratio < 10 else f"{summary.ratio:.1f}"
