"""An executed notebook looked at: which cell failed and why, and what of papermill's marks is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.notebooks.redaction import HIDDEN, redact

__all__ = ["answers", "cell_error", "clean", "early_end", "hide", "mark_error", "place_of"]

LAST_LINES = 12
RESULT = "application/vnd.workbench+json"  # what workbench.show adds to every result
INJECTED, MARK = "injected-parameters", "papermill-error-cell-tag"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LINE = re.compile(r"Cell In\[(\d+)\], line (\d+)")


def hide(text: str, secrets: Sequence[str]) -> str:
    """Return text without passwords of addresses and the values of secret parameters, as they stand in JSON too."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN).replace(json.dumps(secret)[1:-1], HIDDEN)
    return redact(text)


def _tags(cell: Any) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def _is_added(cell: Any) -> bool:
    return INJECTED in _tags(cell) or MARK in _tags(cell)


def place_of(notebook: Any, index: int) -> tuple[int | None, str]:
    """Return a cell's place in the notebook as it was written, counted from 1, and its first line."""
    if notebook is None or not 0 <= index < len(notebook.cells):
        return None, ""
    place = sum(1 for cell in notebook.cells[: index + 1] if not _is_added(cell))
    lines = [line for line in notebook.cells[index].source.splitlines() if line.strip()]
    return place, lines[0].strip() if lines else ""


def cell_error(notebook: Any) -> dict[str, Any] | None:
    """Return the error in the output of the cell that failed, as a CellError's fields; None when none did."""
    failed = ((at, found) for at, cell in enumerate(notebook.cells) if (found := _error_of(cell)))
    index, output = next(failed, (-1, None))
    if output is None:
        return None
    traceback = [line for part in output.traceback for line in _ANSI.sub("", part).splitlines()]
    cell, source = place_of(notebook, index)
    lines = notebook.cells[index].source.splitlines()
    for count, line in _LINE.findall("\n".join(traceback)):
        if int(count) == notebook.cells[index].execution_count and int(line) <= len(lines):
            source = lines[int(line) - 1].strip()
    return {
        "name": output.ename, "value": _ANSI.sub("", str(output.evalue)), "cell": cell, "source": source,
        "traceback": traceback[-LAST_LINES:],
    }  # fmt: skip


def _error_of(cell: Any) -> Any:
    for output in cell.get("outputs", []):
        if output.output_type == "error" and not (output.ename == "SystemExit" and output.evalue in ("", "0")):
            return output
    return None


def mark_error(notebook: Any, index: int, error: dict[str, Any]) -> None:
    """Add an error that left no output (a timeout, a dead kernel) to the cell that was running."""
    if notebook is None or not 0 <= index < len(notebook.cells) or notebook.cells[index].cell_type != "code":
        return
    from nbformat.v4 import new_output

    line = f"{error['name']}: {error['value']}"
    notebook.cells[index].outputs.append(
        new_output(  # type: ignore[no-untyped-call]
            "error", ename=error["name"], evalue=error["value"], traceback=[line]
        )
    )


def answers(notebook: Any) -> list[str]:
    """Return the first line of each result that the notebook shows: pattern, rows, pages, price; once each."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    shown = (output.data for output in outputs if RESULT in output.get("data", {}))
    lines = ((data.get("text/plain") or "").partition("\n")[0] for data in shown)
    return list(dict.fromkeys(line for line in lines if line))


def early_end(notebook: Any) -> str:
    """Return why a notebook is not whole when ``sys.exit()`` ended it: papermill, and every other tool, passes that."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    ran = sum(1 for cell in code if cell.execution_count)
    return "" if ran == len(code) else f"it ended itself after {ran} of {len(code)} code cells"


def clean(notebook: Any, job: dict[str, Any]) -> int:
    """Keep names instead of this machine's paths, hide secret parameters; return how many code cells have run."""
    facts = notebook.metadata.papermill
    facts["input_path"], facts["output_path"] = Path(job["input"]).name, Path(job["output"]).name
    for name in job["hidden"]:
        if name in facts.get("parameters", {}):
            facts["parameters"][name] = HIDDEN
    for cell in notebook.cells:
        if INJECTED in _tags(cell):
            for name in job["hidden"]:
                cell.source = re.sub(rf"(?m)^{re.escape(name)} = .*$", f"{name} = {HIDDEN!r}", cell.source)
    return sum(1 for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count)
