"""A server on loopback that answers with prepared bytes, so that a client is measured and not a server.

It speaks as much of DynamoDB's protocol as the measured clients ask for: Query, Scan with segments, BatchGetItem and
ExecuteStatement are answered from pages, each found by the key or token that the request continues from, so any number
of clients may read at once; BatchWriteItem, PutItem and TransactWriteItems are swallowed and counted. Everything is
checksummed before the first request. A delay, where one is asked for, is waited for without keeping others waiting.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks import recordings
from benchmarks.recordings import Page

__all__ = ["Answer", "Replay", "Table", "serve"]

HEAD = (
    "HTTP/1.1 {status}\r\nServer: Server\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {length}\r\n"
    "Connection: keep-alive\r\nx-amzn-RequestId: REPLAYED00000000000000000000000000000000000000000000\r\n"
    "x-amz-crc32: {crc}\r\n\r\n"
)
BATCH_GET = 100
STAMP = 1764000000


@dataclass(frozen=True)
class Answer:
    """A response that is ready to be sent: its parts follow one another on the wire."""

    parts: tuple[bytes, ...]


def answer(*body: bytes, status: str = "200 OK") -> Answer:
    """Return a response with this body, its length and its CRC32."""
    crc = 0
    for part in body:
        crc = zlib.crc32(part, crc)
    head = HEAD.format(status=status, length=sum(map(len, body)), crc=crc).encode()
    if len(body) == 3:  # a page: its items are not copied
        return Answer((head + body[0], body[1], body[2]))
    return Answer((head + b"".join(body),))


def _json(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _key(key: Mapping[str, Any]) -> str:
    return json.dumps(key, sort_keys=True)


class Table:
    """The pages of one table, and the answers made of them."""

    def __init__(self, name: str, pages: Sequence[Page]) -> None:
        self.name = name
        self.pages = list(pages)
        self._after = {_key(page.last_key): number + 1 for number, page in enumerate(self.pages)}
        self._made: dict[tuple[Any, ...], Answer] = {}
        self._batches: dict[str, bytes] | None = None
        for number in range(len(self.pages)):
            for priced in (False, True):
                self._page("LastEvaluatedKey", number, number == len(self.pages) - 1, priced)

    def read(self, request: Mapping[str, Any]) -> Answer:
        """Return the page that a Query or Scan asks for; a segment is an even share of the pages, in order."""
        segments, segment = request.get("TotalSegments", 1), request.get("Segment", 0)
        first, end = (len(self.pages) * each // segments for each in (segment, segment + 1))
        start = request.get("ExclusiveStartKey")
        number = self._after[_key(start)] if start else first
        if number >= end:
            return answer(b'{"Count":0,"Items":[],"ScannedCount":0}')
        return self._page("LastEvaluatedKey", number, number == end - 1, _priced(request))

    def statement(self, request: Mapping[str, Any]) -> Answer:
        """Return the page that an ExecuteStatement asks for."""
        number = int(request.get("NextToken", 0))
        return self._page("NextToken", number, number == len(self.pages) - 1, _priced(request))

    def get(self, request: Mapping[str, Any]) -> Answer:
        """Return the hundred items that begin with the first key asked for, as BatchGetItem does."""
        if self._batches is None:
            self._batches = dict(self._hundreds())
        items = self._batches[_key(request["RequestItems"][self.name]["Keys"][0])]
        return answer(b'{"Responses":{' + _json(self.name) + b":[", items, b']},"UnprocessedKeys":{}}')

    def _hundreds(self) -> Any:
        items = [item for page in self.pages for item in page.wire()]
        for start in range(0, len(items), BATCH_GET):
            first = {name: items[start][name] for name in ("pk", "sk")}
            yield _key(first), _json(items[start : start + BATCH_GET])[1:-1]

    def description(self) -> dict[str, Any]:
        """Return what DescribeTable says of the table."""
        names = (("pk", "HASH"), ("sk", "RANGE"))
        return {
            "TableName": self.name,
            "TableStatus": "ACTIVE",
            "TableArn": f"arn:aws:dynamodb:us-east-1:000000000000:table/{self.name}",
            "CreationDateTime": STAMP,
            "ItemCount": sum(page.count for page in self.pages),
            "TableSizeBytes": sum(len(page.items) for page in self.pages),
            "KeySchema": [{"AttributeName": name, "KeyType": role} for name, role in names],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name, _ in names],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        }

    def _page(self, continued: str, number: int, last: bool, priced: bool) -> Answer:
        """The answer for one page, in AWS's order of fields, made at its first use."""
        wanted = (continued, number, last, priced)
        if wanted not in self._made:
            page = self.pages[number]
            cost = {"CapacityUnits": 128.5, "TableName": self.name}
            start = b'{"ConsumedCapacity":' + _json(cost) + b"," if priced else b"{"
            after = page.last_key if continued == "LastEvaluatedKey" else str(number + 1)
            more = b"" if last else b',"' + continued.encode() + b'":' + _json(after)
            counts = continued == "LastEvaluatedKey"
            head = start + (b'"Count":%d,"Items":[' % page.count if counts else b'"Items":[')
            tail = b"]" + more + (b',"ScannedCount":%d}' % page.count if counts else b"}")
            self._made[wanted] = answer(head, page.items, tail)
        return self._made[wanted]


def _priced(request: Mapping[str, Any]) -> bool:
    return request.get("ReturnConsumedCapacity", "NONE") != "NONE"


@dataclass
class Replay:
    """What the server knows: its tables, how long it waits, and what was written to it."""

    tables: Mapping[str, Table]
    delay: float = 0.0
    keep: bool = False
    requests: int = 0
    items: int = 0
    kept: list[Any] = field(default_factory=list)
    _sunk: dict[tuple[str, int], Answer] = field(default_factory=dict)

    def answer(self, target: str, body: bytes) -> Answer:
        """Return the response to one request; an unknown operation or table is an error in DynamoDB's form."""
        self.requests += 1
        if target in _WRITES:
            return self._write(target, body)
        request = json.loads(body or b"{}")
        try:
            return _READS[target](self, request)
        except KeyError as missing:
            return _refusal("ResourceNotFoundException", f"{target}: the replay has no {missing}")

    def control(self, path: str) -> Answer:
        """Answer a question of the benchmark itself: ``/counts``, ``/kept`` or ``/reset``."""
        if path == "/reset":
            self.requests = self.items = 0
            self.kept.clear()
        content = self.kept if path == "/kept" else {"requests": self.requests, "items": self.items}
        return answer(_json(content))

    def _write(self, target: str, body: bytes) -> Answer:
        count = body.count(_WRITES[target])
        self.items += count
        if self.keep:
            self.kept.append(json.loads(body))
        if b'"ReturnConsumedCapacity"' not in body or b'"NONE"' in body:
            return _DONE[target]
        if (target, count) not in self._sunk:
            table = _table_of(json.loads(body))
            cost: Any = {"CapacityUnits": float(count), "TableName": table}
            cost = [cost] if target != "PutItem" else cost
            content = {"ConsumedCapacity": cost} | ({"UnprocessedItems": {}} if target == "BatchWriteItem" else {})
            self._sunk[target, count] = answer(_json(content))
        return self._sunk[target, count]

    def table(self, request: Mapping[str, Any]) -> Table:
        """Return the table that a request names."""
        return self.tables[request["TableName"]]


def _table_of(request: Mapping[str, Any]) -> str:
    if "RequestItems" in request:
        return str(next(iter(request["RequestItems"])))
    if "TransactItems" in request:
        return str(next(iter(request["TransactItems"][0].values()))["TableName"])
    return str(request["TableName"])


def _refusal(kind: str, message: str) -> Answer:
    content = {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": message}
    return answer(_json(content), status="400 Bad Request")


def _describe(replay: Replay, request: Mapping[str, Any]) -> Answer:
    return answer(_json({"Table": replay.table(request).description()}))


def _created(_: Replay, request: Mapping[str, Any]) -> Answer:
    """A table is created in word only: what asks is the workbench, which tries out whether stores are kept apart."""
    return answer(_json({"TableDescription": Table(request["TableName"], ()).description()}))


def _statement(replay: Replay, request: Mapping[str, Any]) -> Answer:
    return replay.tables[request["Statement"].split('"')[1]].statement(request)


def _get(replay: Replay, request: Mapping[str, Any]) -> Answer:
    return replay.tables[_table_of(request)].get(request)


_READS: dict[str, Callable[[Replay, Mapping[str, Any]], Answer]] = {
    "Query": lambda replay, request: replay.table(request).read(request),
    "Scan": lambda replay, request: replay.table(request).read(request),
    "BatchGetItem": _get,
    "ExecuteStatement": _statement,
    "DescribeTable": _describe,
    "CreateTable": _created,
    "DeleteTable": _created,
    "ListTables": lambda _replay, _request: answer(b'{"TableNames":[]}'),
}
_WRITES = {"BatchWriteItem": b'"PutRequest"', "PutItem": b'"Item"', "TransactWriteItems": b'"Put"'}
_DONE = {
    "BatchWriteItem": answer(b'{"UnprocessedItems":{}}'),
    "PutItem": answer(b"{}"),
    "TransactWriteItems": answer(b"{}"),
}


class Connection(asyncio.Protocol):
    """One keep-alive connection: requests in, prepared bytes out."""

    def __init__(self, replay: Replay, open_ones: set[asyncio.BaseTransport]) -> None:
        self._replay = replay
        self._open_ones = open_ones
        self._come = bytearray()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._open_ones.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_ones.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._come += data
        while (end := self._come.find(b"\r\n\r\n")) >= 0:
            first, headers = _head(bytes(self._come[:end]))
            begin, length = end + 4, int(headers.get("content-length", "0"))
            if len(self._come) < begin + length:
                if headers.get("expect") and len(self._come) == begin:
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body = bytes(self._come[begin : begin + length])
            del self._come[: begin + length]
            self._reply(first, headers, body)

    def _reply(self, first: str, headers: Mapping[str, str], body: bytes) -> None:
        target = headers.get("x-amz-target", "").rpartition(".")[2]
        if not target:
            self._send(self._replay.control(first.split(" ")[1]))
        elif self._replay.delay:
            ready = self._replay.answer(target, body)
            asyncio.get_running_loop().call_later(self._replay.delay, self._send, ready)
        else:
            self._send(self._replay.answer(target, body))

    def _send(self, ready: Answer) -> None:
        for part in ready.parts:
            self._transport.write(part)


def _head(raw: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = raw.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, {name.strip().lower(): value.strip() for name, _, value in pairs}


async def serve(replay: Replay, ready: Callable[[int], None]) -> None:
    """Serve on a free port of loopback until cancelled; ``ready`` is called with the port."""
    loop, open_ones = asyncio.get_running_loop(), set[asyncio.BaseTransport]()
    server = await loop.create_server(lambda: Connection(replay, open_ones), "127.0.0.1", 0, backlog=256)
    ready(server.sockets[0].getsockname()[1])
    try:
        await asyncio.Event().wait()
    finally:
        server.close()
        for transport in open_ones:
            transport.abort()  # type: ignore[attr-defined]
        await asyncio.sleep(0)  # the loop closes the sockets in its next turn


def tables(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Table]:
    """Return the tables asked for, each by ``kind`` with ``pages`` and, where they are to be cut, ``items``."""
    made = {}
    for name, each in given.items():
        found = list(recordings.pages(each["kind"], each["pages"], recordings.recorded(each["kind"])))
        made[name] = Table(name, recordings.cut(found, each["items"]) if each.get("items") else found)
    return made


def main() -> int:
    """Serve the tables that stdin names until stdin ends; the port is the first line of stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer (0)")
    parser.add_argument("--keep", action="store_true", help="keep what is written, for /kept")
    given = parser.parse_args()
    replay = Replay(tables(json.loads(sys.stdin.readline() or "{}")), given.delay, given.keep)
    asyncio.run(_until_stdin_ends(replay))
    return 0


async def _until_stdin_ends(replay: Replay) -> None:
    loop = asyncio.get_running_loop()
    serving = asyncio.ensure_future(serve(replay, lambda port: print(port, flush=True)))
    await loop.run_in_executor(None, sys.stdin.read)
    serving.cancel()


if __name__ == "__main__":
    sys.exit(main())
