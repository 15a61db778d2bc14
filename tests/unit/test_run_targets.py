"""Names, numbers, paths, folders and globs mean notebooks; what means none is refused with the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import UnknownNameError
from workbench.notebooks.selection import find_notebooks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("20_b.ipynb", "00_start.ipynb", "_template.ipynb", "notes.ipynb", "20_b.py", ".hidden.ipynb"):
        (tmp_path / name).write_text("{}")
    return tmp_path


def names(found: tuple[Path, ...]) -> list[str]:
    return [path.name for path in found]


def test_without_targets_every_numbered_notebook_in_name_order(folder: Path) -> None:
    assert names(find_notebooks(folder=folder)) == ["00_start.ipynb", "20_b.ipynb"]


@pytest.mark.parametrize("target", ["20", "20_b", "20_b.ipynb", "20*", "{folder}/20_b.ipynb", "{folder}/20*"])
def test_one_notebook_by_number_stem_name_path_or_glob(folder: Path, target: str) -> None:
    assert names(find_notebooks([target.format(folder=folder)], folder)) == ["20_b.ipynb"]


def test_a_folder_means_its_notebooks_without_hidden_ones_and_templates(folder: Path) -> None:
    assert names(find_notebooks([folder], folder)) == ["00_start.ipynb", "20_b.ipynb", "notes.ipynb"]


def test_a_notebook_meant_twice_is_run_once_in_the_order_asked_for(folder: Path) -> None:
    assert names(find_notebooks(["20", "00", folder / "20_b.ipynb"], folder)) == ["20_b.ipynb", "00_start.ipynb"]


@pytest.mark.parametrize(
    ("target", "cure"),
    [("20_c", "Did you mean '20_b'?"), ("99", "Known: "), ("x*", "No notebook matches 'x*'"), ("20_b.py", "20_b")],
)
def test_a_target_that_means_nothing_is_refused_with_the_nearest(folder: Path, target: str, cure: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        find_notebooks([target], folder)

    assert cure in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="holds no notebook"):
        find_notebooks([tmp_path], tmp_path)
