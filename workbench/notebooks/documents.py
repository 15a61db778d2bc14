"""A notebook file as plain data: read, written in one canonical form, its cells looked at.

Notebooks are read as JSON and not through nbformat: that costs a second of imports, and what is wrong with a file
must be seen as it is, not as an upgrade would mend it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import NotebookError

__all__ = ["code_cells", "read_notebook", "source_of", "tags_of", "text_of", "to_text", "write_atomically"]

Notebook = dict[str, Any]
Cell = Mapping[str, Any]


def read_notebook(path: Path) -> Notebook:
    """Return a notebook of format 4; NotebookError says what the file is instead."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise NotebookError(f"{path} is not a notebook: {error}. Open it in JupyterLab and save it again.") from error
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list) or found.get("nbformat") != 4:
        raise NotebookError(f"{path} is not a notebook of format 4. Open it in JupyterLab and save it again.")
    return found


def to_text(notebook: Mapping[str, Any]) -> str:
    """Return the file text of a notebook as nbformat writes it: one space of indent, sorted keys, a last newline."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def text_of(value: str | list[str]) -> str:
    """Return multi-line text that a notebook file may hold as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def source_of(cell: Cell) -> str:
    """Return what a cell holds, as one text."""
    return text_of(cell.get("source", ""))


def tags_of(cell: Cell) -> list[str]:
    """Return the tags of a cell, in the order of the file."""
    return list(cell.get("metadata", {}).get("tags", []))


def code_cells(notebook: Mapping[str, Any]) -> Iterator[tuple[int, Cell]]:
    """Give every code cell that holds something, with its place in the notebook counted from 1."""
    for place, cell in enumerate(notebook["cells"], start=1):
        if cell.get("cell_type") == "code" and source_of(cell).strip():
            yield place, cell


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, a crash or a full disk never sees half of it: the old one or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
