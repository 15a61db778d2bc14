"""The requests of a plan as steps that an earlier run may have done in part: what is done is not done again.

A step that fails its condition does not end the run: the items of a long fan-out move on while it runs, and the other
steps are due all the same. Such steps stay undone, and the run ends in an error that names them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import RequestError
from workbench.results.answers import Answer, Found
from workbench.results.backoff import Backoff
from workbench.results.failures import is_unmet
from workbench.results.gets import images
from workbench.results.receipts import counted
from workbench.results.settled import settled
from workbench.results.touches import touches
from workbench.results.writes import Refusal, write

if TYPE_CHECKING:
    from workbench.plans import Plan
    from workbench.results.session import Session

__all__ = ["Steps", "step_by_step"]

_NAMED = 3


@dataclass(frozen=True)
class Steps:
    """Which requests of a plan are done, by number from 0, and whom to tell when one more is done for good."""

    done: frozenset[int]
    mark: Callable[[int], None]


def step_by_step(session: Session, plan: Plan, steps: Steps, backoff: Backoff) -> tuple[Answer, RequestError | None]:
    """Send the requests that are not done, in order, and return what they did and the error for those refused.

    A request that may have been sent before is sent again; where its condition then fails since its work is done, it
    counts as done. Any other failure ends the run at once.
    """
    total, name = _earlier(session, plan, steps, backoff), plan.pattern.name
    refused: list[tuple[int, RequestError]] = []
    for number, request in enumerate(plan.requests):
        if number in steps.done:
            continue
        try:
            total += write(session, request, name, backoff)
        except Refusal as refusal:
            total += refusal.answer
            if not is_unmet(refusal.error):
                raise _stopped(refusal.error, number, len(plan.requests)) from refusal.error.__cause__
            done = settled(session, request, name, backoff)
            if done is None:
                refused.append((number, refusal.error))
                continue
            total += Answer(found=done, notes=("a step was sent twice and had been done by the first",))
        steps.mark(number)
    return total, _refusals(name, refused, len(plan.requests)) if refused else None


def _earlier(session: Session, plan: Plan, steps: Steps, backoff: Backoff) -> Answer:
    """Return the items of the steps that were done before, as they are now, where reading them costs nothing."""
    if not steps.done:
        return Answer()
    note = f"{len(steps.done)} of {counted(len(plan.requests), 'step')} were done by an earlier run"
    if not session.engine.is_near:
        return Answer(notes=(f"{note}; their items are not in this result",))
    wanted = [
        touch
        for number in sorted(steps.done)
        for touch in touches(plan.requests[number], session.model)
        if touch.kind != "check"
    ]
    stored = images(session, wanted, plan.pattern.name, backoff)
    found = {touch.place: Found(touch.table, stored[touch.place]) for touch in wanted if touch.place in stored}
    return Answer(found=tuple(found.values()), notes=(note,))


def _stopped(error: RequestError, number: int, count: int) -> RequestError:
    message = f"{error} This was step {number + 1} of {count}; run it again with the same journal to go on."
    return RequestError(message, code=error.code, operation=error.operation)


def _refusals(name: str, refused: list[tuple[int, RequestError]], count: int) -> RequestError:
    shown = "\n".join(f"  step {number + 1}: {error}" for number, error in refused[:_NAMED])
    more = f"\n  ... and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
    first = refused[0][1]
    return RequestError(
        f"{name}: {len(refused)} of {counted(count, 'step')} found their condition unmet, the others are done. Items "
        f"moved or went since the journal was begun; run it again with a new journal, which looks them up anew:\n"
        f"{shown}{more}",
        code=first.code,
        operation=first.operation,
    )
