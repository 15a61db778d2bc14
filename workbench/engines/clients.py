"""boto3 clients for stores on this machine: keys are passed in code, nothing of the user's AWS set-up is read."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

__all__ = ["empty", "empty_for_good", "environment", "make_client", "streamed_items"]

SECRET = "workbench"  # noqa: S105  # engines on this machine check no signature
POOL_CONNECTIONS = 25
QUIET_LOOKS = 2
QUIET_SECONDS = 0.05
_making = threading.Lock()  # a botocore session is not for several threads at once


@functools.cache
def _session(process: int) -> Any:
    """One session a process, which reads no profile, no config file and no credentials file of the user."""
    import boto3
    import botocore.session

    nowhere = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.session.Session(botocore_session=botocore.session.Session(session_vars=nowhere))


def make_client(service: str, endpoint: str, store: Mapping[str, Any], **config: Any) -> Any:
    """Return a boto3 client of that service for one store (``access_key``, ``region``) behind the endpoint.

    ``config`` overrides settings of ``botocore.config.Config``: short connect timeout, three attempts in all.
    """
    from botocore.config import Config

    settings: dict[str, Any] = {
        "retries": {"mode": "standard", "total_max_attempts": 3},
        "connect_timeout": 5,
        "read_timeout": 60,
        "max_pool_connections": POOL_CONNECTIONS,
        "proxies": {},  # a company's HTTP_PROXY must not be asked for loopback
        "parameter_validation": True,
    }
    with _making:
        return _session(os.getpid()).client(
            service,
            endpoint_url=endpoint,
            region_name=store["region"],
            aws_access_key_id=store["access_key"],
            aws_secret_access_key=SECRET,
            config=Config(**(settings | config)),
        )


def environment(endpoint: str, store: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment variables by which boto3, given nothing in code, makes clients of one store."""
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": endpoint,
        "AWS_ACCESS_KEY_ID": store["access_key"],
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": "",
        "AWS_PROFILE": "",
        "AWS_REGION": store["region"],
        "AWS_DEFAULT_REGION": store["region"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": urlsplit(endpoint).hostname or "",
    }


def empty(client: Any) -> int:
    """Delete every table that the client sees, turning deletion protection off where it is on; return how many."""
    names = [name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]]
    for name in names:
        _delete(client, name)
    return len(names)


def streamed_items(client: Any) -> int:
    """Return how many items the tables with a stream hold: each of them is at least one record of the stream."""
    names = client.get_paginator("list_tables").paginate().build_full_result().get("TableNames", [])
    tables = (_described(client, name) for name in names)
    return sum(int(table.get("ItemCount", 0)) for table in tables if "LatestStreamArn" in table)


def _described(client: Any, name: str) -> dict[str, Any]:
    try:
        table: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:  # someone else was quicker
        return {}
    return table


def empty_for_good(client: Any) -> None:
    """Empty a store whose user may have been killed: a request of its that was on its way may still make a table."""
    quiet = 0
    while quiet < QUIET_LOOKS:
        quiet = 0 if empty(client) else quiet + 1
        time.sleep(QUIET_SECONDS)


def _delete(client: Any, name: str) -> None:
    try:
        client.delete_table(TableName=name)
    except client.exceptions.ResourceNotFoundException:  # someone else was quicker
        return
    except client.exceptions.ClientError:
        client.update_table(TableName=name, DeletionProtectionEnabled=False)
        client.delete_table(TableName=name)
