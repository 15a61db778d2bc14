"""The runner: every notebook in a kernel of its own, whatever the others do; what became of each is told and kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workbench.errors import ArgumentError, EngineError, UnknownNameError, UsageError
from workbench.notebooks.history import read_history
from workbench.notebooks.records import Event, NotebookResult, RunReport
from workbench.notebooks.run import run_notebooks

pytestmark = pytest.mark.notebooks

CELLS = {
    "01_pass": ["1 + 1", "x = 2"],
    "02_error": ["a = 1\nb = 0\na / b  # here", "print('not reached')"],
    "03_slow_cell": ["import time", "time.sleep(60)"],
    "04_dead_kernel": ["import os, signal", "os.kill(os.getpid(), signal.SIGKILL)"],
    "05_exit": ["import sys", "sys.exit(0)", "x = 1"],
    "06_kills_its_worker": ["import os, signal", "os.kill(os.getppid(), signal.SIGKILL); import time; time.sleep(9)"],
    "07 {odd} ünd 'name'": ["from pathlib import Path", "assert Path('beside.txt').exists(), Path.cwd()"],
    "08_kernel": ["import sys", "print(sys.executable)"],
    "09_syntax": ["x = (1"],
    "10_last": ["x = 1"],
}


def write(folder: Path, name: str, cells: list[str], parameters: str = "", kernel: str = "python3") -> Path:
    first = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {name}"}]
    sources = [parameters, *cells] if parameters else cells
    code = [
        {
            "cell_type": "code", "id": f"c{at}", "execution_count": None, "outputs": [], "source": source,
            "metadata": {"tags": ["parameters"]} if parameters and at == 0 else {},
        }
        for at, source in enumerate(sources)
    ]  # fmt: skip
    metadata = {"kernelspec": {"name": kernel, "display_name": "Python 3 (ipykernel)", "language": "python"}}
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": first + code, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


@contextmanager
def nothing_held(engine: str, tell: Callable[[str], None]) -> Iterator[str]:
    yield f"held: {engine}"


@contextmanager
def never(engine: str, tell: Callable[[str], None]) -> Iterator[str]:
    raise AssertionError("work began")
    yield


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> Iterator[RunReport]:
    """One run of all of CELLS, on a machine whose user has another kernel called python3."""
    folder = tmp_path_factory.mktemp("runner")
    spec = folder / "data" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["/bin/false"], "display_name": "theirs", "language": "python"}')
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    (notebooks / "beside.txt").write_text("")
    for name, cells in CELLS.items():
        write(notebooks, name, cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(folder / "data"))
        yield run_notebooks(
            [notebooks], timeout=4, jobs=2, out=folder / "runs", on_event=events.append, hold=nothing_held
        )


def result(report: RunReport, name: str) -> NotebookResult:
    return next(each for each in report.notebooks if each.name.startswith(name))


def executed(report: RunReport, name: str) -> dict:
    return json.loads((report.folder / result(report, name).output).read_text())


def test_notebooks_that_fail_stop_no_other(report: RunReport) -> None:
    passed = [each.name[:2] for each in report.notebooks if each.ok]

    assert passed == ["01", "07", "08", "10"]
    assert (report.status, report.exit_code, report.ok) == ("failed", 1, False)


def test_a_failing_cell_is_named_with_its_line_and_error(report: RunReport) -> None:
    error = result(report, "02").error

    assert error is not None
    assert (error.cell, error.source, error.name, error.value) == (
        2, "a / b  # here", "ZeroDivisionError", "division by zero",
    )  # fmt: skip
    assert not any("\x1b" in line for line in error.traceback)
    assert error.traceback[-1] == "ZeroDivisionError: division by zero"


def test_a_failing_notebook_is_kept_with_its_error(report: RunReport) -> None:
    outputs = [output for cell in executed(report, "02")["cells"] for output in cell.get("outputs", [])]

    assert [output["ename"] for output in outputs] == ["ZeroDivisionError"]
    assert "division by zero" in (report.folder / result(report, "02").page).read_text()


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("03", "CellTimeout", "the cell took longer than 4 s"),
        ("04", "DeadKernel", "SIGKILL, as when memory runs out"),
        ("06", "WorkerLost", "the worker process ended while it ran this notebook"),
        ("05", "SystemExit", "it ended itself after 2 of 3 code cells"),
        ("09", "SyntaxError", "incomplete input"),
    ],
)
def test_each_way_to_fail_has_its_name(report: RunReport, name: str, kind: str, words: str) -> None:
    error = result(report, name).error

    assert error is not None
    assert error.name == kind
    assert words in error.value


@pytest.mark.parametrize(("name", "cell"), [("03", 3), ("04", 3)])
def test_a_timeout_and_a_dead_kernel_are_shown_in_the_cell_that_ran(report: RunReport, name: str, cell: int) -> None:
    error = result(report, name).error
    marked = [at for at, each in enumerate(executed(report, name)["cells"], 1) if each.get("outputs")]

    assert error is not None
    assert error.cell == cell
    assert marked == [cell]


def test_the_kernel_is_this_python_whatever_the_user_has_registered(report: RunReport) -> None:
    notebook = executed(report, "08")

    assert notebook["cells"][2]["outputs"][0]["text"].strip() == sys.executable
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_the_folder_holds_each_notebook_once_whole_and_a_page_for_it(report: RunReport) -> None:
    names = {each.name for each in report.notebooks if each.name[:2] != "06"}
    found = {path.name for path in report.folder.iterdir()}

    assert found == {f"{name}.{end}" for name in names for end in ("ipynb", "html")} | {"index.html", "report.json"}


def test_no_path_of_this_machine_is_left_in_a_notebook(report: RunReport) -> None:
    assert str(report.folder.parent.parent) not in (report.folder / "01_pass.ipynb").read_text()


def test_pages_load_nothing_from_elsewhere(report: RunReport) -> None:
    for page in report.folder.glob("*.html"):
        text = page.read_text()

        assert "<script" not in text
        assert "src=" not in text
        assert "prefers-color-scheme" in text


def test_the_history_has_the_run(report: RunReport) -> None:
    [record] = read_history(report.folder.parent)

    assert record == json.loads((report.folder / "report.json").read_text())
    assert (record["id"], record["exit_code"], record["engine"]) == (report.folder.name, 1, "no engine")


def test_events_tell_each_notebook_as_it_starts_and_ends(report: RunReport, events: list[Event]) -> None:
    kinds = [event.kind for event in events]

    assert kinds[:2] == ["preparing", "ready"]
    assert kinds.count("started") == len(CELLS)
    assert [event.done for event in events if event.result] == list(range(1, len(CELLS) + 1))
    assert events[-1].report == report
    assert str(next(event for event in events if event.kind == "failed" and event.notebook == "02_error")).endswith(
        "    cell 2: a / b  # here\n    ZeroDivisionError: division by zero"
    )


def test_parameters_reach_the_kernel_with_their_types_and_secrets_stay_out_of_every_file(tmp_path: Path) -> None:
    cells = ["assert (limit, name, db_password) == (5, '007', 'hunter' + '\\'2'), 1", "print(db_password)"]
    write(tmp_path, "n", cells, "limit: int = 1\nname = 'x'\ndb_password = ''")
    given = {"limit": "5", "name": "007", "db_password": "hunter'2"}

    report = run_notebooks([tmp_path / "n.ipynb"], parameters=given, out=tmp_path / "runs", hold=nothing_held)

    assert report.ok, report.notebooks
    assert report.parameters == {"limit": "5", "name": "007", "db_password": "***"}
    for path in (tmp_path / "runs").rglob("*.*"):
        assert "hunter'2" not in path.read_text(), path


def test_a_notebook_that_takes_too_long_in_all_is_ended(tmp_path: Path) -> None:
    write(tmp_path, "n", ["import time", *["time.sleep(0.6)"] * 9])

    report = run_notebooks([tmp_path / "n.ipynb"], notebook_timeout=2.5, out=tmp_path / "runs", hold=nothing_held)

    error = report.notebooks[0].error
    assert error is not None
    assert (error.name, error.value) == ("NotebookTimeout", "the notebook took longer than 2.5 s in all")


def test_the_engine_is_held_and_given_to_notebooks_that_take_one(tmp_path: Path) -> None:
    write(tmp_path, "n", ["import workbench", "assert engine == 'moto'"], "engine = 'auto'")

    report = run_notebooks([tmp_path / "n.ipynb"], engine="moto", out=tmp_path / "runs", hold=nothing_held)

    assert (report.ok, report.engine) == (True, "held: moto")


def test_an_engine_that_cannot_be_reached_runs_nothing_and_stands_in_the_history(tmp_path: Path) -> None:
    @contextmanager
    def down(engine: str, tell: Callable[[str], None]) -> Iterator[str]:
        raise EngineError("it is down")
        yield

    write(tmp_path, "n", ["import workbench"])

    with pytest.raises(EngineError) as caught:
        run_notebooks([tmp_path / "n.ipynb"], out=tmp_path / "runs", hold=down)

    assert caught.value.exit_code == 3
    assert [(each["status"], each["exit_code"], each["message"]) for each in read_history(tmp_path / "runs")] == [
        ("unreachable", 3, "it is down")
    ]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"targets": ["nowhere"]}, UnknownNameError),
        ({"parameters": {"limt": "1"}}, ArgumentError),
        ({"parameters": {"limit": "many"}}, ArgumentError),
        ({"engine": "moto"}, ArgumentError),
        ({"jobs": 0}, UsageError),
        ({"timeout": -1}, UsageError),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_work(tmp_path: Path, options: dict, error: type) -> None:
    path = write(tmp_path, "n", ["1"], "limit = 1")

    with pytest.raises(error):
        run_notebooks(**({"targets": [path]} | options), out=tmp_path / "runs", hold=never)


def test_a_notebook_of_another_language_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "n", ["1"])
    path.write_text(path.read_text().replace('"language": "python"', '"language": "R"'))

    with pytest.raises(UsageError, match=r"n\.ipynb is a notebook of R"):
        run_notebooks([path], out=tmp_path / "runs", hold=never)
