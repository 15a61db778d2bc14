"""Ways to read a table's pages into a DataFrame: what people write today, the libraries, and the workbench.

A way is made for an address and a kind of items, which is not measured, and is then called with a table's name as often
as wanted. It returns what its user would go on with; ``rows`` and ``records`` look into that afterwards.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.kinds import PARTITIONS

__all__ = ["EXACT", "FLOOR", "OURS", "SEGMENTS", "WAYS", "Read", "client", "records", "rows"]

Read = Callable[[str], Any]
REGION = "us-east-1"
KEYS = {"aws_access_key_id": "benchmark", "aws_secret_access_key": "benchmark"}
MODEL = Path(__file__).parent / "model.yaml"


def client(url: str, **config: Any) -> Any:
    """Return a boto3 client as people make one: everything at its default."""
    import boto3
    from botocore.config import Config

    return boto3.client("dynamodb", endpoint_url=url, region_name=REGION, **KEYS, config=Config(**config))


def _request(table: str, kind: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": PARTITIONS[kind]}},
    }


def boto3_resource(url: str, kind: str) -> Read:
    """The loop that most people write."""
    import boto3
    import pandas as pd
    from boto3.dynamodb.conditions import Key

    resource = boto3.resource("dynamodb", endpoint_url=url, region_name=REGION, **KEYS)

    def read(table: str) -> pd.DataFrame:
        asked = {"KeyConditionExpression": Key("pk").eq(PARTITIONS[kind])}
        items, bound = [], resource.Table(table)
        while True:
            answer = bound.query(**asked)
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return pd.DataFrame(items)
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    return read


def boto3_client(url: str, kind: str) -> Read:
    """The paginator of the client, and boto3's TypeDeserializer by hand."""
    import pandas as pd
    from boto3.dynamodb.types import TypeDeserializer

    made, one = client(url), TypeDeserializer().deserialize

    def read(table: str) -> pd.DataFrame:
        pages = made.get_paginator("query").paginate(**_request(table, kind))
        return pd.DataFrame(
            [{name: one(value) for name, value in item.items()} for page in pages for item in page["Items"]]
        )

    return read


def awswrangler(url: str, kind: str) -> Read:
    """``read_items`` as its documentation shows it."""
    import awswrangler as wr
    import boto3

    wr.config.dynamodb_endpoint_url = url
    session = boto3.Session(region_name=REGION, **KEYS)

    def read(table: str) -> Any:
        return wr.dynamodb.read_items(
            table_name=table,
            key_condition_expression="pk = :pk",
            expression_attribute_values={":pk": PARTITIONS[kind]},
            boto3_session=session,
        )

    return read


def dynamo_pandas(url: str, kind: str) -> Read:
    """``get_df``, which scans: it has no Query."""
    import dynamo_pandas

    settings = {"endpoint_url": url, "region_name": REGION, **KEYS}
    return lambda table: dynamo_pandas.get_df(table=table, boto3_kwargs=settings)


def pynamodb(url: str, kind: str) -> Read:
    """A declared model, its attribute values put into a DataFrame."""
    import pandas as pd

    from benchmarks.pynamodb_models import model

    models = {table: model(kind, url, table) for table in ("small", "measured")}

    def read(table: str) -> pd.DataFrame:
        found = models[table].query(PARTITIONS[kind])
        return pd.DataFrame([item.attribute_values for item in found])

    return read


def pydynox(url: str, kind: str) -> Read:
    """The client of the Rust core: its items put into a DataFrame."""
    import pandas as pd
    from pydynox import DynamoDBClient

    made = DynamoDBClient(endpoint_url=url, region=REGION, access_key="benchmark", secret_key="benchmark")

    def read(table: str) -> pd.DataFrame:
        found = made.sync_query(table, "pk = :pk", expression_attribute_values={":pk": PARTITIONS[kind]})
        return pd.DataFrame(list(found))

    return read


def floor(url: str, kind: str) -> Read:
    """Receive the bytes with urllib3 and throw them away: what no client can beat."""
    import urllib3

    pool = urllib3.connection_from_url(url)
    headers = {"X-Amz-Target": "DynamoDB_20120810.Query"}

    def read(table: str) -> int:
        asked, count = _request(table, kind), 0
        while True:
            body = pool.urlopen("POST", "/", body=json.dumps(asked), headers=headers).data
            count += int(re.match(rb'\{"Count":(\d+)', body)[1])
            at = body.rfind(b'"LastEvaluatedKey":')
            if at < 0:
                return count
            asked["ExclusiveStartKey"] = json.loads(body[at:].partition(b":")[2].rpartition(b',"Scanned')[0])

    return read


def workbench(url: str, kind: str) -> Read:
    """``wb.read`` with a boto3 client, to pandas."""
    import workbench as wb

    made = client(url)
    return lambda table: wb.read(made, "Query", **_request(table, kind)).df


def workbench_arrow(url: str, kind: str) -> Read:
    """``wb.read`` with a boto3 client, to an Arrow table."""
    import workbench as wb

    made = client(url)
    return lambda table: wb.read(made, "Query", **_request(table, kind)).arrow


def workbench_pattern(url: str, kind: str) -> Read:
    """An access pattern of a bench, every page, to pandas; its receipt with computed units is made as well."""
    bench = _bench(url)
    return lambda table: bench.pattern(f"read-{table}").all(pk=PARTITIONS[kind], max_pages=10**6).df


def workbench_scan(segments: int) -> Callable[[str, str], Read]:
    """A scan of a bench's table in so many segments."""

    def make(url: str, kind: str) -> Read:
        bench = _bench(url)
        return lambda table: bench.table(table).scan(segments=segments, max_pages=10**6).df

    return make


def _bench(url: str) -> Any:
    import workbench as wb

    return wb.open(MODEL, engine=url)


def on_one_core(way: Callable[[str, str], Read]) -> Callable[[str, str], Read]:
    """Return a way whose process keeps to one core, where the system lets it."""

    def make(url: str, kind: str) -> Read:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        return way(url, kind)

    return make


OURS = {"workbench": workbench, "workbench, Arrow": workbench_arrow, "workbench, pattern": workbench_pattern}
SEGMENTS = {
    "one segment": workbench_scan(1),
    "one segment on one core": on_one_core(workbench_scan(1)),
    "two segments": workbench_scan(2),
}
EXACT = frozenset({*OURS, *SEGMENTS})  # the ways that must give every item as it was sent
FLOOR = "floor: urllib3, thrown away"
WAYS: dict[str, Callable[[str, str], Read]] = {
    "boto3 resource": boto3_resource,
    "boto3 client": boto3_client,
    "awswrangler": awswrangler,
    "dynamo-pandas": dynamo_pandas,
    "PynamoDB": pynamodb,
    "pydynox": pydynox,
    **OURS,
    FLOOR: floor,
    **SEGMENTS,
}


def rows(found: Any) -> int:
    """Return how many rows a way gave back; the floor gives the number alone."""
    return found if isinstance(found, int) else len(found)


def records(found: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a rival's DataFrame as dicts, without the columns that say "missing" in pandas' words."""
    from benchmarks.digests import is_missing

    for row in found.to_dict("records"):
        yield {name: value for name, value in row.items() if not is_missing(value)}
