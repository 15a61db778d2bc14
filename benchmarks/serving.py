"""What a case is measured against: a replay server in a process of its own, or tables on DynamoDB Local."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import urllib3

from benchmarks.measuring import ROOT
from benchmarks.reading import client

__all__ = ["ask_replay", "local_tables", "replaying"]


@contextmanager
def replaying(tables: Mapping[str, Mapping[str, Any]], *, delay: float = 0.0, keep: bool = False) -> Iterator[str]:
    """Serve these tables from a process of its own while the block runs; gives its address."""
    command = [sys.executable, "-m", "benchmarks.replay", "--delay", str(delay), *(["--keep"] if keep else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(tables) + "\n")
        process.stdin.flush()
        port = process.stdout.readline().strip()
        if not port:
            raise RuntimeError("the replay server did not start; its words are above")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()  # it ends by itself


def ask_replay(url: str, path: str) -> Any:
    """Return what the replay server answers to ``/counts``, ``/kept`` or ``/reset``."""
    with urllib3.PoolManager() as pool:
        return json.loads(pool.request("GET", url + path).data)


@contextmanager
def local_tables(*, index: bool) -> Iterator[tuple[str, Any]]:
    """Hold DynamoDB Local up; gives its address and a function that makes both tables anew, empty."""
    from workbench.engines import install, open_engine

    install()
    with open_engine("dynamodb-local") as engine:
        made = client(engine.endpoint)

        def fresh() -> None:
            _drop(made)
            for table in ("small", "measured"):
                made.create_table(**_table(table, index=index))

        try:
            yield engine.endpoint, fresh
        finally:
            _drop(made)


def _drop(made: Any) -> None:
    for table in made.list_tables()["TableNames"]:
        made.delete_table(TableName=table)


def _table(name: str, *, index: bool) -> dict[str, Any]:
    keys = {"pk": "HASH", "sk": "RANGE"}
    names = [*keys, *(["user_uuid"] if index else [])]
    request: dict[str, Any] = {
        "TableName": name,
        "KeySchema": [{"AttributeName": each, "KeyType": role} for each, role in keys.items()],
        "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in names],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if index:
        by_user = [{"AttributeName": "user_uuid", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        request["GlobalSecondaryIndexes"] = [
            {"IndexName": "by-user", "KeySchema": by_user, "Projection": {"ProjectionType": "ALL"}}
        ]
    return request
