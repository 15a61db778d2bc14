"""A notebook from ``# %%`` text: the cells that are written, the same bytes each time, mistakes named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.errors import NotebookError
from workbench.notebooks.authoring import main, notebook_from_text
from workbench.notebooks.documents import code_cells, read_notebook, source_of, tags_of

TEXT = """# %% [markdown]
# # Title
#
# Aim.

# %% tags=["parameters"]
limit: int = 20  # rows

# %%
limit + 1


# %%
limit + 1
"""


def test_cells_are_made_as_they_are_marked() -> None:
    notebook = notebook_from_text(TEXT)

    assert [cell["cell_type"] for cell in notebook["cells"]] == ["markdown", "code", "code", "code"]
    assert source_of(notebook["cells"][0]) == "# Title\n\nAim."
    assert [tags_of(cell) for _, cell in code_cells(notebook)] == [["parameters"], [], []]
    assert source_of(notebook["cells"][2]) == "limit + 1"


def test_ids_come_from_the_text_and_are_unique() -> None:
    ids = [cell["id"] for cell in notebook_from_text(TEXT)["cells"]]

    assert len(set(ids)) == 4
    assert ids == [cell["id"] for cell in notebook_from_text(TEXT)["cells"]]
    assert ids[:2] == [cell["id"] for cell in notebook_from_text(TEXT.replace("limit + 1", "limit"))["cells"]][:2]


def test_the_command_writes_what_nbformat_takes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TEXT)

    assert main([str(tmp_path / "a.py"), str(tmp_path / "a.ipynb")]) == 0

    import nbformat

    nbformat.validate(json.loads((tmp_path / "a.ipynb").read_text()))
    assert read_notebook(tmp_path / "a.ipynb")["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize(
    ("text", "words"),
    [("x = 1\n# %%\n", "text before"), ("# %% [markdwon]\n", "Line 1"), ("# %% tags=parameters\n", "no cell mark")],
)
def test_a_mistake_is_named(text: str, words: str) -> None:
    with pytest.raises(NotebookError, match=words):
        notebook_from_text(text)


def test_a_source_that_is_not_there_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.py"), str(tmp_path / "a.ipynb")]) == 2
    assert "none.py" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": [], "nbformat": 3}', "\ufeff", "\x00"])
def test_what_is_no_notebook_is_refused_with_the_cure(tmp_path: Path, text: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(text)

    with pytest.raises(NotebookError, match=r"n\.ipynb is not a notebook.*JupyterLab"):
        read_notebook(path)
