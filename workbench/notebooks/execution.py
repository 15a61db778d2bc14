"""One notebook, executed by papermill in this process: its outcome as plain data, its output file written whole.

Only workers import this module: it loads papermill, and it runs one notebook at a time.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill import PapermillExecutionError, execute_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger

from workbench.notebooks.documents import to_text, write_atomically
from workbench.notebooks.kernels import NAME, Kernels, how_it_died, process_of
from workbench.notebooks.outcome import answers, cell_error, clean, early_end, hide, mark_error, place_of
from workbench.notebooks.outputs import why_not_written

__all__ = ["execute"]

START_SECONDS = 60
Job = dict[str, Any]


class Execution:
    """What papermill's engine below needs to know of the notebook in hand, and what is learned of it."""

    def __init__(self, job: Job, kernels: Kernels) -> None:
        self.job = job
        self.kernels = kernels
        self.notebook: Any = None
        self.manager: Any = None
        self.current = -1
        self.overrun = False

    def stop(self) -> None:
        """End the kernel since the notebook has used up its time; papermill then sees it dead."""
        self.overrun = True
        if (process := process_of(self.manager)) is not None:
            process.kill()


_now: Execution | None = None


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    def execute_cell(self, cell: Any, cell_index: int, **options: Any) -> Any:
        if _now is not None:
            _now.current = cell_index
        return super().execute_cell(cell, cell_index, **options)


class _Engine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine, on a kernel that was started ahead, with the notebook kept whatever happens."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        if _now is None:
            raise RuntimeError("no notebook is being executed")
        _now.notebook = nb_man.nb
        folder = str(Path(_now.job["input"]).parent)
        _now.manager = _now.kernels.take(folder)
        if _now.job.get("more"):
            _now.kernels.start_ahead(folder)
        client = _Client(
            nb_man,
            km=_now.manager,
            kernel_name=kernel_name,
            timeout=_now.job["timeout"],
            startup_timeout=START_SECONDS,
            log=logger,
        )
        try:
            return client.execute()
        finally:
            if client.kc is not None:
                client.kc.stop_channels()


papermill_engines.register("workbench", _Engine)


def execute(job: Job, kernels: Kernels) -> dict[str, Any]:
    """Execute ``job['input']`` into ``job['output']`` and its page; return what became of it."""
    global _now
    started = time.monotonic()
    _now = execution = Execution(job, kernels)
    watch = threading.Timer(job["limit"], execution.stop)
    watch.daemon = True
    watch.start()
    error: dict[str, Any] | None = None
    try:
        execute_notebook(
            job["input"].replace("{", "{{").replace("}", "}}"),  # papermill formats paths
            None,
            parameters=job["parameters"] or None,
            engine_name="workbench",
            kernel_name=NAME,
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            cwd=str(Path(job["input"]).parent),
        )
    except PapermillExecutionError:
        error = cell_error(execution.notebook)
    except Exception as failure:  # noqa: BLE001 (whatever it is, it is this notebook's result, and the next one runs)
        error = _other_error(execution, failure)
        mark_error(execution.notebook, execution.current, error)
    finally:
        watch.cancel()
        _end_kernel(execution, now=error is not None and error["cell"] is None)
        _now = None
    return _write(execution, error, started)


def _end_kernel(execution: Execution, *, now: bool) -> None:
    if execution.manager is not None:
        execution.kernels.end(execution.manager, now=now)


def _other_error(execution: Execution, failure: Exception) -> dict[str, Any]:
    name, value = type(failure).__name__, str(failure).strip().splitlines()[0] if str(failure).strip() else ""
    if execution.overrun:
        name, value = "NotebookTimeout", f"the notebook took longer than {execution.job['limit']:g} s in all"
    elif isinstance(failure, CellTimeoutError):
        name, value = "CellTimeout", f"the cell took longer than {execution.job['timeout']:g} s"
    elif isinstance(failure, DeadKernelError):
        name, value = "DeadKernel", f"the kernel died: {how_it_died(process_of(execution.manager))}"
    elif isinstance(failure, OSError):
        value = why_not_written(failure)
    cell, source = place_of(execution.notebook, execution.current)
    return {"name": name, "value": value, "cell": cell, "source": source, "traceback": []}


def _write(execution: Execution, error: dict[str, Any] | None, started: float) -> dict[str, Any]:
    job = execution.job
    notes: list[str] = []
    seconds = time.monotonic() - started
    answer: dict[str, Any] = {"output": "", "page": ""}
    notebook = execution.notebook
    cells, shown = 0, []
    if notebook is not None:
        if error is None and (why := early_end(notebook)):
            error = {"name": "SystemExit", "value": why, "cell": None, "source": "", "traceback": []}
        cells, shown = clean(notebook, job), [hide(line, job["secrets"]) for line in answers(notebook)]
        try:
            text = hide(to_text(notebook), job["secrets"])
            write_atomically(Path(job["output"]), text)
            answer["output"] = os.path.basename(job["output"])
        except OSError as failure:
            name = type(failure).__name__
            error = error or {
                "name": name, "value": f"its output was not written: {why_not_written(failure)}", "cell": None,
                "source": "", "traceback": [],
            }  # fmt: skip
        else:
            notes += _write_page(text, job, answer)
    return answer | {"seconds": seconds, "cells": cells, "error": error, "notes": notes, "answers": shown}


def _write_page(text: str, job: Job, answer: dict[str, Any]) -> list[str]:
    from workbench.notebooks.pages import page_of

    try:
        write_atomically(Path(job["page"]), page_of(text, job["name"]))
    except Exception as failure:  # noqa: BLE001 (a page that cannot be made takes nothing from the result)
        return [f"its page was not written: {type(failure).__name__}: {failure}"]
    answer["page"] = os.path.basename(job["page"])
    return []
