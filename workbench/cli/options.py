"""Arguments and options that several commands share, and how they complete in a shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from workbench.errors import UnknownNameError, UsageError, WorkbenchError, did_you_mean
from workbench.model import Model, Pattern

__all__ = [
    "ENGINE_WORDS",
    "argument_values",
    "arguments_option",
    "aws_options",
    "engine_option",
    "example_option",
    "json_option",
    "model_argument",
    "pattern_argument",
    "the_model",
]

Command = TypeVar("Command", bound=Callable[..., Any])
ENGINE_WORDS = ("auto", "dynamodb-local", "moto", "aws", "prod")  # see ENGINES; a test compares
_WRITTEN_AS_JSON = frozenset({"list", "map", "string_set", "number_set", "binary_set", "any"})


class ModelType(click.ParamType[str, Any]):
    """A model by name or path; completes the names that are there."""

    name = "model"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names of models, then files."""
        from workbench.model import model_names

        names = [CompletionItem(name) for name in model_names() if name.startswith(incomplete)]
        return [*names, CompletionItem(incomplete, type="file")]


class PatternType(click.ParamType[str, Any]):
    """An access pattern of the model that was named before it."""

    name = "pattern"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names of the model's patterns with their questions."""
        try:
            model = the_model(ctx.params.get("model") or "")
        except WorkbenchError:
            return []
        patterns = model.patterns.values()
        return [CompletionItem(each.name, help=each.question) for each in patterns if each.name.startswith(incomplete)]


class EngineType(click.ParamType[str, Any]):
    """An engine's exact name, or the URL of an endpoint."""

    name = "engine"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the engine that is meant; a word near ``prod`` is a usage error."""
        from workbench.engines import parse_target

        try:
            return parse_target(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names of engines."""
        return [CompletionItem(word) for word in ENGINE_WORDS if word.startswith(incomplete)]


model_argument = click.argument("model", type=ModelType(), metavar="MODEL")
pattern_argument = click.argument("pattern", type=PatternType(), metavar="PATTERN")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
engine_option = click.option(
    "--engine",
    type=EngineType(),
    default="auto",
    show_default=True,
    metavar="ENGINE",
    help="auto, dynamodb-local, moto, aws (or prod), or the URL of an endpoint.",
)
arguments_option = click.option(
    "-a",
    "--argument",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="An argument of the pattern; lists, maps and sets as JSON. May be given several times.",
)
example_option = click.option(
    "--example", metavar="NAME", help="Take the arguments of this example of the model; -a overrides single ones."
)


def aws_options(command: Command) -> Command:
    """Add ``--write`` and ``--confirm``, without which nothing is written to AWS."""
    confirm = click.option(
        "--confirm",
        metavar="ACCOUNT:TABLE,...",
        help="With --write: the account's 12 digits and the exact table names. Asked for when it is left out.",
    )
    write = click.option(
        "--write", is_flag=True, help="Allow writes to AWS, after the account and tables are confirmed."
    )
    return write(confirm(command))


def the_model(name: str) -> Model:
    """Return a model by name or path, its expressions checked as well. Raises ModelError, UnknownNameError."""
    from workbench.errors import ModelError
    from workbench.model import load_model
    from workbench.plans import check_expressions

    if not name:
        raise UnknownNameError("Name a model.")
    model = load_model(name)
    if problems := check_expressions(model):
        raise ModelError(problems)
    return model


def argument_values(pattern: Pattern, given: tuple[str, ...], example: str | None = None) -> dict[str, Any]:
    """Return arguments from ``name=value`` texts, over those of an example. UsageError for a text without ``=``."""
    values: dict[str, Any] = {}
    if example is not None:
        if example not in pattern.examples:
            known = did_you_mean(example, list(pattern.examples))
            raise UnknownNameError(f"{pattern.name} has no example {example!r}. {known}")
        values |= pattern.examples[example].arguments
    seen = set()
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"-a {text}: write it as name=value.")
        if name in seen:
            raise UsageError(f"-a {name} is given twice.")
        seen.add(name)
        values[name] = _value(pattern, name, value)
    return values


def _value(pattern: Pattern, name: str, text: str) -> Any:
    """The text itself, which the parameter's type reads later; JSON for types that have members."""
    parameter = pattern.parameters.get(name)
    if parameter is None or parameter.type not in _WRITTEN_AS_JSON:
        return text
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise UsageError(f"-a {name}: {text!r} is not JSON, which a {parameter.type} is written in: {error}") from None


def existing_folder(path: Path) -> Path:
    """Return the path after making sure that a file can be put there."""
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent} to write {path.name} into.")
    return path
