"""Parameters of a notebook are read as Python reads them, and values by the type of the default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import ArgumentError, NotebookError
from workbench.notebooks.parameters import assign_values, declared_parameters
from workbench.notebooks.redaction import redacted


def notebook(folder: Path, source: str, name: str = "n.ipynb", *, tags: tuple[str, ...] = ("parameters",)) -> Path:
    path = folder / name
    cell = {"cell_type": "code", "id": "a", "metadata": {"tags": list(tags)}, "outputs": [], "source": source}
    document = {"cells": [cell | {"execution_count": None}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document))
    return path


def value_of(folder: Path, source: str, text: Any) -> Any:
    path = notebook(folder, source)
    return assign_values([path], {"x": text})[path]["x"]


def test_a_default_with_the_key_separator_or_an_equals_sign_is_read_whole(tmp_path: Path) -> None:
    found = declared_parameters(notebook(tmp_path, 'pk = "USER#1"  # help\nurl: str = "a=b"\n'))

    assert {name: each.default for name, each in found.items()} == {"pk": "USER#1", "url": "a=b"}


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ('x = "a"', "007", "007"),
        ('x = "a"', "1e5", "1e5"),
        ('x = "a"', "None", "None"),
        ('x = "a"', "", ""),
        ('x = "a"', 'say "hi" {y} \'ü\n', 'say "hi" {y} \'ü\n'),
        ("x = 3", "007", 7),
        ("x = 3", "-5", -5),
        ("x: float = 1", "2", 2.0),
        ("x = 1.5", "1e5", 100000.0),
        ("x = True", "false", False),
        ("x = False", "TRUE", True),
        ("x: int | None = None", "4", 4),
        ("x: int | None = None", "none", None),
        ("x: str | None = None", "4", "4"),
        ('x = ["a"]', '["b", "c"]', ["b", "c"]),
        ('x = ["a"]', "['b']", ["b"]),
        ("x = {}", '{"a": 1}', {"a": 1}),
        ("x = 3", 4, 4),
        ("%matplotlib inline\nx = 3", "4", 4),
    ],
)
def test_a_value_is_read_by_the_type_of_the_default(tmp_path: Path, source: str, text: Any, expected: Any) -> None:
    value = value_of(tmp_path, source, text)

    assert (type(value), value) == (type(expected), expected)


@pytest.mark.parametrize(
    ("source", "text", "kind"),
    [
        ("x = 3", "3.0", "an int"),
        ("x = 3", "1_000", "an int"),
        ("x = 3", "", "an int"),
        ("x = 3", "twenty", "an int"),
        ("x = 1.5", "nan", "a float"),
        ("x = 1.5", "1e999", "a float"),
        ("x = True", "1", "a bool"),
        ("x = [1]", "{}", "a list"),
        ("x = [1]", "__import__('os')", "a list"),
        ("x = [1]", "[nan]", "a list"),
        ("x: int | None = 3", "many", "an int or None"),
    ],
)
def test_a_value_that_does_not_fit_names_notebook_parameter_type_and_value(
    tmp_path: Path, source: str, text: str, kind: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        value_of(tmp_path, source, text)

    assert f"n.ipynb: the parameter 'x' is {kind}, and {text!r} is not one" in str(caught.value)


def test_a_parameter_that_one_of_two_notebooks_knows_goes_to_that_one(tmp_path: Path) -> None:
    one, two = notebook(tmp_path, "x = 1", "1.ipynb"), notebook(tmp_path, "y = 1", "2.ipynb")

    assert assign_values([one, two], {"x": "5"}) == {one: {"x": 5}, two: {}}


def test_a_parameter_that_no_notebook_knows_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"n\.ipynb has no parameter 'limt'\. Did you mean 'limit'\?"):
        assign_values([notebook(tmp_path, "limit = 1")], {"limt": "5"})


def test_a_default_that_is_computed_cannot_be_replaced(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="'x' is no literal"):
        value_of(tmp_path, "x = 2 * 21", "5")


def test_an_untagged_cell_declares_nothing(tmp_path: Path) -> None:
    assert declared_parameters(notebook(tmp_path, "x = 1", tags=())) == {}


def test_a_parameters_cell_that_is_not_python_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"n\.ipynb, cell 1, line 2"):
        declared_parameters(notebook(tmp_path, "x = 1\ny = ("))


def test_secrets_are_hidden_in_records_and_errors(tmp_path: Path) -> None:
    assert redacted({"db_password": "hunter2", "engine": "http://me:pw@host:1/x", "limit": 3, "key": "a"}) == {
        "db_password": "***", "engine": "***", "limit": 3, "key": "a",
    }  # fmt: skip
    path = notebook(tmp_path, "password = 1")

    with pytest.raises(ArgumentError) as caught:
        assign_values([path], {"password": "hunter2"})

    assert "hunter2" not in str(caught.value)
