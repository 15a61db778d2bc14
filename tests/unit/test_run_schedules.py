"""The schedules of docs/scheduled-runs.md and the workflow of this repository are well formed and name real options."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
import yaml

from workbench.cli.run import run
from workbench.notebooks.selection import find_notebooks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scheduled-runs.md").read_text()
WORKFLOW = (ROOT / ".github" / "workflows" / "notebooks.yml").read_text()
COMMAND = re.compile(r"workbench run(?P<words>[^\n\"`>&|)]*(?:\"\$RUNS\")?)")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    code = "\n".join([*blocks(""), *blocks("cron"), *blocks("yaml"), *blocks("python"), WORKFLOW])
    return [found["words"].split("#")[0].strip() for found in COMMAND.finditer(code)]


def steps(workflow: str) -> list[dict[str, str]]:
    return yaml.safe_load(workflow)["jobs"]["run"]["steps"]


def test_every_kind_of_schedule_has_an_example() -> None:
    assert len(blocks("cron")) >= 1
    assert len(blocks("yaml")) == 1
    assert len(blocks("python")) == 1
    assert len(commands()) >= 8


@pytest.mark.parametrize("words", commands())
def test_every_command_is_one_that_the_program_takes(words: str) -> None:
    context = run.make_context("run", shlex.split(words))

    assert set(context.params) >= {"notebooks", "engine", "out"}


def test_the_notebooks_named_are_there() -> None:
    named = [word for words in commands() for word in run.make_context("run", shlex.split(words)).params["notebooks"]]

    for target in set(named) - {"$NOTEBOOKS"}:
        assert find_notebooks([target])


@pytest.mark.parametrize("block", blocks("cron"))
def test_cron_lines_have_five_fields_and_a_command(block: str) -> None:
    for line in block.strip().splitlines():
        assert re.fullmatch(r"[A-Z]+=\S+|(?:[0-9*/,-]+ ){5}\S.*", line), line
        assert "%" not in line, "cron reads % as the end of the line"


@pytest.mark.parametrize("workflow", [*blocks("yaml"), WORKFLOW])
def test_workflows_run_the_notebooks_and_keep_the_report_whatever_happens(workflow: str) -> None:
    found = steps(workflow)

    assert any("workbench run" in step.get("run", "") for step in found)
    assert found[-1]["if"] == "always()"
    assert found[-1]["with"]["path"] == "runs/"  # type: ignore[index]
    assert all("${{" not in step.get("run", "") for step in found), "what a person types must not become shell code"


def test_workflows_are_scheduled_and_limited_in_time() -> None:
    for workflow in (*blocks("yaml"), WORKFLOW):
        document = yaml.safe_load(workflow)

        assert document[True]["schedule"][0]["cron"].count(" ") == 4  # YAML reads the key `on` as true
        assert document["jobs"]["run"]["timeout-minutes"] > 0


def test_the_airflow_example_is_python_with_one_bash_task() -> None:
    [source] = blocks("python")
    tree = ast.parse(source)
    returned = [node.value.value for node in ast.walk(tree) if isinstance(node, ast.Return)]  # type: ignore[union-attr]

    assert len(returned) == 1
    assert "workbench run" in returned[0]
    assert "@task.bash" in source
