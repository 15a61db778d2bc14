"""A pattern run step by step with a journal: killed anywhere and run again, it ends as if nothing had happened.

The journal's first entry fixes what is to be done: the arguments with the times and uuids that were made for them,
and every request. Looking rows up again after a kill could give other rows, and the steps that are done would no
longer be those that are noted. Each step is noted after it is done, so the first that is not may have been done too:
it is sent again, and where its condition then fails because its work is there, it counts as done.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bulk.journal import Journal
from workbench.errors import RequestError, TableError, UsageError
from workbench.frames import json_text
from workbench.items import Units
from workbench.plans import Plan, Request, build, counts_twice
from workbench.plans.scope import natural
from workbench.results import Backoff, Receipt, Result, Steps, resolved, run
from workbench.results.failures import explained
from workbench.results.faults import boto_errors

if TYPE_CHECKING:
    from workbench.results import Session

__all__ = ["run_with_journal"]

KIND = "steps of a pattern"
Entry = dict[str, Any]


def run_with_journal(
    session: Session, plan: Plan, path: str | Path, *, given: Mapping[str, Any], backoff: Backoff | None = None
) -> Result:
    """Run a plan that writes, or the rest of it that an earlier run left, and return the result.

    ``given`` are the arguments as the caller gave them: with the same ones the journal is taken up again, with others
    JournalError says which differ. It is bound to the engine and its tables as well, and to when they were made. The
    receipt is of this run alone. A journal whose every step is done sends nothing. Raises UsageError where a step
    would count twice, and what ``run`` raises.
    """
    _refuse(plan)
    with Journal.open(path, kind=KIND, of=_of(session, plan, given)) as journal:
        entries = list(journal.entries)
        if not entries:
            entries = [_fixed(session, plan)]
            journal.append(*entries)
        done = frozenset(entry["done"] for entry in entries[1:])
        fixed, whole = _read(plan, entries[0])
        if whole is None:  # find, then write: what is done follows from the fixed arguments
            return _finished(fixed) if done else _whole(session, fixed, journal, backoff)
        if len(done) == len(whole) and whole:
            return _finished(replace(fixed, requests=whole, unresolved=()))
        steps = Steps(done, lambda number: journal.append({"done": number}))
        return run(session, replace(fixed, requests=whole, unresolved=()), backoff=backoff, steps=steps)


def _refuse(plan: Plan) -> None:
    name = plan.pattern.name
    if not plan.pattern.writes:
        raise UsageError(f"{name}: a {plan.pattern.operation} writes nothing, so it needs no journal; run it again")
    twice = counts_twice(plan.pattern)
    if twice:
        raise UsageError(
            f"{name}: {twice}: a step that was done and not noted would be counted twice; put it into a transaction "
            f"with a put that has attribute_not_exists, or run it without a journal"
        )


def _of(session: Session, plan: Plan, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the journal is of: a journal of anything else is refused."""
    made = {name for name, each in plan.pattern.parameters.items() if each.default in ("$now", "$uuid")}
    told = {name: value for name, value in plan.arguments.items() if name not in made or given.get(name) is not None}
    return {
        "model": plan.model.name,
        "pattern": plan.pattern.name,
        "arguments": _text(told),
        "engine": session.engine.name,
        "tables": {name: _made(session, name, plan) for name in _tables(plan)},
    }


def _tables(plan: Plan) -> list[str]:
    entities = (plan.model.entity(action.entity) for action in plan.pattern.actions)
    return list(dict.fromkeys(entity.table for entity in entities))


def _made(session: Session, table: str, plan: Plan) -> str:
    """Return when a table was made: another store has another one, and so has a table that was dropped since."""
    try:
        described = session.client.describe_table(TableName=table)["Table"]
    except boto_errors() as error:
        request = Request("PutItem", {"TableName": table})
        raise explained(error, request, session, plan.pattern.name) from error
    moment = described.get("CreationDateTime")
    if moment is None:
        raise TableError(f"{plan.pattern.name}: the engine does not say when {table} was made; a journal needs it")
    return str(described.get("TableId") or moment.timestamp())


def _fixed(session: Session, plan: Plan) -> Entry:
    """Return the first entry: what is to be done, with everything that was made or looked up for it."""
    fixed: Entry = {"fixed": _text(plan.arguments)}
    if plan.pattern.unless is not None:
        return fixed
    ready = resolved(session, plan)
    requests = [_with_token(session, request) for request in ready.requests]
    return {**fixed, "requests": [[each.operation, _packed(each.kwargs)] for each in requests]}


def _with_token(session: Session, request: Request) -> Request:
    """Return a transaction with a token of its own: sent twice within ten minutes, it is done once."""
    if request.operation != "TransactWriteItems":
        return request
    return replace(request, kwargs={**request.kwargs, "ClientRequestToken": str(session.clock.uuid())})


def _read(plan: Plan, entry: Entry) -> tuple[Plan, tuple[Request, ...] | None]:
    arguments = json.loads(entry["fixed"], parse_float=Decimal)
    fixed = build(plan.model, plan.pattern, arguments)
    if "requests" not in entry:
        return fixed, None
    return fixed, tuple(Request(operation, _unpacked(kwargs)) for operation, kwargs in entry["requests"])


def _whole(session: Session, plan: Plan, journal: Journal, backoff: Backoff | None) -> Result:
    try:
        result = run(session, plan, backoff=backoff)
    except RequestError as error:
        message = f"{error} Run it again with the same journal to go on."
        raise RequestError(
            message, code=error.code, operation=error.operation, receipt=error.receipt
        ) from error.__cause__
    journal.append({"done": 0})
    return result


def _finished(plan: Plan) -> Result:
    """Return the result of a run that has nothing left to do."""
    note = "every step was done by an earlier run; nothing was sent"
    paid = Receipt(plan.pattern.operation, computed=Units(), reported=Units(), notes=(note,), writes=True)
    return Result(plan, [], paid)


def _text(arguments: Mapping[str, Any]) -> str:
    return json_text({name: natural(value) for name, value in arguments.items()})


def _packed(value: Any) -> Any:
    """Return wire values as JSON: binary as base64 text, as DynamoDB JSON has it."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, Mapping):
        return {str(name): _packed(each) for name, each in value.items()}
    return [_packed(each) for each in value] if isinstance(value, list | tuple | set | frozenset) else value


def _unpacked(value: Any) -> Any:
    """Return JSON as wire values; ``{"B": text}`` is binary, since no other wire value of that name is text."""
    if isinstance(value, dict):
        if list(value) == ["B"] and isinstance(value["B"], str):
            return {"B": base64.b64decode(value["B"])}
        if list(value) == ["BS"] and isinstance(value["BS"], list):
            return {"BS": [base64.b64decode(each) for each in value["BS"]]}
        return {name: _unpacked(each) for name, each in value.items()}
    return [_unpacked(each) for each in value] if isinstance(value, list) else value
