"""IAM policies from a model: for each role, the actions that its patterns send, on the keys and attributes they name.

Sources: the Service Authorization Reference of DynamoDB (actions, resources, condition keys); developer guide, "Using
IAM policy conditions for fine-grained access control" and "Using IAM with DynamoDB transactions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.errors import UnknownNameError, UsageError, did_you_mean
from workbench.formats.leading import IDENTITY, Callers, Partition, callers_of, leading_keys
from workbench.formats.needs import Need, needs_of, written_attributes
from workbench.model import Model, Pattern

__all__ = ["MOST_CHARACTERS", "ROLES", "iam_policy"]

ROLES = ("reader", "app", "stream", "seeder")
MOST_CHARACTERS = 6144  # of a managed policy, white space not counted
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z0-9]+)+-[0-9]+")
_ACCOUNT = re.compile(r"[0-9]{12}")
_PARTITION = re.compile(r"aws(?:-[a-z]+)*")
_STREAM_ACTIONS = ("DescribeStream", "GetRecords", "GetShardIterator")
# What load_schema and seed send; a test compares. The Scan asks for one item, to see whether a table is empty.
_SEEDER_ACTIONS = ("CreateTable", "DescribeTable", "Scan")
_TTL_ACTIONS = ("DescribeTimeToLive", "UpdateTimeToLive")

Statement = dict[str, Any]


def iam_policy(
    model: Model,
    role: str,
    *,
    patterns: Sequence[str] = (),
    caller: Mapping[str, str] | Iterable[str] = (),
    region: str = "${Region}",
    account: str = "${Account}",
    partition: str = "aws",
) -> dict[str, Any]:
    """Return the policy document of a role, which allows what the role's patterns send and nothing else.

    ``reader`` has the patterns that read, ``app`` all of them, ``stream`` the streams of the tables and ``seeder`` what
    loads schema and seed. ``patterns`` names the patterns instead (for ``stream`` and ``seeder``: adds them); a Scan
    is granted only where it is so named. ``caller`` are fields that hold the caller's own identity, with the policy
    variable that has it (``cognito-identity.amazonaws.com:sub`` unless given): the role's requests on such keys are
    limited to the caller's own. ``region`` and ``account`` are placeholders to fill in unless given.

    Raises UsageError or UnknownNameError for what cannot be meant, and where the policy would be too long for IAM.
    """
    if role not in ROLES:
        raise UnknownNameError(f"{role!r} is no role. {did_you_mean(role, list(ROLES))}")
    _check_place(region, account, partition)
    chosen = _patterns(model, role, patterns)
    named = dict(caller) if isinstance(caller, Mapping) else dict.fromkeys(caller, IDENTITY)
    callers = callers_of(model, chosen, named)
    arn = f"arn:{partition}:dynamodb:{region}:{account}:"
    needs = [need for pattern in chosen for need in needs_of(model, pattern, callers)]
    if role == "stream":
        needs = [*_stream_needs(model), *needs]
    if role == "seeder":
        needs = [*_seeder_needs(model), *needs]
    statements = [_allow(group, arn) for group in _groups(needs)]
    if role in ("reader", "app"):
        statements += _denials(needs, arn, model)
    document = {"Version": "2012-10-17", "Statement": _with_names(statements)}
    _check_length(document, role)
    return document


def _patterns(model: Model, role: str, named: Sequence[str]) -> list[Pattern]:
    if named:
        chosen = [model.pattern(name) for name in dict.fromkeys(named)]
        wrong = [each for each in chosen if each.writes] if role == "reader" else []
        if wrong:
            raise UsageError(f"{wrong[0].name} writes, and a reader does not; take the role app")
        return chosen
    if role in ("stream", "seeder"):
        return []
    chosen = [
        each for each in model.patterns.values() if each.operation != "Scan" and (role == "app" or not each.writes)
    ]
    if not chosen:
        raise UsageError(f"{model.name} has no pattern for the role {role}; a policy that allows nothing is no use")
    return chosen


def _stream_needs(model: Model) -> list[Need]:
    tables = [table for table in model.tables.values() if table.stream is not None]
    if not tables:
        raise UsageError(f"no table of {model.name} has a stream; add `stream: NEW_AND_OLD_IMAGES` to one")
    needs = [Need("DescribeTable", f"table/{table.name}") for table in tables]
    return needs + [Need(action, f"table/{table.name}/stream/*") for table in tables for action in _STREAM_ACTIONS]


def _seeder_needs(model: Model) -> list[Need]:
    entities = [entity for entity in model.entities.values() if entity.source is not None]
    needs = [Need(action, f"table/{name}") for name in model.tables for action in _SEEDER_ACTIONS]
    for table in model.tables.values():
        needs += [Need(action, f"table/{table.name}") for action in _TTL_ACTIONS if table.ttl is not None]
    for entity in entities:
        if entity.one_per is not None:  # has it moved on? one Query of its partition says
            template = entity.keys[model.table(entity.table).keys.partition[0].name]
            leading = leading_keys(Partition(template, {name: name for name in template.fields}), Callers({}))
            needs.append(Need("Query", f"table/{entity.table}", leading))
    for entity in entities:
        template = entity.keys[model.table(entity.table).keys.partition[0].name]
        leading = leading_keys(Partition(template, {name: name for name in template.fields}), Callers({}))
        attributes = written_attributes(model, entity)
        needs.append(Need("BatchGetItem", f"table/{entity.table}", leading))
        needs.append(Need("BatchWriteItem", f"table/{entity.table}", leading, attributes, reads=False))
    return needs


def _groups(needs: Iterable[Need]) -> list[list[Need]]:
    """Put needs together that one statement can allow: the same conditions on the same resource.

    The keys and attributes of one request's items are seen together, so they are united for batches and transactions.
    Where any key may be named, the needs that name some are part of it.
    """
    slots: dict[tuple[Any, ...], list[Need]] = {}
    for need in needs:
        slots.setdefault((need.action, need.resource, need.enclosing), []).append(need)
    united: dict[tuple[Any, ...], list[Need]] = {}
    for members in slots.values():
        for part in _parts(members):
            leading, attributes = _leading(part), _attributes(part)
            first = replace(part[0], attributes=attributes)
            key = (first.resource, first.enclosing, leading, attributes, first.reads)
            united.setdefault(key, []).extend(replace(first, leading=each) for each in leading or (None,))
    return list(united.values())


def _parts(members: list[Need]) -> list[list[Need]]:
    if members[0].together or any(each.leading is None for each in members):
        return [members]
    parts: dict[str | None, list[Need]] = {}
    for each in members:
        parts.setdefault(each.leading, []).append(each)
    alike: dict[frozenset[str] | None, list[Need]] = {}
    for part in parts.values():
        alike.setdefault(_attributes(part), []).extend(part)
    return list(alike.values())


def _leading(needs: list[Need]) -> tuple[str, ...] | None:
    found = [each.leading for each in needs]
    return None if None in found else tuple(sorted({each for each in found if each is not None}))


def _attributes(needs: list[Need]) -> frozenset[str] | None:
    found = [each.attributes for each in needs]
    return None if None in found else frozenset().union(*(each for each in found if each is not None))


def _allow(needs: list[Need], arn: str) -> Statement:
    condition = _condition(needs)
    return {
        "Effect": "Allow",
        "Action": [f"dynamodb:{name}" for name in sorted({each.action for each in needs})],
        "Resource": [arn + needs[0].resource],
        **({"Condition": condition} if condition else {}),
    }


def _condition(needs: list[Need]) -> dict[str, dict[str, Any]]:
    """The conditions of one statement. ForAllValues is true for an empty set, so Null asks that there be a value."""
    found: dict[str, dict[str, Any]] = {}
    leading, attributes, first = _leading(needs), _attributes(needs), needs[0]
    present: dict[str, str] = {}
    if leading is not None:
        word = "StringLike" if any(_has_wildcard(each) for each in leading) else "StringEquals"
        found[f"ForAllValues:{word}"] = {"dynamodb:LeadingKeys": list(leading)}
        present["dynamodb:LeadingKeys"] = "false"
    if attributes is not None:
        found.setdefault("ForAllValues:StringEquals", {})["dynamodb:Attributes"] = sorted(attributes)
        present |= {"dynamodb:Attributes": "false"} if first.reads else {}
    if attributes is not None and first.reads:
        found["StringEqualsIfExists"] = {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
    if first.action in ("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"):
        found["StringEqualsIfExists"] = {"dynamodb:ReturnValues": "NONE"}
    if first.enclosing is not None and any(each.action != "ConditionCheckItem" for each in needs):
        found["ForAnyValue:StringEquals"] = {"dynamodb:EnclosingOperation": [first.enclosing]}
    return found | ({"Null": present} if present else {})


def _has_wildcard(pattern: str) -> bool:
    return "*" in pattern.replace("${*}", "")


def _denials(needs: list[Need], arn: str, model: Model) -> list[Statement]:
    """Refuse full table scans where no pattern makes one, whatever else the role is allowed by another policy."""
    tables = sorted({_table(need) for need in needs})
    scanned = {_table(need) for need in needs if need.action == "Scan"}
    quiet = [each for each in tables if each not in scanned]
    plain: list[Statement] = [
        {"Effect": "Deny", "Action": ["dynamodb:Scan"], "Resource": _with_indexes(quiet, arn, model)}
    ]
    partiql: Statement = {
        "Effect": "Deny", "Action": ["dynamodb:PartiQLSelect"], "Resource": _with_indexes(tables, arn, model),
        "Condition": {"Bool": {"dynamodb:FullTableScan": "true"}},
    }  # fmt: skip
    return [*(plain if quiet else []), partiql]


def _table(need: Need) -> str:
    return need.resource.partition("/index/")[0]


def _with_indexes(tables: Iterable[str], arn: str, model: Model) -> list[str]:
    """Return each table, and its indexes where it has any: a policy is short of room."""
    found: list[str] = []
    for table in tables:
        found.append(arn + table)
        if model.table(table.removeprefix("table/")).indexes:
            found.append(f"{arn}{table}/index/*")
    return found


def _with_names(statements: list[Statement]) -> list[Statement]:
    """Give each statement a Sid that says what it is about: letters and digits, unique in the document."""
    named: dict[str, Statement] = {}
    for statement in statements:
        actions = [each.partition(":")[2] for each in statement["Action"]]
        place = statement["Resource"][0].rpartition(":")[2]
        place = place.removeprefix("table/").replace("/index/", "/")
        words = re.findall(r"[A-Za-z0-9]+", " ".join([statement["Effect"], *actions[:2], place]))
        sid = "".join(word[0].upper() + word[1:] for word in words)
        number = next(n for n in range(1, len(statements) + 1) if (sid if n == 1 else f"{sid}{n}") not in named)
        sid = sid if number == 1 else f"{sid}{number}"
        named[sid] = {"Sid": sid, **statement}
    return list(named.values())


def _check_place(region: str, account: str, partition: str) -> None:
    for name, value, pattern, placeholder, example in (
        ("region", region, _REGION, "${Region}", "eu-central-1"),
        ("account", account, _ACCOUNT, "${Account}", "12 digits"),
        ("partition", partition, _PARTITION, "aws", "aws"),
    ):
        if value != placeholder and not pattern.fullmatch(value):
            raise UsageError(f"{value!r} is no {name}; write it as {example}")


def _check_length(document: dict[str, Any], role: str) -> None:
    length = len(re.sub(r"\s", "", json.dumps(document)))
    if length > MOST_CHARACTERS:
        raise UsageError(
            f"the policy of {role} has {length:,} characters, and a managed policy takes {MOST_CHARACTERS:,}; name "
            f"fewer patterns, and make several policies"
        )
