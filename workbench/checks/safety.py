"""Whether real tables are safe: each verdict from what DescribeTable and its siblings say, with a cure. Reads only.

What an engine cannot tell is "not known", never passed. Sources: developer guide, "Security best practices for
DynamoDB"; API reference of DescribeTable, DescribeContinuousBackups and DescribeTimeToLive.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from workbench.checks.words import plural
from workbench.model import Model, Table

__all__ = ["Finding", "SafetyReport", "check_safety"]

Standing = Literal["right", "wrong", "hint", "not known"]
Severity = Literal["high", "medium", "low"]
_HERE = "not known here: {} is not AWS, and does not tell"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DENIED = ("AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException")


@dataclass(frozen=True)
class Finding:
    """One verdict on one table. ``cure`` is a command of the AWS CLI or the workbench, empty where there is none."""

    table: str
    subject: str
    standing: Standing
    severity: Severity
    message: str
    cure: str = ""


@dataclass(frozen=True)
class SafetyReport:
    """Every verdict on a model's tables, in the order of the model file."""

    model: str
    engine: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, and nothing of high severity is not known. A report without tables is not."""
        bad = any(
            each.standing == "wrong" or (each.standing == "not known" and each.severity == "high")
            for each in self.findings
        )
        return bool(self.findings) and not bad

    @property
    def counts(self) -> dict[str, int]:
        """How many verdicts there are of each standing."""
        names: tuple[Standing, ...] = ("right", "wrong", "hint", "not known")
        return {name: sum(each.standing == name for each in self.findings) for name in names}

    def text(self) -> str:
        """Return the report for a terminal: a verdict a line, its cure below it, a summary last."""
        width = max((len(each.subject) for each in self.findings), default=0)
        lines = [f"{self.model} on {self.engine}"]
        for at, each in enumerate(self.findings):
            if at == 0 or self.findings[at - 1].table != each.table:
                lines.append(f"  {each.table}")
            head = f"    {_MARKS[each.standing]:9}  {each.subject:{width}}  "
            lines.append(f"{head}{_weighed(each)}")
            lines += [f"{'':{len(head)}}{each.cure}"] if each.cure else []
        return "\n".join([*lines, self.summary()])

    def summary(self) -> str:
        """Return the counts in words: ``6 right, 2 wrong, 1 hint, 1 not known``."""
        return ", ".join(f"{count} {name}" for name, count in self.counts.items()) if self.findings else "no tables"

    def as_dict(self) -> dict[str, Any]:
        """Return the report for machines, keys in a stable order."""
        findings = [vars(each) for each in self.findings]
        return {"model": self.model, "engine": self.engine, "ok": self.ok, "counts": self.counts, "findings": findings}

    def __repr__(self) -> str:
        return self.text()


_MARKS: dict[Standing, str] = {"right": "ok", "wrong": "WRONG", "hint": "hint", "not known": "not known"}


def _weighed(finding: Finding) -> str:
    wrong = finding.standing in ("wrong", "not known")
    return f"{finding.message} ({finding.severity})" if wrong else finding.message


def check_safety(client: Any, model: Model, *, engine: str, is_aws: bool) -> SafetyReport:
    """Return the verdicts on the tables of a model, as a client finds them.

    ``engine`` is its title. ``is_aws`` says that what AWS leaves out of a description means its default; elsewhere it
    means that nobody knows. Nothing is changed. What botocore raises where the engine cannot be reached goes on.
    """
    looker = _Looker(client, model.name, engine, is_aws)
    return SafetyReport(
        model.name, engine, tuple(each for table in model.tables.values() for each in looker.look(table))
    )


@dataclass(frozen=True)
class _Looker:
    client: Any
    model: str
    engine: str
    is_aws: bool

    def look(self, table: Table) -> Iterator[Finding]:
        found, why = _asked(lambda: self.client.describe_table(TableName=table.name)["Table"])
        if found is None and "ResourceNotFoundException" in why:
            cure = f"workbench ddb schema-load {self.model}{' --engine aws --write' if self.is_aws else ''}"
            yield Finding(table.name, "table", "wrong", "high", "is not there", cure)
        elif found is None:
            yield Finding(table.name, "table", "not known", "high", f"cannot be described: {why}")
        else:
            subjects = (
                self._deletion, self._backups, self._encryption, self._transport, self._stream, self._ttl,
                self._billing, self._scaling, self._class,
            )  # fmt: skip
            yield from (subject(table, found) for subject in subjects)

    def _deletion(self, table: Table, found: dict[str, Any]) -> Finding:
        made = _maker(table, "deletion protection", "high")
        if found.get("DeletionProtectionEnabled"):
            return made("right", "is on")
        cure = _aws("update-table", table, "--deletion-protection-enabled")
        return made("wrong", "is off: one DeleteTable, by whoever may, and the items are gone", cure)

    def _backups(self, table: Table, _: dict[str, Any]) -> Finding:
        made = _maker(table, "point-in-time recovery", "high")
        told, why = _asked(lambda: self.client.describe_continuous_backups(TableName=table.name))
        if told is None:
            return made("not known", why if self.is_aws else self._nowhere)
        recovery = told["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        if recovery.get("PointInTimeRecoveryStatus") == "ENABLED":
            days = recovery.get("RecoveryPeriodInDays")
            return made("right", f"is on, {plural(days, 'day')} back" if days else "is on")
        option = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
        cure = _aws("update-continuous-backups", table, option)
        return made("wrong", "is off: what a bad deployment overwrites stays lost", cure)

    def _encryption(self, table: Table, found: dict[str, Any]) -> Finding:
        made = _maker(table, "encryption at rest", "high")
        told = found.get("SSEDescription") or {}
        if told.get("InaccessibleEncryptionDateTime"):
            return made("wrong", "its KMS key cannot be used; the table is lost when that lasts more than 7 days")
        if told.get("Status") == "ENABLED":
            return made("right", f"{told.get('SSEType', 'KMS')}, with a key of the account")
        if not self.is_aws:
            return made("not known", self._nowhere)
        if told.get("Status") not in (None, "DISABLED"):
            return made("hint", f"is {told['Status']}; look again when that is over")
        cure = _aws("update-table", table, "--sse-specification Enabled=true,SSEType=KMS")
        return made(
            "hint", "by a key that AWS owns; a KMS key shows each use in CloudTrail and can be taken away", cure
        )

    def _transport(self, table: Table, _: dict[str, Any]) -> Finding:
        made = _maker(table, "HTTPS", "high")
        if str(self.client.meta.endpoint_url).startswith("https://"):
            return made("right", "requests are encrypted on their way")
        if urlsplit(self.client.meta.endpoint_url).hostname in _LOOPBACK:
            return made("not known", "not known here: requests do not leave this machine")
        return made(
            "wrong", "items and keys travel in clear text", "give the engine an endpoint that begins with https://"
        )

    def _stream(self, table: Table, found: dict[str, Any]) -> Finding:
        made = _maker(table, "stream", "high")
        told = found.get("StreamSpecification") or {}
        view = told.get("StreamViewType") if told.get("StreamEnabled") else None
        if view == table.stream:
            return made("right", f"{view or 'none'}, as the model says")
        wish = f"StreamEnabled=true,StreamViewType={table.stream}" if table.stream else "StreamEnabled=false"
        first = _aws("update-table", table, "--stream-specification StreamEnabled=false") + "; then " if view else ""
        cure = _aws("update-table", table, f"--stream-specification {wish}")
        message = f"is {view or 'none'}, and the model says {table.stream or 'none'}: its readers get the wrong records"
        return made("wrong", message, f"{first if table.stream else ''}{cure}")

    def _ttl(self, table: Table, _: dict[str, Any]) -> Finding:
        made = _maker(table, "TTL", "medium")
        told, why = _asked(lambda: self.client.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"])
        if told is None:
            return made("not known", why if self.is_aws else self._nowhere)
        attribute = told.get("AttributeName") if told.get("TimeToLiveStatus") in ("ENABLED", "ENABLING") else None
        if attribute == table.ttl:
            return made("right", f"{f'by {attribute}' if attribute else 'none'}, as the model says")
        wish = f"Enabled=true,AttributeName={table.ttl}" if table.ttl else f"Enabled=false,AttributeName={attribute}"
        cure = _aws("update-time-to-live", table, f"--time-to-live-specification {wish}")
        lost = "items go that the model keeps" if attribute else "nothing is deleted when its time has come"
        message = f"is {f'by {attribute}' if attribute else 'none'}, and the model says {table.ttl or 'none'}: {lost}"
        return made("wrong", message, cure)

    def _billing(self, table: Table, found: dict[str, Any]) -> Finding:
        made = _maker(table, "billing", "medium")
        mode, model = _mode(found), table.billing.mode
        if mode != model:
            wish = "PROVISIONED" if model == "provisioned" else "PAY_PER_REQUEST"
            units = f" --provisioned-throughput {_throughput(table)}" if model == "provisioned" else ""
            cure = _aws("update-table", table, f"--billing-mode {wish}{units}")
            return made("wrong", f"is {mode}, and the model says {model}", cure)
        if mode == "on-demand" and not found.get("OnDemandThroughput"):
            option = "--on-demand-throughput MaxReadRequestUnits=NUMBER,MaxWriteRequestUnits=NUMBER"
            message = "on-demand without an upper bound: a loop in a program becomes a bill"
            return made("hint", message, _aws("update-table", table, option))
        return made("right", f"{mode}, as the model says")

    def _scaling(self, table: Table, found: dict[str, Any]) -> Finding:
        made = _maker(table, "autoscaling", "low")
        if _mode(found) == "on-demand":
            return made("right", "not needed on demand")
        options = f"--service-namespace dynamodb --resource-ids {shlex.quote(f'table/{table.name}')}"
        cure = f"aws application-autoscaling describe-scalable-targets {options}"
        return made("not known", "DynamoDB does not say whether the provisioned units follow the load; ask", cure)

    def _class(self, table: Table, found: dict[str, Any]) -> Finding:
        made = _maker(table, "table class", "low")
        told = (found.get("TableClassSummary") or {}).get("TableClass")
        if told is None and not self.is_aws:
            return made("not known", self._nowhere)
        if told in (None, "STANDARD"):
            return made("right", "STANDARD")
        return made(
            "hint", f"{told}: storage is cheaper, and each read and write dearer; for data that is seldom asked"
        )

    @property
    def _nowhere(self) -> str:
        return _HERE.format(self.engine.partition(",")[0])


def _maker(table: Table, subject: str, severity: Severity) -> Callable[..., Finding]:
    def made(standing: Standing, message: str, cure: str = "") -> Finding:
        return Finding(table.name, subject, standing, severity, message, cure)

    return made


def _asked(ask: Callable[[], Any]) -> tuple[Any, str]:
    """Return the answer, or None and in words why there is none: refused, or unknown to the engine."""
    from botocore.exceptions import ClientError

    try:
        return ask(), ""
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _DENIED:
            return None, f"these credentials may not {error.operation_name} ({code})"
        return None, f"{error.operation_name} answered {code}"


def _mode(found: dict[str, Any]) -> str:
    told = (found.get("BillingModeSummary") or {}).get("BillingMode")
    units = (found.get("ProvisionedThroughput") or {}).get("ReadCapacityUnits", 0)
    return "on-demand" if told == "PAY_PER_REQUEST" or (told is None and not units) else "provisioned"


def _throughput(table: Table) -> str:
    return f"ReadCapacityUnits={table.billing.read or 1},WriteCapacityUnits={table.billing.write or 1}"


def _aws(command: str, table: Table, options: str) -> str:
    return f"aws dynamodb {command} --table-name {shlex.quote(table.name)} {options}"
