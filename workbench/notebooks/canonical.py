"""The committed form of a notebook: the same run gives the same bytes, and nothing in it tells when or where it ran."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from workbench.notebooks.authoring import KERNEL, LANGUAGE
from workbench.notebooks.documents import Notebook, source_of, text_of

__all__ = ["canonical"]

# Metadata that a run or an editor leaves in a cell; tags and the like stay.
_NOISE = frozenset({"collapsed", "ExecuteTime", "execution", "papermill", "pycharm", "scrolled", "trusted", "vscode"})


def canonical(notebook: Mapping[str, Any]) -> Notebook:
    """Return a notebook without timing, versions and editor noise, texts split into lines, every cell with an id.

    An id that is there stays; one that is missing or used twice is made from the cell's text.
    """
    cells = [_cell(cell) for cell in notebook["cells"]]
    _complete_ids(cells)
    metadata = {"kernelspec": dict(KERNEL), "language_info": dict(LANGUAGE)}
    return {
        "cells": cells,
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": max(5, int(notebook["nbformat_minor"])),
    }


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in cell.items() if name != "source"}
    found["metadata"] = {name: value for name, value in cell.get("metadata", {}).items() if name not in _NOISE}
    found["source"] = source_of(cell).splitlines(keepends=True)
    if cell["cell_type"] == "code":
        found["outputs"] = [_output(output) for output in cell.get("outputs", ())]
    return found


def _output(output: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in output.items() if name != "transient"}
    if "text" in found:
        found["text"] = text_of(found["text"]).splitlines(keepends=True)
    if "data" in found:
        found["data"] = {mime: _content(mime, value) for mime, value in found["data"].items()}
    return found


def _content(mime: str, value: Any) -> Any:
    if mime == "application/json" or (mime.startswith("application/") and mime.endswith("+json")):
        return value
    return text_of(value).splitlines(keepends=True) if isinstance(value, str | list) else value


def _complete_ids(cells: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for cell in cells:
        if not cell.get("id") or cell["id"] in seen:
            digest = hashlib.sha256((cell["cell_type"] + "".join(cell["source"])).encode()).hexdigest()[:8]
            cell["id"] = next(each for number in range(1, 1000) if (each := _numbered(digest, number)) not in seen)
        seen.add(cell["id"])


def _numbered(digest: str, number: int) -> str:
    return digest if number == 1 else f"{digest}-{number}"
