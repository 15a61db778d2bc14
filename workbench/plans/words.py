"""A plan as a few lines of text: what the REPL and a notebook without HTML show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.plans.plan import Plan

MOST_LINES = 6


def plan_text(plan: Plan) -> str:
    """Return the compact, deterministic text of a plan."""
    return "\n".join(f"  {name:<9} {value}" if name else value for name, value in plan_lines(plan))


def plan_lines(plan: Plan) -> list[tuple[str, str]]:
    """Return what the text says as (name, value), the headline first, without a name."""
    pattern = plan.pattern
    lines = [("", f"{pattern.name}: {target_text(plan)}")]
    lines += [("key" if not plan.steps else "does", line) for line in shortened(plan.key_conditions)]
    lines += [("filter", f"{line} (read first, paid for, then dropped)") for line in plan.filters]
    lines += [("update", line) for line in distinct(step.update for step in plan.steps)]
    lines += [("only if", line) for line in distinct(step.condition for step in plan.steps)]
    lines += [(name, value) for name, value in _paging(plan) if value]
    if pattern.projection:
        lines.append(("returns", ", ".join(pattern.projection)))
    if len(plan.requests) != 1:
        lines.append(("requests", str(len(plan.requests))))
    lines += [("waits for", f"lookup {lookup.name} ({lookup.source.path})") for lookup in plan.unresolved]
    return lines


def target_text(plan: Plan) -> str:
    """Return operation, table and index: ``Query on messages, index by-group``."""
    pattern = plan.pattern
    tables = list(dict.fromkeys(step.table for step in plan.steps)) or [pattern.table]
    index = f", index {pattern.index}" if pattern.index else ""
    return f"{pattern.operation} on {', '.join(tables)}{index}"


def shortened(lines: tuple[str, ...]) -> list[str]:
    """Return the first lines, and how many more there are."""
    if len(lines) <= MOST_LINES:
        return list(lines)
    return [*lines[: MOST_LINES - 1], f"... and {len(lines) - MOST_LINES + 1} more"]


def distinct(lines: Iterable[str]) -> tuple[str, ...]:
    """Return each line once, without empty ones, and not too many."""
    return tuple(shortened(tuple(dict.fromkeys(line for line in lines if line))))


def _paging(plan: Plan) -> list[tuple[str, str]]:
    if not plan.pages:
        return []
    order = plan.pattern.order if plan.pattern.operation == "Query" else ""
    return [
        ("order", order),
        ("limit", f"{plan.limit} items read a page" if plan.limit else ""),
        ("from", "where the cursor points" if plan.cursor else ""),
    ]
