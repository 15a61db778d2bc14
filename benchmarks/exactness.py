"""Whether every item of a large mixed table comes back exact: by items, pandas, Arrow, a Parquet file, an export.

The table is on DynamoDB Local. Messages, wide items and items at the edges of what is legal stand in it by turns.
boto3's client writes them, so that what is judged has no part in what it is judged by. Each digest is made by
digests.py, which uses nothing of the workbench, over the items by key. One digest that differs is exit code 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import kinds
from benchmarks.digests import digest_of_items, digest_of_wire
from benchmarks.measuring import OUT, Report, machine
from benchmarks.recordings import load_items
from benchmarks.serving import local_tables

__all__ = ["compared", "main"]

ITEMS = 100_000
TABLE = "measured"
SEGMENTS = 4


def main() -> int:
    """Load, read, compare, print a table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=ITEMS, help=f"items in the table ({ITEMS})")
    parser.add_argument("--out", type=Path, default=OUT, help="where the result is kept")
    given = parser.parse_args()
    with local_tables(index=False) as (url, fresh):
        fresh()
        rows = [*_verdicts(url, given.items)]
    exact = all(row[-1] == "exact" for row in rows)
    said = "Every item came back exact." if exact else "NOT every item came back exact."
    title = f"{given.items:,} mixed items on DynamoDB Local. {machine()}"
    Report(title, [(["through", "items", "digest", "seconds", "verdict"], rows)], said).keep("exactness", given.out)
    return int(not exact)


def _verdicts(url: str, items: int) -> Iterator[list[str]]:
    import workbench as wb
    from benchmarks.reading import client

    made = client(url)
    started = time.perf_counter()
    load_items(made, TABLE, kinds.items("mixed", items))
    sent = digest_of_wire(sorted(kinds.items("mixed", items), key=lambda item: (item["pk"]["S"], item["sk"]["S"])))
    yield ["sent", f"{items:,}", sent[:16], f"{time.perf_counter() - started:.0f}", "exact"]
    for through, back in _ways(made, wb.read(made, "Scan", TableName=TABLE)).items():
        yield _verdict(through, back, sent, items)


def _ways(made: Any, result: Any) -> dict[str, Callable[[], Iterable[Mapping[str, Any]]]]:
    from workbench import bulk, frames

    def parquet() -> Iterable[Mapping[str, Any]]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "items.parquet"
            frames.to_parquet(result.df, path)
            return list(frames.to_items(path))

    def export() -> Iterable[Mapping[str, Any]]:
        with tempfile.TemporaryDirectory() as folder:
            bulk.to_parquet(made, Path(folder) / "export", TableName=TABLE, segments=SEGMENTS)
            return list(frames.to_items(Path(folder) / "export"))

    return {
        "items": lambda: result.items,
        "pandas": lambda: frames.to_items(result.df),
        "Arrow": lambda: frames.to_items(result.arrow),
        "Parquet": parquet,
        f"export in {SEGMENTS} segments": export,
    }


def _verdict(through: str, back: Callable[[], Iterable[Mapping[str, Any]]], sent: str, items: int) -> list[str]:
    started = time.perf_counter()
    try:
        count, digest = compared(back())
    except Exception as error:
        return [through, "–", "–", "–", f"raises {type(error).__name__}"]
    seconds = f"{time.perf_counter() - started:.0f}"
    verdict = "exact" if (count, digest) == (items, sent) else "OTHER ITEMS"
    return [through, f"{count:,}", digest[:16], seconds, verdict]


def compared(items: Iterable[Mapping[str, Any]]) -> tuple[int, str]:
    """Return how many items there are, and the digest of them by key; a scan has no order of its own."""
    found = sorted(items, key=lambda item: (item["pk"], item["sk"]))
    return len(found), digest_of_items(found)


if __name__ == "__main__":
    sys.exit(main())
