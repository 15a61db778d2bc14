"""A run's folder is its own, proved writable before any work, and the report says everything and hides secrets."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.errors import UsageError
from workbench.notebooks.outcome import RESULT, answers
from workbench.notebooks.outputs import file_names, new_run_folder, prove_writable
from workbench.notebooks.pages import report_page
from workbench.notebooks.records import CellError, NotebookResult, RunReport

MOMENT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_two_runs_of_one_second_get_folders_of_their_own(tmp_path: Path) -> None:
    found = [new_run_folder(tmp_path, MOMENT).name for _ in range(2)]

    assert found == ["20260203T040506Z-1", "20260203T040506Z-2"]


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_where_the_folder_should_be_is_refused_with_the_cure(tmp_path: Path, below: str) -> None:
    (tmp_path / "runs").write_text("")

    with pytest.raises(UsageError, match=r"a file stands where the folder should be\..*--out"):
        prove_writable(tmp_path / "runs" / below)


@pytest.mark.parametrize(
    ("number", "cure"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "not allowed"), (errno.EACCES, "not allowed"), (errno.EIO, "--out")],
)
def test_a_folder_that_takes_no_bytes_is_refused_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, cure: str
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(UsageError, match=cure):
        prove_writable(tmp_path)


def test_the_probe_leaves_nothing_behind(tmp_path: Path) -> None:
    assert list(prove_writable(tmp_path / "a" / "b").iterdir()) == []


def test_notebooks_of_one_name_and_one_called_index_keep_apart() -> None:
    paths = [Path("a/x.ipynb"), Path("b/X.ipynb"), Path("c/x-2.ipynb"), Path("index.ipynb")]

    names = file_names(paths)

    assert len({name.lower() for name in names} | {"index"}) == 5


def report(*results: NotebookResult, status: str = "failed") -> RunReport:
    return RunReport(
        id="20260203T040506Z-1", folder=Path("runs/x"), report=Path("runs/x/index.html"), status=status,  # type: ignore[arg-type]
        started="2026-02-03T04:05:06Z", seconds=12.34, engine="moto <5>", jobs=2, parameters={"limit": "<3>"},
        notebooks=results,
    )  # fmt: skip


def test_the_page_links_each_notebook_and_escapes_what_it_shows() -> None:
    error = CellError("ValueError", "<script>alert(1)</script>", 4, "x < 1", ("line & one",))
    page = report_page(
        report(
            NotebookResult("20 a&b", Path("20 a&b.ipynb"), "passed", 1.5, 9, "20 a&b.ipynb", "20 a&b.html"),
            NotebookResult("21", Path("21.ipynb"), "failed", 2, 3, error=error),
        )
    )

    assert 'href="20%20a%26b.html"' in page
    assert "<script" not in page
    assert "cell 4: x &lt; 1\nValueError: &lt;script&gt;" in page
    assert "1 of 2 notebooks passed" in page
    assert "moto &lt;5&gt;" in page
    assert "limit = &lt;3&gt;" in page
    assert "prefers-color-scheme" in page
    assert "http://" not in page


def test_the_page_lists_each_answer_with_its_price() -> None:
    line = "list: 3 items, 1 page, 3 read, 0.5 RCU (engine: 0.5) <&>"
    page = report_page(report(NotebookResult("20", Path("20.ipynb"), "passed", answers=(line,))))

    assert "Answers and their price" in page
    assert "list: 3 items, 1 page, 3 read, 0.5 RCU (engine: 0.5) &lt;&amp;&gt;" in page


def test_the_answers_are_the_first_lines_of_results_and_of_nothing_else() -> None:
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    result = new_output("execute_result", data={RESULT: {"pattern": "list"}, "text/plain": "list: 3 items\npk  sk"})
    other = new_output("execute_result", data={"text/plain": "42"})

    assert answers(new_notebook(cells=[new_code_cell(outputs=[other, result]), new_code_cell(outputs=[result])])) == [
        "list: 3 items"
    ]


@pytest.mark.parametrize(("status", "code"), [("passed", 0), ("failed", 1), ("interrupted", 130)])
def test_a_status_has_its_exit_code(status: str, code: int) -> None:
    assert report(status=status).exit_code == code
