"""Ways to write items to a table: what people write today, the libraries, and the workbench.

A way is made for an address and the items in wire form; turning them into what the way's user holds (dicts of Python
values, or a DataFrame) is not measured. It is then called with a table's name and some of the prepared items.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from benchmarks.reading import KEYS, REGION, client

__all__ = ["OURS", "WAYS", "Way"]

BATCH = 25
THREADS = 8
Wire = dict[str, Any]


class Way:
    """What is prepared, and the function that writes it: ``write(table, prepared)``."""

    def __init__(self, prepare: Callable[[Sequence[Wire]], Any], write: Callable[[str, Any], object]) -> None:
        self.prepare = prepare
        self.write = write


def _dicts(items: Sequence[Wire]) -> list[dict[str, Any]]:
    """Python values as boto3 makes them."""
    from boto3.dynamodb.types import TypeDeserializer

    from benchmarks.recordings import for_boto3

    one = TypeDeserializer().deserialize
    return [{name: one(value) for name, value in for_boto3(item).items()} for item in items]


def _plain(items: Sequence[Wire], number: Callable[[Decimal], Any]) -> list[dict[str, Any]]:
    """The same without boto3's own type for binary, and numbers as the library takes them; in sets as int and float."""

    def one(value: Any, number: Callable[[Decimal], Any] = number) -> Any:
        if isinstance(value, Decimal):
            return number(value)
        if isinstance(value, dict):
            return {name: one(each) for name, each in value.items()}
        if isinstance(value, list):
            return [one(each) for each in value]
        if isinstance(value, set):
            return {one(each, _int_or_float) for each in value}
        return getattr(value, "value", value)

    return [{name: one(value) for name, value in item.items()} for item in _dicts(items)]


def _int_or_float(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _frame(items: Sequence[Wire]) -> Any:
    import pandas as pd

    return pd.DataFrame(_dicts(items))


def boto3_batch_writer(url: str, _kind: str) -> Way:
    """The resource's ``batch_writer``, which most people use."""
    import boto3

    resource = boto3.resource("dynamodb", endpoint_url=url, region_name=REGION, **KEYS)

    def write(table: str, items: list[dict[str, Any]]) -> None:
        with resource.Table(table).batch_writer() as batch:
            for item in items:
                batch.put_item(Item=item)

    return Way(_dicts, write)


def boto3_threads(url: str, _kind: str) -> Way:
    """The client's BatchWriteItem from eight threads; a TypeSerializer makes the items."""
    from boto3.dynamodb.types import TypeSerializer

    made, one = client(url), TypeSerializer().serialize

    def send(table: str, items: list[dict[str, Any]]) -> None:
        left: Any = {table: [{"PutRequest": {"Item": {k: one(v) for k, v in item.items()}}} for item in items]}
        while left:
            left = made.batch_write_item(RequestItems=left)["UnprocessedItems"]

    def write(table: str, items: list[dict[str, Any]]) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda at: send(table, items[at : at + BATCH]), range(0, len(items), BATCH)))

    return Way(_dicts, write)


def _awswrangler(url: str) -> Any:
    import awswrangler as wr
    import boto3

    wr.config.dynamodb_endpoint_url = url
    return wr.dynamodb, boto3.Session(region_name=REGION, **KEYS)


def awswrangler_items(url: str, _kind: str) -> Way:
    """``put_items``, threads as it chooses them."""
    dynamodb, session = _awswrangler(url)
    return Way(_dicts, lambda table, items: dynamodb.put_items(items=items, table_name=table, boto3_session=session))


def awswrangler_df(url: str, _kind: str) -> Way:
    """``put_df``, threads as it chooses them."""
    dynamodb, session = _awswrangler(url)
    return Way(_frame, lambda table, df: dynamodb.put_df(df=df, table_name=table, boto3_session=session))


def dynamo_pandas(url: str, _kind: str) -> Way:
    """``put_df``."""
    import dynamo_pandas as module

    settings = {"endpoint_url": url, "region_name": REGION, **KEYS}
    return Way(_frame, lambda table, df: module.put_df(df, table=table, boto3_kwargs=settings))


def pynamodb(url: str, kind: str) -> Way:
    """A declared model's ``batch_write``; making the models of the items is measured too. Numbers are int and float."""
    from benchmarks.pynamodb_models import model

    models = {table: model(kind, url, table) for table in ("small", "measured")}

    def write(table: str, items: list[dict[str, Any]]) -> None:
        declared = models[table]
        with declared.batch_write() as batch:
            for item in items:
                batch.save(declared(**item))

    return Way(lambda items: _plain(items, _int_or_float), write)


def pydynox(url: str, _kind: str) -> Way:
    """The client's ``sync_batch_write`` with all items at once."""
    from pydynox import DynamoDBClient

    made = DynamoDBClient(endpoint_url=url, region=REGION, access_key="benchmark", secret_key="benchmark")

    def prepare(items: Sequence[Wire]) -> list[dict[str, Any]]:
        return _plain(items, lambda number: number)

    return Way(prepare, lambda table, items: made.sync_batch_write(table, put_items=items))


def workbench(url: str, _kind: str, **options: Any) -> Way:
    """``wb.write`` with a boto3 client and items as dicts; like the others it does not ask for units near by."""
    import workbench as wb
    from workbench.items import item_from_wire

    made = client(url)

    def prepare(items: Sequence[Wire]) -> list[dict[str, Any]]:
        from benchmarks.recordings import for_boto3

        return [item_from_wire(for_boto3(item)) for item in items]

    return Way(prepare, lambda table, items: wb.write(made, table, items, **options))


def workbench_units(url: str, kind: str) -> Way:
    """The same, asking the engine for the units that it consumes, as of AWS."""
    return workbench(url, kind, units=True)


def workbench_df(url: str, _kind: str) -> Way:
    """``wb.write`` with a boto3 client and a DataFrame as the workbench makes it."""
    import workbench as wb
    from workbench.frames import from_items

    made, items = client(url), workbench(url, _kind)
    return Way(lambda given: from_items(items.prepare(given)), lambda table, df: wb.write(made, table, df))


OURS = ("workbench", "workbench, units", "workbench, DataFrame")
WAYS: dict[str, Callable[[str, str], Way]] = {
    "boto3 batch_writer": boto3_batch_writer,
    "boto3 client, 8 threads": boto3_threads,
    "awswrangler put_items": awswrangler_items,
    "awswrangler put_df": awswrangler_df,
    "dynamo-pandas put_df": dynamo_pandas,
    "PynamoDB batch_write": pynamodb,
    "pydynox batch write": pydynox,
    "workbench": workbench,
    "workbench, units": workbench_units,
    "workbench, DataFrame": workbench_df,
}
