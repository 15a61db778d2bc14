"""``workbench check``: every example of a model against its expectations, SQL and budgets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.options import EngineType, PatternType, existing_folder, json_option, model_argument, the_model
from workbench.cli.output import print_json, progress_bar, remark

if TYPE_CHECKING:
    from workbench.checks import ExampleReport, Report
    from workbench.model import Model

__all__ = ["check"]


@click.command(short_help="Check every example of a model: expectations, SQL, budgets.")
@model_argument
@click.argument("patterns", nargs=-1, type=PatternType(), metavar="[PATTERN]...")
@click.option(
    "--engine",
    "engines",
    multiple=True,
    type=EngineType(),
    metavar="ENGINE",
    help="auto (the default), dynamodb-local, moto, or an endpoint's URL. Given twice: the engines are compared.",
)
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write JUnit XML as well."
)
@json_option
def check(model: str, patterns: tuple[str, ...], engines: tuple[str, ...], junit: Path | None, as_json: bool) -> int:
    """Run every example of MODEL in a store of its own and say what holds.

    Reading examples share one seeded store, each writing example has one. Exit code 1 when something does not hold.

    \b
    Example:
      workbench check messaging
      workbench check messaging list-messages --junit report.xml
      workbench check messaging --engine dynamodb-local --engine moto
    """
    design = the_model(model)
    chosen = list(patterns) or None
    for name in patterns:
        design.pattern(name)
    if junit is not None:
        existing_folder(junit)
    reports = [_report(design, engine, chosen, announce=as_json) for engine in engines or ("auto",)]
    differences = _differences(reports)
    _print(reports, differences, as_json)
    if junit is not None:
        junit.write_text(reports[0].to_junit(), encoding="utf-8")
        remark(f"JUnit XML of {reports[0].engine}: {junit}")
    return 0 if all(report.ok for report in reports) and not differences else 1


def _report(model: Model, engine: str, patterns: list[str] | None, *, announce: bool) -> Report:
    from workbench.checks import check_model
    from workbench.cli.opening import fresh_bench
    from workbench.errors import UsageError

    if engine == "aws":
        raise UsageError(
            "Examples write, and need stores of their own, which AWS does not have: check on dynamodb-local."
        )
    total = sum(len(model.patterns[name].examples) for name in patterns or model.patterns)
    done = 0
    with (
        fresh_bench(model, engine, announce=announce) as bench,
        progress_bar(f"{model.name} on {engine}", unit="examples") as advance,
    ):
        if not bench.store.isolated:
            raise UsageError(f"Examples need stores of their own, which {bench.engine.title} does not have.")

        def tell(_: ExampleReport) -> None:
            nonlocal done
            done += 1
            advance(done, total)

        return check_model(model, bench.fresh, patterns=patterns, progress=tell, engine=bench.engine.title)


def _print(reports: list[Report], differences: list[str], as_json: bool) -> None:
    if as_json and len(reports) == 1:
        click.echo(reports[0].to_json())
    elif as_json:
        print_json({"reports": [report.as_dict() for report in reports], "differences": differences})
    else:
        click.echo("\n\n".join(report.text() for report in reports))
        if len(reports) > 1:
            click.echo("\n" + ("\n".join(differences) or "The engines give the same answers."))


def _differences(reports: list[Report]) -> list[str]:
    """What the later engines answered otherwise than the first, in words. Capacity that they report is not compared."""
    first, *others = reports
    return [line for other in others for line in _between(first, other)]


def _between(first: Report, other: Report) -> Iterator[str]:
    for one, two in zip(first.examples, other.examples, strict=True):
        for name, left in _answer(one).items():
            right = _answer(two)[name]
            if left != right:
                yield (f"{one.pattern} / {one.example}: {name} is {left} on {first.engine}, {right} on {other.engine}")


def _answer(example: ExampleReport) -> dict[str, Any]:
    names = ("status", "rows", "pages", "items_read", "items_returned", "bytes_read", "error")
    return {name: getattr(example, name) for name in names}
