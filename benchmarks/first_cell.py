"""How long a reader waits for the first cell: a real kernel, the engine up, until the bench is open and seeded.

Two waits are measured: from the request to start a kernel, and from the moment the cell is sent to a kernel that is
ready. The cell times its own parts; what is left of its wait is the kernel's messages.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from benchmarks.measuring import OUT, ROOT, Report, machine, verdict
from workbench.notebooks.holding import hold_services

TARGET_SECONDS = 3.0
PATIENCE_SECONDS = 120
CELL = """
import time
started = time.perf_counter()
import workbench as wb
wb.open  # the rooms behind the name are loaded at its first use
imported = time.perf_counter()
bench = wb.open("messaging")
opened = time.perf_counter()
bench.load_schema()
bench.seed()
seeded = time.perf_counter()
import json
print(json.dumps({"import": imported - started, "open": opened - imported, "schema and seed": seeded - opened}))
"""
PARTS = ("import", "open", "schema and seed")
COLUMNS = ("kernel ready", *PARTS, "from cell start", "from kernel start")


def one_run() -> dict[str, float]:
    """Start a kernel, run the cell in it, end it; return seconds by COLUMNS."""
    specs = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)  # this interpreter, whatever is registered
    manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs)
    requested = time.perf_counter()
    manager.start_kernel(
        cwd=str(ROOT / "notebooks"), extra_arguments=["--HistoryManager.enabled=False"], stderr=subprocess.DEVNULL
    )
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE_SECONDS)
        ready = time.perf_counter()
        parts = _cell(client)
        done = time.perf_counter()
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    return {
        "kernel ready": ready - requested,
        **parts,
        "from cell start": done - ready,
        "from kernel start": done - requested,
    }


def _cell(client: Any) -> dict[str, float]:
    said: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        said.append(message["content"].get("text") or "\n".join(message["content"].get("traceback", ())))

    reply = client.execute_interactive(CELL, output_hook=hear, timeout=PATIENCE_SECONDS)
    if reply["content"]["status"] != "ok":
        sys.exit("The cell failed:\n" + "".join(said))
    return json.loads("".join(said))


def main() -> int:
    """Measure, print a table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="measured runs (5)")
    parser.add_argument("--out", type=Path, default=OUT, help="where the result is kept")
    parser.add_argument("--enforce", action="store_true", help="exit code 1 when the target is missed")
    given = parser.parse_args()
    with hold_services("auto", print) as engine:
        one_run()  # warms files and the database template
        runs = [one_run() for _ in range(given.runs)]
    medians = {name: statistics.median(run[name] for run in runs) for name in COLUMNS}
    rows = [["median", *(f"{medians[name]:.2f}" for name in COLUMNS)]]
    rows += [[word, *(f"{pick(run[name] for run in runs):.2f}" for name in COLUMNS)] for word, pick in _EXTREMES]
    title = f"First cell of a notebook on {engine}, {given.runs} runs, seconds. {machine()}"
    said, met = verdict("From cell start to a seeded bench, median", medians["from cell start"], TARGET_SECONDS)
    Report(title, [(["", *COLUMNS], rows)], said).keep("first_cell", given.out)
    return int(given.enforce and not met)


_EXTREMES = (("shortest", min), ("longest", max))

if __name__ == "__main__":
    sys.exit(main())
