"""A notebook from plain text: a scaffold for authors, one way only.

The text is Python with ``# %%`` lines. Its sources are not committed; the notebook is the one source of truth::

    # %% [markdown]
    # # Which orders did a customer place lately?

    # %% tags=["parameters"]
    limit: int = 20  # at most this many

    # %%
    limit + 1

``python -m workbench.notebooks.authoring SOURCE.py NOTEBOOK.ipynb`` writes it without outputs; then run
``python -m workbench.notebooks.refresh NOTEBOOK.ipynb``. Cell ids come from the text: same text, same file.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.errors import NotebookError, WorkbenchError
from workbench.notebooks.documents import Notebook, to_text, write_atomically

__all__ = ["notebook_from_text"]

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python"}
_MARK = re.compile(r"^# %%[ \t]*(?P<markdown>\[(?:markdown|md)\])?[ \t]*(?:tags=(?P<tags>\[.*\]))?[ \t]*$")


def notebook_from_text(text: str) -> Notebook:
    """Return the notebook that ``# %%`` text describes: no outputs, kernel python3, ids made from each cell's text."""
    cells: list[dict[str, Any]] = []
    body: list[str] = []
    for number, line in enumerate([*text.splitlines(), "# %%"], start=1):
        if not line.startswith("# %%"):
            body.append(line)
            continue
        if cells:
            _fill(cells[-1], body)
        elif any(part.strip() for part in body):
            raise NotebookError("There is text before the first '# %%' line; begin with '# %% [markdown]'")
        cells.append(_cell(line, number))
        body = []
    cells.pop()
    _give_ids(cells)
    return {
        "cells": cells,
        "metadata": {"kernelspec": KERNEL, "language_info": LANGUAGE},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(line: str, number: int) -> dict[str, Any]:
    found = _MARK.match(line)
    if found is None:
        raise NotebookError(
            f'Line {number}: {line!r} is no cell mark; write # %%, # %% [markdown] or # %% tags=["name"]'
        )
    metadata = {"tags": ast.literal_eval(found["tags"])} if found["tags"] else {}
    if found["markdown"]:
        return {"cell_type": "markdown", "metadata": metadata}
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": []}


def _fill(cell: dict[str, Any], body: list[str]) -> None:
    text = "\n".join(body).strip("\n")
    if cell["cell_type"] == "markdown":
        text = "\n".join(re.sub(r"^# ?", "", line) for line in text.split("\n"))
    cell["source"] = text.splitlines(keepends=True)


def _give_ids(cells: list[dict[str, Any]]) -> None:
    seen: dict[str, int] = {}
    for cell in cells:
        digest = hashlib.sha256((cell["cell_type"] + "".join(cell["source"])).encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a notebook from a text file; return 0, or 2 with the reason on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m workbench.notebooks.authoring", description=__doc__.split("\n")[0] if __doc__ else ""
    )
    parser.add_argument("source", type=Path, help="Python text with # %% lines")
    parser.add_argument("notebook", type=Path, help="the .ipynb file to write; its outputs are lost")
    given = parser.parse_args(arguments)
    try:
        write_atomically(given.notebook, to_text(notebook_from_text(given.source.read_text(encoding="utf-8"))))
    except (OSError, SyntaxError, ValueError, WorkbenchError) as error:
        print(f"{given.source}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
