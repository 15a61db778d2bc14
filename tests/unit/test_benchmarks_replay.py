"""The server that clients are measured against: its pages, their order, checksums, delays, and what it counts."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3

from benchmarks.reading import client
from benchmarks.recordings import Page
from benchmarks.replay import Answer, Replay, Table, serve

ITEMS = [{"pk": {"S": "p"}, "sk": {"S": f"{number:03d}"}, "text": {"S": "é" * number}} for number in range(23)]
QUERY = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "p"}}}


def page(items: list[dict[str, Any]]) -> Page:
    text = json.dumps(items, separators=(",", ":"), ensure_ascii=False).encode()
    return Page(text[1:-1], len(items), {"pk": items[-1]["pk"], "sk": items[-1]["sk"]})


def table() -> Table:
    return Table("measured", [page(ITEMS[start : start + 5]) for start in range(0, len(ITEMS), 5)])


@pytest.fixture
def served() -> Iterator[Callable[..., str]]:
    """Start replays on sockets of their own; they end with the test."""
    loops: list[tuple[asyncio.AbstractEventLoop, threading.Thread, asyncio.Task[None]]] = []

    def start(replay: Replay) -> str:
        loop, ports, up = asyncio.new_event_loop(), [], threading.Event()

        def ready(port: int) -> None:
            ports.append(port)
            up.set()

        task = loop.create_task(serve(replay, ready))

        def run() -> None:
            try:
                loop.run_until_complete(task)
            except asyncio.CancelledError:
                loop.close()

        thread = threading.Thread(target=run)
        thread.start()
        assert up.wait(10)
        loops.append((loop, thread, task))
        return f"http://127.0.0.1:{ports[0]}"

    yield start
    for loop, thread, task in loops:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


def parsed(ready: Answer) -> dict[str, Any]:
    head, _, body = b"".join(ready.parts).partition(b"\r\n\r\n")
    headers = dict(line.split(": ") for line in head.decode().split("\r\n")[1:])
    assert int(headers["Content-Length"]) == len(body)
    assert int(headers["x-amz-crc32"]) == zlib.crc32(body)
    return json.loads(body)


def walk(of: Table, **request: Any) -> list[dict[str, Any]]:
    found, answer = [], {"LastEvaluatedKey": None}
    while "LastEvaluatedKey" in answer:
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]} if answer["LastEvaluatedKey"] else {}
        answer = parsed(of.read(request | start))
        assert answer["Count"] == answer["ScannedCount"] == len(answer["Items"])
        found += answer["Items"]
    return found


def test_pages_come_in_order_and_the_last_has_no_key_to_go_on_from() -> None:
    before_the_last = {"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"S": "019"}}}

    assert walk(table()) == ITEMS
    assert "LastEvaluatedKey" not in parsed(table().read(before_the_last))
    assert parsed(table().read(before_the_last))["Count"] == 3


def test_a_page_that_shall_be_priced_says_what_it_cost_and_has_the_right_checksum() -> None:
    assert parsed(table().read({"ReturnConsumedCapacity": "TOTAL"}))["ConsumedCapacity"]["TableName"] == "measured"
    assert "ConsumedCapacity" not in parsed(table().read({"ReturnConsumedCapacity": "NONE"}))


@pytest.mark.parametrize("segments", [1, 2, 3, 5, 8])
def test_segments_share_the_pages_and_none_is_read_twice(segments: int) -> None:
    found = [walk(table(), Segment=segment, TotalSegments=segments) for segment in range(segments)]

    assert [item for part in found for item in part] == ITEMS


def test_a_statement_goes_on_from_its_token() -> None:
    found, token = [], {}
    while True:
        answer = parsed(table().statement(token))
        found += answer["Items"]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}

    assert found == ITEMS


def test_a_batch_get_gives_the_items_from_its_first_key_on() -> None:
    keys = [{"pk": {"S": "p"}, "sk": {"S": "000"}}]

    answer = parsed(table().get({"RequestItems": {"measured": {"Keys": keys}}}))

    assert answer["Responses"]["measured"] == ITEMS


def test_boto3_reads_every_page_over_one_connection_and_so_do_several_at_once(served: Callable[..., str]) -> None:
    url = served(Replay({"measured": table()}))
    expected = [item["sk"]["S"] for item in ITEMS]

    def read(_: int) -> list[str]:
        pages = client(url).get_paginator("query").paginate(TableName="measured", **QUERY)
        return [item["sk"]["S"] for each in pages for item in each["Items"]]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(4))) == [expected] * 4


def test_a_table_that_is_not_there_is_an_error_in_dynamodbs_form(served: Callable[..., str]) -> None:
    made = client(served(Replay({"measured": table()})))

    with pytest.raises(made.exceptions.ResourceNotFoundException):
        made.query(TableName="other", **QUERY)


def test_a_request_in_pieces_is_answered_when_it_is_whole(served: Callable[..., str]) -> None:
    pool = urllib3.connection_from_url(served(Replay({"measured": table()})))
    body = json.dumps({"TableName": "measured", "padding": "x" * 300_000}).encode()

    answer = pool.urlopen("POST", "/", body=body, headers={"X-Amz-Target": "DynamoDB_20120810.Query"})
    pool.close()

    assert json.loads(answer.data)["Count"] == 5


def test_a_delay_is_waited_for_and_keeps_no_other_request_waiting(served: Callable[..., str]) -> None:
    made = client(served(Replay({"measured": table()}, delay=0.25)), max_pool_connections=8)

    def timed(requests: int) -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(requests) as pool:
            list(pool.map(lambda _: made.query(TableName="measured", **QUERY), range(requests)))
        return time.perf_counter() - started

    assert timed(1) >= 0.25
    assert timed(8) < 8 * 0.25


def test_what_is_written_is_counted_and_kept_only_where_that_was_asked_for(served: Callable[..., str]) -> None:
    url = served(Replay({}, keep=True))
    puts = [{"PutRequest": {"Item": item}} for item in ITEMS]

    answer = client(url).batch_write_item(RequestItems={"measured": puts}, ReturnConsumedCapacity="TOTAL")
    counts, kept = (json.loads(urllib3.request("GET", url + path).data) for path in ("/counts", "/kept"))

    assert answer["UnprocessedItems"] == {}
    assert answer["ConsumedCapacity"] == [{"TableName": "measured", "CapacityUnits": 23.0}]
    assert counts == {"requests": 1, "items": 23}
    assert kept[0]["RequestItems"]["measured"] == puts


def test_a_write_that_asks_no_price_gets_none_and_is_not_kept(served: Callable[..., str]) -> None:
    replay = Replay({})
    made = client(served(replay))

    answer = made.batch_write_item(RequestItems={"measured": [{"PutRequest": {"Item": ITEMS[0]}}]})

    assert "ConsumedCapacity" not in answer
    assert (replay.items, replay.kept) == (1, [])
