"""Opening a cache: on a server, in the process, and what is said where it cannot be."""

from __future__ import annotations

import sys

import pytest

from tests.unit.cached_shelves import POETRY, SMALL, Shelves, made
from workbench.cache import MemoryBackend, ReadAside, open_backend
from workbench.errors import UnreachableError, UsageError


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_REDIS", raising=False)
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("no_server")
def test_without_a_server_the_cache_is_in_this_process_and_says_so() -> None:
    backend = open_backend()

    assert isinstance(backend, MemoryBackend)
    remarks = ReadAside(made(SMALL, Shelves()), backend, [POETRY]).remarks
    assert "no redis-server or valkey-server on the PATH; so nobody else sees this cache" in remarks[0]
    assert open_backend("memory").fallback_reason is None


@pytest.mark.usefixtures("no_server")
def test_a_server_that_was_asked_for_and_is_not_there_is_an_error() -> None:
    with pytest.raises(UsageError, match="There is no cache server: no server was named in WORKBENCH_REDIS"):
        open_backend("redis")
    with pytest.raises(UsageError, match="'memcached' is no cache; write auto, redis or memory"):
        open_backend("memcached")


def test_an_address_that_is_none_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_REDIS", "http://:secret@host")

    with pytest.raises(UsageError, match="WORKBENCH_REDIS is no address") as refused:
        open_backend()
    assert "secret" not in str(refused.value)


def test_a_server_that_does_not_answer_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_REDIS", "redis://:secret@127.0.0.1:1/0")

    with pytest.raises(UnreachableError, match="did not answer") as refused:
        open_backend()
    assert "secret" not in str(refused.value)


def test_a_server_without_its_package_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_REDIS", "redis://127.0.0.1:1/0")
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(UsageError, match=r"pip install 'dynamodb-workbench\[cache\]'"):
        open_backend()
