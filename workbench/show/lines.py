"""Plain text from descriptions: the same lines for every reader, whatever the terminal's width."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence

from workbench.show.description import Block, Code, Description, Facts, Grid, Line
from workbench.show.markup import visible

LONGEST_LINE = 100
_MARKS = {"warning": "! ", "bad": "! "}


def described(description: Description) -> str:
    """Return the text of a description: its title and marks, then each block, indented."""
    title = f"{description.title} {description.lead}".strip()
    head = " · ".join([title, *(mark.text for mark in description.marks)])
    return "\n".join([head, *(f"  {line}".rstrip() for part in description.blocks for line in _lines(part))])


def columns(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Return rows as lines with their columns under each other; wide characters count two."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        gap.join(text + " " * (size - width(text)) for text, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def width(text: str) -> int:
    """Return how many places text takes in a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, length: int) -> str:
    """Return text of at most ``length`` characters; what is longer ends in an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """Return text as one line: runs of white space as one space, what cannot be seen as escapes."""
    return visible(" ".join(text.split()))


def _lines(part: Block) -> list[str]:
    if isinstance(part, Line):
        return textwrap.wrap(_MARKS.get(part.tone, "") + one_line(part.text), LONGEST_LINE, break_long_words=False)
    if isinstance(part, Facts):
        return _facts(part)
    if isinstance(part, Code):
        return [*([f"{part.title}:"] if part.title else []), *(f"  {line}" for line in part.text.splitlines())]
    return _grid(part)


def _facts(part: Facts) -> list[str]:
    rows = [
        (name if at == 0 else "", one_line(str(each))) for name, cells in part.pairs for at, each in enumerate(cells)
    ]
    return columns(rows) if rows else []


def _grid(part: Grid) -> list[str]:
    rows = [[one_line(name) for name in part.columns], *([one_line(each.text) for each in row] for row in part.rows)]
    title = [f"{part.title}:"] if part.title else []
    return [*title, *columns(rows), *([part.footer] if part.footer else [])]
