"""What is known of a run: its events while it lasts, what became of each notebook, and the whole of it at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["CellError", "Event", "NotebookResult", "RunReport"]

Status = Literal["passed", "failed", "interrupted"]
# Errors that are no fault of a notebook: its engine or its database is away.
UNREACHABLE = frozenset({"DatabaseError", "EndpointConnectionError", "EngineError", "UnreachableError"})


@dataclass(frozen=True)
class CellError:
    """Why a notebook failed. ``cell`` counts the source notebook's cells from 1; None when no cell is to blame.

    ``source`` is the line that failed, ``traceback`` the last lines of it without colours.
    """

    name: str
    value: str
    cell: int | None = None
    source: str = ""
    traceback: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"cell {self.cell}: " if self.cell else ""
        lines = [f"{place}{self.source}" if self.source else place.rstrip(": "), f"{self.name}: {self.value}"]
        return "\n".join(line for line in lines if line)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {
            "cell": self.cell, "source": self.source, "name": self.name, "value": self.value,
            "traceback": list(self.traceback),
        }  # fmt: skip


@dataclass(frozen=True)
class NotebookResult:
    """What became of one notebook. ``output`` and ``page`` are file names in the run's folder; empty: not written.

    ``answers`` are the first lines of the results it shows: the pattern, its rows and pages, and the price.
    """

    name: str
    path: Path
    status: Status
    seconds: float = 0.0
    cells: int = 0
    output: str = ""
    page: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    error: CellError | None = None
    notes: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it ran to its end without an error."""
        return self.status == "passed"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {
            "name": self.name, "path": str(self.path), "status": self.status, "seconds": round(self.seconds, 2),
            "cells": self.cells, "output": self.output, "page": self.page, "parameters": self.parameters,
            "error": self.error.as_dict() if self.error else None, "notes": list(self.notes),
            "answers": list(self.answers),
        }  # fmt: skip


@dataclass(frozen=True)
class RunReport:
    """One headless run: its folder, the page to open (``report``), and every notebook in the order asked for."""

    id: str
    folder: Path
    report: Path
    status: Status
    started: str
    seconds: float
    engine: str
    jobs: int
    parameters: dict[str, Any]
    notebooks: tuple[NotebookResult, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every notebook passed."""
        return self.status == "passed"

    @property
    def exit_code(self) -> int:
        """0 all passed, 1 a notebook failed, 3 one lost its engine or database, 130 stopped by Ctrl-C or a signal."""
        if self.status == "failed" and any(each.error and each.error.name in UNREACHABLE for each in self.notebooks):
            return 3
        return {"passed": 0, "failed": 1, "interrupted": 130}[self.status]

    @property
    def failed(self) -> tuple[NotebookResult, ...]:
        """The notebooks that did not pass."""
        return tuple(notebook for notebook in self.notebooks if not notebook.ok)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON data; times in seconds, the start in UTC."""
        return {
            "id": self.id, "status": self.status, "exit_code": self.exit_code, "started": self.started,
            "seconds": round(self.seconds, 2), "engine": self.engine, "jobs": self.jobs, "folder": str(self.folder),
            "report": str(self.report), "parameters": self.parameters, "notes": list(self.notes),
            "notebooks": [notebook.as_dict() for notebook in self.notebooks],
        }  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One step of a run, to show while it lasts; ``str(event)`` is the line to print.

    ``kind``: ``preparing`` (message), ``ready`` (message: the engine), ``started``, ``passed``, ``failed``,
    ``interrupted`` (a notebook each; the last three with ``result``), ``finished`` (with ``report``). ``done`` of
    ``total`` notebooks are over.
    """

    kind: str
    message: str = ""
    notebook: str = ""
    done: int = 0
    total: int = 0
    result: NotebookResult | None = None
    report: RunReport | None = None

    def __str__(self) -> str:
        if not self.notebook:
            return self.message
        count = f"[{self.done}/{self.total}]"
        seconds = f" {self.result.seconds:.1f} s" if self.result else ""
        lines = [f"{count} {self.kind:<11} {self.notebook}{seconds}"]
        if self.result and self.result.error:
            lines += [f"    {line}" for line in str(self.result.error).splitlines()]
        lines += [f"    {note}" for note in (self.result.notes if self.result else ())]
        return "\n".join(lines)
