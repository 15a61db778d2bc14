"""Handlers are found by file or module, and get what a Lambda function gets."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import UsageError
from workbench.streams import lambda_event, lambda_record, load_handler, read_lines

GOOD = """
import beside

def handler(event, context):
    return beside.ANSWER

def other(event, context):
    return 2
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    (tmp_path / "beside.py").write_text("ANSWER = 1\n")
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


def test_a_handler_is_found_in_a_file_with_modules_beside_it(folder: Path) -> None:
    assert load_handler(f"{folder}/good.py")({}, None) == 1
    assert load_handler(f"{folder}/good.py:handler")({}, None) == 1
    assert load_handler(f"{folder}/good.py:other")({}, None) == 2


def test_a_handler_is_found_in_a_module_of_the_present_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a_module_of_its_own.py").write_text("def go(event, context):\n    return 3\n")
    monkeypatch.chdir(folder)

    assert load_handler("a_module_of_its_own:go")({}, None) == 3


def test_a_file_called_like_a_library_does_not_stand_for_it(folder: Path) -> None:
    (folder / "json.py").write_text("def handler(event, context):\n    return 4\n")

    assert load_handler(f"{folder}/json.py")({}, None) == 4
    assert __import__("json") is json


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("missing.py", "there is no file .*missing.py"),
        ("good.py:handle", "good.py has no function 'handle'. Did you mean 'handler'?"),
        ("value.py:LIMIT", "'LIMIT' is a int; name a function"),
        ("broken.py", r"broken.py cannot be imported: ZeroDivisionError: division by zero \(broken.py, line 2\)"),
        ("syntax.py", r"syntax.py cannot be imported: SyntaxError"),
    ],
)
def test_a_handler_that_cannot_be_had_says_why(folder: Path, text: str, words: str) -> None:
    (folder / "value.py").write_text("LIMIT = 3\n")
    (folder / "broken.py").write_text("\n1 / 0\n")
    (folder / "syntax.py").write_text("def handler(:\n")

    with pytest.raises(UsageError, match=words):
        load_handler(f"{folder}/{text}")


@pytest.mark.parametrize("spec", ["", ":handler", "no/such:handler", "not a name"])
def test_a_word_that_names_no_handler_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match=r"names no handler; write file.py:function or module:function"):
        load_handler(spec)


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="the module no_such_module cannot be imported: ModuleNotFoundError"):
        load_handler("no_such_module:handler")


def as_boto3_gives_it() -> dict[str, Any]:
    return {
        "eventName": "MODIFY",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": dt.datetime(2026, 3, 31, 17, 5, tzinfo=dt.UTC),
            "Keys": {"pk": {"B": b"\x00\xff"}},
            "NewImage": {
                "pk": {"B": b"\x00\xff"},
                "set": {"BS": [b"a", b"b"]},
                "list": {"L": [{"B": b"c"}, {"N": "1.50"}]},
                "map": {"M": {"inner": {"B": b"d"}, "none": {"NULL": True}}},
                "text": {"S": "☂"},
            },
            "SequenceNumber": "100",
        },
    }


def test_the_event_is_json_as_lambda_gives_it_binary_in_base64_and_time_in_seconds() -> None:
    event = lambda_event([as_boto3_gives_it()], "arn:stream")

    (record,) = json.loads(json.dumps(event))["Records"]
    told = record["dynamodb"]
    assert record["eventSourceARN"] == "arn:stream"
    assert told["ApproximateCreationDateTime"] == 1774976700
    assert told["Keys"] == {"pk": {"B": "AP8="}}
    assert told["NewImage"]["set"] == {"BS": ["YQ==", "Yg=="]}
    assert told["NewImage"]["list"] == {"L": [{"B": "Yw=="}, {"N": "1.50"}]}
    assert told["NewImage"]["map"] == {"M": {"inner": {"B": "ZA=="}, "none": {"NULL": True}}}
    assert told["NewImage"]["text"] == {"S": "☂"}


def test_a_record_that_has_the_form_of_a_lambda_event_keeps_it_and_where_it_is_from() -> None:
    once = lambda_record(as_boto3_gives_it(), "arn:stream")

    assert lambda_record(once, "arn:other") == once


def test_the_records_that_boto3_gave_are_left_as_they_are() -> None:
    record = as_boto3_gives_it()
    lambda_event([record], "arn:stream")

    assert record == as_boto3_gives_it()


def test_lines_are_read_back_records_and_dead_letters_alike(tmp_path: Path) -> None:
    record = lambda_record(as_boto3_gives_it(), "arn:stream")
    file = tmp_path / "records.jsonl"
    file.write_text(f"{json.dumps(record)}\n\n{json.dumps({'error': 'x', 'record': record})}\n")

    assert read_lines(file) == [record, record]


@pytest.mark.parametrize("line", ["{}", "[]", "3", "nonsense", '{"record": {}}', '{"record": null}'])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text(f"\n{line}\n")

    with pytest.raises(UsageError, match=r"records.jsonl, line 2 is no record of a stream"):
        read_lines(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.jsonl cannot be read"):
        read_lines(tmp_path / "none.jsonl")
