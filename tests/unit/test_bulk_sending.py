"""Requests over sockets of this machine: what a broken answer, a guard, a handler and new credentials do to them."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.loopback_server import BODY, Server, answer, client_for
from workbench.bulk.sending import QuickSender, sender_for


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def sender(server: Server) -> Iterator[QuickSender]:
    made = sender_for(client_for(server), "BatchWriteItem", "lines")
    assert isinstance(made, QuickSender)
    yield made
    made.close()


def test_nothing_is_sent_before_there_is_something_to_send(sender: QuickSender, server: Server) -> None:
    assert server.connections == 0
    assert sender.note == ""


def test_a_request_looks_to_the_server_like_one_of_boto3_s_own(sender: QuickSender, server: Server) -> None:
    client_for(server).batch_write_item(RequestItems={"lines": [{"DeleteRequest": {"Key": {"k": {"S": "k"}}}}]})
    sender.begin("BatchWriteItem", BODY)()
    (boto3_s, _), (ours, body) = server.requests
    # amz-sdk-* speak of botocore's own loop of attempts, which has no part in it
    changing = {"authorization", "x-amz-date", "content-length", "amz-sdk-invocation-id", "amz-sdk-request"}

    assert body == BODY
    assert {n: v for n, v in ours.items() if n not in changing} == {
        n: v for n, v in boto3_s.items() if n not in changing and n != "accept-encoding"
    }
    assert ours["authorization"].partition("Signature=")[0] == boto3_s["authorization"].partition("Signature=")[0]


def test_one_connection_serves_many_requests(sender: QuickSender, server: Server) -> None:
    for _ in range(5):
        assert sender.begin("BatchWriteItem", BODY)() == {}

    assert server.connections == 1


def test_an_answer_in_chunks_is_put_together(sender: QuickSender, server: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answers = [head + b'3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\nTrailer: x\r\n\r\n', answer(b'{"b":2}')]

    assert sender.begin("BatchWriteItem", BODY)() == {"a": 1}
    assert sender.begin("BatchWriteItem", BODY)() == {"b": 2}
    assert server.connections == 1


def test_a_server_that_says_continue_first_is_heard_out(sender: QuickSender, server: Server) -> None:
    server.answers = [b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b'{"a":1}')]

    assert sender.begin("BatchWriteItem", BODY)() == {"a": 1}


def test_a_connection_that_the_server_ends_is_made_anew(sender: QuickSender, server: Server) -> None:
    server.answers = [answer(b"{}", 200, "Connection: close")]
    sender.begin("BatchWriteItem", BODY)()
    sender.begin("BatchWriteItem", BODY)()

    assert server.connections == 2


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"", "no answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "1 bytes of 99 came"),
        (answer(b"{}", crc=1), "CRC32"),
        (answer(b"<html>"), "no JSON"),
        (answer(b"[]"), "no JSON"),
        (b"SSH-2.0\r\nConnection: close\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "without Content-Length"),
    ],
)
def test_an_answer_that_is_cut_or_damaged_is_no_answer_and_the_next_request_is_sound(
    sender: QuickSender, server: Server, reply: bytes, words: str
) -> None:
    server.answers = [reply, answer(b'{"a":1}')]

    with pytest.raises(ConnectionClosedError) as caught:
        sender.begin("BatchWriteItem", BODY)()
    assert words in str(caught.value.kwargs["error"])
    assert sender.begin("BatchWriteItem", BODY)() == {"a": 1}


def test_a_server_that_does_not_answer_in_time_is_told(server: Server) -> None:
    server.answers = [b"HTTP/1.1 200 OK\r\n"]
    sender = sender_for(client_for(server, read_timeout=0.2), "BatchWriteItem", "lines")

    with pytest.raises(ReadTimeoutError):
        sender.begin("BatchWriteItem", BODY)()
    sender.close()


def test_a_server_that_is_not_there_is_told(server: Server) -> None:
    sender = sender_for(client_for(server), "BatchWriteItem", "lines")
    server.stop()

    with pytest.raises(EndpointConnectionError):
        sender.begin("BatchWriteItem", BODY)()


def test_a_server_without_tls_is_not_talked_to_in_the_clear(server: Server) -> None:
    sender = sender_for(client_for(server, "https"), "BatchWriteItem", "lines")

    with pytest.raises(SSLError):
        sender.begin("BatchWriteItem", BODY)()
    assert server.requests == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, no = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(made.public_bytes(encoding) + key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no))
    return path


def test_tls_is_verified_by_what_the_client_trusts(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server(context)
    who = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "y"}
    for verify in (str(certificate), None):
        client = boto3.client("dynamodb", endpoint_url=f"https://127.0.0.1:{server.port}", verify=verify, **who)
        sender = sender_for(client, "BatchWriteItem", "lines")
        if verify is None:
            with pytest.raises(SSLError):
                sender.begin("BatchWriteItem", BODY)()
        else:
            assert sender.begin("BatchWriteItem", BODY)() == sender.begin("BatchWriteItem", BODY)() == {}
        sender.close()
    server.stop()

    assert len(server.requests) == 2


def test_a_refusal_is_the_client_s_exception_with_code_and_message(sender: QuickSender, server: Server) -> None:
    content = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no such table"}
    server.answers = [answer(json.dumps(content).encode(), 400), answer(b"not json", 503)]

    with pytest.raises(sender._client.exceptions.ResourceNotFoundException, match="no such table"):
        sender.begin("BatchWriteItem", BODY)()
    with pytest.raises(ClientError) as caught:
        sender.begin("BatchWriteItem", BODY)()
    assert caught.value.response["Error"]["Code"] == "503"
    assert server.connections == 1


def test_a_handler_before_the_call_may_end_every_request(sender: QuickSender, server: Server) -> None:
    """The lease of a store is such a handler."""
    sender.begin("BatchWriteItem", BODY)()

    def gone(**_: Any) -> None:
        raise RuntimeError("this store is gone")

    sender._client.meta.events.register_first("before-call", gone)
    with pytest.raises(RuntimeError, match="this store is gone"):
        sender.begin("BatchWriteItem", BODY)()
    assert len(server.requests) == 1


def test_two_requests_in_flight_have_two_connections_and_keep_their_answers(
    sender: QuickSender, server: Server
) -> None:
    server.answers = [answer(b'{"a":1}')]
    first = sender.begin("BatchWriteItem", BODY)
    while not server.requests:
        pass
    server.answers = [answer(b'{"b":2}')]
    second = sender.begin("BatchWriteItem", BODY)

    assert second() == {"b": 2}
    assert first() == {"a": 1}
    assert sender.begin("BatchWriteItem", BODY)() == {}
    assert server.connections == 2


def test_a_sender_that_is_closed_closes_the_connections_of_requests_that_nobody_waits_for(
    sender: QuickSender, server: Server
) -> None:
    sender.begin("BatchWriteItem", BODY)
    (line,) = sender._connections._all
    sender.close()

    assert not line.is_open
