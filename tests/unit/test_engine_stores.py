"""Which store the pool hands out: an unworn one, and no more of them than there may be."""

from __future__ import annotations

import time
from typing import Any

from workbench.engines.stores import WORN, Pool


class Maker:
    max_stores = 2

    def __init__(self) -> None:
        self.made = 0
        self.wears = {1: WORN, 2: 1}

    def new_store(self) -> dict[str, Any]:
        self.made += 1
        return {"number": self.made}

    def empty_store(self, store: dict[str, Any]) -> int:
        return self.wears[store["number"]]


def give_back(pool: Pool, store: dict[str, Any]) -> None:
    free = pool.counts()["free"]
    pool.give_back(store)
    until = time.monotonic() + 5
    while pool.counts()["free"] == free:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_worn_store_waits_while_there_may_be_a_new_one() -> None:
    pool = Pool(Maker())
    give_back(pool, pool.lease(None, 0))

    assert pool.lease(None, 0) == {"number": 2}


def test_the_least_worn_store_is_handed_out_and_a_worn_one_rather_than_none() -> None:
    pool = Pool(Maker())
    one, two = pool.lease(None, 0), pool.lease(None, 0)
    give_back(pool, one)
    give_back(pool, two)

    assert pool.lease(None, 0) == {"number": 2}
    assert pool.lease(None, 0) == {"number": 1}


def test_wear_adds_up_over_the_uses_of_a_store() -> None:
    maker = Maker()
    maker.wears = {1: WORN // 2 + 1, 2: 0}
    pool = Pool(maker)
    give_back(pool, pool.lease(None, 0))
    again = pool.lease(None, 0)
    assert again == {"number": 1}
    give_back(pool, again)

    assert pool.lease(None, 0) == {"number": 2}
