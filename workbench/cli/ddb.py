"""``workbench ddb``: tables of the store ``default``, made, filled, looked at and dropped by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from workbench.cli.opening import confirmation, default_bench, default_client
from workbench.cli.options import (
    aws_options,
    engine_option,
    existing_folder,
    json_option,
    model_argument,
    the_model,
)
from workbench.cli.output import columns, print_json, progress_bar, remark, scan_bar
from workbench.cli.safety import safety
from workbench.errors import UnknownNameError, UsageError, did_you_mean

if TYPE_CHECKING:
    from workbench.bench import BoundTable
    from workbench.model import Model

__all__ = ["ddb"]


@click.group(short_help="DynamoDB tables: make, seed, scan, describe, drop.")
def ddb() -> None:
    """DynamoDB tables in the store 'default', which stays until `workbench engine stop`.

    \b
    Example:
      workbench ddb schema-load messaging
      workbench ddb seed messaging
      workbench ddb scan messaging
    """


ddb.add_command(safety)


def _options(model: Model | None, options: dict[str, Any]) -> dict[str, Any]:
    tables = list(model.tables) if model else []
    return confirmation(options["engine"], write=options["write"], confirm=options["confirm"], tables=tables)


@ddb.command("schema-load")
@model_argument
@engine_option
@aws_options
@json_option
def schema_load(model: str, as_json: bool, **options: Any) -> None:
    """Create the tables of MODEL that are not there yet.

    A table that is there with other keys or indexes is an error, and stays as it is.

    \b
    Example:
      workbench ddb schema-load messaging
      workbench ddb schema-load messaging --engine aws --write
    """
    design = the_model(model)
    with default_bench(design, options["engine"], _options(design, options)) as bench:
        report = bench.load_schema()
    print_json(report.records()) if as_json else click.echo(repr(report))


@ddb.command()
@model_argument
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@engine_option
@aws_options
@json_option
def drop(model: str, tables: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Delete the tables of MODEL, or those that are named, and say which.

    \b
    Example:
      workbench ddb drop messaging
    """
    from workbench.seeding import drop_schema

    design = the_model(model)
    for table in tables:
        design.table(table)
    with default_client(options["engine"], _options(design, options)) as client:
        report = drop_schema(client, design, tables)
    print_json(report.records()) if as_json else click.echo(repr(report))


@ddb.command("list-tables")
@engine_option
@json_option
def list_tables(engine: str, as_json: bool) -> None:
    """List the tables of the store 'default', through all pages.

    \b
    Example:
      workbench ddb list-tables
    """
    with default_client(engine, confirmation(engine, write=False, confirm=None)) as client:
        names = _names(client)
    if as_json:
        print_json(names)
    else:
        click.echo("\n".join(names) or "no tables")


def _names(client: Any) -> list[str]:
    return [name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]]


@ddb.command("describe-table")
@click.argument("table")
@engine_option
@json_option
def describe_table(table: str, engine: str, as_json: bool) -> None:
    """Show how TABLE was made: keys, indexes, capacity, stream, how many items.

    \b
    Example:
      workbench ddb describe-table orders --json
    """
    with default_client(engine, confirmation(engine, write=False, confirm=None)) as client:
        try:
            found = client.describe_table(TableName=table)["Table"]
        except client.exceptions.ResourceNotFoundException:
            known = did_you_mean(table, _names(client))
            raise UnknownNameError(f"There is no table {table!r} in this store. {known}") from None
    if as_json:
        click.echo(json.dumps(found, indent=2, default=str, ensure_ascii=False))
    else:
        click.echo(_described(found))


def _described(table: dict[str, Any]) -> str:
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    rows = [("table", table["TableName"], _keys(table, types), "", _capacity(table))]
    for kind, word in (("GlobalSecondaryIndexes", "global index"), ("LocalSecondaryIndexes", "local index")):
        for index in table.get(kind, []):
            projection = index["Projection"]["ProjectionType"]
            rows.append((word, index["IndexName"], _keys(index, types), projection, _capacity(index)))
    stream = table.get("StreamSpecification", {}).get("StreamViewType", "none")
    protection = "on" if table.get("DeletionProtectionEnabled") else "off"
    facts = f"{table['TableStatus']}, {table.get('ItemCount', 0):,} items, {table.get('TableSizeBytes', 0):,} bytes"
    head = ("", "name", "keys", "projection", "capacity")
    return f"{columns(rows, head=head)}\n\n{facts}; stream {stream}; deletion protection {protection}"


def _keys(schema: dict[str, Any], types: dict[str, str]) -> str:
    names = [(each["AttributeName"], each["KeyType"]) for each in schema["KeySchema"]]
    return ", ".join(f"{name} {types[name]} {kind}" for name, kind in names)


def _capacity(schema: dict[str, Any]) -> str:
    given = schema.get("ProvisionedThroughput") or {}
    read, write = given.get("ReadCapacityUnits", 0), given.get("WriteCapacityUnits", 0)
    return f"{read} read, {write} write" if read or write else "on demand"


@ddb.command()
@model_argument
@click.option(
    "--mode",
    type=click.Choice(("batch", "put")),
    default="batch",
    show_default=True,
    help="25 items a request, or one: to compare.",
)
@engine_option
@aws_options
@json_option
def seed(model: str, mode: Literal["batch", "put"], as_json: bool, **options: Any) -> None:
    """Write the items that the SQL of MODEL gives. Twice changes nothing.

    The rows come from the PostgreSQL database 'default', which is made when it is not there.

    \b
    Example:
      workbench ddb seed messaging
      workbench ddb seed messaging --mode put
    """
    design = the_model(model)
    with (
        default_bench(design, options["engine"], _options(design, options)) as bench,
        progress_bar("seeding") as advance,
    ):
        report = bench.seed(mode=mode, progress=advance)
    print_json(report.records()) if as_json else click.echo(repr(report))


@ddb.command()
@model_argument
@click.argument("table", required=False)
@click.option("--index", help="Scan this index instead of the table.")
@click.option(
    "--max-pages", type=click.IntRange(1), help="Stop after this many pages, of all segments.  [default: 100]"
)
@click.option("--segments", type=click.IntRange(1), help="Read so many parts of the table side by side.")
@click.option("--max-units", type=click.FloatRange(0, min_open=True), metavar="UNITS", help="Most read units a second.")
@click.option(
    "--to-parquet",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write Parquet files instead, all pages; run it again to go on after a stop or a kill.",
)
@engine_option
@json_option
def scan(model: str, table: str | None, engine: str, as_json: bool, **options: Any) -> None:
    """List every item of TABLE, through all pages; a Scan is billed for all that it reads.

    TABLE may be left out where the model has one. With --to-parquet the items go into a folder: a table of any size.

    \b
    Example:
      workbench ddb scan messaging
      workbench ddb scan messaging --json
      workbench ddb scan messaging --to-parquet export --segments 8 --max-units 500
    """
    design = the_model(model)
    if options["folder"] is not None and options["max_pages"] is not None:
        raise UsageError("--max-pages does not go with --to-parquet, which reads to the end; leave one of them out.")
    with default_bench(design, engine, confirmation(engine, write=False, confirm=None)) as bench:
        bound = bench.table(table)
        if options["folder"] is not None:
            _export(bound, options, as_json=as_json)
        else:
            _list(bound, options, as_json=as_json, near=bench.engine.is_near)


def _export(table: BoundTable, options: dict[str, Any], *, as_json: bool) -> None:
    from workbench.bulk.export import SEGMENTS

    with scan_bar() as progress:
        report = table.to_parquet(
            existing_folder(options["folder"]),
            index=options["index"],
            segments=options["segments"] or SEGMENTS,
            max_units_per_second=options["max_units"],
            progress=progress,
            say=remark,
        )
    print_json(report.to_dict()) if as_json else click.echo(repr(report))


def _list(table: BoundTable, options: dict[str, Any], *, as_json: bool, near: bool) -> None:
    from workbench.frames import to_text
    from workbench.results import DEFAULT_MAX_PAGES
    from workbench.results.columns import key_columns

    if not near:
        remark(str(table.expected(index=options["index"])))
    result = table.scan(
        index=options["index"],
        segments=options["segments"],
        max_pages=options["max_pages"] or DEFAULT_MAX_PAGES,
        max_units_per_second=options["max_units"],
    )
    if as_json:
        click.echo(result.to_json(), nl=False)
        return
    if result.items:
        click.echo(to_text(result.df, rows=len(result.items), whole=key_columns(result.plan)))
    click.echo("\n".join([result.summary, *(f"note: {each}" for each in result.remarks)]), err=True)
