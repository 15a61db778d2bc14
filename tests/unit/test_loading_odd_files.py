"""Whatever a model file holds, loading gives a model or a ModelError with lines, never another error."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import ModelError, Problem
from workbench.model import load_model
from workbench.model.loading.lines import read

SMALL = Path(__file__).parents[1] / "models" / "small"
TEXT = (SMALL / "model.yaml").read_text()
TREE = yaml.safe_load(TEXT)
ODD: list[Any] = [
    None, True, 0, -1, 1.5, "", "x", "{", "{x}", "{a.b}", "a b", "$now", "yes", [], {}, [[]], [None], {"": ""},
    {"x": {"y": {}}}, {"name": "pk"}, {"equals": None}, {"between": ["a", "b"]}, ["pk", "sk"], "é\u0000", "9" * 400,
    {"type": "uuid"}, {"sql": "sql"}, "sql", "..", "/", "Book", {"entity": "Book"}, "library",
]  # fmt: skip


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield from paths(node[key], (*path, key))


PATHS = [path for path in paths(TREE) if path]


def load(folder: Path, text: str) -> None:
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    found: list[Problem] = []
    try:
        load_model(folder / "model.yaml")
    except ModelError as error:
        found = error.problems or [Problem("")]

    assert [problem for problem in found if not problem.message or not problem.file or not problem.line] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copied = tmp_path_factory.mktemp("odd") / "small"
    shutil.copytree(SMALL, copied)
    return copied


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), odd=st.sampled_from(ODD))
def test_an_odd_value_anywhere_is_a_model_error_or_nothing(folder: Path, path: tuple[Any, ...], odd: Any) -> None:
    tree = copy.deepcopy(TREE)
    node = tree
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = odd
    load(folder, yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), other=st.sampled_from(PATHS))
def test_a_part_put_in_the_place_of_another_is_a_model_error_or_nothing(
    folder: Path, path: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    tree = copy.deepcopy(TREE)
    part: Any = TREE
    for step in other:
        part = part[step]
    node = tree
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = copy.deepcopy(part)
    load(folder, yaml.safe_dump(tree, sort_keys=False))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.integers(0, TEXT.count("\n") - 1), change=st.sampled_from(["drop", "double", "indent", "cut", "tab"]))
def test_a_damaged_line_is_a_model_error_or_nothing(folder: Path, line: int, change: str) -> None:
    lines = TEXT.split("\n")
    damaged = {
        "drop": [],
        "double": [lines[line], lines[line]],
        "indent": ["  " + lines[line]],
        "cut": [lines[line][: len(lines[line]) // 2]],
        "tab": ["\t" + lines[line]],
    }[change]
    load(folder, "\n".join([*lines[:line], *damaged, *lines[line + 1 :]]))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text, "m.yaml")
    except ModelError:
        return
