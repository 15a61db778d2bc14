"""Pages as DynamoDB sends them: recorded from DynamoDB Local once, kept in the cache folder, made more at need.

A recording is LAP full pages of 1 MB, which DynamoDB Local cut. More pages are the recorded ones with other keys: lap n
has the year 2000 + n in its sort keys and n in the first digits of its UUIDs, both of the same length, so that what was
a page stays one. Bodies are put in AWS's order of fields; the JSON of the items is DynamoDB Local's, byte for byte.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import kinds

__all__ = ["LAP", "Page", "cut", "for_boto3", "load_items", "pages", "record", "recorded"]

LAP = 8
MOST_LAPS = 7999
BATCH = 25
LOADERS = 4
ENOUGH = {"messages": 3_200 * LAP, "wide": 1_950 * LAP}  # items that fill LAP pages and more
_COMPACT: dict[str, Any] = {"separators": (",", ":"), "ensure_ascii": False}


@dataclass(frozen=True)
class Page:
    """One page: the JSON of its items without the list's brackets, how many they are, and the key of the last."""

    items: bytes
    count: int
    last_key: dict[str, Any]

    def wire(self) -> list[dict[str, Any]]:
        """Return the items in wire form."""
        return list(json.loads(b"[" + self.items + b"]"))


def pages(kind: str, count: int, lap: list[Page]) -> Iterator[Page]:
    """Yield ``count`` pages in key order, made of the recorded ones."""
    for number in range(count):
        yield _moved(lap[number % len(lap)], number // len(lap))


def cut(found: list[Page], items: int) -> list[Page]:
    """Return the first pages that hold ``items`` items, the last one cut short; ValueError when they hold fewer."""
    kept: list[Page] = []
    for page in found:
        if items <= 0:
            break
        kept.append(page if page.count <= items else _short(page, items))
        items -= page.count
    if items > 0:
        raise ValueError(f"the pages hold {items} items fewer than were asked for")
    return kept


def _short(page: Page, items: int) -> Page:
    wire = page.wire()[:items]
    return Page(json.dumps(wire, **_COMPACT).encode()[1:-1], items, _key(wire[-1]))


def _moved(page: Page, lap: int) -> Page:
    """The page ``lap`` laps on: its year and the first digits of its UUIDs."""
    if not 0 <= lap <= MOST_LAPS:
        raise ValueError(f"lap {lap}: a year has four digits, so 0 to {MOST_LAPS} can be made")
    if not lap:
        return page
    year, identity = f'"{2000 + lap}-'.encode(), f'"{lap:08x}-'.encode()
    items = page.items.replace(b'"2000-', year).replace(b'"00000000-', identity)
    key = json.loads(json.dumps(page.last_key).replace('"2000-', year.decode()))
    return Page(items, page.count, key)


def _key(item: dict[str, Any]) -> dict[str, Any]:
    return {"pk": item["pk"], "sk": item["sk"]}


@functools.cache
def recorded(kind: str) -> list[Page]:
    """Return the recorded pages of a kind, and record them first where the cache has none.

    The cache's name holds a digest of what makes the items, so that a changed generator records anew.
    """
    from workbench.engines.state import cache_dir

    recipe = inspect.getsource(kinds) + inspect.getsource(record) + str((LAP, ENOUGH[kind]))
    path = cache_dir() / "benchmarks" / f"{kind}-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.json"
    if not path.exists():
        print(f"Recording {LAP} pages of {kind} from DynamoDB Local into the cache, once.", file=sys.stderr, flush=True)
        _write(path, [body.decode() for body in _from_engine(kind)])
    return [_page(body.encode()) for body in json.loads(path.read_text(encoding="utf-8"))]


def _write(path: Path, bodies: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(bodies, file)
    os.replace(name, path)


def _page(body: bytes) -> Page:
    """The page of a raw response body; ValueError when the form of its JSON is not the one that is copied here."""
    answer = json.loads(body)
    items = json.dumps(answer["Items"], **_COMPACT).encode()
    if items not in body:
        raise ValueError("the recorded items are not written as compact JSON in UTF-8; record again")
    return Page(items[1:-1], len(answer["Items"]), answer["LastEvaluatedKey"])


def _from_engine(kind: str) -> list[bytes]:
    from workbench.engines import install, open_engine

    install()
    with open_engine("dynamodb-local") as engine, engine.lease(wait=60) as store:
        return record(store.client(), kind)


def record(client: Any, kind: str, count: int = LAP) -> list[bytes]:
    """Load items of a kind into a table of the client's, and return ``count`` raw bodies of full Query pages.

    Each has a LastEvaluatedKey. RuntimeError when the items that are loaded do not fill so many pages.
    """
    table = f"recording-{kind}"
    names = ("pk", "sk")
    client.create_table(
        TableName=table,
        KeySchema=[
            {"AttributeName": name, "KeyType": role} for name, role in zip(names, ("HASH", "RANGE"), strict=True)
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        BillingMode="PAY_PER_REQUEST",
    )
    try:
        load_items(client, table, kinds.items(kind, -(-ENOUGH[kind] * count // LAP)))
        return _bodies(client, table, kind, count)
    finally:
        client.delete_table(TableName=table)


def load_items(client: Any, table: str, items: Iterable[dict[str, Any]]) -> None:
    """Write items in wire form with boto3's own client, from a few threads, until none is unprocessed."""
    found = [for_boto3(item) for item in items]

    def put(start: int) -> None:
        left = {table: [{"PutRequest": {"Item": item}} for item in found[start : start + BATCH]]}
        while left:
            left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]

    with ThreadPoolExecutor(LOADERS) as pool:
        list(pool.map(put, range(0, len(found), BATCH)))


def for_boto3(value: Any) -> Any:
    """Return the same wire form with binary as bytes, as boto3's client has it."""
    import base64

    if isinstance(value, list):
        return [for_boto3(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"B"} and isinstance(value["B"], str):
        return {"B": base64.b64decode(value["B"])}
    if value.keys() == {"BS"} and isinstance(value["BS"], list):
        return {"BS": [base64.b64decode(each) for each in value["BS"]]}
    return {name: for_boto3(each) for name, each in value.items()}


def _bodies(client: Any, table: str, kind: str, count: int) -> list[bytes]:
    raw: list[bytes] = []
    client.meta.events.register(
        "before-parse.dynamodb.Query", lambda response_dict, **_: raw.append(response_dict["body"])
    )
    request = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": kinds.PARTITIONS[kind]}},
    }
    for _ in range(count):
        answer = client.query(**request)
        if "LastEvaluatedKey" not in answer:
            raise RuntimeError(f"the items of {kind} fill {len(raw)} pages, {count} were wanted: raise ENOUGH")
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    return raw
