"""``workbench run``: notebooks, headless, in parallel, with a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.options import EngineType, json_option
from workbench.cli.output import print_json, remark
from workbench.errors import UsageError

if TYPE_CHECKING:
    from workbench.notebooks import Event, RunReport

__all__ = ["run"]


@click.command(short_help="Run notebooks headless, with a report.")
@click.argument("notebooks", nargs=-1, type=click.Path(), metavar="[NOTEBOOK]...")
@click.option(
    "-p",
    "--parameter",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="A notebook parameter; unknown ones are errors.",
)
@click.option(
    "--engine", type=EngineType(), metavar="ENGINE", help="The engine of every notebook; else what each one says."
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="How many notebooks at a time; as many as cores if left out."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=120,
    show_default=True,
    help="Seconds a cell may take.",
)
@click.option(
    "--notebook-timeout", type=click.FloatRange(0, min_open=True), help="Seconds a notebook may take; five cells' time."
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The folder of runs; ./runs if left out.")
@json_option
def run(notebooks: tuple[str, ...], given: tuple[str, ...], as_json: bool, **options: Any) -> int:
    """Run notebooks headless: engine and database up, each notebook by papermill in a store of its own, a report.

    NOTEBOOK is a name, a file, a folder or a glob; without any, all notebooks are run. Exit code 1 when one fails: its
    failing cell and error are shown.

    \b
    Example:
      workbench run
      workbench run notebooks/00_start_here.ipynb -p handle=bayko
      workbench run 'notebooks/0*.ipynb' --jobs 4 --json
    """
    from workbench.notebooks import run_notebooks

    report = run_notebooks(
        notebooks,
        parameters=_parameters(given),
        on_event=_tell,
        **options,
    )
    if as_json:
        print_json(report.as_dict())
    else:
        click.echo(_summary(report))
    return report.exit_code


def _tell(event: Event) -> None:
    """Print a line of progress; the last word is the summary's."""
    if event.kind != "finished":
        remark(str(event))


def _summary(report: RunReport) -> str:
    total = len(report.notebooks)
    passed = f"{total - len(report.failed)} of {total} notebooks passed in {report.seconds:.1f} s"
    failed = [f"  {each.status}: {each.name}" for each in report.failed]
    return "\n".join([passed, *failed, f"report: {report.report}"])


def _parameters(given: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"-p {text}: write it as name=value.")
        if name in values:
            raise UsageError(f"-p {name} is given twice.")
        values[name] = value
    return values
