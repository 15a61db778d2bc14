"""A frame as plain text for a terminal: the same for every reader, whatever pandas is set to show."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.frames.cells import cell_text, is_missing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_text"]

_MISSING = "-"


def to_text(
    frame: pd.DataFrame,
    *,
    rows: int = 10,
    cell: int = 40,
    width: int = 160,
    whole: Sequence[str] = (),
    total: int | None = None,
) -> str:
    """Return at most ``rows`` rows in columns, and lines that say how many rows and which columns were left out.

    ``cell`` is the most characters of one cell, ``width`` that of a line; a missing attribute is ``-``. The
    columns in ``whole``, keys, are never cut, and those that begin the frame are never left out. ``total``
    counts the rows of what the frame is only the beginning of. Control
    characters are written as escapes, so that data can neither break the table nor drive a terminal.
    """
    if not frame.shape[1]:
        return "(no attributes)"
    shown = frame.iloc[:rows]
    kept = [name in whole for name in frame.columns]
    columns = [_column(shown, at, None if kept[at] else cell) for at in range(frame.shape[1])]
    least = [*kept, False].index(False)
    fitting = max(least, _fitting([max(map(_width, column)) for column in columns], width))
    lines = ["  ".join(line).rstrip() for line in zip(*(_padded(column) for column in columns[:fitting]), strict=True)]
    if more := max((len(frame) if total is None else total) - len(shown), 0):
        lines.append(f"... {more} more row{'s' * (more != 1)}")
    if fitting < len(columns):
        left = [column[0] for column in columns[fitting:]]
        lines.append(f"... {len(left)} more column{'s' * (len(left) != 1)}: {', '.join(left)}")
    return "\n".join(lines)


def _column(frame: pd.DataFrame, at: int, cell: int | None) -> list[str]:
    values = [
        _MISSING if is_missing(value) else _cut(_printable(cell_text(value)), cell) for value in frame.iloc[:, at]
    ]
    return [_cut(_printable(str(frame.columns[at])), cell), *values]


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _cut(text: str, length: int | None) -> str:
    return text if length is None or len(text) <= length else text[: length - 3] + "..."


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(column: list[str]) -> list[str]:
    widest = max(map(_width, column))
    return [text + " " * (widest - _width(text)) for text in column]


def _fitting(widths: list[int], width: int) -> int:
    """Return how many columns fit on a line; at least one is shown."""
    used = 0
    for count, each in enumerate(widths):
        used += each + (2 if count else 0)
        if used > width:
            return max(count, 1)
    return len(widths)
