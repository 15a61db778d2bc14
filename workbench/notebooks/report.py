"""The report of a run: its page and the same facts as JSON beside it, and the page of all runs brought up to date."""

from __future__ import annotations

import json
from pathlib import Path

from workbench.errors import NotebookError
from workbench.notebooks.documents import write_atomically
from workbench.notebooks.history import read_history
from workbench.notebooks.outputs import why_not_written
from workbench.notebooks.pages import history_page, report_page
from workbench.notebooks.records import RunReport
from workbench.notebooks.redaction import redact

__all__ = ["write_history_page", "write_report"]


def write_report(report: RunReport) -> None:
    """Write ``index.html`` and ``report.json`` into the run's folder. NotebookError when they cannot be written."""
    facts = json.dumps(report.as_dict(), indent=1, ensure_ascii=False) + "\n"
    _write(report.folder / "report.json", redact(facts))
    _write(report.report, report_page(report))


def write_history_page(runs: Path) -> None:
    """Write ``index.html`` of a folder of runs anew from its history. NotebookError when it cannot be written."""
    _write(runs / "index.html", history_page(read_history(runs)))


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, text)
    except OSError as error:
        raise NotebookError(f"The report {path} was not written: {why_not_written(error)}") from error
