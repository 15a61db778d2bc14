"""``python -m workbench.notebooks.refresh``: run the notebooks and rewrite their committed outputs.

Nothing of the run stays but its outputs: no times, no papermill notes, no Python version. A notebook is replaced,
all at once, only when every one of its cells ran; one that fails is left as it was. Refreshing twice changes no byte.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.notebooks.pool import Pool, cores
from workbench.notebooks.records import CellError
from workbench.notebooks.selection import find_notebooks

__all__ = ["refresh_notebooks"]

CELL_SECONDS = 120.0
NOTEBOOK_SECONDS = 600.0


def refresh_notebooks(
    targets: Sequence[str | Path] = (),
    *,
    jobs: int | None = None,
    timeout: float = CELL_SECONDS,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[Path, str]:
    """Execute notebooks with their own parameters, rewrite those whose outputs differ; return what became of each.

    The words are ``refreshed``, ``unchanged`` and ``failed``; ``tell`` gets a line for each as it ends. ``timeout`` is
    for a cell, in seconds. Ctrl-C leaves no worker or kernel behind, and each notebook either old or new.
    """
    paths = find_notebooks(targets)
    tasks = [
        {"task": "refresh", "input": str(path), "timeout": timeout, "limit": NOTEBOOK_SECONDS, "name": path.stem}
        for path in paths
    ]
    words: dict[Path, str] = {}
    with Pool(min(jobs or cores(), len(paths)), [str(path.parent) for path in paths]) as pool:
        for kind, place, outcome in pool.run(tasks):
            if kind != "done":
                continue
            error = outcome.get("error")
            words[paths[place]] = word = "failed" if error else "refreshed" if outcome.get("changed") else "unchanged"
            shown = f"\n{CellError(**error | {'traceback': tuple(error['traceback'])})}" if error else ""
            tell(f"[{len(words)}/{len(paths)}] {word:<9} {paths[place].name}{shown}".replace("\n", "\n    "))
    return {path: words[path] for path in paths}


def main(arguments: Sequence[str]) -> int:
    """Refresh the named notebooks, or all; return 1 when one of them failed, 2 for a name that there is not."""
    try:
        words = refresh_notebooks(arguments, tell=lambda line: print(line, file=sys.stderr))
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Interrupted; notebooks that were not done are as they were.", file=sys.stderr)
        return 130
    return int("failed" in words.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
