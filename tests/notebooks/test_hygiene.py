"""The committed notebooks are as nbval, papermill, git and readers need them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench.notebooks.hygiene import RULES, problems

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BUDGET = 1


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) >= 12


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_committed_notebook_breaks_no_rule(path: Path) -> None:
    assert problems(path) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_hides_at_most_one_output_from_nbval(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    hidden = [c for c in cells if {"nbval-ignore-output", "nbval-skip"} & set(c.metadata.get("tags", []))]

    assert len(hidden) <= BUDGET
    assert "NBVAL_" not in path.read_text()


def test_the_readme_lists_every_notebook_and_no_other() -> None:
    listed = re.findall(r"\]\(notebooks/([\w-]+\.ipynb)\)", (ROOT / "README.md").read_text())

    assert sorted(set(listed)) == [path.name for path in NOTEBOOKS]


def test_every_rule_of_the_sanitize_file_is_a_pair_of_adjacent_lines() -> None:
    lines = (ROOT / "tests/notebooks/sanitize.cfg").read_text().splitlines()
    patterns = [at for at, line in enumerate(lines) if line.startswith("regex: ")]

    assert patterns
    assert [at + 1 for at in patterns] == [at for at, line in enumerate(lines) if line.startswith("replace: ")]
    assert len({lines[at] for at in patterns}) == len(patterns)
    for at in patterns:
        re.compile(lines[at].removeprefix("regex: "))


def good() -> Any:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    code = [
        new_code_cell('limit: int = 20  # rows\nhandle = "ann"', metadata={"tags": ["parameters"]}, execution_count=1),
        new_code_cell("rows = [1, 2]\nrows", execution_count=2),
        new_code_cell("assert rows == [1, 2]", execution_count=3),
    ]
    cells = [
        new_markdown_cell("# Which rows are there?"),
        code[0],
        code[1],
        new_markdown_cell("## What must hold"),
        code[2],
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def found(notebook: Any) -> list[str]:
    return [problem for rule in RULES for problem in rule(notebook)]


def test_a_good_notebook_breaks_no_rule() -> None:
    assert found(good()) == []


def other_kernel(nb: Any) -> None:
    nb.metadata["kernelspec"]["name"] = "conda-env"


def no_title(nb: Any) -> None:
    nb.cells[0].source = "Which rows are there?"


def no_parameters(nb: Any) -> None:
    nb.cells[1].metadata["tags"] = []


def second_parameters(nb: Any) -> None:
    nb.cells[2].metadata["tags"] = ["parameters"]


def derived_parameter(nb: Any) -> None:
    nb.cells[1].source = "limit = 20\ntwice = limit * 2"


def composed_key(nb: Any) -> None:
    nb.cells[1].source = 'pk = "GRP#1"'


def call_among_parameters(nb: Any) -> None:
    nb.cells[1].source = "print(1)"


def stripped(nb: Any) -> None:
    nb.cells[2].execution_count = None


def out_of_order(nb: Any) -> None:
    nb.cells[2].execution_count = 7


def error_shown(nb: Any) -> None:
    nb.cells[2].outputs = [new_output("error", ename="KeyError", evalue="x", traceback=[])]


def warning_shown(nb: Any) -> None:
    nb.cells[2].outputs = [new_output("stream", name="stderr", text="FutureWarning: x")]


def timing(nb: Any) -> None:
    nb.cells[2].metadata["execution"] = {"iopub.execute_input": "2026-01-01"}


def papermill_notes(nb: Any) -> None:
    nb.metadata["papermill"] = {"duration": 1}


def semicolon(nb: Any) -> None:
    nb.cells[2].source = "rows;"


def installs(nb: Any) -> None:
    nb.cells[2].source = "%pip install x\nrows"


def address(nb: Any) -> None:
    nb.cells[2].outputs = [new_output("execute_result", data={"text/plain": "<object at 0x7f00deadbeef>"})]


def home_folder(nb: Any) -> None:
    nb.cells[2].outputs = [new_output("stream", name="stdout", text="/home/ann/file.csv")]


def credential(nb: Any) -> None:
    nb.cells[2].outputs = [new_output("stream", name="stdout", text="AKIA" + "A" * 16)]


def account(nb: Any) -> None:
    nb.cells[2].outputs = [new_output("stream", name="stdout", text="arn:aws:dynamodb:eu-west-1:123456789012:table/x")]


def password(nb: Any) -> None:
    nb.cells[2].source = 'dsn = "postgresql://ann:secret@db/x"'


def long_cell(nb: Any) -> None:
    nb.cells[2].source = "\n".join(f"a{n} = {n}" for n in range(16))


def huge_output(nb: Any) -> None:
    nb.cells[2].outputs = [new_output("stream", name="stdout", text="x" * 60_000)]


def same_ids(nb: Any) -> None:
    nb.cells[2]["id"] = nb.cells[1]["id"]


def silent_code(nb: Any) -> None:
    nb.cells.insert(4, new_code_cell("rows", execution_count=3))
    nb.cells[5].execution_count = 4


def no_assert(nb: Any) -> None:
    nb.cells[4].source = "rows"


def no_heading(nb: Any) -> None:
    nb.cells[3].source = "## The end"


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (other_kernel, "kernel"),
        (no_title, "first cell"),
        (no_parameters, "parameters"),
        (second_parameters, "parameters"),
        (derived_parameter, "not a literal"),
        (composed_key, "'#'"),
        (call_among_parameters, "only NAME = literal"),
        (stripped, "execution counts"),
        (out_of_order, "execution counts"),
        (error_shown, "KeyError"),
        (warning_shown, "stderr"),
        (timing, "metadata"),
        (papermill_notes, "metadata"),
        (semicolon, "';'"),
        (installs, "%pip"),
        (address, "memory address"),
        (home_folder, "path of a machine"),
        (credential, "credential"),
        (account, "account id"),
        (password, "credential"),
        (long_cell, "16 lines"),
        (huge_output, "bytes"),
        (same_ids, "ids"),
        (silent_code, "without a word"),
        (no_assert, "asserts nothing"),
        (no_heading, "What must hold"),
    ],
)
def test_a_spoiled_notebook_is_reported(spoil: Callable[[Any], None], word: str) -> None:
    notebook = good()
    spoil(notebook)

    assert any(word in problem for problem in found(notebook)), found(notebook)
