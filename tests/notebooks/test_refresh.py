"""A refresh writes what a notebook's cells give and no trace of when and where; a second one changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import UnknownNameError
from workbench.notebooks.authoring import notebook_from_text
from workbench.notebooks.documents import to_text
from workbench.notebooks.refresh import main, refresh_notebooks

pytestmark = pytest.mark.notebooks

GOOD = """# %% [markdown]
# # How many?
# %% tags=["parameters"]
limit: int = 3  # rows
# %%
print("one"); print("two")
limit + 1
"""
BAD = GOOD + "# %%\n1 / 0\n"
EXIT = GOOD + "# %%\nimport sys\nsys.exit(0)\n# %%\nlimit\n"


def write(path: Path, text: str) -> Path:
    path.write_text(to_text(notebook_from_text(text)), encoding="utf-8")
    return path


def spoil(path: Path) -> None:
    """Save it as an editor or another runner would: times, versions, an id used twice, an old format."""
    notebook = json.loads(path.read_text())
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.9.1"}
    notebook["metadata"]["papermill"] = {"start_time": "2026-01-01"}
    notebook["cells"][1]["id"] = notebook["cells"][2]["id"]
    for cell in notebook["cells"]:
        cell["metadata"] |= {"execution": {"iopub.status.busy": "2026-01-01"}, "scrolled": True}
    path.write_text(json.dumps(notebook))


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("refresh")
    paths = {
        "good": write(folder / "01_good.ipynb", GOOD),
        "bad": write(folder / "02_bad.ipynb", BAD),
        "spoiled": write(folder / "03_spoiled.ipynb", GOOD),
        "exit": write(folder / "04_exit.ipynb", EXIT),
    }
    spoil(paths["spoiled"])
    before = {name: path.read_bytes() for name, path in paths.items()}
    told: list[str] = []
    words = refresh_notebooks([folder], jobs=2, timeout=30, tell=told.append)
    return {"paths": paths, "before": before, "told": told, "words": words, "folder": folder}


def test_each_notebook_is_told_with_what_became_of_it(refreshed: dict[str, Any]) -> None:
    words = {path.stem: word for path, word in refreshed["words"].items()}

    assert words == {"01_good": "refreshed", "02_bad": "failed", "03_spoiled": "refreshed", "04_exit": "failed"}
    assert len(refreshed["told"]) == 4


def test_counts_and_outputs_are_written(refreshed: dict[str, Any]) -> None:
    code = [c for c in json.loads(refreshed["paths"]["good"].read_text())["cells"] if c["cell_type"] == "code"]

    assert [cell["execution_count"] for cell in code] == [1, 2]
    assert [output.get("text") or output["data"] for output in code[1]["outputs"]] == [
        ["one\n", "two\n"],
        {"text/plain": ["4"]},
    ]


def test_a_notebook_that_fails_is_left_as_it_was_and_its_line_is_shown(refreshed: dict[str, Any]) -> None:
    for name in ("bad", "exit"):
        assert refreshed["paths"][name].read_bytes() == refreshed["before"][name]
    told = "\n".join(refreshed["told"])
    assert "1 / 0" in told
    assert "ZeroDivisionError: division by zero" in told
    assert "after 3 of 4 code cells" in told


def test_no_trace_of_the_run_is_left(refreshed: dict[str, Any]) -> None:
    text = refreshed["paths"]["spoiled"].read_text()
    notebook = json.loads(text)

    assert not [
        word for word in ("2026-01-01", "papermill", "3.9.1", "scrolled", str(refreshed["folder"])) if word in text
    ]
    assert len({cell["id"] for cell in notebook["cells"]}) == 3
    # Below the title, whose id the first one had taken, it is the same notebook as the one that was never spoiled.
    good = json.loads(refreshed["paths"]["good"].read_text())
    assert [c["source"] for c in notebook["cells"]] == [c["source"] for c in good["cells"]]
    assert notebook["metadata"] == good["metadata"]


def test_a_second_refresh_changes_no_byte(refreshed: dict[str, Any]) -> None:
    paths = [refreshed["paths"]["good"], refreshed["paths"]["spoiled"]]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths]

    words = refresh_notebooks(paths, timeout=30)

    assert set(words.values()) == {"unchanged"}
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths] == before


def test_nbformat_and_nbstripout_would_write_the_same_bytes(refreshed: dict[str, Any]) -> None:
    import nbformat

    path = refreshed["paths"]["spoiled"]
    strip = [sys.executable, "-m", "nbstripout", "--verify", "--keep-output", "--keep-count", "--keep-id", str(path)]

    assert nbformat.writes(nbformat.read(path, as_version=4)).rstrip("\n") + "\n" == path.read_text()
    assert subprocess.run(strip, capture_output=True, check=False).returncode == 0


def test_nothing_but_notebooks_is_left_in_the_folder(refreshed: dict[str, Any]) -> None:
    assert {path.suffix for path in refreshed["folder"].iterdir()} == {".ipynb"}


def test_the_command_gives_exit_codes(refreshed: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(refreshed["paths"]["good"])]) == 0
    assert main([str(refreshed["paths"]["bad"])]) == 1
    assert main([str(refreshed["folder"] / "05_none.ipynb")]) == 2
    assert "There is no notebook" in capsys.readouterr().err
    with pytest.raises(UnknownNameError):
        refresh_notebooks(["05_none"])
