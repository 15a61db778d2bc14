"""The stream of a table: the latest one, and why there may be none."""

# ruff: noqa: N803  (arguments have the names that boto3 gives them)
from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.fake_streams import ARN, refusal
from workbench.errors import EngineError, StreamError, TableError, UnknownNameError, UsageError
from workbench.model import load_model
from workbench.streams import find_stream, streamed_table


class FakeTables:
    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer

    def describe_table(self, TableName: str) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Table": self.answer}


def test_the_stream_is_the_latest_one_of_the_table() -> None:
    tables = FakeTables({"LatestStreamArn": ARN, "StreamSpecification": {"StreamViewType": "KEYS_ONLY"}})

    found = find_stream(tables, None, "chats")

    assert (found.arn, found.view, found.label) == (ARN, "KEYS_ONLY", "2026-03-31T17:00:00.000")
    assert repr(found) == "<Stream of chats, KEYS_ONLY>"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refusal("ResourceNotFoundException"), TableError, "no table 'chats'.*schema-load"),
        (refusal("AccessDeniedException"), EngineError, "DescribeTable on chats was refused"),
        (EndpointConnectionError(endpoint_url="x"), EngineError, "the engine did not answer"),
        ({}, StreamError, "'chats' has no stream; write `stream: NEW_IMAGE`"),
    ],
)
def test_a_table_whose_stream_cannot_be_had_says_why(answer: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        find_stream(FakeTables(answer), None, "chats")


def test_the_table_may_be_left_out_where_one_has_a_stream() -> None:
    messaging = load_model("messaging")

    assert streamed_table(messaging) == "cruddur-messages"
    assert streamed_table(messaging, "cruddur-messages") == "cruddur-messages"
    with pytest.raises(UnknownNameError, match="Did you mean 'cruddur-messages'"):
        streamed_table(messaging, "cruddur-message")


def test_a_model_without_a_stream_says_what_to_write(tmp_path: Any) -> None:
    file = tmp_path / "model.yaml"
    file.write_text("model: plain\ntables:\n  things:\n    keys: {partition: pk}\n")

    with pytest.raises(UsageError, match="no table of plain has a stream"):
        streamed_table(load_model(file))
