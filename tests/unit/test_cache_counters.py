"""Counters in a cache: each event once for each reader."""

from __future__ import annotations

from workbench.cache import Counter, MemoryBackend


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
