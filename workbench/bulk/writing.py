"""The front of the writer: options looked at, the table described, rows written, the report raised or returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from workbench.bulk.conditional import Condition, ConditionalPut, TransactionalPut
from workbench.bulk.confirmed import Confirmed
from workbench.bulk.described import describe, identity, table_of
from workbench.bulk.duplicates import OnDuplicate
from workbench.bulk.operations import BatchWrite, Operation
from workbench.bulk.patience import check_patience
from workbench.bulk.report import Progress, WriteReport
from workbench.bulk.rows import KeyCheck
from workbench.bulk.sending import sender_for
from workbench.bulk.sources import rows_of
from workbench.bulk.writer import IN_FLIGHT, LIMIT_SECONDS, Settings, write_rows
from workbench.engines import is_near
from workbench.errors import UsageError, WriteError
from workbench.frames import Floats
from workbench.model import Table
from workbench.results.backoff import Backoff
from workbench.results.raw import method_of

__all__ = ["write"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "operation": ("put", "delete"),
    "on_duplicate": ("refuse", "first", "last"),
    "on_failure": ("raise", "return"),
    "floats": ("refuse", "decimal"),
}
MOST_IN_FLIGHT = 256
_NOT_ASKED = "this engine was not asked for units; units=True asks"


def write(
    client: Any,
    table: str | Table,
    rows: Any,
    *,
    operation: Literal["put", "delete"] = "put",
    condition: str | None = None,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
    transactions: bool = False,
    on_duplicate: OnDuplicate = "refuse",
    floats: Floats = "refuse",
    in_flight: int = IN_FLIGHT,
    write_units: float | None = None,
    units: bool | None = None,
    journal: str | Path | None = None,
    limit_seconds: float = LIMIT_SECONDS,
    backoff: Backoff | None = None,
    progress: Callable[[Progress], None] | None = None,
    on_failure: Literal["raise", "return"] = "raise",
) -> WriteReport:
    """Write rows to a table, or delete keys from it, through a boto3 client, and return exact counts.

    ``rows``: a DataFrame, an Arrow table or record batches, or items in Python form. What is in memory as a whole (a
    DataFrame, an Arrow table, a list) is checked as a whole before anything is sent; an iterator is checked as it
    comes. ``table`` is a name, or a model's Table; a name is described first.

    ``condition`` with ``names`` and ``values`` makes one conditional PutItem of each row, or, with ``transactions``,
    TransactWriteItems of 25 rows: a row that is refused is reported and the others go on.
    ``on_duplicate``: rows of one key are merged where they are identical; where they differ they are refused, or the
    ``first`` or ``last`` counts. ``floats`` are refused unless the ``decimal`` is asked for.
    ``in_flight`` requests run at once, ``write_units`` a second are spent at most. With ``journal``, a path, a write
    that was stopped or killed goes on where it was when it is called again with the same rows.
    ``units`` says whether the engine is asked what it consumes; where it is left out, an engine on this machine or in
    a private network is not asked: nothing is paid there, and DynamoDB Local takes longer to count them.
    ``limit_seconds`` is how long one request waits in all, ``backoff`` how. ``progress`` is told after every request.

    Raises ItemError (row, column, value and cure) or WriteError (two rows of one key) for rows that can't be written,
    TableError, RequestError, EngineError or GuardError where the engine or a guard refuses, JournalError for a journal
    of something else, and at the end WriteError with ``.report`` where rows failed or were given up, unless
    ``on_failure`` is ``return``.
    """
    choices = {"operation": operation, "on_duplicate": on_duplicate, "on_failure": on_failure, "floats": floats}
    _check(choices, in_flight)
    check_patience(limit_seconds, backoff, progress)
    _check_target(client, table, journal, units)
    wanted = _Conditions(condition, names, values, transactions, operation)
    description = _described(client, table) if isinstance(table, str) else None
    if description is None and journal is not None:
        description = _described(client, str(getattr(table, "name", table)))
    design = table if isinstance(table, Table) else table_of(description or {})
    priced = _are_asked_for(units, write_units, client)
    way = wanted.way(design, units=priced)
    check = KeyCheck(design, keys_only=operation == "delete")
    source, held = rows_of(rows, check, floats)
    confirmed = None
    sender = sender_for(client, way.name, design.name)
    try:
        if journal is not None:
            of = {
                "table": design.name, "id": identity(description or {}), "operation": operation,
                "condition": condition, "on_duplicate": on_duplicate,
            }  # fmt: skip
            if wanted.asked is not None and (names or values):  # the condition alone says not what it means
                of["asked"] = wanted.asked.text()
            if on_duplicate == "last":  # which rows are sent differs
                of["rows"] = "in memory as a whole" if held else "an iterator"
            confirmed = Confirmed.open(journal, of)
        settings = Settings(in_flight, write_units, on_duplicate, backoff, limit_seconds, progress)
        report = write_rows(design.name, source, way, sender, settings, kind=operation, held=held, confirmed=confirmed)
    finally:
        sender.close()
        if confirmed is not None:
            confirmed.close()
    if units is None and not priced and report.units is None:
        report = replace(report, notes=(*report.notes, _NOT_ASKED))
    if on_failure == "raise" and not report.ok:
        raise WriteError(_failure(report, journal), report=report)
    return report


@dataclass(frozen=True)
class _Conditions:
    condition: str | None
    names: Mapping[str, str] | None
    values: Mapping[str, Any] | None
    transactions: bool
    operation: str

    @property
    def asked(self) -> Condition | None:
        """The condition with what its names and values stand for."""
        return Condition(self.condition, self.names or {}, self.values or {}) if self.condition is not None else None

    def way(self, table: Table, *, units: bool) -> Operation:
        """Return the operation that was asked for; UsageError where it cannot be meant."""
        asked = self.asked
        if asked is None:
            if self.names or self.values or self.transactions:
                raise UsageError(
                    "names, values and transactions go with a condition; give condition=, or leave them out"
                )
            return BatchWrite(table.name, table.keys.names, delete=self.operation == "delete", units=units)
        if self.operation == "delete":
            raise UsageError("a condition goes with puts; a delete has none here")
        if self.transactions:
            return TransactionalPut(table.name, asked, units=units)
        return ConditionalPut(table.name, asked, units=units)


def _described(client: Any, name: str) -> dict[str, Any]:
    """Return the table's description; UsageError where ``name`` is another spelling, an ARN, of what may be elsewhere.

    Requests name the table as its description does: for an ARN that would be the table of that name in the account
    and region of the client.
    """
    found = describe(client, name)
    if found["TableName"] != name:
        raise UsageError(
            f"table={name!r} is the table {found['TableName']!r}, which may be of another account or region, and rows "
            f"are written by name; give table={found['TableName']!r}, with a client of that account and region"
        )
    return found


def _check(choices: Mapping[str, str], in_flight: int) -> None:
    for name, value in choices.items():
        if value not in _CHOICES[name]:
            raise UsageError(f"{name}={value!r}; give {' or '.join(map(repr, _CHOICES[name]))}")
    if isinstance(in_flight, bool) or not isinstance(in_flight, int) or not 1 <= in_flight <= MOST_IN_FLIGHT:
        raise UsageError(f"in_flight={in_flight!r}; give a number of requests from 1 to {MOST_IN_FLIGHT}")


def _check_target(client: Any, table: Any, journal: Any, units: Any) -> None:
    method_of(client, "describe_table")
    if not isinstance(table, str | Table) or not table:
        raise UsageError(f"table={table!r}; give the name of a table, or a model's Table")
    if journal is not None and not str(journal):
        raise UsageError("journal=''; give the path of a file, or leave it out")
    if units not in (None, True, False):
        raise UsageError(f"units={units!r}; give True or False, or leave it out")


def _are_asked_for(units: bool | None, ceiling: float | None, client: Any) -> bool:
    """Return whether the engine is asked for units; UsageError where a ceiling could not be kept without."""
    if units is False and ceiling is not None:
        raise UsageError(
            f"units=False with write_units={ceiling!r}: the ceiling is kept by the units in answers; leave one out"
        )
    if units is not None:
        return units
    return ceiling is not None or not is_near(client.meta.endpoint_url)


def _failure(report: WriteReport, journal: str | Path | None) -> str:
    cures = []
    if report.unsent:
        again = "with the same journal" if journal is not None else "with what is missing"
        cures.append(f"raise the table's write units or wait, then run it again {again}")
    if report.failed:
        cures.append("error.report.failed has every row that was refused")
    return f"{report!r}\n{'; '.join(cures)[0].upper()}{'; '.join(cures)[1:]}."
