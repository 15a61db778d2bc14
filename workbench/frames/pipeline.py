"""Pages decoded on other threads while the next ones are on their way; they come out in the order they went in."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from workbench.frames.decoding import Decoder
from workbench.frames.page import Page

__all__ = ["Pipeline"]

_WORKERS = min(4, os.cpu_count() or 1)
_UNDECODED = 2 * _WORKERS  # bodies that may wait in memory; then reading waits for decoding


class Pipeline:
    """A decoder with threads of its own. A context manager: leaving it ends the threads.

    ``finish`` is called with each decoded page on the thread that decoded it; its result comes out beside the page.
    Pipelines that read one table side by side take their ``beside``'s decoder and threads, which are ended with it.
    """

    def __init__(self, finish: Callable[[Page], Any] = lambda page: None, *, beside: Pipeline | None = None) -> None:
        self._decoder: Decoder = beside._decoder if beside else Decoder()
        self._finish = finish
        self._beside = beside
        self._starting = threading.Lock()
        self._threads: ThreadPoolExecutor | None = beside._started() if beside else None
        self._waiting: deque[Future[tuple[Page, Any]]] = deque()
        self._done: list[tuple[Page, Any]] = []

    def add(self, items: bytes | list[dict[str, Any]], *, last: bool) -> None:
        """Take the items of one page. The last page, where nothing else is waiting, is decoded at once.

        The others are packed, since there may be many.
        """
        if last and not self._waiting:
            self._done.append(self._decode(items))
            return
        self._waiting.append(self._started().submit(self._packed, items))
        while len(self._waiting) > _UNDECODED or (self._waiting and self._waiting[0].done()):
            self._done.append(self._waiting.popleft().result())

    def results(self) -> list[tuple[Page, Any]]:
        """Return every page that was taken, and what ``finish`` said of it, in order. Raises what decoding raised."""
        while self._waiting:
            self._done.append(self._waiting.popleft().result())
        return list(self._done)

    def _started(self) -> ThreadPoolExecutor:
        with self._starting:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="decode")
            return self._threads

    def _decode(self, items: bytes | list[dict[str, Any]]) -> tuple[Page, Any]:
        page = self._decoder.decode(items)
        return page, self._finish(page)

    def _packed(self, items: bytes | list[dict[str, Any]]) -> tuple[Page, Any]:
        page, finished = self._decode(items)
        return page.packed(), finished

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        if self._threads is not None and self._beside is None:
            self._threads.shutdown(wait=True, cancel_futures=True)
