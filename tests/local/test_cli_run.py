"""``workbench run``: notebooks headless from a terminal or a schedule, with exit codes that say what became of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from workbench.engines import engine_status, engine_stop

pytestmark = pytest.mark.local

SMALL = str(Path(__file__).parents[1] / "models" / "small")
OPENING = f"import workbench as wb\nbench = wb.open({SMALL!r}, engine=engine); bench.load_schema(); bench.seed()"
ASKING = "result = bench.pattern('list-shelf').run(shelf=shelf)\nassert len(result.items) == rows\nresult"


@pytest.fixture(scope="module", autouse=True)
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setenv("WORKBENCH_LINGER", "0.5")
        yield
        engine_stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "books"
    made.mkdir()
    write(made / "01_good.ipynb", OPENING, ASKING)
    return made


def write(path: Path, *cells: str) -> None:
    parameters = nbformat.v4.new_code_cell('engine = "moto"\nshelf = "poetry"\nrows = 3')
    parameters.metadata["tags"] = ["parameters"]
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=[parameters, *code])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def ask(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", "run", *arguments, "--out", str(folder.parent / "runs")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
        timeout=200,
    )


def test_a_folder_is_run_and_reported(folder: Path) -> None:
    done = ask(folder, str(folder), "--engine", "moto")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 of 1 notebooks passed in ")
    page = Path(done.stdout.split("report: ")[1].strip())
    assert "01_good" in page.read_text()
    assert "passed" in done.stderr


def test_parameters_go_to_the_notebook_and_the_run_is_told_as_json(folder: Path) -> None:
    done = ask(
        folder, str(folder / "01_good.ipynb"), "-p", "shelf=travel", "-p", "rows=1", "--engine", "moto", "--json"
    )

    told: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, told["status"], told["exit_code"]) == (0, "passed", 0)
    assert told["notebooks"][0]["parameters"] | {"shelf": "travel", "rows": 1} == told["notebooks"][0]["parameters"]


def test_a_notebook_that_fails_shows_its_cell_and_error_and_ends_with_1(folder: Path) -> None:
    write(folder / "02_bad.ipynb", OPENING, "answer = 6 * 7", "bench.pattern('list-shelve')")

    done = ask(folder, str(folder), "--engine", "moto")

    assert done.returncode == 1
    assert "bench.pattern('list-shelve')" in done.stderr
    assert "Did you mean 'list-shelf'?" in done.stderr
    assert done.stdout.startswith("1 of 2 notebooks passed in ")
    assert "  failed: 02_bad" in done.stdout


def test_an_unknown_parameter_and_an_unknown_notebook_end_with_2_before_anything_runs(folder: Path) -> None:
    unknown = ask(folder, str(folder), "-p", "shelv=travel")
    assert unknown.returncode == 2
    assert "Did you mean 'shelf'?" in unknown.stderr

    missing = ask(folder, str(folder / "01_goood.ipynb"))
    assert missing.returncode == 2
    assert "There is no notebook" in missing.stderr
    assert not (folder.parent / "runs").exists() or not list((folder.parent / "runs").glob("*/report.json"))


def test_an_engine_that_is_down_ends_with_3(folder: Path) -> None:
    done = ask(folder, str(folder), "--engine", "http://127.0.0.1:9")

    assert done.returncode == 3
    assert "Nothing that speaks DynamoDB's protocol answers at http://127.0.0.1:9" in done.stderr


def test_a_runs_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    (folder.parent / "runs").write_text("a file is in the way")

    done = ask(folder, str(folder))

    assert done.returncode == 2
    assert "runs" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_in_the_middle_ends_with_130_and_leaves_nothing_running(folder: Path) -> None:
    write(folder / "01_good.ipynb", OPENING, "import time; time.sleep(60)")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "workbench",
            "run",
            str(folder),
            "--engine",
            "moto",
            "--out",
            str(folder.parent / "runs"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "started" in line:
            break
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert "Traceback" not in err
    until = time.monotonic() + 20
    while engine_status() and time.monotonic() < until:
        time.sleep(0.3)
    assert engine_status() == []
