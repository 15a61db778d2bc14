"""A cache in front of reading patterns: what it saves, and that a stream record ends what it outdates."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.cached_shelves import POETRY, SMALL, Shelves, made
from workbench.cache import Cached, HandClock, MemoryBackend, ReadAside
from workbench.errors import LookupFailedError, UnknownNameError, UnreachableError, UsageError
from workbench.model import Lookup, Model, Source
from workbench.plans import build


class People:
    """A database that knows one reader."""

    def __init__(self) -> None:
        self.asked = 0

    def query(self, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        self.asked += 1
        return [{"shelf": "poetry"}] if parameters["reader"] == "mia" else []


class Silent(MemoryBackend):
    """A server that has gone away."""

    def get(self, *keys: str) -> list[bytes | None]:
        raise UnreachableError("the cache server did not answer as it should")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(1000.0)


@pytest.fixture
def client() -> Shelves:
    return Shelves()


@pytest.fixture
def cache(client: Shelves, clock: HandClock) -> ReadAside:
    tokens = count()
    backend = MemoryBackend(now=clock)
    return ReadAside(
        made(SMALL, client), backend, [POETRY], now=clock, token=lambda: f"v{next(tokens)}", sleep=lambda _: None
    )


def with_lookup() -> Model:
    """The shelf that a reader likes best, which SQL knows."""
    pattern = SMALL.pattern("list-shelf")
    key = build(SMALL, pattern, {"shelf": "x"}).pattern.key
    assert key is not None
    template = type(next(iter(key.partition.values()))).of("SHELF#{me.shelf}")
    reader = replace(pattern.parameters["shelf"], name="reader")
    changed = replace(
        pattern,
        key=replace(key, partition={"pk": template}),
        parameters={"reader": reader, "limit": pattern.parameters["limit"]},
        lookups={"me": Lookup("me", Source("me.sql", "SELECT"), missing="nobody is called {reader}")},
    )
    return replace(SMALL, patterns={**SMALL.patterns, "list-shelf": changed})


def test_the_second_reader_is_served_from_the_cache_and_told_how_old_the_answer_is(
    cache: ReadAside, client: Shelves, clock: HandClock
) -> None:
    first = cache.read("list-shelf", shelf="poetry")
    clock.at += 7

    second = cache.read("list-shelf", shelf="poetry")

    assert (first.source, second.source) == ("table", "cache")
    assert second.items == first.items
    assert second.items[0]["year"] == Decimal(2000)
    assert second.age == 7
    assert (first.units, second.units, second.saved) == (Decimal("0.5"), Decimal(0), Decimal("0.5"))
    assert client.queries == 1
    assert repr(second) == "list-shelf: 1 item from the cache, 7 s old, 0.5 RCU saved"


def test_an_answer_ends_with_its_ttl(cache: ReadAside, client: Shelves, clock: HandClock) -> None:
    cache.read("list-shelf", shelf="poetry")
    clock.at += 59.9
    cache.read("list-shelf", shelf="poetry")
    clock.at += 0.2

    assert cache.read("list-shelf", shelf="poetry").source == "table"
    assert client.queries == 2


def test_other_arguments_are_another_answer(cache: ReadAside, client: Shelves) -> None:
    cache.read("list-shelf", shelf="poetry")
    cache.read("list-shelf", shelf="poetry", limit=2)
    cache.read("list-shelf", shelf="cooking")

    assert client.queries == 3


def test_a_default_and_the_same_value_given_are_one_answer(cache: ReadAside, client: Shelves) -> None:
    cache.read("list-shelf", shelf="poetry")

    assert cache.read("list-shelf", shelf="poetry", limit=3).source == "cache"


def test_a_record_ends_every_answer_of_its_collection_and_no_other(cache: ReadAside, client: Shelves) -> None:
    cache.read("list-shelf", shelf="poetry")
    cache.read("list-shelf", shelf="poetry", limit=2)
    cache.read("list-shelf", shelf="cooking")

    cache.invalidate(client.put("poetry", "Howl"))

    assert [each["title"] for each in cache.read("list-shelf", shelf="poetry").items] == ["Leaves", "Howl"]
    assert cache.read("list-shelf", shelf="poetry", limit=2).source == "table"
    assert cache.read("list-shelf", shelf="cooking").source == "cache"


def test_an_answer_that_was_outdated_on_its_way_is_not_kept(cache: ReadAside, client: Shelves) -> None:
    def write_meanwhile() -> None:
        client.during = lambda: None
        cache.invalidate(client.put("poetry", "Howl"))

    client.during = write_meanwhile

    outdated = cache.read("list-shelf", shelf="poetry")

    assert [each["title"] for each in outdated.items] == ["Leaves"]
    assert [each["title"] for each in cache.read("list-shelf", shelf="poetry").items] == ["Leaves", "Howl"]


def test_a_version_that_the_cache_evicted_makes_a_miss_and_never_an_old_answer(
    cache: ReadAside, client: Shelves
) -> None:
    cache.read("list-shelf", shelf="poetry")
    (collection,) = [each for each in cache.invalidate(client.put("poetry", "Howl")) if not each.index]
    cache.read("list-shelf", shelf="poetry")
    client.put("poetry", "Ariel")

    assert cache.backend.delete(collection.key) == 1

    assert len(cache.read("list-shelf", shelf="poetry").items) == 3


STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "read", "tell", "tell again"]), st.sampled_from(["poetry", "cooking"])),
    max_size=20,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.randoms(use_true_random=False))
def test_after_every_record_has_come_in_whatever_order_and_however_often_reads_are_true(
    steps: list[tuple[str, str]], chance: random.Random
) -> None:
    client, clock = Shelves(), HandClock()
    cache = ReadAside(made(SMALL, client), MemoryBackend(now=clock), [POETRY], now=clock)
    waiting: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    for step, shelf in steps:
        if step == "write":
            waiting.append(client.put(shelf, f"T{len(waiting) + len(told)}"))
        elif step == "tell" and waiting:
            told.append(waiting.pop(chance.randrange(len(waiting))))
            cache.invalidate(told[-1])
        elif step == "tell again" and told:
            cache.invalidate(chance.choice(told))
        cache.read("list-shelf", shelf=shelf)
    chance.shuffle(waiting)

    for each in waiting:
        cache.invalidate(each)

    for shelf, titles in client.titles.items():
        assert [each["title"] for each in cache.read("list-shelf", shelf=shelf).items] == titles


def test_a_second_record_ends_the_answer_that_was_read_after_the_first(cache: ReadAside, client: Shelves) -> None:
    for number in range(3):
        cache.invalidate(client.put("poetry", f"T{number}"))

        assert len(cache.read("list-shelf", shelf="poetry").items) == number + 2


def test_an_empty_answer_is_kept_as_long_as_it_is_told_to(client: Shelves, clock: HandClock) -> None:
    backend = MemoryBackend(now=clock)
    cache = ReadAside(made(SMALL, client), backend, [replace(POETRY, empty=5)], now=clock)
    cache.read("list-shelf", shelf="cooking")
    clock.at += 4
    assert cache.read("list-shelf", shelf="cooking").items == []
    assert cache.stats.negative_hits == 1

    clock.at += 2

    assert cache.read("list-shelf", shelf="cooking").source == "table"


def test_a_lookup_that_found_nobody_is_remembered_where_it_is_told_to(client: Shelves, clock: HandClock) -> None:
    people = People()
    session = made(with_lookup(), client, people)
    cache = ReadAside(session, MemoryBackend(now=clock), [replace(POETRY, missing=30)], now=clock)

    for _ in range(3):
        with pytest.raises(LookupFailedError, match="nobody is called tom"):
            cache.read("list-shelf", reader="tom")

    assert people.asked == 1
    assert (cache.stats.hits, cache.stats.negative_hits, client.queries) == (2, 2, 0)
    assert cache.forget("list-shelf", reader="tom")
    with pytest.raises(LookupFailedError):
        cache.read("list-shelf", reader="tom")
    assert people.asked == 2


def test_a_lookup_that_found_nobody_is_asked_again_where_nothing_is_said(client: Shelves, clock: HandClock) -> None:
    people = People()
    cache = ReadAside(made(with_lookup(), client, people), MemoryBackend(now=clock), [POETRY], now=clock)

    for _ in range(2):
        with pytest.raises(LookupFailedError):
            cache.read("list-shelf", reader="tom")

    assert people.asked == 2


def stampede(readers: int, *, single_flight: bool) -> tuple[int, ReadAside]:
    """Let readers ask for one expired answer while its query takes until all have asked, or nobody else can."""
    client = Shelves()
    cache = ReadAside(made(SMALL, client), MemoryBackend(), [POETRY], single_flight=single_flight)
    together = threading.Barrier(readers)
    if not single_flight:
        client.during = lambda: together.wait(10) and None
    answers: list[int] = []

    def read() -> None:
        if single_flight:
            together.wait(10)
        answers.append(len(cache.read("list-shelf", shelf="poetry").items))

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == [1] * readers
    return client.queries, cache


def test_readers_of_one_expired_answer_all_ask_the_table_without_single_flight() -> None:
    queries, _ = stampede(12, single_flight=False)

    assert queries == 12


def test_with_single_flight_one_of_them_asks_and_the_others_get_its_answer() -> None:
    queries, cache = stampede(12, single_flight=True)

    assert queries == 1
    assert (cache.stats.hits, cache.stats.misses) == (11, 1)


def test_who_waits_for_a_reader_that_died_asks_by_itself_in_the_end(cache: ReadAside, client: Shelves) -> None:
    cache.backend.add(f"lock:{key_of_poetry(cache)}", b"the token of the dead", 3600)

    assert cache.read("list-shelf", shelf="poetry").source == "table"
    assert cache.stats.waits == 1


def test_a_lock_is_given_back_by_who_took_it_only(cache: ReadAside, client: Shelves) -> None:
    lock = f"lock:{key_of_poetry(cache)}"

    def another_takes_over() -> None:
        cache.backend.delete(lock)
        cache.backend.add(lock, b"another's", 60)

    client.during = another_takes_over
    cache.read("list-shelf", shelf="poetry")

    assert cache.backend.get(lock) == [b"another's"]


def key_of_poetry(cache: ReadAside) -> str:
    from workbench.cache.readaside import _entry_key

    return _entry_key(build(SMALL, "list-shelf", {"shelf": "poetry"}))


def test_a_cache_that_does_not_answer_is_read_past_and_the_answer_says_so(client: Shelves) -> None:
    cache = ReadAside(made(SMALL, client), Silent(), [POETRY])

    served = cache.read("list-shelf", shelf="poetry")

    assert len(served.items) == 1
    assert "read past the cache" in repr(served)
    assert cache.stats.failures == 1
    assert "1 past a cache that did not answer" in repr(cache.stats)


def test_bytes_that_are_no_answer_are_a_miss(cache: ReadAside, client: Shelves) -> None:
    cache.backend.set(key_of_poetry(cache), b"\x80\x04 a pickle", 60)

    assert cache.read("list-shelf", shelf="poetry").source == "table"


def test_the_cache_can_be_filled_by_consistent_reads(client: Shelves) -> None:
    cache = ReadAside(made(SMALL, client), MemoryBackend(), [replace(POETRY, consistent=True)])

    assert cache.read("list-shelf", shelf="poetry").units == 1
    assert client.consistent == [True]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Cached("lend-book", 60), "a TransactWriteItems is not kept in a cache"),
        (Cached("list-shelf", 0), "ttl is 0 s; give more than 0"),
        (Cached("list-shelf", 60, empty=1e9), "empty is 1e"),
        (Cached("books-of-author", 60, consistent=True), "a global index has no consistent reads"),
        (Cached("list-shelves", 60), "Did you mean 'list-shelf'"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(client: Shelves, rule: Cached, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ReadAside(made(SMALL, client), MemoryBackend(), [rule])


def test_a_pattern_that_is_not_cached_is_named_with_the_nearest(cache: ReadAside) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'list-shelf'"):
        cache.read("list-shelve", shelf="poetry")


def test_a_pattern_on_an_index_whose_old_entry_no_record_names_is_remarked(client: Shelves) -> None:
    cache = ReadAside(made(SMALL, client), MemoryBackend(), [POETRY, Cached("books-of-author", 60)])

    assert cache.remarks == ["books-of-author: the stream of library does not name all that goes stale; its TTL must"]
