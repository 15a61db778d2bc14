"""Checks and solutions of the exercises in 42_scan_and_export."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

wrong_1 = 14.5


def wrong_2(folder: Path) -> int:
    """Count the lines of the journal, and take every folder for a finished one."""
    return len((folder / "_journal.jsonl").read_text().splitlines())


def solution_1(bench: Any) -> float:
    """Return the hours: half a unit for each 4,096 bytes, a thousand units a second."""
    return 50 * 2**30 / 4096 * 0.5 / 1000 / 3600


def solution_2(bench: Any) -> Callable[[Path], int | None]:
    """Return a function that asks the manifest."""

    def items(folder: Path) -> int | None:
        manifest = Path(folder) / "_SUCCESS"
        return int(json.loads(manifest.read_text())["items"]) if manifest.exists() else None

    return items


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    assert abs(float(answer) - solution_1(bench)) < 0.05, "4,096 bytes cost half a unit with eventual consistency"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "out"
        report = bench.table().to_parquet(folder, segments=2)
        assert answer(folder) == report.items, "_SUCCESS is a JSON file, and `items` is in it"
        (folder / "_SUCCESS").unlink()
        assert answer(folder) is None, "a folder without _SUCCESS is not finished"
    print("right")
