"""What people type wrong: each gets one readable block, no traceback, and the right exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from workbench.cli import root as root_module
from workbench.cli.root import root
from workbench.errors import CheckError, DatabaseError, EngineError, ModelError, Problem

SMALL = str(Path(__file__).parents[1] / "models" / "small")


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(root, list(arguments))


WRONG = [
    (["chek"], "There is no command 'chek'. Did you mean 'check'?"),
    (["check"], "Missing argument 'MODEL'"),
    (["check", "mesaging"], "there is no model 'mesaging' under data/models. Did you mean 'messaging'?"),
    (["check", "./nowhere.yaml"], "there is no model file ./nowhere.yaml"),
    (["check", SMALL, "list-shelve"], "small has no access pattern 'list-shelve'. Did you mean 'list-shelf'?"),
    (["check", SMALL, "--engine", "aws"], "check on dynamodb-local"),
    (["check", SMALL, "--junit", "/no/such/folder/x.xml"], "There is no folder /no/such/folder"),
    (["explain", SMALL, "list-shelf", "-a", "shelf"], "-a shelf: write it as name=value."),
    (["explain", SMALL, "list-shelf", "-a", "shelf=a", "-a", "shelf=b"], "-a shelf is given twice."),
    (["explain", SMALL, "list-shelf", "-a", "shelv=a"], "list-shelf has no parameter 'shelv'. Did you mean 'shelf'?"),
    (["explain", SMALL, "list-shelf", "-a", "limit=3"], "list-shelf needs shelf (string)"),
    (["explain", SMALL, "list-shelf", "-a", "shelf=a", "-a", "limit=many"], "limit: 'many' is not an integer"),
    (
        ["explain", SMALL, "list-shelf", "--example", "poetri"],
        "list-shelf has no example 'poetri'. Did you mean 'poetry'?",
    ),
    (["query", SMALL, "list-shelf", "-a", "limit=3"], "list-shelf needs shelf (string)"),
    (["query", SMALL, "list-shelf", "-a", "shelf=a", "--format", "parquet"], "--format parquet needs a file"),
    (["query", SMALL, "list-shelf", "-a", "shelf=a", "--format", "xml"], "'xml' is not one of"),
    (["query", SMALL, "list-shelf", "-a", "shelf=a", "--json", "--format", "csv"], "cannot both be meant"),
    (
        ["query", SMALL, "list-shelf", "-a", "shelf=a", "-o", "/no/such/folder/x.csv"],
        "There is no folder /no/such/folder",
    ),
    (["query", SMALL, "list-shelf", "-a", "shelf=a", "--max-pages", "0"], "0 is not in the range x>=1"),
    (["query", SMALL, "list-shelf", "-a", "shelf=a", "--cursor", "nonsense"], "cursor"),
    (["ddb", "drop", SMALL, "librari"], "small has no table 'librari'. Did you mean 'library'?"),
    (["ddb", "seed", SMALL, "--mode", "slow"], "'slow' is not one of"),
    (["db", "sync-cognito-ids", SMALL], "Name the user pool"),
    (["db", "connect", SMALL, "--name", "a b"], "'a b' cannot name a database"),
    (["engine", "start", "dynamo"], "'dynamo' is not one of"),
    (["engine", "start", "--port", "0"], "0 is not in the range"),
    (["engine", "start", "postgres", "--port", "5432"], "leave --port out"),
    (["streams", "tail", "messaging", "cruddur-message"], "Did you mean 'cruddur-messages'?"),
    (["streams", "tail", "messaging", "--from", "latest", "--no-follow"], "shows nothing"),
    (["streams", "run", "messaging", "nowhere.py"], "nowhere.py: there is no file nowhere.py"),
    (["streams", "run", "messaging", "not a name"], "names no handler; write file.py:function"),
    (["streams", "run", "messaging", "json:dumps", "--records", "r", "--checkpoints", "c"], "no --checkpoints"),
    (["streams", "run", "messaging", "json:dumps", "--records", "r", "--dead-letters", "r"], "in another file"),
    (["streams", "run", "messaging", "json:dumps", "--name", "a b"], "--name 'a b': letters, digits"),
    (["streams", "run", "messaging", "json:dumps", "--batch", "0"], "0 is not in the range"),
    (["run", "-p", "handle"], "-p handle: write it as name=value."),
    (["lab", "/no/such/folder"], "There is no folder /no/such/folder"),
    (["lab", "--engine", "aws"], "lab starts a local engine"),
    (["completion", "tcsh"], "'tcsh' is not one of"),
]


@pytest.mark.parametrize(
    ("arguments", "says"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_wrong_usage_is_named_and_ends_with_2(arguments: list[str], says: str) -> None:
    result = ask(*arguments)

    assert result.exit_code == 2, result.output
    assert says in " ".join(result.stderr.split()), result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


@pytest.mark.parametrize("word", ["nonprod", "Prod", "production", "PROD", "prod-eu", "AWS"])
@pytest.mark.parametrize(
    "command",
    [
        ["ddb", "list-tables"],
        ["ddb", "schema-load", SMALL],
        ["query", SMALL, "get-book"],
        ["check", SMALL],
        ["run"],
        ["streams", "tail", "messaging"],
    ],
)
def test_a_word_near_prod_is_no_target(command: list[str], word: str) -> None:
    result = ask(*command, "--engine", word)

    assert result.exit_code == 2
    assert "Only the exact words 'aws' and 'prod' mean AWS" in " ".join(result.stderr.split())


def test_aws_without_credentials_ends_with_3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert ask("ddb", "list-tables", "--engine", "prod").exit_code == 3
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    result = ask("ddb", "list-tables", "--engine", "aws")

    assert result.exit_code == 3
    assert "there are no credentials" in result.stderr


def test_writing_to_aws_without_a_confirmation_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    for arguments in (["--write"], ["--write", "--confirm", "yes"], ["--write", "--confirm", "123456789012"]):
        result = ask("ddb", "drop", SMALL, "--engine", "aws", *arguments)

        assert result.exit_code == 2
        assert "Confirm the account's 12 digits and the exact table names" in " ".join(result.stderr.split())


def test_a_broken_model_file_names_every_mistake_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text("model: broken\ntables:\n  t: {keys: {partitoin: pk}}\n")

    result = ask("check", str(tmp_path))

    assert result.exit_code == 2
    assert "model.yaml:3" in result.stderr
    assert "Did you mean 'partition'?" in result.stderr


def test_explain_shows_key_request_and_price_and_starts_nothing(tmp_path: Path) -> None:
    result = ask("explain", SMALL, "list-shelf", "-a", "shelf=poetry")

    assert result.exit_code == 0
    assert "pk = 'SHELF#poetry' (looked up)" in result.stdout
    assert "client.query(" in result.stdout
    assert not list((tmp_path / "state").glob("*.json"))


def test_explain_without_arguments_takes_the_first_example_and_says_so() -> None:
    result = ask("explain", SMALL, "list-shelf", "--json")

    told: dict[str, Any] = json.loads(result.stdout)
    assert told["requests"][0]["operation"] == "Query"
    assert told["requests"][0]["parameters"]["ExpressionAttributeValues"] == {
        ":v0": {"S": "SHELF#poetry"},
        ":v1": {"S": "BOOK#"},
    }
    assert "these are of the example 'poetry'" in result.stderr


def test_explain_shows_lookups_as_words_that_cannot_be_sent() -> None:
    result = ask("explain", SMALL, "lend-book", "--example", "first-loan", "--json")

    assert json.loads(result.stdout)["unresolved"] == ["book"]
    assert "<book.shelf>" in result.stdout


@pytest.mark.parametrize(
    ("error", "code", "block"),
    [
        (
            ModelError([Problem("a typo", line=3, file="m.yaml"), Problem("another", file="m.yaml")]),
            2,
            "Error: m.yaml:3: a typo\n  m.yaml: another\n",
        ),
        (EngineError("it is down\n  its last line"), 3, "Error: it is down\n    its last line\n"),
        (DatabaseError("no such host"), 3, "Error: no such host\n"),
        (CheckError("3 rows, not 4"), 1, "Error: 3 rows, not 4\n"),
        (OSError(28, "No space left on device", "runs/x"), 1, "Error: runs/x: No space left on device\n"),
        (KeyboardInterrupt(), 130, "\nInterrupted.\n"),
        (click.Abort(), 130, "Interrupted.\n"),
        (
            ZeroDivisionError("oh"),
            1,
            "Error: ZeroDivisionError: oh\n"
            "  This is a fault of the workbench; WORKBENCH_DEBUG=1 shows where it happened.\n",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_is_one_block_on_stderr_with_its_exit_code(
    error: BaseException, code: int, block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("workbench.cli.explain.the_model", fail)
    result = ask("explain", SMALL, "list-shelf")

    assert (result.exit_code, result.stderr, result.stdout) == (code, block, "")


def test_the_traceback_is_there_for_who_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise EngineError("it is down")

    monkeypatch.setenv("WORKBENCH_DEBUG", "1")
    monkeypatch.setattr("workbench.cli.explain.the_model", fail)
    result = ask("explain", SMALL, "list-shelf")

    assert "Traceback" in result.stderr
    assert result.exit_code == 3


def test_every_error_class_of_the_tree_has_one_of_the_documented_exit_codes() -> None:
    import workbench.errors as errors

    classes = [getattr(errors, name) for name in errors.__all__ if name not in ("Problem", "did_you_mean")]
    assert {each.exit_code for each in classes} == {1, 2, 3}
    assert root_module.INTERRUPTED == 130
