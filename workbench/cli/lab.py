"""``workbench lab``: JupyterLab with engine and database up for as long as it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from workbench.cli.options import engine_option
from workbench.cli.output import progress_bar, remark
from workbench.errors import NotebookError, UsageError

__all__ = ["lab"]


@click.command(context_settings={"ignore_unknown_options": True}, short_help="JupyterLab with engine and database up.")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.argument("jupyter", nargs=-1, type=click.UNPROCESSED)
@engine_option
def lab(folder: Path | None, jupyter: tuple[str, ...], engine: str) -> int:
    """Open JupyterLab on FOLDER (notebooks, when left out), with engine and database up.

    Both end with it, unless `workbench engine start` keeps them. What follows -- goes to JupyterLab.

    \b
    Example:
      workbench lab
      workbench lab notebooks -- --port 8890 --no-browser
    """
    from workbench.engines import open_engine
    from workbench.engines.postgres_server import find_server

    if engine == "aws":
        raise UsageError("lab starts a local engine; in a notebook, wb.open(..., engine='aws') opens AWS.")
    if folder is not None and str(folder).startswith("-"):  # no folder, options of JupyterLab right away
        folder, jupyter = None, (str(folder), *jupyter)
    where = folder or _notebooks()
    if not where.is_dir():
        raise UsageError(f"There is no folder {where}.")
    with ExitStack() as stack:
        with progress_bar("DynamoDB Local", unit="files") as advance:
            opened = stack.enter_context(open_engine(engine, progress=advance))
        server = find_server()
        stack.callback(server.close)
        remark(f"{opened.title}; {server.title}")
        return _jupyter(where, jupyter)


def _notebooks() -> Path:
    from workbench.notebooks.selection import default_folder

    return default_folder()


def _jupyter(folder: Path, arguments: tuple[str, ...]) -> int:
    """Run JupyterLab and return its exit code; Ctrl-C is its own to answer."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}", *arguments]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = subprocess.Popen(command, env=os.environ, restore_signals=True, preexec_fn=_listen_to_ctrl_c)
        return child.wait()
    except OSError as error:
        raise NotebookError(f"JupyterLab could not be started: {error.strerror}") from error
    finally:
        signal.signal(signal.SIGINT, before)


def _listen_to_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
