"""Tables as the model declares them: created where they are missing, compared where they are there, deleted by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.bulk.failures import send
from workbench.errors import RequestError, TableError
from workbench.model import Model, Table
from workbench.plans.tables import table_request, ttl_request

_WAIT_SECONDS = 300
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class TableStep:
    """What was done about one table."""

    table: str
    done: Literal["created", "there", "dropped", "missing"]


@dataclass(frozen=True)
class SchemaReport:
    """What was done about every table, in the order of the model file. Iterating gives the steps."""

    steps: tuple[TableStep, ...]

    def __iter__(self) -> Iterator[TableStep]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return "\n".join(f"{step.table}: {step.done}" for step in self.steps) or "no tables"

    def records(self) -> list[dict[str, str]]:
        """Return one dict a table, for JSON."""
        return [{"table": step.table, "done": step.done} for step in self.steps]


def load_schema(client: Any, model: Model, *, sleep: Callable[[float], None] = time.sleep) -> SchemaReport:
    """Create the tables that are not there, wait until they can be used, and return what was done.

    Raises TableError where a table is there with other keys or indexes; nothing is changed in it then. Run again after
    an interruption, it finishes what was begun.
    """
    return SchemaReport(tuple(_load(client, table, sleep) for table in model.tables.values()))


def drop_schema(
    client: Any, model: Model, tables: Sequence[str] = (), *, sleep: Callable[[float], None] = time.sleep
) -> SchemaReport:
    """Delete the model's tables, or those of them that are named, and return which were there.

    Raises UnknownNameError for a table that the model does not have, before any is deleted, and TableError for one
    that is protected against deletion.
    """
    chosen = [model.table(name) for name in tables] or list(model.tables.values())
    return SchemaReport(tuple(_drop(client, table, sleep) for table in chosen))


def _load(client: Any, table: Table, sleep: Callable[[float], None]) -> TableStep:
    there = _described(client, table.name)
    if there is not None and there["TableStatus"] == "DELETING":
        _until(client, table.name, lambda found: found is None, sleep)
        there = None
    created = there is None and _create(client, table)
    found = _until(client, table.name, _is_usable, sleep)
    _refuse_differences(table, found)
    _set_ttl(client, table)
    return TableStep(table.name, "created" if created else "there")


def refuse_other_keys(client: Any, table: Table) -> None:
    """Raise TableError where a table is there with other keys or indexes than the model says."""
    _refuse_differences(table, _described(client, table.name))


def _refuse_differences(table: Table, found: dict[str, Any] | None) -> None:
    different = differences(table, found or {})
    if different:
        raise TableError(
            f"the table {table.name!r} is there, but not as the model says: {'; '.join(different)}. Drop it (its items "
            f"go with it) and load the schema again, or change the model."
        )


def _create(client: Any, table: Table) -> bool:
    """Create a table; False when somebody else did so at the same moment."""
    try:
        send(client, "create_table", "CreateTable", table.name, **table_request(table))
    except RequestError as error:
        if error.code == "ResourceInUseException":
            return False
        raise
    return True


def _drop(client: Any, table: Table, sleep: Callable[[float], None]) -> TableStep:
    try:
        send(client, "delete_table", "DeleteTable", table.name, TableName=table.name)
    except TableError:
        return TableStep(table.name, "missing")
    except RequestError as error:
        if "protect" in str(error).lower():
            raise TableError(
                f"the table {table.name!r} is protected against deletion; nothing was deleted from it. Set "
                f"deletion_protection: false in the model and switch it off on the table first."
            ) from error
        raise
    _until(client, table.name, lambda found: found is None, sleep)
    return TableStep(table.name, "dropped")


def differences(table: Table, found: dict[str, Any]) -> list[str]:
    """Return in words where a table's description is not what the model says: keys, their types, and indexes."""
    wanted = table_request(table)
    types = {each["AttributeName"]: each["AttributeType"] for each in found.get("AttributeDefinitions", [])}
    wanted_types = {each["AttributeName"]: each["AttributeType"] for each in wanted["AttributeDefinitions"]}
    texts = [_compared("key", _keys(wanted, wanted_types), _keys(found, types))]
    for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        here = {index["IndexName"]: index for index in found.get(kind) or []}
        asked = {index["IndexName"]: index for index in wanted.get(kind, [])}
        for name in [*asked, *(name for name in here if name not in asked)]:
            texts.append(
                _compared(f"index {name}", _index(asked.get(name), wanted_types), _index(here.get(name), types))
            )
    return [text for text in texts if text]


def _compared(what: str, wanted: str, found: str) -> str:
    return "" if wanted == found else f"{what} is {found}, and the model says {wanted}"


def _keys(description: dict[str, Any], types: dict[str, str]) -> str:
    parts = [
        f"{each['AttributeName']} ({types.get(each['AttributeName'], '?')}, {each['KeyType']})"
        for each in sorted(description.get("KeySchema", []), key=lambda each: str(each["KeyType"]))
    ]
    return " and ".join(parts) or "not there"


def _index(description: dict[str, Any] | None, types: dict[str, str]) -> str:
    if description is None:
        return "not there"
    projection = description["Projection"]
    names = ", ".join(sorted(projection.get("NonKeyAttributes") or []))
    return f"{_keys(description, types)} projecting {projection['ProjectionType']}{f' {names}' if names else ''}"


def _set_ttl(client: Any, table: Table) -> None:
    request = ttl_request(table)
    if request is None:
        return
    answer = send(client, "describe_time_to_live", "DescribeTimeToLive", table.name, TableName=table.name)
    if answer["TimeToLiveDescription"].get("AttributeName") != table.ttl:
        send(client, "update_time_to_live", "UpdateTimeToLive", table.name, **request)


def _described(client: Any, name: str) -> dict[str, Any] | None:
    try:
        answer = send(client, "describe_table", "DescribeTable", name, TableName=name)
    except TableError:
        return None
    table: dict[str, Any] = answer["Table"]
    return table


def _is_usable(found: dict[str, Any] | None) -> bool:
    if found is None or found["TableStatus"] not in ("ACTIVE", "UPDATING"):
        return False
    return all(index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in found.get("GlobalSecondaryIndexes") or [])


def _until(
    client: Any, name: str, done: Callable[[dict[str, Any] | None], bool], sleep: Callable[[float], None]
) -> dict[str, Any] | None:
    """Describe the table until ``done``; TableError after five minutes."""
    found = _described(client, name)
    for _ in range(int(_WAIT_SECONDS / _PAUSE_SECONDS)):
        if done(found):
            return found
        sleep(_PAUSE_SECONDS)
        found = _described(client, name)
    status = found["TableStatus"] if found else "missing"
    raise TableError(f"the table {name!r} is still {status} after {_WAIT_SECONDS} s; run the command again")
