"""AWS itself: the distributed engine, read-only unless a writer names the account and the tables, exactly.

The guard looks at the request as it is serialised, right before it is signed and sent. What it does not know to be
harmless counts as a write, and a write whose tables it cannot tell is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.engines.engine import ENGINES, Engine, Store
from workbench.errors import EngineError, GuardError, UsageError, did_you_mean

__all__ = [
    "AwsEngine", "Confirmation", "guard", "guard_process", "open_aws", "parse_confirmation", "parse_target",
]  # fmt: skip

READS = frozenset({"BatchGetItem", "GetItem", "GetResourcePolicy", "Query", "Scan", "TransactGetItems"})
READ_PREFIXES = ("Describe", "List")
PARTIQL = frozenset({"BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"})
_CONFIRMATION = re.compile(r"(?P<account>[0-9]{12}):(?P<tables>[A-Za-z0-9_.,-]+)")
_ARN = re.compile(r"arn:[a-z-]+:dynamodb:[a-z0-9-]*:(?P<account>[0-9]{12}):table/(?P<table>[^/]+)")
_STATEMENT = re.compile(
    r"""(?P<verb>INSERT\s+INTO|UPDATE|DELETE\s+FROM|EXISTS\s*\(\s*SELECT|SELECT)\b(?:\s+(?P<table>"[^"]+"|[A-Za-z0-9_]+))?""",
    re.IGNORECASE,
)


def parse_target(text: str) -> str:
    """Return the engine that a person's word means: the exact words ``aws`` and ``prod`` mean AWS, nothing near them.

    UsageError for ``nonprod``, ``Prod``, ``production`` and every other word that is no engine.
    """
    if text in ("aws", "prod"):
        return "aws"
    if text in ENGINES or text.startswith(("http://", "https://")):
        return text
    if any(word in text.lower() for word in ("prod", "aws", "live")):
        raise UsageError(f"{text!r} is no engine. Only the exact words 'aws' and 'prod' mean AWS; nothing was opened.")
    raise UsageError(f"{text!r} is no engine. {did_you_mean(text, (*ENGINES, 'prod'))} An endpoint's URL works too.")


@dataclass(frozen=True)
class Confirmation:
    """What a writer confirmed: the account's 12 digits and the exact names of the tables."""

    account: str
    tables: frozenset[str]

    def __str__(self) -> str:
        return f"{self.account}:{','.join(sorted(self.tables))}"


def parse_confirmation(text: str | None) -> Confirmation:
    """Return what ``123456789012:table-a,table-b`` confirms. GuardError when it is missing or written otherwise."""
    found = _CONFIRMATION.fullmatch(text or "")
    tables = frozenset(found["tables"].split(",")) if found else frozenset()
    if found is None or "" in tables:
        what = "nothing was confirmed" if not text else f"{text!r} is no confirmation"
        raise GuardError(
            f"Writing to AWS was refused: {what}. Confirm the account's 12 digits and the exact table names: "
            "ACCOUNT:TABLE or ACCOUNT:TABLE,TABLE."
        )
    return Confirmation(found["account"], tables)


class AwsEngine(Engine):
    """AWS in one region. ``confirmed`` is None while it is read-only."""

    def __init__(self, session: Any, region: str, confirmed: Confirmation | None) -> None:
        doing = f"WRITING to {', '.join(sorted(confirmed.tables))}" if confirmed else "read-only"
        super().__init__("aws", title=f"AWS {region}, {doing}", endpoint="", is_near=False, exact_capacity=True)
        self.session = session
        self.region = region
        self.confirmed = confirmed

    def lease(self, name: str | None = None, *, wait: float = 0) -> AwsStore:
        """Return the account's tables. They are one store for everybody, whatever its name."""
        return AwsStore(self, {"region": self.region}, name=name)

    def explain_failure(self) -> str:
        """Return what to look at when a request did not reach AWS."""
        return f"{self.title} could not be reached: look at the network, the credentials and the region."


class AwsStore(Store):
    """The tables of an AWS account in one region: real ones, shared with the application that uses them."""

    engine: AwsEngine

    @property
    def isolated(self) -> bool:
        """Never: the tables are the account's."""
        return False

    def _make_client(self, service: str, config: dict[str, Any]) -> Any:
        from botocore.config import Config

        settings = {"retries": {"mode": "standard", "total_max_attempts": 5}, "user_agent_extra": "dynamodb-workbench"}
        client = self.engine.session.client(
            service, region_name=self.engine.region, config=Config(**(settings | config))
        )
        guard(client, self.engine.confirmed)
        return client

    def environment(self) -> dict[str, str]:
        """Return the region; who asks, and how, is the user's own."""
        return {"AWS_REGION": self.engine.region, "AWS_DEFAULT_REGION": self.engine.region}

    def empty(self) -> int:
        """Refuse: the workbench never empties an account."""
        raise GuardError(
            "The tables of an AWS account are never emptied by the workbench; drop them one by one by name."
        )

    def release(self) -> None:
        """Have nothing to give back."""


def open_aws(*, write: bool = False, confirm: str | None = None, session: Any = None) -> AwsEngine:
    """Return AWS, with the user's own credentials and region; ``session`` is a boto3 session to be used instead.

    With ``write``, ``confirm`` is ``ACCOUNT:TABLE[,TABLE]``: GuardError when it is not the account that the credentials
    belong to. Raises EngineError when there is no region, are no credentials, or AWS does not answer.
    """
    confirmed = parse_confirmation(confirm) if write else None
    if session is None:
        import boto3

        session = boto3.session.Session()
    region = session.region_name
    if not region:
        raise EngineError("AWS: no region is set. Set AWS_REGION, or a region in the profile of AWS_PROFILE.")
    if session.get_credentials() is None:
        raise EngineError("AWS: there are no credentials. Set AWS_PROFILE, or sign in with `aws sso login`.")
    if confirmed is not None:
        _must_be_account(session, region, confirmed)
    return AwsEngine(session, region, confirmed)


def _must_be_account(session: Any, region: str, confirmed: Confirmation) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        account = session.client("sts", region_name=region).get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise EngineError(
            f"AWS did not say which account the credentials belong to, so nothing is written: {error}"
        ) from error
    if account != confirmed.account:
        raise GuardError(
            f"Writing to AWS was refused: the credentials belong to another account than {confirmed.account}. "
            "Look at AWS_PROFILE."
        )


def guard(client: Any, confirmed: Confirmation | None) -> None:
    """Make a client refuse, before anything is sent, every write that was not confirmed (None: every write)."""
    client.meta.events.register_last("before-call", _checker(confirmed))


def guard_process(confirmed: Confirmation | None) -> None:
    """Guard every client that this process makes from now on, those of a user's own code too, for its whole life.

    Only requests to DynamoDB are looked at: what code does to other services is its own.
    """
    import boto3
    from botocore import handlers

    handlers.BUILTIN_HANDLERS.append(("before-call", _checker(confirmed), handlers.REGISTER_LAST))
    boto3.DEFAULT_SESSION = None  # one that was made before would make clients without the guard


def _checker(confirmed: Confirmation | None) -> Callable[..., None]:
    def check(model: Any, params: Mapping[str, Any], **_: Any) -> None:
        if model.service_model.service_name == "dynamodb":
            _check(model.name, _body(params), confirmed)

    return check


def _body(params: Mapping[str, Any]) -> dict[str, Any]:
    body = params.get("body") or b"{}"
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _check(operation: str, body: Mapping[str, Any], confirmed: Confirmation | None) -> None:
    if _is_read(operation, body):
        return
    tables = sorted(set(_tables(operation, body)))
    where = f" on {', '.join(tables)}" if tables else ", whose tables the request does not name,"
    if confirmed is None:
        raise GuardError(
            f"AWS is read-only here: {operation}{where} was refused before it was sent. To write, open it with "
            'write=True, confirm="ACCOUNT:TABLE" (`--write --confirm ACCOUNT:TABLE`).'
        )
    strange = [table for table in tables if table not in confirmed.tables]
    if strange or not tables:
        where = f" on {', '.join(strange)}" if strange else where
        raise GuardError(f"{operation}{where} was refused before it was sent: confirmed is {confirmed}.")
    for account in _accounts(body):
        if account != confirmed.account:
            raise GuardError(f"{operation} was refused before it was sent: it names account {account}.")


def _is_read(operation: str, body: Mapping[str, Any]) -> bool:
    if operation in PARTIQL:
        statements = list(_statements(body))
        return bool(statements) and all(_verb(each) in ("SELECT", "EXISTS") for each in statements)
    return operation in READS or operation.startswith(READ_PREFIXES)


def _statements(body: Mapping[str, Any]) -> Iterator[str]:
    for part in (body, *body.get("Statements", ()), *body.get("TransactStatements", ())):
        if "Statement" in part:
            yield str(part["Statement"])


def _verb(statement: str) -> str:
    found = _STATEMENT.match(statement.strip())
    return found["verb"].upper().split("(")[0].split()[0] if found else ""


def _tables(operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    """The tables that a writing request names, without those it only names as a source."""
    if operation in PARTIQL:
        yield from (_statement_table(each) for each in _statements(body) if _verb(each) not in ("SELECT", "EXISTS"))
    elif operation == "BatchWriteItem":
        yield from map(_plain_name, body.get("RequestItems", {}))
    elif operation == "TransactWriteItems":
        yield from (
            _plain_name(part.get("TableName", ""))
            for action in body.get("TransactItems", ())
            for part in action.values()
        )
    elif "TargetTableName" in body:
        yield _plain_name(body["TargetTableName"])
    elif operation == "ImportTable":
        yield _plain_name(body.get("TableCreationParameters", {}).get("TableName", ""))
    else:
        named = [body[name] for name in ("TableName", "GlobalTableName", "TableArn", "ResourceArn") if name in body]
        yield from map(_plain_name, named)


def _statement_table(statement: str) -> str:
    found = _STATEMENT.match(statement.strip())
    return _plain_name((found["table"] or "").strip('"')) if found else ""


def _plain_name(name: str) -> str:
    found = _ARN.match(name)
    return found["table"] if found else name


def _accounts(value: Any) -> Iterator[str]:
    """The accounts of the table ARNs in a request's own fields; the values of items are not looked at."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("Item", "Key", "ExpressionAttributeValues", "Parameters"):
                continue
            yield from _accounts(key)
            yield from _accounts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _accounts(inner)
    elif isinstance(value, str) and (found := _ARN.search(value)):
        yield found["account"]
