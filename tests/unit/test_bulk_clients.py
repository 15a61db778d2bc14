"""What a client of boto3 brings to a request that is sent for it: guards, handlers, credentials, a proxy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.credentials import RefreshableCredentials

from tests.unit.loopback_server import BODY, Server, answer, client_for
from tests.unit.scripted_engine import Raw
from workbench.bulk.sending import ClientSender, sender_for
from workbench.engines.aws import Confirmation, guard
from workbench.errors import GuardError


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


@pytest.mark.parametrize("operation", ["BatchWriteItem", "PutItem", "TransactWriteItems"])
def test_the_request_that_shows_how_the_client_signs_could_write_nothing(server: Server, operation: str) -> None:
    """It is never sent; if it were, no engine would take a key that is empty."""
    client, seen = client_for(server), []
    client.meta.events.register("before-call", lambda params, **_: seen.append(json.loads(params["body"])))

    sender_for(client, operation, "lines").close()

    def ends(value: Any) -> list[Any]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return [end for each in inner for end in ends(each)] or [value]

    assert server.connections == 0
    assert len(seen) == 1
    assert [each for each in ends(seen[0]) if not isinstance(each, str)] == [{}]


def test_a_read_only_client_of_aws_refuses_before_anything_is_sent(server: Server) -> None:
    client = client_for(server)
    guard(client, None)

    with pytest.raises(GuardError, match="read-only here: BatchWriteItem on lines was refused before it was sent"):
        sender_for(client, "BatchWriteItem", "lines")
    assert server.connections == 0


def test_a_confirmed_client_of_aws_is_asked_for_every_body_and_refuses_another_table(server: Server) -> None:
    client = client_for(server)
    guard(client, Confirmation("123456789012", frozenset({"lines"})))
    sender = sender_for(client, "BatchWriteItem", "lines")
    sender.begin("BatchWriteItem", BODY)()

    with pytest.raises(GuardError, match="on other was refused before it was sent"):
        sender.begin("BatchWriteItem", BODY.replace(b"lines", b"other"))()
    assert len(server.requests) == 1
    with pytest.raises(GuardError, match="on other was refused"):
        sender_for(client, "BatchWriteItem", "other")
    sender.close()


def test_a_handler_before_sending_may_answer_as_moto_does(server: Server) -> None:
    client = client_for(server)
    sender = sender_for(client, "BatchWriteItem", "lines")
    client.meta.events.register(
        "before-send.dynamodb", lambda request, **_: AWSResponse(request.url, 200, {}, Raw(b'{"mocked":true}'))
    )

    assert sender.begin("BatchWriteItem", BODY)() == {"mocked": True}
    assert server.connections == 0


def test_new_credentials_are_used_from_the_next_request_on(server: Server) -> None:
    client, sender = client_for(server), None
    keys = iter(["FIRST", "SECOND"])

    def fresh() -> dict[str, str]:
        return {"access_key": next(keys), "secret_key": "s", "token": "t", "expiry_time": "2099-01-01T00:00:00Z"}

    credentials = RefreshableCredentials.create_from_metadata(fresh(), fresh, "test")
    client._request_signer._credentials = credentials
    sender = sender_for(client, "BatchWriteItem", "lines")
    sender.begin("BatchWriteItem", BODY)()
    credentials._expiry_time = credentials._expiry_time.replace(year=2000)
    sender.begin("BatchWriteItem", BODY)()
    used = [headers["authorization"].split("Credential=")[1].split("/")[0] for headers, _ in server.requests]

    assert used == ["FIRST", "SECOND"]
    assert [headers["x-amz-security-token"] for headers, _ in server.requests] == ["t", "t"]
    sender.close()


def test_a_client_behind_a_proxy_sends_through_it(server: Server) -> None:
    client = boto3.client(
        "dynamodb", endpoint_url="http://dynamodb.test", region_name="eu-central-1", aws_access_key_id="x",
        aws_secret_access_key="y", config=Config(proxies={"http": f"http://127.0.0.1:{server.port}"}),
    )  # fmt: skip
    sender = sender_for(client, "BatchWriteItem", "lines")

    assert sender.begin("BatchWriteItem", BODY)() == {}
    assert server.requests[0][0][":start"] == "POST http://dynamodb.test/ HTTP/1.1"
    assert "which is slower" in sender.note


def test_what_is_no_boto3_client_is_called_by_its_methods_and_that_is_said() -> None:
    class Fake:
        def batch_write_item(self, **request: Any) -> dict[str, Any]:
            assert request == {"RequestItems": {"lines": [{"PutRequest": {"Item": {"b": {"B": b"\0"}}}}]}}
            return {"UnprocessedItems": request["RequestItems"]}

    sender = sender_for(Fake(), "BatchWriteItem", "lines")
    body = b'{"RequestItems":{"lines":[{"PutRequest":{"Item":{"b":{"B":"AA=="}}}}]}}'

    assert isinstance(sender, ClientSender)
    assert "made by the boto3 client, which is slower" in sender.note
    assert sender.begin("BatchWriteItem", body)() == {"UnprocessedItems": json.loads(body)["RequestItems"]}


def test_a_client_whose_method_was_replaced_is_called_by_it(server: Server) -> None:
    client = client_for(server)
    client.batch_write_item = lambda **request: {"UnprocessedItems": {}}
    sender = sender_for(client, "BatchWriteItem", "lines")

    assert sender.begin("BatchWriteItem", BODY)() == {"UnprocessedItems": {}}
    assert "its batch_write_item was replaced" in sender.note


def test_a_client_without_signature_4_is_called_by_its_methods(server: Server) -> None:
    from botocore import UNSIGNED

    sender = sender_for(client_for(server, signature_version=UNSIGNED), "BatchWriteItem", "lines")

    assert isinstance(sender, ClientSender)


def test_the_template_of_one_thread_leaves_requests_of_others_alone(server: Server) -> None:
    client = client_for(server)
    answers: list[Any] = []
    request = {"lines": [{"DeleteRequest": {"Key": {"k": {"S": "k"}}}}]}

    def other(**_: Any) -> None:  # runs while the template is being caught
        thread = threading.Thread(target=lambda: answers.append(client.batch_write_item(RequestItems=request)))
        client.meta.events.unregister("before-call", other)
        thread.start()
        thread.join()

    client.meta.events.register("before-call", other)
    server.answers = [answer(b'{"UnprocessedItems":{}}')]
    sender_for(client, "BatchWriteItem", "lines")

    assert len(server.requests) == 1
    assert answers[0]["UnprocessedItems"] == {}
