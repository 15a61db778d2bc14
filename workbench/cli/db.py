"""``workbench db``: the relational side, in named databases that stay."""

from __future__ import annotations

from typing import Any

import click

from workbench.cli.opening import keep_database
from workbench.cli.options import json_option, model_argument, the_model
from workbench.cli.output import columns, print_json, remark
from workbench.errors import DatabaseError, UsageError

__all__ = ["db"]

name_option = click.option(
    "--name", default="default", show_default=True, help="The database's name; `ddb` and `query` use 'default'."
)
pool_option = click.option(
    "--user-pool", metavar="ID", envvar="WORKBENCH_USER_POOL", help="The Cognito user pool's id; $WORKBENCH_USER_POOL."
)
cognito_option = click.option(
    "--endpoint-url", metavar="URL", help="Where Cognito is, when it is not AWS's own: a moto server, say."
)


@click.group(short_help="The PostgreSQL database: set up, connect, drop, Cognito ids.")
def db() -> None:
    """The model's PostgreSQL database: the server of $WORKBENCH_POSTGRES, or the embedded one.

    Only databases called workbench_... are ever made, changed or dropped.

    \b
    Example:
      workbench db setup messaging
      workbench db connect messaging
    """


@db.command()
@model_argument
@name_option
@json_option
def create(model: str, name: str, as_json: bool) -> None:
    """Make an empty database.

    \b
    Example:
      workbench db create messaging
    """
    from workbench.engines import create_database

    database = create_database(the_model(model), name)
    keep_database()
    _done({"database": database, "done": "created"}, f"{database}: created, empty", as_json)


@db.command()
@model_argument
@name_option
@json_option
def drop(model: str, name: str, as_json: bool) -> None:
    """Drop a database, cutting off who is connected to it.

    \b
    Example:
      workbench db drop messaging
    """
    from workbench.engines import drop_database

    database = drop_database(the_model(model), name)
    _done({"database": database, "done": "dropped"}, f"{database}: dropped", as_json)


@db.command("schema-load")
@model_argument
@name_option
@json_option
def schema_load(model: str, name: str, as_json: bool) -> None:
    """Run the schema files of MODEL, all or nothing.

    \b
    Example:
      workbench db schema-load messaging
    """
    from workbench.engines import load_database_schema

    _loaded(load_database_schema(the_model(model), name, progress=_loading), as_json)
    keep_database()


@db.command()
@model_argument
@name_option
@json_option
def seed(model: str, name: str, as_json: bool) -> None:
    """Run the seed files of MODEL and copy its CSV rows, all or nothing.

    \b
    Example:
      workbench db seed messaging
    """
    from workbench.engines import seed_database

    _loaded(seed_database(the_model(model), name, progress=_loading), as_json)
    keep_database()


@db.command()
@model_argument
@name_option
@pool_option
@cognito_option
@json_option
def setup(model: str, name: str, user_pool: str | None, endpoint_url: str | None, as_json: bool) -> None:
    """Make the database anew: drop, create, schema, seed, then the ids of the Cognito user pool.

    The old one goes only when schema and seed were loaded without an error. Without a user pool the last step is left
    out, and said so.

    \b
    Example:
      workbench db setup messaging
      workbench db setup messaging --user-pool eu-central-1_AbCdEfGhI
    """
    from workbench.engines import setup_database

    design = the_model(model)
    files = setup_database(design, name, progress=_loading)
    keep_database()
    report: dict[str, Any] = {"database": name, "files": files, "identities": None}
    if not as_json:
        click.echo("\n".join(f"{file}: loaded" for file in files))
    if user_pool is None:
        remark("No user pool was named, so no Cognito ids were written (--user-pool, or $WORKBENCH_USER_POOL).")
    else:
        identities = _synchronised(design, name, user_pool, endpoint_url)
        report["identities"] = identities.to_dict()
        if not as_json:
            click.echo("\n".join(identities.lines()))
    if as_json:
        print_json(report)


@db.command()
@model_argument
@name_option
@click.option("--psql", is_flag=True, help="Start psql there instead of printing the address.")
@json_option
def connect(model: str, name: str, psql: bool, as_json: bool) -> int:
    """Print the database's address, without a password, and how to connect.

    \b
    Example:
      workbench db connect messaging
      workbench db connect messaging --psql
    """
    from workbench.engines import open_database

    with open_database(the_model(model), name=name) as database:
        keep_database()
        uri, full = database.uri, database.dsn
        if psql:
            return _psql(full)
    hint = f'psql "{uri}"'
    if as_json:
        print_json({"uri": uri, "psql": hint})
    else:
        click.echo(uri)
        click.echo(hint)
        if full != uri:
            remark("The password is not shown; psql asks for it, or takes it from PGPASSWORD.")
    return 0


def _psql(address: str) -> int:
    """Run psql, the one on the PATH or the embedded server's; the password goes by its environment."""
    import os
    import shutil
    import subprocess

    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    from workbench.engines.postgres_backend import programs

    parameters = {key: str(value) for key, value in conninfo_to_dict(address).items()}
    password = parameters.pop("password", None)
    program = shutil.which("psql") or str(programs() / "psql")
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    try:
        return subprocess.run([program, make_conninfo("", **parameters)], env=environment, check=False).returncode
    except OSError as error:
        raise DatabaseError(f"psql could not be started: {error.strerror}") from error


@db.command()
@json_option
def sessions(as_json: bool) -> None:
    """Show who is connected to the workbench's databases.

    \b
    Example:
      workbench db sessions
    """
    from workbench.engines import database_sessions

    rows = database_sessions()
    if as_json:
        print_json(rows)
        return
    names = ("database", "pid", "user", "application", "client", "state", "query")
    click.echo(columns([[row[name] for name in names] for row in rows], head=names) if rows else "no sessions")


@db.command("sync-cognito-ids")
@model_argument
@name_option
@pool_option
@cognito_option
@json_option
def sync_cognito_ids(model: str, name: str, user_pool: str | None, endpoint_url: str | None, as_json: bool) -> None:
    """Write each pool user's id beside the person whose handle is its preferred_username; a line a user.

    Every page of the pool is listed. Users without a preferred_username, or of nobody here, are left alone and named.

    \b
    Example:
      workbench db sync-cognito-ids messaging --user-pool eu-central-1_AbCdEfGhI
    """
    if user_pool is None:
        raise UsageError("Name the user pool: --user-pool ID, or $WORKBENCH_USER_POOL.")
    report = _synchronised(the_model(model), name, user_pool, endpoint_url)
    print_json(report.to_dict()) if as_json else click.echo("\n".join(report.lines()) or "no users")


def _synchronised(model: Any, name: str, user_pool: str, endpoint_url: str | None) -> Any:
    from workbench.engines import open_database
    from workbench.seeding import sync_cognito_ids as synchronise

    with open_database(model, name=name) as database:
        keep_database()
        return synchronise(_cognito(user_pool, endpoint_url), database, user_pool)


def _cognito(user_pool: str, endpoint_url: str | None) -> Any:
    """A client in the region that the pool's id begins with."""
    import boto3

    region, underscore, _ = user_pool.partition("_")
    if not underscore:
        raise UsageError(f"{user_pool!r} is no user pool's id; it looks like eu-central-1_AbCdEfGhI.")
    return boto3.client("cognito-idp", region_name=region, endpoint_url=endpoint_url)


def _loading(file: str) -> None:
    remark(f"loading {file}")


def _done(data: dict[str, Any], text: str, as_json: bool) -> None:
    print_json(data) if as_json else click.echo(text)


def _loaded(steps: list[Any], as_json: bool) -> None:
    if as_json:
        print_json([{"file": step.file, "rows": step.rows} for step in steps])
    else:
        for step in steps:
            rows = "done" if step.rows is None else f"{step.rows:,} row{'s' * (step.rows != 1)}"
            click.echo(f"{step.file}: {rows}")
