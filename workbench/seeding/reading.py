"""Reading back what a table holds of the items that are about to be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.bulk.failures import boto_errors, explained, is_server_error, is_throttle, send
from workbench.errors import SeedError
from workbench.model import Table
from workbench.results import Backoff
from workbench.seeding.batches import Wire, key_of

BATCH = 100


def existing_items(
    client: Any, table: Table, items: Sequence[Wire], backoff: Backoff | None = None
) -> dict[tuple[tuple[str, Any], ...], Wire]:
    """Return, by key, the items that are in the table under the keys of ``items``; strongly consistent.

    An empty table is noticed by one request; otherwise 100 keys are read at a time.
    """
    if not items or is_empty(client, table.name):
        return {}
    names = table.keys.names
    keys = [{name: item[name] for name in names} for item in items]
    found: dict[tuple[tuple[str, Any], ...], Wire] = {}
    for start in range(0, len(keys), BATCH):
        for item in _batch(client, table.name, keys[start : start + BATCH], backoff or Backoff()):
            found[key_of(names, item)] = item
    return found


def is_empty(client: Any, table: str) -> bool:
    """Return whether a table holds no item, by one request."""
    answer = send(client, "scan", "Scan", table, TableName=table, Limit=1, ConsistentRead=True)
    return not answer.get("Items") and "LastEvaluatedKey" not in answer


def _batch(client: Any, table: str, keys: list[Wire], backoff: Backoff) -> list[Wire]:
    found: list[Wire] = []
    left, failures = keys, 0
    while left:
        before = len(left)
        try:
            answer = client.batch_get_item(RequestItems={table: {"Keys": left, "ConsistentRead": True}})
        except boto_errors() as error:
            if not is_throttle(error) and not is_server_error(error):
                raise explained(error, "BatchGetItem", table) from error
        else:
            found += answer.get("Responses", {}).get(table, [])
            left = (answer.get("UnprocessedKeys") or {}).get(table, {}).get("Keys", [])
        failures = 0 if len(left) < before else failures + 1
        if left and failures >= backoff.attempts:
            raise SeedError(
                f"{table}: gave up after {failures} attempts to read {len(left)} items before writing; nothing of "
                f"them was changed. Raise the table's read units or wait, then run it again."
            )
        if left:
            backoff.wait(max(failures, 1))
    return found
