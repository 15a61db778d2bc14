"""``workbench engine``: the servers that the workbench runs on this machine."""

from __future__ import annotations

from typing import Any

import click

from workbench.cli.options import json_option
from workbench.cli.output import columns, print_json, progress_bar, remark
from workbench.errors import EngineError, UsageError

__all__ = ["engine"]

KINDS = ("dynamodb-local", "moto", "postgres")  # HOSTED and postgres, told without loading the engines; a test compares
kind_argument = click.argument("kind", type=click.Choice(KINDS), default="dynamodb-local")


@click.group(short_help="Servers on this machine: start, stop, status, install.")
def engine() -> None:
    """Servers on this machine: DynamoDB Local, moto, PostgreSQL; all on loopback or a socket only.

    \b
    Example:
      workbench engine start
      workbench engine status
      workbench engine stop
    """


@engine.command()
@kind_argument
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Listen on this port of the loopback; any free one if left out."
)
@json_option
def start(kind: str, port: int | None, as_json: bool) -> None:
    """Start a server, or find it, and let it run until `workbench engine stop`.

    \b
    Example:
      workbench engine start
      workbench engine start dynamodb-local --port 8000
      workbench engine start postgres
    """
    from workbench.engines import engine_start, engine_status, keep_postgres

    if kind == "postgres":
        if port is not None:
            raise UsageError("PostgreSQL listens on a socket, not on a port: leave --port out.")
        if not keep_postgres():
            remark("WORKBENCH_POSTGRES names a server of your own; nothing was started.")
            return
    else:
        with progress_bar("DynamoDB Local", unit="files") as advance:
            engine_start(kind, port=port, progress=advance)
    found = engine_status((kind,))
    if not found:
        raise EngineError(f"{kind} ended right after its start; `workbench engine start {kind}` again.")
    _print(found, as_json)


@engine.command()
@click.argument("kinds", type=click.Choice(KINDS), nargs=-1, metavar="[KIND]...")
@json_option
def stop(kinds: tuple[str, ...], as_json: bool) -> None:
    """Stop the servers that the workbench runs, or those that are named, whoever uses them.

    Tables of DynamoDB Local and moto are gone then; databases of PostgreSQL stay.

    \b
    Example:
      workbench engine stop
    """
    from workbench.engines import engine_stop

    stopped = engine_stop(kinds or KINDS)
    if as_json:
        print_json([_facts(status) for status in stopped])
    else:
        click.echo("\n".join(f"{status.kind}: stopped" for status in stopped) or "nothing was running")


@engine.command()
@json_option
def status(as_json: bool) -> None:
    """Show which servers run, where, and who uses them.

    \b
    Example:
      workbench engine status --json
    """
    from workbench.engines import engine_status

    _print(engine_status(KINDS), as_json)


@engine.command()
@json_option
def install(as_json: bool) -> None:
    """Get DynamoDB Local: from $WORKBENCH_DYNAMODB_LOCAL, the cache, or the network, each file checked by its sha256.

    \b
    Example:
      workbench engine install
    """
    from workbench.engines import install as install_jars

    with progress_bar("DynamoDB Local", unit="files") as advance:
        installation = install_jars(advance)
    folders = [str(folder) for folder in installation.folders]
    if as_json:
        print_json({"found": installation.found, "folders": folders, "jars": len(installation.jars)})
    else:
        click.echo(f"DynamoDB Local is installed: {len(installation.jars)} jars in {', '.join(folders)}")


def _print(found: list[Any], as_json: bool) -> None:
    if as_json:
        print_json([_facts(status) for status in found])
        return
    rows = [
        (each.kind, each.facts.get("version"), _where(each.facts), each.pid, each.users, "yes" if each.kept else "no")
        for each in found
    ]
    head = ("engine", "version", "where", "process", "users", "stays")
    click.echo(columns(rows, head=head) if rows else "nothing is running")


def _facts(status: Any) -> dict[str, Any]:
    return {
        "kind": status.kind,
        "pid": status.pid,
        "version": status.facts.get("version"),
        "where": _where(status.facts),
        "users": status.users,
        "kept": status.kept,
        "stores": status.stores,
        "log": status.log,
    }


def _where(facts: dict[str, Any]) -> str:
    return str(facts.get("endpoint") or facts.get("host") or "")
