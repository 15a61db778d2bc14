"""Passwords and keys are known by their shape, and ordinary text is left as it is."""

from __future__ import annotations

import json

import pytest

from workbench.notebooks.redaction import holds_a_secret, redact, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ann:pa55@db:5432/x", "postgresql://ann:***@db:5432/x"),
        ("see postgresql://:pa55@db/x and http://u:p@h", "see postgresql://:***@db/x and http://u:***@h"),
        ("host=db user=ann password=pa55 dbname=x", "host=db user=ann password=*** dbname=x"),
        ("password=pa55 host=db", "password=*** host=db"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIA***"),
    ],
)
def test_a_secret_is_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert holds_a_secret("x", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MSG#1:2@x",
        "http://127.0.0.1:8000/shell",
        "postgresql://ann@db/x",
        "connect(password=password)",
        "password = read()",
        "ann:bob@example.org",
        "host=db user=ann",
        "2026-03-02T09:00:00.000000Z",
    ],
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert redact(text) == text
    assert not holds_a_secret("x", text)


def test_a_notebook_s_text_stays_json() -> None:
    cell = {"source": ['url = "postgresql://ann:pa55@db/x"\n', "dsn = 'host=db password=pa55'\n"]}

    shown = redact(json.dumps(cell))

    assert "pa55" not in shown
    assert json.loads(shown)["source"][0] == 'url = "postgresql://ann:***@db/x"\n'


@pytest.mark.parametrize(
    "name", ["password", "db_password", "api_key", "AccessKey", "dsn", "auth_token", "client_secret"]
)
def test_a_parameter_with_the_name_of_a_secret_is_hidden_whatever_its_value(name: str) -> None:
    assert redacted({name: "x", "limit": 3}) == {name: "***", "limit": 3}


@pytest.mark.parametrize("name", ["key", "keys", "limit", "handle", "partition_key", "sort_key"])
def test_a_key_of_a_table_is_no_secret(name: str) -> None:
    assert redacted({name: "x"}) == {name: "x"}
