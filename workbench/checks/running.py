"""Runs the examples of a model: reads share one fresh store, every write has one of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

from workbench.checks.examples import check_example
from workbench.checks.report import ExampleReport, Report
from workbench.checks.verdicts import Verdict

if TYPE_CHECKING:
    from workbench.model import Model, Pattern
    from workbench.results import Session

OpenSession = Callable[[], "AbstractContextManager[Session]"]
Progress = Callable[[ExampleReport], None]


def check_model(
    model: Model,
    open_session: OpenSession,
    *,
    patterns: Sequence[str] | None = None,
    progress: Progress | None = None,
    engine: str = "",
) -> Report:
    """Return the verdicts on every example of the model, or of the named patterns, in the order of the file.

    ``open_session`` gives a session in a fresh, seeded store for as long as a ``with`` block runs. ``progress`` is
    called with each example as it is done. ``engine`` is the title that heads the report where no example ran; else the
    session's engine says its own. An engine or database that can't be reached raises UnreachableError: that
    is no verdict on the model. Patterns without examples are bad verdicts of the coverage.
    """
    chosen = [model.pattern(name) for name in patterns] if patterns is not None else list(model.patterns.values())
    title = [engine]
    done: list[ExampleReport] = []
    for report in _run(chosen, open_session, title):
        done.append(report)
        if progress is not None:
            progress(report)
    return Report(model.name, title[0], tuple(done), tuple(_coverage(pattern) for pattern in chosen))


def _run(patterns: Sequence[Pattern], open_session: OpenSession, title: list[str]) -> Iterator[ExampleReport]:
    with ExitStack() as stack:
        shared: Session | None = None
        for pattern in patterns:
            for example in pattern.examples.values():
                if pattern.writes:
                    with open_session() as session:
                        title[0] = _title(session)
                        yield check_example(session, pattern, example)
                else:
                    shared = shared or stack.enter_context(open_session())
                    title[0] = _title(shared)
                    yield check_example(shared, pattern, example)


def _title(session: Session) -> str:
    return str(getattr(session.engine, "title", "") or session.engine.name)


def _coverage(pattern: Pattern) -> Verdict:
    count = len(pattern.examples)
    missing = "none, so nothing proves the pattern; add `examples: {NAME: {arguments: ..., expect: ...}}`"
    return Verdict("coverage", pattern.name, "", count > 0, str(count) if count else missing, "examples")
