"""Why an answer is empty: looked up in the store with a few small reads, told in one or two sentences.

Told apart are: the table or index is not there, nothing was seeded, the partition is not there but others are, the
item is in the table but not in the sparse index, and the sort condition or the filter let nothing through.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from workbench.errors import UnreachableError
from workbench.model import KeySchema
from workbench.results.faults import boto_errors

if TYPE_CHECKING:
    from workbench.plans import Plan
    from workbench.results import Session

Wire = Mapping[str, Any]
MOST_SCANNED = 2000
_MOST_PREFIXES = 6
_PREFIX = re.compile(r"^.*?[#|:/]")


def why_empty(session: Session, plan: Plan) -> str:
    """Return why this plan brought nothing back, or an empty text where that can't be told.

    ``plan`` must be resolved. Reads at most ``MOST_SCANNED`` items; never writes.
    """
    if not session.engine.is_near or not plan.requests:
        return ""
    try:
        return _why(session, plan)
    except UnreachableError:
        raise
    except boto_errors():  # a diagnosis must not hide the verdict it belongs to
        return ""


def _why(session: Session, plan: Plan) -> str:
    operation = plan.requests[0].operation
    kwargs: Wire = plan.requests[0].kwargs
    if operation in ("BatchGetItem", "TransactGetItems"):
        operation, kwargs = "GetItem", _first_get(kwargs)
    if operation not in ("Query", "Scan", "GetItem"):
        return ""
    look = _Look(session, plan, kwargs)
    if not look.sample(None, 1):
        return f"table {look.table} is empty: nothing was seeded"
    if operation == "Scan":
        return _why_scan(look, kwargs)
    return _why_get(look, kwargs) if operation == "GetItem" else _why_query(look, kwargs)


def _first_get(kwargs: Wire) -> Wire:
    """Return the first key of a batch or transaction as a GetItem would ask for it; all of them are missing."""
    if "TransactItems" in kwargs:
        get: Wire = kwargs["TransactItems"][0]["Get"]
        return get
    table, part = next(iter(kwargs["RequestItems"].items()))
    return {"TableName": table, "Key": part["Keys"][0]}


@dataclass(frozen=True)
class _Look:
    """Small reads of one plan's table or index."""

    session: Session
    plan: Plan
    kwargs: Wire

    @property
    def table(self) -> str:
        return str(self.kwargs["TableName"])

    @property
    def index(self) -> str | None:
        name = self.kwargs.get("IndexName")
        return None if name is None else str(name)

    @property
    def target(self) -> str:
        return f"table {self.table}" if self.index is None else f"index {self.index}"

    @property
    def schema(self) -> KeySchema:
        table = self.session.model.table(self.table)
        return table.keys if self.index is None else table.indexes[self.index].keys

    def sample(self, index: str | None, most: int = MOST_SCANNED) -> list[Wire]:
        """Return up to ``most`` items of the table or an index, keys and all."""
        found: list[Wire] = []
        start: dict[str, Any] = {}
        while len(found) < most:
            where = {"TableName": self.table, **({"IndexName": index} if index else {}), **start}
            page = self.session.client.scan(**where, Limit=most - len(found))
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return found

    def partition(self) -> dict[str, Wire]:
        """Return the values of the partition attributes that a Query or GetItem asks for."""
        if "Key" in self.kwargs:
            return {each.name: self.kwargs["Key"][each.name] for each in self.schema.partition}
        names, values = self.kwargs["ExpressionAttributeNames"], self.kwargs["ExpressionAttributeValues"]
        equal = re.findall(r"(#\w+) = (:\w+)", self.kwargs["KeyConditionExpression"])
        asked = {names[name]: values[value] for name, value in equal}
        return {each.name: asked[each.name] for each in self.schema.partition}

    def in_partition(self) -> list[Wire]:
        """Return the first items of the item collection, without sort condition and filter."""
        wanted = self.partition()
        page = self.session.client.query(
            TableName=self.table,
            **({"IndexName": self.index} if self.index else {}),
            KeyConditionExpression=" AND ".join(f"#k{at} = :k{at}" for at in range(len(wanted))),
            ExpressionAttributeNames={f"#k{at}": name for at, name in enumerate(wanted)},
            ExpressionAttributeValues={f":k{at}": value for at, value in enumerate(wanted.values())},
        )
        return list(page["Items"])

    def without_filter(self) -> int:
        """Return how many items the key condition finds, before the filter."""
        names = self.kwargs["ExpressionAttributeNames"]
        values = self.kwargs["ExpressionAttributeValues"]
        expression = self.kwargs["KeyConditionExpression"]
        page = self.session.client.query(
            TableName=self.table,
            **({"IndexName": self.index} if self.index else {}),
            KeyConditionExpression=expression,
            ExpressionAttributeNames={key: names[key] for key in sorted(set(re.findall(r"#\w+", expression)))},
            ExpressionAttributeValues={key: values[key] for key in sorted(set(re.findall(r":\w+", expression)))},
            Select="COUNT",
        )
        return int(page["Count"])


def _why_scan(look: _Look, kwargs: Wire) -> str:
    if look.index is not None and not look.sample(look.index, 1):
        return f"{look.target} is empty: no item of table {look.table} has its key attributes {_names(look.schema)}"
    if "FilterExpression" in kwargs:
        return f"the filter let none of the items through: {look.plan.pattern.filter}"
    return ""


def _why_query(look: _Look, kwargs: Wire) -> str:
    items = look.in_partition()
    if not items:
        return _why_no_partition(look)
    if "FilterExpression" in kwargs and (count := look.without_filter()):
        return f"the key condition finds {_some(count)}, and the filter lets none through: {look.plan.pattern.filter}"
    sort = look.schema.sort
    if not sort:
        return ""
    values = [_words(item[sort[0].name]) for item in items if sort[0].name in item]
    condition = ", ".join(look.plan.key_conditions[len(look.schema.partition) :])
    return (
        f"the partition {_asked(look)} has {_some(len(items))}, and the sort condition excludes all of them: "
        f"{condition}; {sort[0].name} goes from {values[0]} to {values[-1]}"
    )


def _why_get(look: _Look, kwargs: Wire) -> str:
    items = look.in_partition()
    if not items:
        return _why_no_partition(look)
    if not look.schema.sort:
        return ""
    sort = look.schema.sort[0].name
    values = [_words(item[sort]) for item in items]
    wanted = _words(kwargs["Key"][sort])
    near = get_close_matches(wanted, values, n=1) or values[:1]
    return (
        f"the partition {_asked(look)} has {_some(len(items))}, none with {sort} = {wanted}; the nearest is {near[0]}"
    )


def _why_no_partition(look: _Look) -> str:
    if look.index is not None and (sparse := _why_sparse(look)):
        return sparse
    items = look.sample(look.index)
    if not items:
        return f"{look.target} is empty: no item of table {look.table} has its key attributes {_names(look.schema)}"
    attribute = look.schema.partition[0].name
    stored = Counter(_words(item[attribute]) for item in items if attribute in item)
    target = look.target if len(items) < MOST_SCANNED else f"{look.target}, of which {MOST_SCANNED:,} items were read,"
    return f"nothing under {_asked(look)}; {_others(_words(look.partition()[attribute]), stored, target)}"


def _why_sparse(look: _Look) -> str:
    """Say whether items of the table have the value and are not indexed, since they lack another key attribute."""
    wanted = look.partition()
    table = look.sample(None)
    having = [item for item in table if all(item.get(name) == value for name, value in wanted.items())]
    for item in having:
        lacking = [each.name for each in look.schema.attributes if each.name not in item]
        if lacking:
            return (
                f"{_some(len(having))} with {_asked(look)} in table {look.table}, but not in {look.target}: without "
                f"{', '.join(lacking)} an item is not indexed (a sparse index)"
            )
    if having:
        return f"{_some(len(having))} with {_asked(look)} in table {look.table}, but not in {look.target}"
    attribute = look.schema.partition[0].name
    if not any(attribute in item for item in table):
        return f"no item of table {look.table} has the attribute {attribute}, so {look.target} is empty"
    return ""


def _others(asked: str, stored: Counter[str], target: str) -> str:
    """Say which partitions there are: the one with the same value under another prefix first."""
    value = _PREFIX.sub("", asked.strip("'"))
    twins = [key for key in stored if key != asked and value and _PREFIX.sub("", key.strip("'")) == value]
    prefixes = Counter[str]()
    for key, count in stored.items():
        match = _PREFIX.match(key.strip("'"))
        prefixes[match[0] if match else ""] += count
    if set(prefixes) == {""} or len(prefixes) > 4 * _MOST_PREFIXES:
        near = get_close_matches(asked, list(stored), n=3, cutoff=0.0)
        return f"{target} holds {len(stored)} partitions; the nearest: {', '.join(near)}"
    listed = ", ".join(
        f"{prefix or '(no prefix)'} ({_some(count)})" for prefix, count in prefixes.most_common(_MOST_PREFIXES)
    )
    told = f"{target} holds partitions that begin with {listed}"
    if twins:
        return f"{told}. {twins[0]} is there: is the prefix of the key template right?"
    if (match := _PREFIX.match(asked.strip("'"))) and match[0] not in prefixes:
        return f"{told}, and none with {match[0]}: is the prefix of the key template right?"
    return told


def _asked(look: _Look) -> str:
    return ", ".join(f"{name} = {_words(value)}" for name, value in look.partition().items())


def _words(value: Wire) -> str:
    kind, content = next(iter(value.items()))
    return f"'{content}'" if kind == "S" else str(content)


def _some(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _names(schema: KeySchema) -> str:
    return " and ".join(schema.names)
