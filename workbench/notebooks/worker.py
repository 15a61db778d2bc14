"""A worker process: imports papermill once, then runs one notebook after another as lines of JSON ask for it.

papermill changes the working directory of the whole process, so each worker runs one notebook at a time. Requests come
on stdin, answers go to stdout; when stdin closes, the run is over or dead, and the worker ends with its kernels.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Any, NoReturn

from workbench.notebooks.kernels import Kernels

__all__ = ["main"]


def main() -> NoReturn:
    """Serve until there is no more to do, then end the process. A signal ends it at once, kernels first."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")  # what papermill or a kernel prints must not get in between
    os.dup2(2, 1)
    # jsonschema's checker of IRIs takes 0.7 s of papermill's import, its route to HDFS 0.3 s; no notebook needs either.
    # None here is Python's own way to say that a module is not installed.
    for name in ("rfc3987_syntax", "pyarrow.fs"):
        sys.modules[name] = None  # type: ignore[assignment]
    runtime = Path(sys.argv[1])
    os.environ["IPYTHONDIR"] = str(runtime / "ipython")  # no start-up files or history of who runs it
    os.environ["JUPYTER_RUNTIME_DIR"] = str(runtime)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    kernels = Kernels(runtime)

    def die(number: int, _frame: object = None) -> None:
        kernels.kill_all()
        shutil.rmtree(runtime, ignore_errors=True)
        os._exit(128 + number)

    signal.signal(signal.SIGTERM, die)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the run's to handle
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin, requests, lambda: die(signal.SIGTERM)), daemon=True).start()
    try:
        _serve(requests, channel, kernels)
    finally:
        kernels.close()
        shutil.rmtree(runtime, ignore_errors=True)
        os._exit(0)  # at once: a thread still reads stdin, and sockets would linger


def _read(stdin: IO[str], requests: queue.SimpleQueue[dict[str, Any]], die: Any) -> None:
    for line in stdin:
        requests.put(json.loads(line))
    die()


def _serve(requests: queue.SimpleQueue[dict[str, Any]], channel: IO[str], kernels: Kernels) -> None:
    import jupyter_client.manager  # noqa: F401 (whole before the thread below needs it: two half imports break)

    first = requests.get()
    if first.get("folder"):
        kernels.start_ahead(first["folder"])  # it starts while papermill is being imported
    from workbench.notebooks.execution import execute
    from workbench.notebooks.rewriting import rewrite

    _answer(channel, {"ready": True})
    while (job := requests.get()).get("input"):
        _answer(channel, rewrite(job, kernels) if job.get("task") == "refresh" else execute(job, kernels))


def _answer(channel: IO[str], answer: dict[str, Any]) -> None:
    channel.write(json.dumps(answer) + "\n")
    channel.flush()


if __name__ == "__main__":
    main()
