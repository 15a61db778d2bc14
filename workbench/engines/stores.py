"""The bounded pool of stores that a host hands out.

A store is a plain dict that the backend makes (``new_store``) and clears (``empty_store``). On DynamoDB Local each one
costs threads for as long as the server lives, so stores are cleared and used again instead of made anew. A store can
wear: DynamoDB Local keeps the stream records of dropped tables and gets slower by them. So the least worn store is
handed out, and a new one rather than a worn one as long as there may be more.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Protocol

__all__ = ["ExhaustedError", "Pool", "StoreMaker"]

Facts = dict[str, Any]
WORN = 3_000  # stream records left behind; filling 5,000 items again took four times as long after the first 5,000
_log = logging.getLogger(__name__)


class ExhaustedError(Exception):
    """Every store of the pool is leased, and none came back in the time given."""


class StoreMaker(Protocol):
    """The part of a backend that the pool needs."""

    max_stores: int

    def new_store(self) -> Facts:
        """Return the facts of one more store, private to who knows them."""
        ...

    def empty_store(self, store: Facts) -> int | None:
        """Clear a store that was given back, so that its next holder finds nothing; return how much it wore."""
        ...


class Pool:
    """Stores for the users of one host: unnamed ones of one holder each, named ones that stay and may be shared."""

    def __init__(self, maker: StoreMaker) -> None:
        self._maker = maker
        self._changed = threading.Condition()
        self._free: list[tuple[int, Facts]] = []  # with the wear of each
        self._wear: dict[int, int] = {}  # of the stores that are leased, by identity
        self._named: dict[str, Facts] = {}
        self._made = 0
        self._leased = 0

    def lease(self, name: str | None, wait: float) -> Facts:
        """Return an empty store, or the named one as it was left. Raises ExhaustedError when none came free."""
        with self._changed:
            if name is not None:
                return self._named_store(name)
            until = time.monotonic() + wait
            while not self._free and self._made >= self._maker.max_stores:
                if not self._changed.wait(until - time.monotonic()):
                    raise ExhaustedError(self._exhausted(wait))
            wear, store = self._next()
            self._wear[id(store)] = wear
            self._leased += 1
            return store

    def _next(self) -> tuple[int, Facts]:
        best = min(self._free, key=lambda each: each[0], default=None)
        if best is None or (best[0] >= WORN and self._made < self._maker.max_stores):
            return 0, self._new()
        self._free.remove(best)
        return best

    def _named_store(self, name: str) -> Facts:
        if name not in self._named:
            if len(self._named) >= self._maker.max_stores:
                raise ExhaustedError(f"there are {len(self._named)} named stores already; stop the engine to drop them")
            self._named[name] = self._maker.new_store()
        return self._named[name]

    def _new(self) -> Facts:
        store = self._maker.new_store()
        self._made += 1
        return store

    def _exhausted(self, wait: float) -> str:
        return (
            f"all {self._maker.max_stores} stores of the engine are in use, and none came back in {wait:g} s; "
            "release one (close a bench, or shut down a kernel), or set WORKBENCH_STORES to a higher number after "
            "`workbench engine stop`"
        )

    def give_back(self, store: Facts) -> None:
        """Take an unnamed store back: it is cleared in the background, and only then free again."""
        threading.Thread(target=self._clear, args=(store,), daemon=True, name="empty-store").start()

    def _clear(self, store: Facts) -> None:
        try:
            worn = self._maker.empty_store(store) or 0
            usable = True
        except Exception:  # noqa: BLE001  # a store that cannot be cleared is never handed out again
            _log.exception("a store could not be emptied and is given up")
            worn, usable = 0, False
        with self._changed:
            self._leased -= 1
            wear = self._wear.pop(id(store), 0) + worn
            if usable:
                self._free.append((wear, store))
            else:
                self._made -= 1
            self._changed.notify()

    def counts(self) -> dict[str, int]:
        """Return how many stores there are: leased (or being emptied), free, named, and the most there can be."""
        with self._changed:
            return {
                "leased": self._leased,
                "free": len(self._free),
                "named": len(self._named),
                "most": self._maker.max_stores,
            }
