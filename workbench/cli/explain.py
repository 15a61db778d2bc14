"""``workbench explain``: what a pattern will ask, and its price, without asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from workbench.cli.options import (
    argument_values,
    arguments_option,
    example_option,
    json_option,
    model_argument,
    pattern_argument,
    the_model,
)
from workbench.cli.output import print_json, remark

if TYPE_CHECKING:
    from workbench.model import Pattern

__all__ = ["explain", "with_first_example"]


@click.command(short_help="Show what a pattern sends, and its price, without sending it.")
@model_argument
@pattern_argument
@arguments_option
@example_option
@json_option
def explain(model: str, pattern: str, given: tuple[str, ...], example: str | None, as_json: bool) -> None:
    """Show what PATTERN of MODEL sends: what is key and what is filter, the boto3 request, the price to expect.

    Nothing is sent and no engine is started. Without arguments, those of the pattern's first example are taken.

    \b
    Example:
      workbench explain messaging list-conversations -a handle=andrewbrown
      workbench explain messaging list-messages --example newest-page --json
    """
    from workbench.plans import Clock, build

    design = the_model(model)
    chosen = design.pattern(pattern)
    values = argument_values(chosen, given, example or with_first_example(chosen, given))
    explanation = build(design, chosen, values, clock=Clock.system()).explain()
    if as_json:
        print_json(_data(explanation))
    else:
        click.echo(repr(explanation))


def with_first_example(pattern: Pattern, given: tuple[str, ...]) -> str | None:
    """Return the example to take arguments from: the first, where none are given and some are needed; says so."""
    needed = any(each.required and each.default is None for each in pattern.parameters.values())
    if given or not needed or not pattern.examples:
        return None
    name = next(iter(pattern.examples))
    remark(f"No arguments were given; these are of the example {name!r}.")
    return name


def _data(explanation: Any) -> dict[str, Any]:
    """The explanation as JSON values; requests as they are sent, bytes as base64."""
    names = (
        "pattern", "question", "operation", "target", "index", "key", "filter", "does", "updates", "conditions",
        "order", "limit", "projection", "pages", "unresolved", "notes",
    )  # fmt: skip
    told = {name: getattr(explanation, name) for name in names}
    requests = [{"operation": each.operation, "parameters": _plain(each.kwargs)} for each in explanation.requests]
    return told | {"estimate": str(explanation.estimate), "requests": requests}


def _plain(value: Any) -> Any:
    import base64

    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
