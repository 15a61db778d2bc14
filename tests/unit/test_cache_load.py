"""A load that is replayed against a cache: the same picks, and what it tells."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tests.unit.cached_shelves import POETRY, SMALL, Shelves, made
from workbench.cache import Event, HandClock, MemoryBackend, ReadAside, replay, zipf
from workbench.errors import UsageError


def test_picks_are_the_same_for_the_same_seed_and_the_first_is_the_hottest() -> None:
    picks = zipf(20, 2000, chance=random.Random(7))

    assert picks == zipf(20, 2000, chance=random.Random(7))
    assert set(picks) <= set(range(20))
    assert picks.count(0) > 3 * picks.count(9) > 0
    with pytest.raises(UsageError, match="0 things to pick from"):
        zipf(0, 1, chance=random.Random(7))


def test_a_replay_tells_hits_price_and_how_long_a_stale_answer_was_behind() -> None:
    client, clock = Shelves(), HandClock(1000.0)
    cache = ReadAside(made(SMALL, client), MemoryBackend(now=clock), [POETRY], now=clock)
    events = [Event(float(at), "list-shelf", {"shelf": "poetry"}) for at in (1001, 1010, 1011, 1030)]

    report = replay(cache, events, clock=clock, delay=None)

    assert report.row == {
        "reads": 4, "writes": 0, "hit rate %": 75.0, "negative hits": 0, "requests": 1, "RCU paid": Decimal("0.5"),
        "RCU saved": Decimal("1.5"), "stale reads": 0, "mean staleness s": 0.0, "most staleness s": 0.0,
    }  # fmt: skip
