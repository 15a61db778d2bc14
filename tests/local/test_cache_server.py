"""A cache on a real server of the Redis protocol: the machine's redis-server or valkey-server, started by the test."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench as wb
from workbench.cache import Backend, Cached, Counter, ReadAside, open_backend, stream_record
from workbench.cache.redis_backend import RedisBackend
from workbench.cache.server import find_program, start_server
from workbench.engines import Engine
from workbench.errors import UnreachableError

pytestmark = pytest.mark.local

GROUP = "50d22f1d-7314-5b24-92d7-5e0766fc740a"


@pytest.fixture(scope="module")
def program() -> str:
    """The server's program. Skips where the machine has none, fails in CI, where .ci/run installs it."""
    found = find_program()
    if found is None and os.environ.get("CI"):
        pytest.fail("CI must have redis-server or valkey-server on its PATH; .ci/run installs it")
    if found is None:
        pytest.skip("this machine has no redis-server and no valkey-server on its PATH (apt-get install redis-server)")
    return found


@pytest.fixture
def backend(program: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    monkeypatch.delenv("WORKBENCH_REDIS", raising=False)
    opened = open_backend("auto")
    yield opened
    opened.close()


def test_the_machines_server_is_taken_by_itself_and_said(backend: Backend) -> None:
    assert isinstance(backend, RedisBackend)
    assert backend.title.startswith("Redis protocol, version ")
    assert backend.fallback_reason is None


def test_it_keeps_bytes_until_their_time_is_up(backend: Backend) -> None:
    backend.set("a", b"\x00\xff", 2)
    backend.set("b", b"2", 60)

    assert backend.get("a", "b", "c") == [b"\x00\xff", b"2", None]
    time.sleep(2.1)
    assert backend.get("a", "b") == [None, b"2"]


def test_a_lock_is_taken_once_and_given_back_by_its_token_only(backend: Backend) -> None:
    assert backend.add("lock", b"mine", 60)
    assert not backend.add("lock", b"yours", 60)
    assert not backend.delete_if("lock", b"yours")
    assert backend.delete_if("lock", b"mine")
    assert backend.get("lock") == [None]


def test_many_threads_count_each_event_once(backend: Backend) -> None:
    unread = Counter(backend, "unread")
    assert unread.increment("mia", once="0") is None
    unread.reset("mia")
    threads = [
        threading.Thread(target=lambda: [unread.increment("mia", once=str(event)) for event in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert unread.value("mia") == 50


def test_clearing_removes_what_is_ours_and_nothing_else(program: str) -> None:
    url, stop = start_server(program)
    try:
        ours, theirs = RedisBackend(url, prefix="wb*:"), RedisBackend(url, prefix="wbx:")
        ours.set("a", b"1", 60)
        theirs.set("a", b"2", 60)

        assert ours.clear() == 1
        assert theirs.get("a") == [b"2"]
    finally:
        stop()


def test_a_server_that_went_away_is_unreachable(program: str) -> None:
    url, stop = start_server(program)
    backend = RedisBackend(url)
    stop()

    with pytest.raises(UnreachableError, match="did not answer"):
        backend.get("a")


def test_the_server_ends_with_the_process_that_started_it_even_when_that_is_killed(program: str) -> None:
    code = (
        "import sys; from workbench.cache.server import start_server; "
        "print(start_server(sys.argv[1])[0], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        url = started.stdout.readline().strip()
        RedisBackend(url).set("a", b"1", 60)
        started.kill()

    for _ in range(200):
        try:
            RedisBackend(url)
        except UnreachableError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the server still answers")
    folder = Path(url.removeprefix("unix://")).parent
    for file in folder.glob("*"):  # the killed process could not
        file.unlink()
    folder.rmdir()


def test_an_inbox_and_a_conversation_go_through_the_server_and_a_message_makes_them_fresh(
    engine: Engine, backend: Backend
) -> None:
    with wb.open("messaging", engine="dynamodb-local") as bench:
        bench.load_schema()
        bench.seed()
        rules = [Cached("list-messages", 60), Cached("list-conversations", 60, missing=10)]
        one, other = (ReadAside(bench.session, backend, rules) for _ in range(2))  # two processes of an app
        first = one.read("list-messages", message_group_uuid=GROUP)
        inbox = one.read("list-conversations", handle="bayko")

        assert other.read("list-messages", message_group_uuid=GROUP).source == "cache"
        assert other.read("list-messages", message_group_uuid=GROUP).items == first.items
        assert other.read("list-conversations", handle="bayko").items == inbox.items

        sent = bench.pattern("send-message").run(message_group_uuid=GROUP, handle="bayko", message="Tea?")
        record = stream_record(bench.model, sent.changes[0])
        assert record is not None
        other.invalidate(record)

        fresh = one.read("list-messages", message_group_uuid=GROUP)
        assert (fresh.source, fresh.items[0]["message"]) == ("table", "Tea?")
        assert one.read("list-conversations", handle="bayko").source == "cache"  # its row did not change


def test_a_stampede_on_the_server_is_one_query(engine: Engine, backend: Backend) -> None:
    with wb.open("messaging", engine="dynamodb-local") as bench:
        bench.load_schema()
        bench.seed()
        caches = [ReadAside(bench.session, backend, [Cached("list-messages", 60)]) for _ in range(8)]
        threads = [
            threading.Thread(target=lambda each=each: each.read("list-messages", message_group_uuid=GROUP))
            for each in caches
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert sum(each.stats.requests for each in caches) == 1
    assert sum(each.stats.hits for each in caches) == 7
