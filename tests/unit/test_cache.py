"""A cache in front of reading patterns: what it saves, and that a stream record ends what it outdates."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.cache import (
    Cached,
    Counter,
    Event,
    HandClock,
    MemoryBackend,
    ReadAside,
    open_backend,
    replay,
    stale_collections,
    zipf,
)
from workbench.cache.codec import Entry, decode, encode
from workbench.cache.invalidation import blind_indexes, collections_of
from workbench.errors import ItemError, LookupFailedError, UnknownNameError, UnreachableError, UsageError
from workbench.items import item_to_wire
from workbench.model import Lookup, Model, Source, load_model
from workbench.plans import Clock, build
from workbench.results import Session

SMALL = load_model(Path(__file__).parents[1] / "models" / "small" / "model.yaml")
POETRY = Cached("list-shelf", ttl=60)


class Shelves:
    """A client with a few books in memory, which counts the queries that it answers."""

    def __init__(self) -> None:
        self.titles: dict[str, list[str]] = {"poetry": ["Leaves"], "cooking": []}
        self.queries = 0
        self.consistent: list[bool] = []
        self.during: Callable[[], None] = lambda: None

    def query(self, **request: Any) -> dict[str, Any]:
        self.queries += 1
        self.consistent.append(request.get("ConsistentRead", False))
        shelf = request["ExpressionAttributeValues"][":v0"]["S"].removeprefix("SHELF#")
        items = [book(shelf, at, title) for at, title in enumerate(self.titles[shelf])]
        self.during()
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def put(self, shelf: str, title: str) -> dict[str, Any]:
        """Store a book and return the stream's record of it."""
        self.titles[shelf].append(title)
        return record(book(shelf, len(self.titles[shelf]) - 1, title))


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


def book(shelf: str, number: int, title: str) -> dict[str, Any]:
    key = {"pk": f"SHELF#{shelf}", "sk": f"BOOK#{number:03d}"}
    return item_to_wire({**key, "author": "Ada", "year": 2000 + number, "title": title})


def record(image: dict[str, Any], event: str = "INSERT") -> dict[str, Any]:
    keys = {name: image[name] for name in ("pk", "sk")}
    return {"eventName": event, "dynamodb": {"Keys": keys, "NewImage": image}}


def made(model: Model, client: Any, database: Any = None) -> Session:
    engine = SimpleNamespace(name="fake", is_near=True, explain_failure=str)
    return Session(model, client, database, engine, Clock.fixed())


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


# which collections a record makes stale

LIBRARY = SMALL.table("library")
BOTH_IMAGES = replace(LIBRARY, stream="NEW_AND_OLD_IMAGES")


def names(table: Any, record: dict[str, Any]) -> list[str]:
    return [str(each) for each in stale_collections(table, record)]


def test_a_record_names_the_collections_of_the_table_and_of_every_index_that_the_item_is_in() -> None:
    assert names(LIBRARY, record(book("poetry", 1, "Howl"))) == [
        "library SHELF#poetry",
        "by-author Ada",
        "by-year SHELF#poetry",
    ]


def test_an_item_without_the_attributes_of_a_sparse_index_is_not_in_it() -> None:
    loan = item_to_wire({"pk": "READER#mia", "sk": "2026", "isbn": "1"})

    assert names(LIBRARY, record(loan)) == ["library READER#mia", "by-year READER#mia"]


def test_an_old_image_names_the_index_collection_that_the_item_has_left() -> None:
    old, new = book("poetry", 1, "Howl"), {**book("poetry", 1, "Howl"), "author": {"S": "Bo"}}
    change = {"Keys": {"pk": old["pk"], "sk": old["sk"]}, "OldImage": old, "NewImage": new}

    assert "by-author Ada" in names(BOTH_IMAGES, {"eventName": "MODIFY", "dynamodb": change})
    assert "by-author Bo" in names(BOTH_IMAGES, {"eventName": "MODIFY", "dynamodb": change})


def test_without_old_images_the_index_that_may_keep_an_old_answer_is_named() -> None:
    assert blind_indexes(LIBRARY) == ("by-author",)
    assert blind_indexes(BOTH_IMAGES) == ()


def test_a_removal_without_any_image_still_names_what_its_key_tells() -> None:
    keys = {"pk": {"S": "SHELF#poetry"}, "sk": {"S": "BOOK#1"}}

    assert names(LIBRARY, {"eventName": "REMOVE", "dynamodb": {"Keys": keys}}) == [
        "library SHELF#poetry",
        "by-year SHELF#poetry",
    ]


@pytest.mark.parametrize("bad", [{}, {"dynamodb": {}}, {"dynamodb": None}, {"dynamodb": {"Keys": {"id": {"S": "1"}}}}])
def test_what_is_no_record_of_the_table_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="record"):
        stale_collections(LIBRARY, bad)


def test_numbers_that_are_equal_are_one_partition_and_a_number_is_not_its_text() -> None:
    by_number = replace(LIBRARY, keys=replace(LIBRARY.keys), indexes={})

    one, same, text = (
        stale_collections(by_number, {"dynamodb": {"Keys": {"pk": value, "sk": {"S": "x"}}}})
        for value in ({"N": "1.0"}, {"N": "1"}, {"S": "1"})
    )

    assert one == same != text


def test_what_a_plan_reads_is_what_a_record_of_such_an_item_makes_stale() -> None:
    query = build(SMALL, "list-shelf", {"shelf": "poetry"})
    get = build(SMALL, "get-book", {"shelf": "poetry", "isbn": "002"})
    index = build(SMALL, "books-of-author", {"author": "Ada"})
    stale = set(stale_collections(LIBRARY, record(book("poetry", 2, "Howl"))))

    for plan in (query, get, index):
        assert set(collections_of(plan)) <= stale
        assert len(collections_of(plan)) == 1


# values

scalars = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])), st.binary(), st.booleans(), st.none(),
    st.integers(-(10**38) + 1, 10**38 - 1),
    st.frozensets(st.binary(min_size=1), min_size=1), st.frozensets(st.integers(-999, 999), min_size=1),
    st.decimals(min_value=-1000, max_value=1000, places=6),
)  # fmt: skip
names_ = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names_, inner, max_size=3), max_leaves=8
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(names_, values, max_size=4), max_size=3), st.none() | st.text(max_size=5))
def test_an_answer_comes_back_from_its_bytes_without_loss(items: list[dict[str, Any]], error: str | None) -> None:
    from workbench.items import item_from_wire

    stored = [item_from_wire(item_to_wire(item)) for item in items]
    entry = Entry(stored, "next", 12.5, "0.5", {"version:a": "t"}, error)

    again = decode(encode(entry))

    assert again == entry
    assert [item_to_wire(item) for item in again.items] == [item_to_wire(item) for item in stored]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"items": [{"a": {"X": 1}}]}'])
def test_bytes_that_hold_no_answer_are_refused(content: bytes) -> None:
    with pytest.raises(ItemError, match="no cached answer"):
        decode(content)


# counters


def test_a_counter_counts_an_event_once_and_is_reset_when_it_is_opened() -> None:
    unread = Counter(MemoryBackend(), "unread")
    unread.reset("mia", "poetry")

    assert [unread.increment("mia", "poetry", once=event) for event in ("e1", "e2", "e1")] == [1, 2, 2]
    assert unread.value("mia", "poetry") == 2
    unread.reset("mia", "poetry")
    assert unread.value("mia", "poetry") == 0
    assert unread.increment("mia", "poetry", once="e1") == 0  # a replayed record after the reset


def test_a_counter_that_the_cache_lost_is_not_known_and_does_not_start_at_one() -> None:
    unread = Counter(MemoryBackend(), "unread")

    assert unread.increment("mia", once="e1") is None
    assert unread.value("mia") is None


def test_one_event_is_counted_for_each_of_its_readers() -> None:
    unread = Counter(MemoryBackend(), "unread")
    for reader in ("mia", "tom"):
        unread.reset(reader)

    assert [unread.increment(reader, once="e1") for reader in ("mia", "tom")] == [1, 1]


# opening


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_REDIS", raising=False)
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("no_server")
def test_without_a_server_the_cache_is_in_this_process_and_says_so(client: Shelves) -> None:
    backend = open_backend()

    assert isinstance(backend, MemoryBackend)
    remarks = ReadAside(made(SMALL, client), backend, [POETRY]).remarks
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


# load


def test_picks_are_the_same_for_the_same_seed_and_the_first_is_the_hottest() -> None:
    picks = zipf(20, 2000, chance=random.Random(7))

    assert picks == zipf(20, 2000, chance=random.Random(7))
    assert set(picks) <= set(range(20))
    assert picks.count(0) > 3 * picks.count(9) > 0
    with pytest.raises(UsageError, match="0 things to pick from"):
        zipf(0, 1, chance=random.Random(7))


def test_a_replay_tells_hits_price_and_how_long_a_stale_answer_was_behind(client: Shelves, clock: HandClock) -> None:
    cache = ReadAside(made(SMALL, client), MemoryBackend(now=clock), [POETRY], now=clock)
    events = [Event(float(at), "list-shelf", {"shelf": "poetry"}) for at in (1001, 1010, 1011, 1030)]

    report = replay(cache, events, clock=clock, delay=None)

    assert report.row == {
        "reads": 4, "writes": 0, "hit rate %": 75.0, "negative hits": 0, "requests": 1, "RCU paid": Decimal("0.5"),
        "RCU saved": Decimal("1.5"), "stale reads": 0, "mean staleness s": 0.0, "most staleness s": 0.0,
    }  # fmt: skip
