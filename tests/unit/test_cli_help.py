"""The command line says what it does: every command has help with an example, and completes in a shell."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from workbench import __version__
from workbench.cli.engine import KINDS
from workbench.cli.options import ENGINE_WORDS, argument_values, the_model
from workbench.cli.root import root
from workbench.engines import ENGINES, HOSTED, opening
from workbench.engines.host import BACKENDS
from workbench.errors import UnknownNameError
from workbench.plans import Clock, build

GROUPS = {
    "ddb": ["schema-load", "drop", "list-tables", "describe-table", "seed", "scan", "safety"],
    "db": ["create", "drop", "schema-load", "seed", "setup", "connect", "sessions", "sync-cognito-ids"],
    "engine": ["start", "stop", "status", "install"],
    "streams": ["tail", "run"],
}
WITHOUT_JSON = {"lab", "completion", "export"}  # they print no data, or nothing else


def commands() -> Iterator[tuple[str, ...]]:
    context = click.Context(root)
    for name in root.list_commands(context):
        yield (name,)
        command = root.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, inner) for inner in command.commands)


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(root, list(arguments))


def test_every_command_of_the_design_is_there() -> None:
    found = set(commands())

    assert {("run",), ("check",), ("explain",), ("query",), ("lab",), ("completion",)} <= found
    for group, inner in GROUPS.items():
        assert [each[1] for each in found if len(each) == 2 and each[0] == group] != []
        assert {(group, name) for name in inner} <= found


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    result = ask(*command, "--help")

    assert result.exit_code == 0
    assert "Example:\n" in result.stdout
    assert f"workbench {command[0]}" in result.stdout.split("Example:")[1]


def examples() -> Iterator[str]:
    for command in [(), *commands()]:
        shown = " ".join(ask(*command, "--help").stdout.split("Example:")[1:])
        yield from (line.strip() for line in shown.splitlines() if line.strip().startswith("workbench "))


@pytest.mark.parametrize("line", sorted(set(examples())))
def test_every_example_of_the_help_is_a_command_that_can_be_meant(line: str) -> None:
    words = shlex.split(line.partition(" > ")[0])[1:]
    command: click.Command = root
    while isinstance(command, click.Group) and words:
        name = words.pop(0)
        inner = command.get_command(click.Context(command), name)
        assert inner is not None, name
        command = inner
    given = command.make_context(command.name, words).params

    if "messaging" in words:
        design = the_model(given["model"])
        if given.get("pattern"):
            pattern = design.pattern(given["pattern"])
            values = argument_values(pattern, given["given"], given["example"])
            build(design, pattern, values, clock=Clock.system())
        assert set(given.get("patterns") or ()) <= set(design.patterns)
        assert set(given.get("tables") or ()) <= set(design.tables)


def test_a_help_example_that_a_model_does_not_have_would_be_found() -> None:
    pattern = the_model("messaging").pattern("list-messages")

    with pytest.raises(UnknownNameError, match="no example 'first-page'"):
        argument_values(pattern, (), "first-page")


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_every_command_that_prints_data_prints_json(command: tuple[str, ...]) -> None:
    named = root.get_command(click.Context(root), command[0])
    leaf = named.commands[command[1]] if len(command) == 2 and isinstance(named, click.Group) else named
    if isinstance(leaf, click.Group) or command[0] in WITHOUT_JSON:
        return

    assert leaf is not None
    assert "--json" in {option for parameter in leaf.params for option in parameter.opts}


def test_the_root_lists_every_command_in_a_line_that_is_not_cut_off() -> None:
    result = ask("--help")

    lines = result.stdout.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in lines] == root.list_commands(click.Context(root))
    assert not [line for line in lines if line.endswith("...")]


def test_no_arguments_show_the_help() -> None:
    result = ask()

    assert "Commands:" in result.output


def test_the_version_is_said() -> None:
    assert ask("--version").stdout == f"workbench {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_names_the_command(shell: str) -> None:
    result = ask("completion", shell)

    assert result.exit_code == 0
    assert "_WORKBENCH_COMPLETE" in result.stdout


def complete(words: str) -> list[str]:
    environment = os.environ | {
        "_WORKBENCH_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "workbench"], env=environment, capture_output=True, text=True, check=False
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("workbench ch", "check"),
        ("workbench check mess", "messaging"),
        ("workbench query messaging list-c", "list-conversations"),
        ("workbench check messaging --engine dyn", "dynamodb-local"),
        ("workbench engine start post", "postgres"),
    ],
)
def test_the_shell_completes_commands_models_patterns_and_engines(words: str, expected: str) -> None:
    assert expected in complete(words)


def test_the_words_for_engines_are_those_that_the_engines_know() -> None:
    assert sorted({*ENGINE_WORDS} - {"prod"}) == sorted(ENGINES)
    assert set(KINDS) == {*HOSTED, "postgres"} == set(BACKENDS)
    assert opening.HOSTED == HOSTED


def test_the_help_is_there_before_anything_heavy_is_loaded() -> None:
    code = (
        "import sys, contextlib\nfrom workbench.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])\n"
        "heavy = {'pandas', 'boto3', 'botocore', 'psycopg', 'jpype', 'moto', 'papermill', 'tqdm'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_every_command_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
    missing = [command for command in commands() if f"`workbench {command[0]}" not in text or command[-1] not in text]

    assert missing == []
