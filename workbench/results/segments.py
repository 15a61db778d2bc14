"""Segments: a Scan read side by side in threads, put together in the order of the segments' numbers.

On DynamoDB Local a segment is a range of the serial scan, so that the segments one after another are in its order. AWS
promises no order of segments, and moto's are no ranges: there it is segment after segment, each in its own order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from workbench.errors import UsageError
from workbench.frames import Pipeline, page_size
from workbench.plans import Plan, Request
from workbench.results.answers import Answer
from workbench.results.pages import AskedPage, ask, summed

if TYPE_CHECKING:
    from workbench.results.session import Session

__all__ = ["MOST_SEGMENTS", "WAKEABLE_SECONDS", "Pace", "in_segments", "of_segment", "read_segments"]

T = TypeVar("T")
MOST_SEGMENTS = 1_000_000  # AWS's bound of TotalSegments
AT_ONCE = 16  # requests in flight, however many segments there are
WAKEABLE_SECONDS = 3600  # Ctrl-C ends a wait that has a bound. One without sleeps on once polars has set its SA_RESTART
FULL_PAGE = 128.5  # units of 1 MB and a last item, read with eventual consistency


class Pace(Protocol):
    """What keeps reading under a ceiling of units a second, such as ``bulk.Ceiling``."""

    def take(self, units: float, sleep: Callable[[float], object] | None = None) -> float:
        """Wait by ``sleep`` until so many units may be spent."""

    def settle(self, taken: float, consumed: float) -> None:
        """Put right what was taken by what was consumed."""


def in_segments(segments: int, work: Callable[[int, threading.Event], T]) -> list[T]:
    """Return what ``work`` gives for each segment, the first being 0, in their order; several run at once.

    The first error stops all, each at its next page, and is raised with the number of its segment before its words.
    ``work`` is handed the event that says so. UsageError for a number of segments that no Scan has.
    """
    if isinstance(segments, bool) or not isinstance(segments, int) or not 1 <= segments <= MOST_SEGMENTS:
        raise UsageError(f"segments={segments!r}: a Scan has from 1 to {MOST_SEGMENTS:,} segments")
    stop, failed = threading.Event(), _First()
    with ThreadPoolExecutor(min(segments, AT_ONCE), thread_name_prefix="segment") as threads:
        running: list[Future[T]] = []
        try:
            running = [threads.submit(_guarded, work, each, segments, stop, failed) for each in range(segments)]
            unended = set(running)
            while unended and failed.error is None:
                unended = wait(unended, WAKEABLE_SECONDS, FIRST_EXCEPTION).not_done
        except BaseException:  # the list may have been left half-made, with segments that run
            stop.set()
            raise
        finally:
            if any(not each.done() or each.exception() for each in running):
                stop.set()
            threads.shutdown(wait=True, cancel_futures=True)
    if failed.error is not None:
        raise failed.error
    return [each.result() for each in running]


class _First:
    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.lock = threading.Lock()


def _guarded(
    work: Callable[[int, threading.Event], T], segment: int, segments: int, stop: threading.Event, failed: _First
) -> T:
    try:
        return work(segment, stop)
    except BaseException as error:
        with failed.lock:
            if failed.error is None:
                failed.error = error
                if segments > 1:
                    _say_which(error, f"segment {segment} of {segments}")
        stop.set()
        raise


def _say_which(error: BaseException, place: str) -> None:
    if error.args and isinstance(error.args[0], str):
        error.args = (f"{place}: {error.args[0]}", *error.args[1:])
    else:
        error.add_note(place)


def of_segment(request: Request, segment: int, segments: int) -> Request:
    """Return a Scan's request for one of its segments."""
    return replace(request, kwargs={**request.kwargs, "Segment": segment, "TotalSegments": segments})


@dataclass
class Budget:
    """So many pages for all segments together."""

    left: int

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Return whether one more page may be read, and count it."""
        with self._lock:
            self.left -= 1
            return self.left >= 0


def read_segments(
    session: Session, plan: Plan, segments: int, pages: int, pace: Pace | None = None
) -> tuple[Answer, tuple[int, ...]]:
    """Return the answer of a Scan read in segments, and the segments that the bound of ``pages`` kept from their end.

    The answer is in the order of the segments, each in its own order.
    """
    budget = Budget(pages)
    with Pipeline(page_size) as pipeline:
        found = in_segments(
            segments, lambda segment, stop: _segment(session, plan, (segment, segments), budget, pace, pipeline, stop)
        )
    unended = tuple(number for number, (_, ended) in enumerate(found) if not ended)
    total = Answer()
    for answer, _ in found:
        total += answer
    return replace(total, last_key=None), unended


def _segment(
    session: Session,
    plan: Plan,
    which: tuple[int, int],
    budget: Budget,
    pace: Pace | None,
    shared: Pipeline,
    stop: threading.Event,
) -> tuple[Answer, bool]:
    asked: list[AskedPage] = []
    request, ended = of_segment(plan.request, *which), False
    expected = FULL_PAGE * (2 if request.kwargs.get("ConsistentRead") else 1)
    pipeline = Pipeline(page_size, beside=shared)
    while not ended and not stop.is_set() and budget.take():
        if pace is not None:
            pace.take(expected, stop.wait)
            if stop.is_set():
                break
        each = ask(session, request, plan.pattern.name)
        if pace is not None and each.reported is not None:
            pace.settle(expected, float(each.reported.total))
            expected = float(each.reported.total)
        asked.append(each)
        pipeline.add(each.items, last=False)
        ended = each.last_key is None
        request = replace(request, kwargs={**request.kwargs, "ExclusiveStartKey": each.last_key})
    return summed(asked, pipeline.results()), ended
