"""``workbench`` itself: its commands, loaded when they are first needed, and what an error looks like."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from workbench import __version__
from workbench.errors import EngineError, WorkbenchError

__all__ = ["root"]

INTERRUPTED = 130
# Name -> module, in the order of the help.
_COMMANDS = {
    "run": "run",
    "check": "check",
    "explain": "explain",
    "query": "query",
    "export": "export",
    "ddb": "ddb",
    "streams": "streams",
    "db": "db",
    "engine": "engine",
    "lab": "lab",
    "completion": "completion",
}


class Root(click.Group):
    """A group that imports a command's module when it is asked for, and tells errors as one readable block."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in reading order."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None, which click turns into a usage error with the nearest names."""
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f"workbench.cli.{_COMMANDS[cmd_name]}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was meant."""
        from workbench.errors import did_you_mean

        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}. {did_you_mean(args[0], list(_COMMANDS))}")
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run, and end the process with 0 good, 1 failed, 2 wrong usage, 3 unreachable, 130 interrupted."""
        extra.pop("standalone_mode", None)
        sys.exit(_run(super().main, args, prog_name, extra))


def _run(run: Any, args: Sequence[str] | None, prog_name: str | None, extra: dict[str, Any]) -> int:
    try:
        code = run(args=args, prog_name=prog_name, standalone_mode=False, **extra)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)  # click has ended the line
        return INTERRUPTED
    except BrokenPipeError:  # `workbench ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  # whatever happened is told as one block; the traceback on request
        return _tell(error)


def _tell(error: Exception) -> int:
    """Print what happened and return the exit code."""
    if os.environ.get("WORKBENCH_DEBUG"):
        traceback.print_exception(error)
    text, code = _explained(error)
    first, *rest = text.splitlines() or [type(error).__name__]
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {first}", err=True)
    for line in rest:
        click.echo(f"  {line}", err=True)
    return code


def _explained(error: Exception) -> tuple[str, int]:
    if isinstance(error, WorkbenchError):
        return str(error), error.exit_code
    if type(error).__module__.startswith("botocore"):
        return f"the engine did not answer as it should: {error}", EngineError.exit_code
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}", 1
    hint = "This is a fault of the workbench; WORKBENCH_DEBUG=1 shows where it happened."
    return f"{type(error).__name__}: {error}\n{hint}", 1


@click.command(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", prog_name="workbench", message="%(prog)s %(version)s")
def root() -> None:
    """Design DynamoDB tables: run every access pattern on a real engine, see its price, prove it by SQL.

    \b
    Example:
      workbench query messaging list-conversations -a handle=andrewbrown
      workbench check messaging

    Exit codes: 0 good, 1 a check or notebook failed, 2 wrong usage or a broken model file, 3 an engine or database
    could not be reached, 130 interrupted.
    """
