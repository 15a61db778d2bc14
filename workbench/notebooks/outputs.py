"""Where a run writes: a folder of its own under ``runs/``, proved writable before any work starts."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from workbench.errors import NotebookError, UsageError
from workbench.notebooks.selection import LESSONS

__all__ = ["default_runs", "file_names", "new_run_folder", "prove_writable", "why_not_written"]

PROBE_BYTES = 1 << 20  # about one executed notebook and its page: a disk with less left is full


def default_runs() -> Path:
    """Return ``runs`` beside the notebooks of this checkout, or in the current folder where there is no checkout."""
    return (LESSONS.parent if LESSONS.is_dir() else Path.cwd()) / "runs"


def prove_writable(runs: Path) -> Path:
    """Make the folder of runs and write a probe of 1 MB into it; return it absolute. UsageError with the cure."""
    runs = runs.expanduser().absolute()
    try:
        runs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=runs, prefix=".probe.") as file:
            file.write(b"\0" * PROBE_BYTES)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(f"Runs cannot be written to {runs}: {why_not_written(error)}") from error
    return runs


def why_not_written(error: OSError) -> str:
    """Return what hinders a write, in words, and what to do."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "a file stands where the folder should be. Name another folder with --out, or move the file away."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full. Make room, or name a folder on another disk with --out."
    if error.errno == errno.EFBIG:
        return "the file would be larger than the limit of this process (ulimit -f) or file system allows."
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return "writing is not allowed there. Name another folder with --out, or change its permissions."
    return f"{error.strerror or error}. Name another folder with --out."


def new_run_folder(runs: Path, moment: datetime) -> Path:
    """Make and return ``<UTC stamp>-<n>``, n the first that no other run has taken."""
    for number in range(1, 10_000):
        folder = runs / f"{moment:%Y%m%dT%H%M%SZ}-{number}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise NotebookError(f"The run's folder {folder} cannot be made: {why_not_written(error)}") from error
        return folder
    raise NotebookError(f"{runs} holds 9,999 runs of one second; name another folder with --out.")


def file_names(notebooks: Sequence[Path]) -> list[str]:
    """Return a name for each notebook, unique in a folder even where letter case is lost: its stem, with -2 ..."""
    seen: dict[str, int] = {"index": 1}
    names = []
    for path in notebooks:
        stem = path.stem
        while (key := stem.lower()) in seen:
            seen[key] += 1
            stem = f"{path.stem}-{seen[key]}"
        seen[key] = 1
        names.append(stem)
    return names
