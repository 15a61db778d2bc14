"""Settings of the environment are taken as they are meant, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engines import open_engine
from workbench.engines.postgres_server import Server
from workbench.engines.state import seconds, whole_number
from workbench.errors import DatabaseError, EngineError, StatementError


@pytest.mark.parametrize("text", ["abc", "0", "-3", "1.5", "٣"])
def test_a_number_of_stores_that_is_none_is_refused_by_name_and_value(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_STORES", text)

    with pytest.raises(EngineError, match=r"WORKBENCH_STORES is .* whole number"):
        whole_number("WORKBENCH_STORES", 32)


@pytest.mark.parametrize("text", ["abc", "-1", "inf", "nan"])
def test_a_linger_time_that_is_none_is_refused_by_name_and_value(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_LINGER", text)

    with pytest.raises(EngineError, match=rf"WORKBENCH_LINGER is '{text}'"):
        seconds("WORKBENCH_LINGER", 5)


def test_settings_that_are_not_there_have_their_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_STORES", " 7 ")
    monkeypatch.delenv("WORKBENCH_LINGER", raising=False)

    assert (whole_number("WORKBENCH_STORES", 32), seconds("WORKBENCH_LINGER", 5)) == (7, 5)


def test_auto_does_not_take_another_engine_where_a_named_folder_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBENCH_DYNAMODB_LOCAL", str(tmp_path))

    with pytest.raises(EngineError, match="WORKBENCH_DYNAMODB_LOCAL: there is no DynamoDBLocal"):
        open_engine("auto")


def test_a_short_password_is_hidden_without_garbling_other_words() -> None:
    server = Server.__new__(Server)
    object.__setattr__(server, "parameters", {"password": "p"})

    assert server.scrub("port 9 failed, password=p, user x:p@host") == "port 9 failed, password=***, user x:***@host"


def test_sql_that_is_wrong_is_a_broken_model_and_a_database_that_is_down_is_not() -> None:
    assert (StatementError.exit_code, DatabaseError.exit_code) == (2, 3)
