"""Kernels for headless runs: always this Python's own, one started ahead while a notebook runs, none left behind."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["Kernels", "how_it_died"]

NAME = "python3"
LONGEST_SOCKET_PATH = 60  # of the folder; a socket's whole path may have 107 bytes
GRACE_SECONDS = 5.0


class Kernels:
    """Makes kernels one after another, the next already starting while one is used. Not for several threads."""

    def __init__(self, runtime: Path) -> None:
        """Keep connection files and sockets in ``runtime``, a folder of the worker's own."""
        self._runtime = runtime
        self._ahead: tuple[str, Future[Any]] | None = None
        self._alive: dict[int, Any] = {}
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="kernel-start")
        self._enders: list[threading.Thread] = []

    def start_ahead(self, folder: str) -> None:
        """Begin to start a kernel whose working directory is ``folder``."""
        if self._ahead is None:
            self._ahead = (folder, self._starter.submit(self._start, folder))

    def take(self, folder: str) -> Any:
        """Return a started kernel manager for ``folder``: the one started ahead when it fits."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == folder:
            return ahead[1].result()
        if ahead is not None:
            ahead[1].add_done_callback(lambda done: self.end(done.result(), now=True))
        return self._start(folder)

    def _start(self, folder: str) -> Any:
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager

        # No folder is searched, so the only spec is the native one: this interpreter, whatever a user has registered.
        specs = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
        local = os.name == "posix" and len(str(self._runtime)) <= LONGEST_SOCKET_PATH
        # The asynchronous one: with the other, nbclient waits for a cell's output without looking at time or kernel.
        manager = AsyncKernelManager(
            kernel_name=NAME,
            kernel_spec_manager=specs,
            transport="ipc" if local else "tcp",
            connection_file=str(self._runtime / f"k{os.urandom(4).hex()}.json"),
            shutdown_wait_time=GRACE_SECONDS,
        )
        asyncio.run(_whole(manager.start_kernel(cwd=folder, extra_arguments=["--HistoryManager.enabled=False"])))
        self._alive[id(manager)] = manager
        return manager

    def end(self, manager: Any, *, now: bool = False) -> None:
        """End a kernel beside the caller's work: asked to (so that it gives its store back), or killed."""
        thread = threading.Thread(target=self._end, args=(manager, now), daemon=True)
        self._enders.append(thread)
        thread.start()

    def _end(self, manager: Any, now: bool) -> None:
        try:
            asyncio.run(_whole(manager.shutdown_kernel(now=now)))
        finally:
            self._alive.pop(id(manager), None)

    def kill_all(self) -> None:
        """Kill every kernel there is, at once, from any thread or signal handler."""
        if self._ahead is not None and self._ahead[1].running():
            self._ahead[1].cancel()
        for manager in list(self._alive.values()):
            if (process := process_of(manager)) is not None:
                _kill_group(process.pid)

    def close(self) -> None:
        """End every kernel and wait for it."""
        if self._ahead is not None:
            self.end(self._ahead[1].result(), now=True)
            self._ahead = None
        for thread in self._enders:
            thread.join(GRACE_SECONDS + 1)
        self.kill_all()


async def _whole(step: Awaitable[Any]) -> None:
    await step


def process_of(manager: Any) -> Any:
    """Return the kernel's process, None when it has ended and was reaped."""
    return getattr(getattr(manager, "provisioner", None), "process", None)


def _kill_group(pid: int) -> None:
    import signal

    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # a kernel leads a session of its own; what it started goes with it


def how_it_died(process: Any) -> str:
    """Return how a kernel's process ended, in words."""
    code = process.poll() if process is not None else None
    if code is None:
        return "it does not answer any more"
    if code < 0:
        import signal

        name = signal.Signals(-code).name
        hint = ", as when memory runs out" if name == "SIGKILL" else ""
        return f"it was ended by {name}{hint}"
    return f"it ended with exit code {code}"
