"""What commands print: data on stdout, remarks and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

__all__ = ["columns", "print_json", "progress_bar", "remark", "scan_bar"]


def print_json(data: Any) -> None:
    """Print data as indented JSON."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def remark(text: str) -> None:
    """Say something on stderr that is no data."""
    click.echo(text, err=True)


def columns(rows: Sequence[Sequence[Any]], *, head: Sequence[str]) -> str:
    """Return rows of short texts in columns below their names; control characters are written as escapes."""
    lines = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cell(value: Any) -> str:
    text = "-" if value is None else str(value)
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


@contextmanager
def progress_bar(title: str, *, unit: str = "items") -> Iterator[Callable[..., None]]:
    """Give a function that is told (done, total); it draws a bar on stderr where that is a terminal."""
    from tqdm import tqdm

    with tqdm(desc=title, unit=f" {unit}", file=sys.stderr, disable=None, leave=False, dynamic_ncols=True) as bar:

        def advance(done: int, total: int, *_: Any) -> None:
            bar.total = total
            bar.n = done
            bar.refresh()

        yield advance


@contextmanager
def scan_bar() -> Iterator[Callable[[Any], None]]:
    """Give a function that is told a ``ScanProgress``: items, rate, time left and units on stderr, on a terminal."""
    from tqdm import tqdm

    with tqdm(desc="scanning", unit=" items", file=sys.stderr, disable=None, leave=False, dynamic_ncols=True) as bar:

        def advance(progress: Any) -> None:
            bar.total = progress.total
            bar.n = progress.items
            bar.set_postfix_str(f"{progress.units} RCU")

        yield advance
