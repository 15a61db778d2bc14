"""Records as lines for people: when, what happened to which item, and what the images tell."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import click
import pytest

from workbench.cli.record_lines import json_line, text_line
from workbench.model import load_model
from workbench.streams import Stream

MESSAGE = {"pk": {"S": "MSG#50d22f1d-7314-5b24-92d7-5e0766fc740a"}, "sk": {"S": "2026-03-31T17:05:00.000000Z"}}
START = "2026-03-31 17:05:07  {}  Message   MSG#50d22f1d-7314-5b24-92d7-5e0766fc740a / 2026-03-31T17:05:00.000000Z"


def record(event: str, **told: Any) -> dict[str, Any]:
    at = dt.datetime(2026, 3, 31, 19, 5, 7, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    return {"eventName": event, "dynamodb": {"ApproximateCreationDateTime": at, "Keys": MESSAGE, **told}}


def line(record: dict[str, Any]) -> str:
    return click.unstyle(text_line(load_model("messaging"), "cruddur-messages")(record))


def image(text: str, name: str = "Bo") -> dict[str, Any]:
    return {**MESSAGE, "message": {"S": text}, "user_display_name": {"S": name}, "extra": {"N": "1"}}


def test_a_new_item_is_told_with_its_entity_key_and_attributes_in_the_order_of_the_model() -> None:
    told = line(record("INSERT", NewImage=image("Hello")))

    assert told == f"{START.format('INSERT')}  message: Hello, user_display_name: Bo, extra: 1"


def test_a_change_with_both_images_tells_only_what_changed() -> None:
    told = line(record("MODIFY", NewImage=image("Hello", "Bob"), OldImage=image("Hello")))

    assert told == f"{START.format('MODIFY')}  user_display_name: Bo -> Bob"


def test_an_attribute_that_came_or_went_is_told() -> None:
    old = image("Hello")
    new = {name: value for name, value in old.items() if name != "extra"}

    assert line(record("MODIFY", NewImage=new, OldImage=old)).endswith("  extra: 1 -> (none)")


def test_a_removal_by_time_to_live_says_so() -> None:
    gone = record("REMOVE")
    gone["userIdentity"] = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}

    assert line(gone) == f"{START.format('REMOVE')}  by time to live"
    assert line(record("REMOVE")) == START.format("REMOVE")


def test_text_that_would_move_a_cursor_is_written_as_escapes() -> None:
    told = line(record("INSERT", NewImage={**MESSAGE, "message": {"S": "\x1b[2Jgone\nnext"}}))

    assert "\x1b" not in told
    assert "\\x1b[2Jgone next" in told


def test_an_item_of_no_entity_has_a_dash() -> None:
    odd = record("INSERT")
    odd["dynamodb"]["Keys"] = {"pk": {"S": "odd"}, "sk": {"S": "1"}}

    assert line(odd) == "2026-03-31 17:05:07  INSERT  -         odd / 1"


def test_on_a_terminal_a_line_is_cut_at_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")

    told = line(record("INSERT", NewImage=image("Hello")))

    assert len(told) == 60
    assert told.endswith("…")


def test_a_line_of_json_is_the_record_as_a_lambda_function_gets_it() -> None:
    stream = Stream(None, "arn:stream", "cruddur-messages", "NEW_IMAGE")

    told = json.loads(json_line(stream)(record("INSERT", NewImage=image("☂"))))

    assert told["eventSourceARN"] == "arn:stream"
    assert told["dynamodb"]["ApproximateCreationDateTime"] == 1774976707
    assert told["dynamodb"]["NewImage"]["message"] == {"S": "☂"}
