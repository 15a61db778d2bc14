"""The exercises: right answers are let through, none is no answer yet, wrong ones are refused with a hint.

A solutions file holds, for each exercise n, ``check_n(answer, bench)``, ``solution_n(bench)``, which returns a right
answer, and ``wrong_n``, which *is* a wrong one: a function where the answer is a function, else a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import workbench as wb
from workbench.bench import Bench
from workbench.engines import Engine
from workbench.errors import ArgumentError
from workbench.notebooks.documents import code_cells, read_notebook, source_of
from workbench.notebooks.parameters import declared_parameters
from workbench.notebooks.run import run_notebooks

pytestmark = [pytest.mark.notebooks, pytest.mark.local]

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = [path.stem for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))]
EXERCISES = (1, 2)


@pytest.fixture(scope="module")
def bench(engine: Engine) -> Iterator[Bench]:
    """The messaging model with its seed, in a store of its own; no check and no solution writes."""
    with wb.open("messaging", engine="dynamodb-local") as opened:
        opened.load_schema()
        opened.seed()
        yield opened


@pytest.fixture(
    params=[(name, number) for name in NAMES for number in EXERCISES], ids=lambda each: "-".join(map(str, each))
)
def exercise(request: pytest.FixtureRequest) -> tuple[ModuleType, int]:
    name, number = request.param
    return wb.solutions(name), number


def test_a_right_answer_is_let_through(
    exercise: tuple[ModuleType, int], bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    module, number = exercise

    getattr(module, f"check_{number}")(getattr(module, f"solution_{number}")(bench), bench)

    assert capsys.readouterr().out == "right\n"


def test_no_answer_is_not_answered_yet(
    exercise: tuple[ModuleType, int], bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    module, number = exercise

    getattr(module, f"check_{number}")(None, bench)

    assert capsys.readouterr().out == "not answered yet\n"


def test_a_wrong_answer_is_refused_with_a_hint(
    exercise: tuple[ModuleType, int], bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    module, number = exercise

    with pytest.raises(AssertionError) as refused:
        getattr(module, f"check_{number}")(getattr(module, f"wrong_{number}"), bench)

    assert len(str(refused.value).split()) >= 5, refused.value
    assert capsys.readouterr().out == ""


def test_every_numbered_notebook_has_its_solutions_and_no_solutions_are_left_over() -> None:
    assert [path.stem for path in sorted((NOTEBOOKS / "solutions").glob("nb_*.py"))] == [f"nb_{name}" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_two_exercises_left_open_and_checks_each(name: str) -> None:
    sources = [source_of(cell) for _, cell in code_cells(read_notebook(NOTEBOOKS / f"{name}.ipynb"))]
    text = "\n".join(sources)

    assert f'wb.solutions("{name}")' in text
    assert re.findall(r"^solutions\.check_(\d)\(exercise_(\d), bench\)$", text, re.M) == [("1", "1"), ("2", "2")]
    assert re.findall(r"^exercise_(\d)\b.* = None\b", text, re.M) == ["1", "2"]
    assert not re.search(r"solution_\d|wrong_\d", text)


@pytest.mark.parametrize(
    "parameters",
    [{"handle": "bayko"}, {"limit": 10}, {"handle": "bayko", "limit": "10"}],
    ids=["handle", "limit", "both"],
)
def test_every_notebook_runs_with_other_parameters(
    engine: Engine, tmp_path: Path, parameters: dict[str, object]
) -> None:
    known = [
        path for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")) if set(parameters) & set(declared_parameters(path))
    ]

    report = run_notebooks(known, parameters=parameters, engine="dynamodb-local", out=tmp_path / "runs")

    assert not [(each.name, str(each.error)) for each in report.notebooks if not each.ok]
    for each in report.notebooks:
        took = {name for name in parameters if name in declared_parameters(each.path)}
        assert {name: str(value) for name, value in each.parameters.items() if name != "engine"} == {
            name: str(parameters[name]) for name in took
        }


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_that_a_notebook_does_not_have_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=f"{name}.ipynb has no parameter 'nosuch'"):
        run_notebooks([NOTEBOOKS / f"{name}.ipynb"], parameters={"nosuch": 1}, out=tmp_path / "runs")

    assert not list(tmp_path.glob("runs/*"))
