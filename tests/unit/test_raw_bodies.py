"""Bodies as the engine sends them, through an ordinary boto3 client: its events, errors and retries stay."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

import workbench
from workbench.engines.clients import make_client
from workbench.errors import EngineError, RequestError, UsageError
from workbench.frames import Envelope, split
from workbench.results import Backoff, read

Answer = tuple[int, bytes, dict[str, str]]


class Recorded:
    """A server on loopback that gives prepared answers, one a request, the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        recorded = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                recorded.requests.append((self.headers["X-Amz-Target"].partition(".")[2], asked))
                given = recorded.answers.pop(0) if len(recorded.answers) > 1 else recorded.answers[0]
                status, body, headers = given if isinstance(given, tuple) else ok(given)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.client = make_client("dynamodb", url, {"access_key": "test", "region": "us-east-1"})


def ok(content: dict[str, Any], **headers: str) -> Answer:
    body = json.dumps(content).encode()
    return 200, body, {"x-amz-crc32": str(zlib.crc32(body)), **headers}


def page(*numbers: int, last: int | None = None, **more: Any) -> dict[str, Any]:
    found = {"Items": [{"pk": {"N": str(n)}} for n in numbers], "Count": len(numbers), "ScannedCount": len(numbers)}
    found["ConsumedCapacity"] = {"TableName": "t", "CapacityUnits": 0.5}
    return {**found, **({"LastEvaluatedKey": {"pk": {"B": "AAE="}}} if last else {}), **more}


@pytest.fixture
def serve() -> Iterator[Any]:
    made: list[Recorded] = []

    def start(*answers: Any) -> Recorded:
        made.append(Recorded(*answers))
        return made[-1]

    yield start
    for each in made:
        each.server.shutdown()
        each.server.server_close()


def numbers(found: Any) -> list[int]:
    return [int(item["pk"]) for item in found.items]


def test_every_page_is_read_in_order_and_the_engine_s_units_are_added_up(serve: Any) -> None:
    server = serve(page(1, 2, last=2), page(last=2), page(3))

    found = workbench.read(server.client, "Query", TableName="t", KeyConditionExpression="pk = :p")

    assert numbers(found) == [1, 2, 3]
    assert (found.pages, str(found.reported.read), found.following) == (3, "1.5", {})
    assert [asked.get("ExclusiveStartKey") for _, asked in server.requests] == [
        None, {"pk": {"B": "AAE="}}, {"pk": {"B": "AAE="}},
    ]  # fmt: skip
    assert found.summary == "3 items, 3 pages, 1.5 RCU"


def test_a_reading_shows_its_price_and_its_first_rows_as_a_result_does(serve: Any) -> None:
    first = {**page(1), "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 2.5, "Table": {"CapacityUnits": 0.5},
             "GlobalSecondaryIndexes": {"by-name": {"CapacityUnits": 2.0}}}}  # fmt: skip
    first["Items"][0] |= {"name": {"S": "x" * 50}, "note": {"NULL": True}}
    one = read(serve(first).client, "Scan", TableName="t", keys=["sk", "pk"])
    many = read(
        serve(page(*range(100, 108), last=7), page(*range(8), last=7)).client, "Scan", max_pages=2, TableName="t"
    )

    assert repr(one) == (
        "1 item, 1 page, 2.5 RCU (table 0.5, by-name 2.0)\n"
        "sk  pk  name                                      note\n"
        f"-   1   {'x' * 37}...  NULL"
    )
    assert repr(many).splitlines() == [
        "16 items, 2 pages, 1.0 RCU",
        "pk",
        *map(str, [*range(100, 108), 0, 1]),
        "... 6 more rows",
        "note: more to read: the argument .following goes on from here",
    ]
    assert repr(many) == repr(many)


def test_a_reading_of_nothing_and_one_without_a_price_say_so(serve: Any) -> None:
    silent = read(serve(page(1, ConsumedCapacity=None)).client, "Scan", TableName="t")

    assert repr(silent) == "1 item, 1 page, RCU not said by the engine\npk\n1"
    assert repr(read(serve(page()).client, "Scan", TableName="t")) == "0 items, 1 page, 0.5 RCU"


def test_a_bound_of_pages_leaves_the_argument_that_goes_on(serve: Any) -> None:
    server = serve(page(1, last=1))

    found = read(server.client, "Scan", max_pages=2, TableName="t")

    assert numbers(found) == [1, 1]
    assert found.following == {"ExclusiveStartKey": {"pk": {"B": b"\x00\x01"}}}
    assert "more to read" in repr(found)


def test_statements_follow_their_token(serve: Any) -> None:
    server = serve(page(1, NextToken="on"), page(2))

    assert numbers(read(server.client, "ExecuteStatement", Statement="SELECT * FROM t")) == [1, 2]
    assert server.requests[1][1]["NextToken"] == "on"


def batch(*found: int, left: int | None = None) -> dict[str, Any]:
    unprocessed = {"t": {"Keys": [{"pk": {"N": str(left)}}]}} if left else {}
    return {"Responses": {"t": [{"pk": {"N": str(n)}} for n in found]}, "UnprocessedKeys": unprocessed}


def test_unprocessed_keys_are_asked_for_again_with_waits_between(serve: Any) -> None:
    server, waits = serve(batch(1, left=2), batch(left=2), batch(2)), []
    keys = {"t": {"Keys": [{"pk": {"N": "1"}}, {"pk": {"N": "2"}}]}}

    found = read(server.client, "BatchGetItem", backoff=Backoff(sleep=waits.append), RequestItems=keys)

    assert numbers(found) == [1, 2]
    assert len(waits) == 2
    assert server.requests[2][1]["RequestItems"] == {"t": {"Keys": [{"pk": {"N": "2"}}]}}


def test_keys_that_stay_unprocessed_are_an_error_and_not_an_answer(serve: Any) -> None:
    server, one = serve(batch(left=2)), {"t": {"Keys": [{"pk": {"N": "2"}}]}}

    with pytest.raises(RequestError, match="stayed unprocessed in 3 attempts"):
        read(server.client, "BatchGetItem", backoff=Backoff(3, sleep=lambda _: None), RequestItems=one)


def test_several_tables_are_no_one_frame_and_nothing_is_asked_of_them(serve: Any) -> None:
    server = serve({"Responses": {"a": [{"pk": {"S": "x"}}]}, "UnprocessedKeys": {}})
    keys = {"Keys": [{"pk": {"S": "x"}}]}

    with pytest.raises(UsageError, match=r"several tables \(a, b\)"):
        read(server.client, "BatchGetItem", RequestItems={"b": keys, "a": keys})
    assert server.requests == []


def test_a_statement_that_is_answered_with_a_key_as_well_goes_on_by_its_token(serve: Any) -> None:
    server = serve(page(1, last=1, NextToken="on"), page(2))

    assert numbers(read(server.client, "ExecuteStatement", Statement="SELECT * FROM t", Limit=1)) == [1, 2]


def test_a_body_that_does_not_fit_its_checksum_is_asked_for_again(serve: Any) -> None:
    broken = (200, b'{"Items":[{"pk":{"N":"9"}}]}', {"x-amz-crc32": "1"})
    server = serve(broken, page(1))

    assert numbers(read(server.client, "Scan", TableName="t")) == [1]
    with pytest.raises(EngineError, match="3 responses in a row did not fit their checksum"):
        read(serve(broken).client, "Scan", TableName="t")


def test_errors_and_retries_are_the_client_s_own(serve: Any) -> None:
    refusal = json.dumps({"__type": "x#ResourceNotFoundException", "message": "no t"}).encode()
    down = (500, b'{"__type":"x#InternalServerError"}', {})
    server = serve(down, page(1))

    assert numbers(read(server.client, "Scan", TableName="t")) == [1]
    assert len(server.requests) == 2
    with pytest.raises(ClientError, match="no t") as caught:
        read(serve((400, refusal, {})).client, "Scan", TableName="t")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_the_client_s_events_are_emitted_and_its_other_calls_are_parsed_as_ever(serve: Any) -> None:
    server, seen = serve(page(1)), []
    server.client.meta.events.register("before-call.dynamodb.Scan", lambda **event: seen.append(event["model"].name))

    read(server.client, "Scan", TableName="t")

    assert seen == ["Scan"]
    assert server.client.scan(TableName="t")["Items"] == [{"pk": {"N": "1"}}]


def test_a_raw_call_on_one_thread_leaves_another_thread_s_call_alone(serve: Any) -> None:
    server, parsed = serve(page(1)), []
    server.client.meta.events.register(
        "before-call.dynamodb.Scan",
        lambda **event: None if parsed else (parsed.append(1), in_thread(server.client, parsed))[0],
    )

    assert numbers(read(server.client, "Scan", TableName="t")) == [1]
    assert parsed[1]["Items"] == [{"pk": {"N": "1"}}]


def in_thread(client: Any, found: list[Any]) -> None:
    thread = threading.Thread(target=lambda: found.append(client.scan(TableName="t")))
    thread.start()
    thread.join()


def test_an_operation_that_does_not_read_pages_and_a_bound_of_none_are_refused(serve: Any) -> None:
    with pytest.raises(UsageError, match=r"PutItem does not read pages"):
        read(None, "PutItem", TableName="t")
    with pytest.raises(UsageError, match="Did you mean 'Scan'"):
        read(None, "scan", TableName="t")


@pytest.mark.parametrize("pages", [0, -1, "8", 1.5, True])
def test_a_number_of_pages_that_is_none_is_refused(pages: Any) -> None:
    with pytest.raises(UsageError, match=f"max_pages={pages!r}: ask for 1 or more"):
        read(None, "Scan", max_pages=pages)


def test_a_text_for_the_keys_is_not_taken_for_the_names_of_its_letters() -> None:
    with pytest.raises(UsageError, match=r"keys='pk': give a list of names, \['pk'\] for one"):
        read(None, "Scan", keys="pk", TableName="t")


@pytest.mark.parametrize("client", [None, "dynamodb", object()])
def test_what_is_no_client_of_dynamodb_is_refused_and_named(client: Any) -> None:
    with pytest.raises(UsageError, match=f"a {type(client).__name__} was given as the client; give boto3.client"):
        read(client, "Scan", TableName="t")


def test_arguments_in_the_wrong_order_are_told(serve: Any) -> None:
    with pytest.raises(UsageError, match=r"a DynamoDB was given as the operation; say wb\.read\(client, 'Scan'"):
        read("Scan", serve().client, TableName="t")  # type: ignore[arg-type]


@pytest.mark.parametrize("statement", ["INSERT INTO t VALUE {'pk':'a'}", "DELETE FROM t", " update t SET a=1", "sel"])
def test_a_read_sends_no_statement_that_writes(statement: str) -> None:
    with pytest.raises(UsageError, match=r"does not begin with SELECT, and wb\.read only reads"):
        read(None, "ExecuteStatement", Statement=statement)


ODD = ["]", '"', '],"', "]}", '"Items":[', "\\", "[", "]]}}", '","Items":[{"x":{"S":"1"}}],"Count":5}', "é]"]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("spaces", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("first", [True, False])
def test_a_body_is_cut_at_the_brackets_of_its_items(text: str, spaces: tuple[str, str], first: bool) -> None:
    items = [{"Items": {"L": [{"S": text}]}, text: {"SS": [text]}}, {}]
    facts = {"Count": 2, "LastEvaluatedKey": {"Items": {"S": text}, text: {"S": text}}, "ScannedCount": 2}
    order = {"Items": items, **facts} if first else {**facts, "Items": items}

    found = split(json.dumps(order, separators=spaces).encode())

    assert found.facts == facts
    assert {table: json.loads(each) for table, each in found.items.items()} == {None: items}


@pytest.mark.parametrize("text", ODD)
def test_the_items_of_each_table_of_a_batch_are_told_apart(text: str) -> None:
    one, two = [{"a": {"S": text}}], [{"b": {"S": text}}, {}]

    for responses in ({"t": one}, {"t": one, "u": two}, {"t": []}, {"t": one, "u": []}):
        found = split(json.dumps({"Responses": responses, "UnprocessedKeys": {}}).encode())
        assert {table: json.loads(each) for table, each in found.items.items()} == responses
        assert found.facts == {"UnprocessedKeys": {}}


def test_an_array_behind_the_items_is_not_taken_for_items() -> None:
    found = split(b'{"Items":[{"a":{"L":[]}}],"More":[1],"Count":1}')

    assert found == Envelope({"More": [1], "Count": 1}, {None: b'[{"a":{"L":[]}}]'})


def test_a_response_without_items_has_none() -> None:
    assert split(b'{"Count":3,"ScannedCount":9}') == Envelope({"Count": 3, "ScannedCount": 9}, {None: b"[]"})


@pytest.mark.parametrize(("body", "words"), [(b"<html>", "no JSON"), (b"[1]", "a JSON list"), (b"", "no JSON")])
def test_what_is_no_response_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        split(body)
