"""One measurement, in a process of its own: read a job from stdin, measure one way, print what came of it.

Before the clock starts, the way is made (imports, client) and called twice on the small table, so that connections and
lazy imports are not counted. What is counted is one call, or the median of several where a call is short. Memory is the
process's peak while the clock ran, over what it held when it started.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from benchmarks import kinds, reading, recordings, writing
from benchmarks.digests import digest_of_items, exact_share

CHECKED_PAGES = 2
SMALL_ITEMS = 20
WARM_UPS = 2
FEW_CALLS = 5
CALLING_SECONDS = 2.0
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def main() -> int:
    """Do the job; an exception of the way is an answer, and the exit code is 0."""
    job = json.loads(sys.stdin.read())
    try:
        said = _TASKS[job["task"]](job)
    except Exception as error:
        lines = str(error).strip().splitlines()
        said = {"error": type(error).__name__, "message": lines[0][:200] if lines else ""}
    print(json.dumps(said))
    return 0


def timed(call: Callable[[], Any], release: Callable[[Any], Any], calls: int = 1) -> dict[str, Any]:
    """Return a call's seconds and those of its cores, peak memory in bytes, and ``release`` of what the last call gave.

    The seconds are the median of ``calls`` calls, or of those that two seconds were enough for, five at least.
    """
    gc.collect()
    _forget_peak()
    held, taken, given = psutil.Process().memory_info().rss, [], None
    worked = time.process_time()
    while len(taken) < calls and (len(taken) < FEW_CALLS or sum(taken) < CALLING_SECONDS):
        given = None  # the last call's frame is not kept beside the next one's
        started = time.perf_counter()
        given = call()
        taken.append(time.perf_counter() - started)
    cpu = (time.process_time() - worked) / len(taken)
    memory = max(0, _peak() - held)
    return {"seconds": statistics.median(taken), "cpu": cpu, "memory": memory, "rows": release(given)}


def _forget_peak() -> None:
    """Linux can set the peak back to what is held now; elsewhere the peak is that of the whole process."""
    if _CLEAR.exists():
        _CLEAR.write_text("5")


def _peak() -> int:
    """The peak in bytes. Linux: VmHWM, for ``ru_maxrss`` begins with the peak of the process that started this one."""
    if _STATUS.exists():
        (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _read(job: Mapping[str, Any]) -> dict[str, Any]:
    read = reading.WAYS[job["way"]](job["url"], job["kind"])
    for _ in range(WARM_UPS):
        read("small")
    return timed(lambda: read(job["table"]), reading.rows, job["calls"])


def _check_read(job: Mapping[str, Any]) -> dict[str, Any]:
    """Read the checked pages: ours gives a digest of its items, a rival the share of items that are exact."""
    found = reading.WAYS[job["way"]](job["url"], job["kind"])(job["table"])
    if job["way"] == reading.FLOOR:
        return {"rows": found}
    if job["way"] in reading.EXACT:
        from workbench import frames

        return {"rows": len(found), "digest": digest_of_items(frames.to_items(found))}
    wire = [item for page in recordings.recorded(job["kind"])[:CHECKED_PAGES] for item in page.wire()]
    return {"rows": len(found), "exact": exact_share(reading.records(found), wire)}


def _write(job: Mapping[str, Any]) -> dict[str, Any]:
    way = writing.WAYS[job["way"]](job["url"], job["kind"])
    items = list(kinds.items(job["kind"], job["items"]))
    warm, prepared = way.prepare(items[:SMALL_ITEMS]), way.prepare(items)
    for _ in range(WARM_UPS):
        way.write("small", warm)
    del items
    return timed(lambda: way.write(job["table"], prepared), lambda _: job["items"])


def _check_write(job: Mapping[str, Any]) -> dict[str, Any]:
    way = writing.WAYS[job["way"]](job["url"], job["kind"])
    way.write(job["table"], way.prepare(list(kinds.items(job["kind"], job["items"]))))
    return {"rows": job["items"]}


_TASKS = {"read": _read, "check-read": _check_read, "write": _write, "check-write": _check_write}

if __name__ == "__main__":
    sys.exit(main())
