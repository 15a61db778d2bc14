"""``workbench query``: run a pattern and print the answer, its price beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from workbench.cli.explain import with_first_example
from workbench.cli.options import (
    argument_values,
    arguments_option,
    aws_options,
    engine_option,
    example_option,
    existing_folder,
    json_option,
    model_argument,
    pattern_argument,
    the_model,
)
from workbench.cli.output import progress_bar, remark
from workbench.errors import UsageError

if TYPE_CHECKING:
    from workbench.bench import Bench
    from workbench.model import Model, Pattern
    from workbench.results import Result

__all__ = ["query"]

Format = Literal["table", "json", "csv", "markdown", "parquet"]
FORMATS: tuple[Format, ...] = ("table", "json", "csv", "markdown", "parquet")


@click.command(short_help="Run a pattern and print what comes back.")
@model_argument
@pattern_argument
@arguments_option
@example_option
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="How to print the items; table unless --output says."
)
@json_option
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead.")
@click.option("--all", "all_pages", is_flag=True, help="Read every page, up to --max-pages.")
@click.option("--max-pages", type=click.IntRange(1), default=100, show_default=True, help="The bound of --all.")
@click.option("--cursor", help="Go on after this cursor of an earlier page.")
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Note each step of a write in this file; run again with it after a kill, it does what is left.",
)
@click.option(
    "--fresh", is_flag=True, help="Use a freshly seeded store of its own, even where the store 'default' is filled."
)
@engine_option
@aws_options
def query(model: str, pattern: str, given: tuple[str, ...], example: str | None, **options: Any) -> None:
    """Run PATTERN of MODEL and print what comes back.

    It runs in the store 'default' where `workbench ddb schema-load` and `seed` filled it, else in a freshly seeded
    store of its own, which is gone afterwards. Price and remarks go to stderr, except with --format table.

    \b
    Example:
      workbench query messaging list-conversations -a handle=andrewbrown
      workbench query messaging list-messages --example newest-page --format csv > page.csv
      workbench query messaging list-messages --example newest-page --all -o messages.parquet
      workbench query messaging rename-person -a handle=bayko -a display_name=Bay --journal rename.journal
    """
    design = the_model(model)
    chosen = design.pattern(pattern)
    format_ = _format(options["format_"], options["as_json"], options["output"])
    values = argument_values(chosen, given, example or with_first_example(chosen, given))
    _must_be_well(design, chosen, values, options["cursor"])
    if options["journal"] is not None:
        _must_keep(chosen, options)
    with _bench(design, chosen, options) as bench:
        result = _run(bench, chosen, values, options)
        _print(result, format_, options["output"])


def _format(named: Format | None, as_json: bool, output: Path | None) -> Format:
    """What to print: as said, else by the file's suffix, else a table."""
    by_suffix: dict[str, Format] = {".json": "json", ".csv": "csv", ".md": "markdown", ".parquet": "parquet"}
    if as_json and named not in (None, "json"):
        raise UsageError(f"--json and --format {named} cannot both be meant.")
    format_ = "json" if as_json else named or by_suffix.get(output.suffix if output else "", "table")
    if output is not None:
        existing_folder(output)
    elif format_ == "parquet":
        raise UsageError("--format parquet needs a file: add -o items.parquet")
    return format_


def _must_be_well(model: Model, pattern: Pattern, values: dict[str, Any], cursor: str | None) -> None:
    """Raise ArgumentError before anything is started."""
    from workbench.plans import Clock, build

    build(model, pattern, values, clock=Clock.system(), cursor=cursor)


def _must_keep(pattern: Pattern, options: dict[str, Any]) -> None:
    """Raise UsageError where a journal would be of a store that is gone when the command ends, or of a read."""
    existing_folder(options["journal"])
    if not pattern.writes or options["all_pages"]:
        raise UsageError(f"--journal is for a pattern that writes; {pattern.name} is a {pattern.operation}.")
    if options["fresh"]:
        raise UsageError("--journal and --fresh cannot both be meant: a fresh store is gone when the command ends.")


@contextmanager
def _bench(model: Model, pattern: Pattern, options: dict[str, Any]) -> Iterator[Bench]:
    from workbench.cli.opening import confirmation, default_bench, fresh_bench

    engine: str = options["engine"]
    if engine == "aws":
        allowed = confirmation(engine, write=options["write"], confirm=options["confirm"], tables=list(model.tables))
        with default_bench(model, engine, allowed) as bench:
            yield bench
        return
    if not options["fresh"] and _is_filled(model, engine):
        with default_bench(model, engine, {}) as bench:
            yield bench
        return
    if options["journal"] is not None:
        raise UsageError(
            "--journal needs a store that stays: fill the store 'default' first "
            f"(`workbench ddb schema-load {model.name}`, `workbench ddb seed {model.name}`)."
        )
    with fresh_bench(model, engine) as bench:
        lost = " What it writes is gone afterwards." if pattern.writes else ""
        remark(f"In a freshly seeded store of its own.{lost}")
        bench.load_schema()
        with progress_bar("seeding") as advance:
            bench.seed(progress=advance)
        yield bench


def _is_filled(model: Model, engine: str) -> bool:
    """Whether a running engine holds the model's tables in the store ``default``. Starts nothing."""
    import os

    from workbench.engines import HOSTED, engine_status, open_engine

    away = engine.startswith("http") or (engine == "auto" and "WORKBENCH_DYNAMODB_ENDPOINT" in os.environ)
    kinds = HOSTED if engine == "auto" else (engine,)
    if not away and not any(status.kept for status in engine_status(kinds)):
        return False
    with open_engine(engine) as opened, opened.lease("default") as store:
        pages = store.client().get_paginator("list_tables").paginate()
        return set(model.tables) <= {name for page in pages for name in page["TableNames"]}


def _run(bench: Bench, pattern: Pattern, values: dict[str, Any], options: dict[str, Any]) -> Result:
    bound = bench.pattern(pattern.name)
    if options["all_pages"]:
        return bound.all(cursor=options["cursor"], max_pages=options["max_pages"], **values)
    return bound.run(cursor=options["cursor"], journal=options["journal"], **values)


def _print(result: Result, format_: Format, output: Path | None) -> None:
    if format_ == "parquet":
        assert output is not None
        result.to_parquet(output)
    else:
        text = {"table": result.__repr__, "json": result.to_json, "csv": result.to_csv, "markdown": result.to_markdown}
        _write(text[format_]().rstrip("\n") + "\n", output)
    if format_ != "table" or output is not None:
        remark("\n".join([result.summary, *(f"note: {each}" for each in result.remarks)]))
    if result.cursor is not None:
        remark(f"next page: --cursor {result.cursor}")


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="")
