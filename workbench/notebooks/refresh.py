"""``python -m workbench.notebooks.refresh``: run the notebooks and rewrite their committed outputs.

Nothing of the run stays but its outputs: no times, no papermill notes, no Python version. A notebook is replaced,
all at once, only when every one of its cells ran; one that fails is left as it was. Refreshing twice changes no byte.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RUN_METADATA = ("execution", "papermill", "collapsed", "scrolled", "ExecuteTime")
CELL_SECONDS = 120


def main(arguments: Sequence[str]) -> int:
    """Refresh the named notebooks, or all; return 1 when one of them failed."""
    paths = [Path(each).resolve() for each in arguments] or sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    missing = [path.name for path in paths if not path.exists()]
    if missing or not paths:
        print(f"no such notebook: {', '.join(missing) or 'notebooks/[0-9]*.ipynb'}", file=sys.stderr)
        return 2
    failed = 0
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(refresh, path): path for path in paths}
        for job in as_completed(jobs):
            error = job.exception()
            failed += error is not None
            word = f"failed, left as it was\n{error}" if error else "refreshed" if job.result() else "unchanged"
            print(f"{jobs[job].name}: {word}", file=sys.stderr)
    return 1 if failed else 0


def refresh(path: Path) -> bool:
    """Run one notebook and rewrite it; return whether a byte changed. What a cell raises is raised."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        record_timing=False,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    text = nbformat.writes(without_run_metadata(notebook)).rstrip("\n") + "\n"
    if text == path.read_text(encoding="utf-8"):
        return False
    _replace(path, text)
    return True


def without_run_metadata(notebook: Any) -> Any:
    """Return the notebook with nothing in its metadata that depends on when, where or by what it was run."""
    for cell in notebook.cells:
        for name in RUN_METADATA:
            cell.metadata.pop(name, None)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata = type(notebook.metadata)({"kernelspec": kernel, "language_info": {"name": "python"}})
    return notebook


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
