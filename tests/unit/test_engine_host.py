"""Promises of the host, its leases and its pool, with a backend that is only a counter."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workbench.engines.host import Host
from workbench.engines.lease import HostGoneError, Lease
from workbench.engines.protocol import Channel
from workbench.engines.state import HostState
from workbench.errors import DatabaseError, EngineError


class Counter:
    """A backend whose stores are numbers."""

    def __init__(self, max_stores: int = 2) -> None:
        self.max_stores = max_stores
        self.made = 0
        self.emptied: list[int] = []
        self.lives = True
        self.clears = True

    def start(self, port: int) -> dict[str, Any]:
        return {"port": port}

    def stop(self) -> None:
        self.lives = False

    def alive(self) -> bool:
        return self.lives

    def new_store(self) -> dict[str, Any]:
        self.made += 1
        return {"number": self.made}

    def empty_store(self, store: dict[str, Any]) -> None:
        if not self.clears:
            raise RuntimeError("stuck")
        self.emptied.append(store["number"])


@contextmanager
def serving(backend: Counter, linger: float = 60.0) -> Iterator[tuple[Host, HostState]]:
    host = Host(backend, "secret", linger)
    thread = threading.Thread(target=host.serve)
    thread.start()
    try:
        yield host, HostState("counter", os.getpid(), host.control_port, "secret", "", {"port": 1})
    finally:
        host.end("the test is over")
        thread.join(5)
        host.close()


@pytest.fixture
def backend() -> Counter:
    return Counter()


@pytest.fixture
def served(backend: Counter) -> Iterator[tuple[Host, HostState]]:
    with serving(backend) as both:
        yield both


def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_two_leases_never_hold_the_same_store(served: tuple[Host, HostState]) -> None:
    first, second = Lease(served[1]), Lease(served[1])

    assert first.take_store() != second.take_store()


def test_a_released_store_is_emptied_before_it_is_handed_out_again(
    served: tuple[Host, HostState], backend: Counter
) -> None:
    first = Lease(served[1])
    number = first.take_store()["number"]
    keeper = Lease(served[1])
    keeper.take_store()
    first.release()

    again = Lease(served[1]).take_store(wait=5)

    assert again == {"number": number}
    assert backend.emptied == [number]


def test_a_full_pool_waits_for_a_store_and_gets_it(served: tuple[Host, HostState]) -> None:
    leases = [Lease(served[1]) for _ in range(2)]
    for lease in leases:
        lease.take_store()
    threading.Timer(0.3, leases[0].release).start()

    assert Lease(served[1]).take_store(wait=10) == {"number": 1}


def test_a_full_pool_says_so_after_the_wait(served: tuple[Host, HostState]) -> None:
    leases = [Lease(served[1]) for _ in range(2)]
    for lease in leases:
        lease.take_store()

    with pytest.raises(EngineError, match=r"all 2 stores of the engine are in use.*0\.1 s.*WORKBENCH_STORES"):
        Lease(served[1]).take_store(wait=0.1)


def test_a_user_that_vanishes_gives_its_store_back(served: tuple[Host, HostState], backend: Counter) -> None:
    lease = Lease(served[1])
    lease.take_store()
    lease._channel._socket.close()  # as the kernel does for a killed process

    assert eventually(lambda: backend.emptied == [1])
    assert eventually(lambda: served[0].status()["users"] == 0)


def test_a_lease_that_is_forgotten_gives_its_store_back(served: tuple[Host, HostState], backend: Counter) -> None:
    lease = Lease(served[1])
    lease.take_store()
    del lease
    gc.collect()

    assert eventually(lambda: backend.emptied == [1])


def test_a_store_that_cannot_be_emptied_is_never_handed_out_again(
    served: tuple[Host, HostState], backend: Counter
) -> None:
    backend.clears = False
    lease = Lease(served[1])
    lease.take_store()
    lease.release()
    assert eventually(lambda: served[0].pool.counts()["leased"] == 0)

    assert Lease(served[1]).take_store() == {"number": 2}


def test_a_named_store_is_shared_and_stays_as_it_was_left(served: tuple[Host, HostState], backend: Counter) -> None:
    first, second = Lease(served[1]), Lease(served[1])

    assert first.take_store("default") == second.take_store("default")
    first.release()
    second.release()
    assert Lease(served[1]).take_store("default") == {"number": 1}
    assert backend.emptied == []


def test_a_lease_holds_one_store_only(served: tuple[Host, HostState]) -> None:
    lease = Lease(served[1])
    lease.take_store()

    with pytest.raises(EngineError, match="holds a store already"):
        lease.take_store()


def test_releasing_twice_does_no_harm(served: tuple[Host, HostState], backend: Counter) -> None:
    lease = Lease(served[1])
    lease.take_store()
    lease.release()
    lease.release()

    assert eventually(lambda: served[0].status()["users"] == 0)
    assert backend.emptied == [1]
    assert not lease.is_alive()


def test_a_wrong_token_is_refused(served: tuple[Host, HostState]) -> None:
    with pytest.raises(HostGoneError, match="another user or run"):
        Lease(replace(served[1], token="guess"))


def test_a_host_of_another_version_says_what_to_do(
    served: tuple[Host, HostState], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.engines.lease.PROTOCOL", 99)

    with pytest.raises(EngineError, match=r"another version.*workbench engine stop"):
        Lease(served[1])


@pytest.mark.parametrize("holds_a_store", [False, True])
def test_a_released_user_is_not_counted_by_the_next_status(
    served: tuple[Host, HostState], monkeypatch: pytest.MonkeyPatch, holds_a_store: bool
) -> None:
    leave = Host._leave

    def slowly(host: Host, *, looked_only: bool) -> None:
        time.sleep(0.2)
        leave(host, looked_only=looked_only)

    monkeypatch.setattr(Host, "_leave", slowly)
    asking, lease = Lease(served[1]), Lease(served[1])
    if holds_a_store:
        lease.take_store()
    assert asking.ask("status")["users"] == 2

    lease.release()

    assert asking.ask("status")["users"] == 1


def test_a_user_goes_although_the_host_does_not_count_it_out(
    served: tuple[Host, HostState], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.engines.lease.GOODBYE_SECONDS", 0.1)
    leave, released = Host._leave, threading.Event()

    def stuck(host: Host, *, looked_only: bool) -> None:
        released.wait(30)
        leave(host, looked_only=looked_only)

    monkeypatch.setattr(Host, "_leave", stuck)
    lease = Lease(served[1])

    lease.release()

    assert served[0].status()["users"] == 1
    assert not lease.is_alive()
    released.set()


def test_noise_on_the_control_port_does_not_disturb_the_others(served: tuple[Host, HostState]) -> None:
    lease = Lease(served[1])
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\xff\xfe\n", b"[]\n", b"{}\n", b""):
        channel = Channel.open(served[1].control_port, seconds=5)
        channel._socket.sendall(noise)
        channel.hang_up()

    assert lease.take_store() == {"number": 1}


def test_an_unknown_request_is_an_error_of_the_class_asked_for(served: tuple[Host, HostState]) -> None:
    with pytest.raises(DatabaseError, match="unknown request 'dance'"):
        Lease(served[1], error=DatabaseError).ask("dance")


def test_the_host_ends_when_its_last_user_is_gone() -> None:
    with serving(Counter(), linger=0.1) as (host, state):
        first, second = Lease(state), Lease(state)
        first.release()
        time.sleep(0.6)
        assert not host.closing.is_set()

        second.release()

        assert eventually(host.closing.is_set)
        assert host.reason == "nobody uses it any more"


def test_a_host_that_was_asked_to_stay_stays_without_users() -> None:
    with serving(Counter(), linger=0.1) as (host, state):
        lease = Lease(state)
        lease.keep()
        lease.release()
        time.sleep(0.6)

        assert not host.closing.is_set()


def test_the_host_ends_when_its_server_dies(served: tuple[Host, HostState], backend: Counter) -> None:
    backend.lives = False

    assert eventually(served[0].closing.is_set)
    assert served[0].reason == "the server died"


def test_a_host_that_is_ending_lets_nobody_in(served: tuple[Host, HostState]) -> None:
    Lease(served[1]).ask("stop")

    with pytest.raises(HostGoneError, match="ending"):
        Lease(served[1])


def test_a_lease_on_a_host_that_is_gone_tells_its_last_log_lines(tmp_path: Path) -> None:
    log = tmp_path / "counter.log"
    log.write_text("one\ntwo\nthe disk is full\n")
    with serving(Counter()) as (host, state):
        lease = Lease(replace(state, log=str(log)))
        host.end("test")
        lease._channel._socket.shutdown(2)

        with pytest.raises(EngineError, match=r"(?s)counter does not answer.*has ended.*the disk is full"):
            lease.ask("status")


def test_many_users_at_once_never_share_a_store() -> None:
    backend = Counter(max_stores=4)
    held: set[int] = set()
    clashes: list[int] = []
    lock = threading.Lock()

    def use(state: HostState) -> None:
        for _ in range(5):
            lease = Lease(state)
            number = lease.take_store(wait=20)["number"]
            with lock:
                clashes.extend([number] if number in held else [])
                held.add(number)
            time.sleep(0.01)
            with lock:
                held.discard(number)
            lease.release()

    with serving(backend) as (host, state):
        users = [threading.Thread(target=use, args=(state,)) for _ in range(12)]
        for user in users:
            user.start()
        for user in users:
            user.join(30)

        assert clashes == []
        assert backend.made <= 4
        assert eventually(lambda: len(backend.emptied) == 60)
        assert eventually(lambda: host.pool.counts() == {"leased": 0, "free": backend.made, "named": 0, "most": 4})
