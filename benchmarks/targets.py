"""What the issue asks for, in one table: which figure, where it stands, and how much it must be at least or at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import writing
from benchmarks.reading import OURS
from benchmarks.trials import Run, ratios

__all__ = ["TARGETS", "Finding", "Target", "findings"]

Rounds = Sequence[Sequence[Run]]


@dataclass(frozen=True)
class Target:
    """One line of "It is done when": ``figure``, median of the rounds, must be at least or at most so much."""

    part: str
    case: str
    says: str
    figure: Callable[[Rounds], list[float]]
    least: float | None = None
    most: float | None = None

    def met(self, figure: float) -> bool:
        """Whether a figure is good enough."""
        return (self.least is None or figure >= self.least) and (self.most is None or figure <= self.most)

    @property
    def wanted(self) -> str:
        """The bound in words."""
        return f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"


def _times(way: str, base: str) -> Callable[[Rounds], list[float]]:
    return lambda rounds: ratios(rounds, way, base)


def _times_fastest_rival(rounds: Rounds) -> list[float]:
    """Seconds of the round's fastest rival over ours."""
    found = []
    for runs in rounds:
        seconds = {run.way: run.seconds for run in runs if run.seconds}
        rivals = [taken for way, taken in seconds.items() if way not in writing.OURS]
        if rivals and "workbench" in seconds:
            found.append(min(rivals) / seconds["workbench"])
    return found


def _memory(rounds: Rounds) -> list[float]:
    return [1 / each for each in ratios(rounds, "workbench", "boto3 resource", "memory")]


def _cost_of_an_item(rounds: Rounds) -> list[float]:
    """Seconds an item of a million over those of ten thousand."""
    found = []
    for runs in rounds:
        cost = {run.way: run.seconds / run.rows for run in runs if run.seconds and run.rows}
        if len(cost) == 2:
            found.append(cost["1,000,000 items"] / cost["10,000 items"])
    return found


def _reading_targets() -> Iterator[Target]:
    for kind, part in (("messages", "reading-messages"), ("wide", "reading-wide")):
        for pages in (20, 120):
            case = f"{kind}-{pages}"
            yield Target(
                part, case, f"{kind}, {pages} pages: times boto3's resource", _times("workbench", "boto3 resource"), 12
            )
            if kind == "messages":
                yield Target(
                    part, case, f"{kind}, {pages} pages: times awswrangler", _times("workbench", "awswrangler"), 12
                )
        yield from _small_targets(kind)


def _small_targets(kind: str) -> Iterator[Target]:
    """Each way of ours against each of boto3's: a small result is never slower, whatever form it is wanted in."""
    for way in OURS:
        for base in ("boto3 resource", "boto3 client"):
            form = way.removeprefix("workbench")
            says = f"{kind}, one page of 20 items{form}: times {base}"
            yield Target("reading-small", f"{kind}-small", says, _times(way, base), 1)


TARGETS: tuple[Target, ...] = (
    *_reading_targets(),
    Target("reading-messages", "messages-120", "memory of 120 pages: part of boto3's", _memory, most=0.5),
    Target(
        "segments",
        "messages-120",
        "two segments on two cores: times one on one core",
        _times("two segments", "one segment on one core"),
        1.4,
    ),
    Target(
        "segments",
        "messages-120-latency",
        "two segments at 30 ms a page: times one",
        _times("two segments", "one segment"),
        1.4,
    ),
    Target(
        "segments",
        "messages-120",
        "two segments: times one that uses both cores too",
        _times("two segments", "one segment"),
        1.4,
    ),
    Target("scaling", "messages", "an item of 1,000,000: times one of 10,000", _cost_of_an_item, most=1.2),
    *(
        Target("writing", case, f"writing {what}: times batch_writer", _times("workbench", "boto3 batch_writer"), 8)
        for case, what in (("messages-20000", "messages"), ("wide-5000", "wide items"))
    ),
    Target(
        "writing-latency",
        "messages-10000",
        "writing at 10 ms a request: times batch_writer",
        _times("workbench", "boto3 batch_writer"),
        12,
    ),
    Target(
        "writing-on-local", "messages-no-index", "on DynamoDB Local: times its fastest rival", _times_fastest_rival, 1
    ),
    Target(
        "writing-on-local", "messages-one-index", "with one index: times its fastest rival", _times_fastest_rival, 1
    ),
)


@dataclass(frozen=True)
class Finding:
    """A target beside what was measured; ``figure`` is None where there is nothing to tell it from."""

    target: Target
    figure: float | None

    @property
    def met(self) -> bool:
        """Whether the target is met; a figure that is not there is not good enough."""
        return self.figure is not None and self.target.met(self.figure)

    def row(self) -> list[str]:
        """Return the target, its bound, the figure and the verdict as words."""
        figure = "not measured" if self.figure is None else f"{self.figure:.2f}"
        return [self.target.says, self.target.wanted, figure, "met" if self.met else "MISSED"]


def findings(measured: Mapping[tuple[str, str], Rounds]) -> list[Finding]:
    """Return a finding for each target whose part and case were measured."""
    import statistics

    found = []
    for target in TARGETS:
        if (target.part, target.case) in measured:
            figures: list[Any] = target.figure(measured[target.part, target.case])
            found.append(Finding(target, statistics.median(figures) if figures else None))
    return found
