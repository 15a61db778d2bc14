"""Plans and their explanations: what is key and what is filter, the request itself, the price to expect."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from workbench.plans.words import plan_lines
from workbench.show.description import Block, Cell, Code, Description, Facts, Line, Tone

if TYPE_CHECKING:
    from workbench.plans import Explanation, Plan, Request

MOST_REQUESTS = 3
_CODE = ("key", "filter", "update", "only if", "returns")


def describe_plan(plan: Plan) -> Description:
    """Return a plan: what its text says, and its requests behind a fold."""
    (_, head), *lines = plan_lines(plan)
    title, _, lead = head.partition(": ")
    return Description("plan", f"{title}:", (_facts(lines), *_requests(plan.requests, folded=True)), lead=lead)


def describe_explanation(explanation: Explanation) -> Description:
    """Return an explanation: what is looked up and what is only filtered, the price, what to know, the request."""
    notes: list[Block] = [Line(note, "warning") for note in explanation.notes]
    blocks: tuple[Block, ...] = (
        _facts(explanation.lines()),
        *notes,
        *_requests(explanation.requests, folded=False),
    )
    marks = (Cell(explanation.operation),)
    return Description("explanation", explanation.pattern, blocks, marks, lead=explanation.question)


def _facts(lines: Iterable[tuple[str, str]]) -> Facts:
    groups = groupby(lines, key=lambda line: line[0])
    return Facts(tuple((name, tuple(_cell(name, words) for _, words in group)) for name, group in groups))


def _cell(name: str, words: str) -> Cell:
    """Return one line; the remark in brackets that ends a key or a filter stands apart from the condition."""
    condition, bracket, note = words.rpartition(" (")
    if name in ("key", "filter", "price") and bracket and words.endswith(")"):
        return Cell(condition, _tone(name), note=note[:-1])
    return Cell(words, _tone(name))


def _tone(name: str) -> Tone:
    return "code" if name in _CODE else ""


def _requests(requests: tuple[Request, ...], *, folded: bool) -> list[Block]:
    shown: list[Block] = [
        Code(request.code(), "request" if len(requests) == 1 else f"request {at}", folded=folded)
        for at, request in enumerate(requests[:MOST_REQUESTS], start=1)
    ]
    more = len(requests) - len(shown)
    return [*shown, *([Line(f"… and {more} more requests", "muted")] if more > 0 else [])]
