"""One notebook executed for its outputs: rewritten in its committed form, or left as it was. For workers only."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from workbench.notebooks.canonical import canonical
from workbench.notebooks.documents import code_cells, source_of, to_text, write_atomically
from workbench.notebooks.kernels import NAME, Kernels, how_it_died, process_of
from workbench.notebooks.outcome import cell_error, early_end

__all__ = ["rewrite"]


def rewrite(job: dict[str, Any], kernels: Kernels) -> dict[str, Any]:
    """Run ``job['input']`` with its own parameters; replace the file when all of it ran and a byte differs."""
    started = time.monotonic()
    path = Path(job["input"])
    before = path.read_text(encoding="utf-8")
    notebook: Any = nbformat.reads(before, as_version=4)  # type: ignore[no-untyped-call]
    error = _execute(notebook, job, kernels)
    if error is None and (why := early_end(notebook)):
        error = {"name": "SystemExit", "value": why, "cell": None, "source": "", "traceback": []}
    text = to_text(canonical(notebook))
    changed = error is None and text != before
    if changed:
        write_atomically(path, text)
    cells = sum(1 for _ in code_cells(notebook))
    return {"seconds": time.monotonic() - started, "cells": cells, "error": error, "changed": changed}


def _execute(notebook: Any, job: dict[str, Any], kernels: Kernels) -> dict[str, Any] | None:
    folder = str(Path(job["input"]).parent)
    manager = kernels.take(folder)
    if job.get("more"):
        kernels.start_ahead(folder)
    client = NotebookClient(
        notebook, km=manager, kernel_name=NAME, timeout=job["timeout"], record_timing=False, coalesce_streams=True
    )
    now = True
    try:
        client.execute()
        now = False
    except CellExecutionError:
        now = False
        return cell_error(notebook)
    except Exception as failure:  # noqa: BLE001 (whatever it is, it is this notebook's result, and the next one runs)
        return _stopped(notebook, job, manager, failure)
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        kernels.end(manager, now=now)
    return None


def _stopped(notebook: Any, job: dict[str, Any], manager: Any, failure: Exception) -> dict[str, Any]:
    name, value = type(failure).__name__, str(failure).strip().partition("\n")[0]
    if isinstance(failure, CellTimeoutError):
        name, value = "CellTimeout", f"a cell took longer than {job['timeout']:g} s"
    elif isinstance(failure, DeadKernelError):
        name, value = "DeadKernel", f"the kernel died: {how_it_died(process_of(manager))}"
    ran = [(place, source_of(cell)) for place, cell in code_cells(notebook) if cell.get("execution_count")]
    place, source = ran[-1] if ran else (None, "")
    return {"name": name, "value": value, "cell": place, "source": source.partition("\n")[0], "traceback": []}
