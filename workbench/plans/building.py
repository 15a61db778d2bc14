"""Building a plan: a pattern and its arguments -> exact requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import ModelError, UsageError
from workbench.model import Model, Parameter, Pattern
from workbench.plans.arguments import check_arguments, limit_of
from workbench.plans.batches import KINDS, requests_of
from workbench.plans.clock import Clock
from workbench.plans.cursors import read_cursor, start_key
from workbench.plans.plan import Plan, Rows
from workbench.plans.reads import filter_words, get_by_key, key_parts, query, scan_request
from workbench.plans.requests import Request
from workbench.plans.scope import Scope, check_rows
from workbench.plans.steps import steps_of


def build(
    model: Model,
    pattern: Pattern | str,
    arguments: Mapping[str, Any] | None = None,
    *,
    rows: Rows | None = None,
    clock: Clock | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Plan:
    """Return the plan of a pattern with arguments; no I/O.

    ``rows`` are the rows of its lookups by name; lookups that are not in it make the plan unresolved. ``clock`` gives
    ``$now`` and ``$uuid`` (the system's unless given). ``cursor`` continues where an earlier page ended. ``limit``
    overrides the pattern's. Raises ArgumentError, ModelError, KeyTemplateError, ItemError or LookupFailedError.
    """
    pattern = model.pattern(pattern) if isinstance(pattern, str) else pattern
    _refuse_paging(pattern, cursor, limit)
    content = read_cursor(pattern, cursor) if cursor is not None else None
    given = {**(content["made"] if content else {}), **(arguments or {})}
    canonical = check_arguments(pattern, given, clock or Clock.system())
    known = rows or {}
    check_rows(pattern, known, canonical)
    scope = Scope(pattern, canonical, known)
    plan = _planned(model, pattern, scope, limit)
    if content is None:
        return plan
    return plan.after(start_key(model, pattern, canonical, content))


def scan(
    model: Model,
    table: str,
    index: str | None = None,
    *,
    filter: str | None = None,  # noqa: A002 (the word that a model file has)
    arguments: Mapping[str, Any] | None = None,
    projection: tuple[str, ...] = (),
    limit: int | None = None,
    consistent: bool = False,
    cursor: str | None = None,
) -> Plan:
    """Return the plan of a Scan, asked for by name: it reads the whole table or index, page by page.

    ``filter`` may name ``{arguments}``, which here have the type of their value.
    """
    pattern = Pattern(
        name=f"scan {table}" if index is None else f"scan {table} {index}",
        question=f"What does {index or table} hold?",
        operation="Scan",
        table=table,
        index=index,
        filter=filter,
        projection=projection,
        consistent=consistent,
        parameters={name: Parameter(name, "any") for name in arguments or {}},
    )
    return build(model, pattern, arguments, limit=limit, cursor=cursor)


def _planned(model: Model, pattern: Pattern, scope: Scope, limit: int | None) -> Plan:
    unresolved = tuple(lookup for name, lookup in pattern.lookups.items() if name not in scope.rows)
    common: dict[str, Any] = {
        "model": model, "pattern": pattern, "arguments": dict(scope.arguments), "unresolved": unresolved,
    }  # fmt: skip
    if pattern.operation in ("Query", "Scan"):
        return _paged(model, pattern, scope, limit_of(pattern, scope.arguments, limit), common)
    if pattern.filter is not None:
        raise ModelError(f"{pattern.name}: a {pattern.operation} takes no filter; a write takes a condition")
    if pattern.operation == "GetItem" and not pattern.actions:
        words = tuple(part.words(scope) for part in key_parts(model, pattern, scope))
        request = Request("GetItem", get_by_key(model, pattern, scope))
        return Plan(requests=(request,), key_conditions=words, **common)
    steps = steps_of(model, pattern, scope, KINDS[pattern.operation])
    words = tuple(step.words for step in steps)
    return Plan(requests=requests_of(pattern, steps), key_conditions=words, steps=tuple(steps), **common)


def _paged(model: Model, pattern: Pattern, scope: Scope, limit: int | None, common: dict[str, Any]) -> Plan:
    if pattern.operation == "Query":
        parts = key_parts(model, pattern, scope)
        kwargs, words = query(model, pattern, scope, parts, limit), tuple(part.words(scope) for part in parts)
    else:
        kwargs, words = scan_request(model, pattern, scope, limit), ()
    return Plan(
        requests=(Request(pattern.operation, kwargs),),
        key_conditions=words,
        filters=filter_words(pattern, scope),
        limit=limit,
        **common,
    )


def _refuse_paging(pattern: Pattern, cursor: str | None, limit: int | None) -> None:
    if pattern.operation in ("Query", "Scan"):
        return
    for name, value in (("cursor", cursor), ("limit", limit)):
        if value is not None:
            raise UsageError(f"{pattern.name}: a {pattern.operation} has no {name}; only Query and Scan have pages")
