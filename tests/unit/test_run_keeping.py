"""What a run leaves: its exit code, its page, the page of all runs, and what it says when these cannot be written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from workbench.errors import NotebookError
from workbench.notebooks import history as history_module
from workbench.notebooks.history import append_history, last_seconds
from workbench.notebooks.pages import history_page, page_of, report_page
from workbench.notebooks.records import CellError, NotebookResult, RunReport
from workbench.notebooks.report import write_history_page
from workbench.notebooks.run import _keep


def report(folder: Path, *notebooks: NotebookResult) -> RunReport:
    folder.mkdir(parents=True, exist_ok=True)
    return RunReport(
        id=folder.name, folder=folder, report=folder / "index.html", started="2026-02-03T04:05:06Z", seconds=1.5,
        status="passed" if all(each.ok for each in notebooks) else "failed", engine="DynamoDB Local <3>", jobs=2,
        parameters={}, notebooks=notebooks,
    )  # fmt: skip


def result(name: str, error: str = "", seconds: float = 1.0) -> NotebookResult:
    status = "failed" if error else "passed"
    return NotebookResult(
        name, Path(f"{name}.ipynb"), status, seconds, error=CellError(error, "why") if error else None
    )


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        (("", ""), 0),
        (("", "ValueError"), 1),
        (("ValueError", "EngineError"), 3),
        (("DatabaseError", ""), 3),
        (("UnknownNameError", ""), 1),
    ],
)
def test_an_engine_or_database_that_is_away_has_an_exit_code_of_its_own(
    tmp_path: Path, errors: tuple[str, ...], code: int
) -> None:
    assert report(tmp_path / "r", *(result(f"n{at}", error) for at, error in enumerate(errors))).exit_code == code


def test_an_interrupted_run_says_so_whatever_failed_before(tmp_path: Path) -> None:
    done = replace(report(tmp_path / "r", result("a", "EngineError")), status="interrupted")

    assert done.exit_code == 130


def test_every_run_leaves_its_page_its_line_and_its_place_on_the_page_of_all_runs(tmp_path: Path) -> None:
    for name in ("1", "2"):
        kept = _keep(report(tmp_path / name, result("a")), tmp_path)
        assert kept.notes == ()

    page = (tmp_path / "index.html").read_text()
    assert page.index('href="2/index.html"') < page.index('href="1/index.html"')
    assert "DynamoDB Local &lt;3&gt;" in page
    assert (tmp_path / "2" / "index.html").is_file()


def test_a_report_that_cannot_be_written_fails_the_run_and_loses_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, line: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(history_module, "_append", refuse)

    kept = _keep(report(tmp_path / "1", result("a")), tmp_path)

    assert (kept.status, kept.exit_code) == ("failed", 1)
    assert "No space left" in kept.notes[0]
    assert kept.notebooks[0].ok


def test_a_page_of_runs_that_cannot_be_written_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"index\.html was not written"):
        write_history_page(tmp_path / "none")


def test_a_run_that_never_began_stands_on_the_page_with_its_reason() -> None:
    page = history_page(
        [{"id": "", "status": "unreachable", "message": "it is <down>", "started": "2026", "notebooks": []}]
    )

    assert "it is &lt;down&gt;" in page
    assert "href" not in page


def test_the_last_time_of_a_notebook_is_the_one_it_passed_in(tmp_path: Path) -> None:
    for seconds, error in ((5.0, ""), (7.0, ""), (0.1, "ValueError")):
        append_history(tmp_path, report(tmp_path / "r", result("a", error, seconds)).as_dict())

    assert last_seconds(tmp_path) == {"a": 7.0}


def test_no_page_may_run_or_load_anything(tmp_path: Path) -> None:
    evil = (
        '{"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "<script>alert(1)</script>"}],'
        ' "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    for page in (page_of(evil, "t"), report_page(report(tmp_path / "r")), history_page([])):
        assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
        assert "prefers-color-scheme: dark" in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page


def test_a_password_is_on_no_page(tmp_path: Path) -> None:
    error = CellError("X", "postgresql://ann:pa55@db/x refused")
    failed = NotebookResult("a", Path("a.ipynb"), "failed", error=error)

    _keep(report(tmp_path / "1", failed), tmp_path)

    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 4
    assert not [path for path in written if "pa55" in path.read_text()]
