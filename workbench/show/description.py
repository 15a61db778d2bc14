"""What is said about an object, apart from how it looks: text, HTML and JSON are all made from one description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Tone = Literal["", "key", "number", "muted", "code", "good", "bad", "warning", "entity"]


@dataclass(frozen=True)
class Cell:
    """A piece of text with a meaning that decides its looks.

    ``hue`` numbers the colour of an entity, ``note`` is a remark after the text.
    """

    text: str
    tone: Tone = ""
    hue: int = 0
    note: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.note})" if self.note else self.text


@dataclass(frozen=True)
class Line:
    """A sentence, or a header line. A ``warning`` stands out in every form."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Facts:
    """Names and what belongs to each; several cells of one name stand beside or under each other."""

    pairs: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Grid:
    """A table. ``footer`` says what was left out. Without ``wrap`` each row stays one line and the table scrolls."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    footer: str = ""
    wrap: bool = True


@dataclass(frozen=True)
class Code:
    """Text to be read or copied exactly: a request, a statement. ``folded`` hides it in HTML until it is asked for."""

    text: str
    title: str = ""
    folded: bool = False


Block = Line | Facts | Grid | Code


@dataclass(frozen=True)
class Description:
    """One object in words: what kind it is, its title, marks such as an operation, and blocks in reading order.

    ``lead`` is the rest of the title line.
    """

    kind: str
    title: str
    blocks: tuple[Block, ...] = ()
    marks: tuple[Cell, ...] = ()
    lead: str = ""

    def data(self) -> dict[str, Any]:
        """Return the description as JSON values."""
        return {
            "kind": self.kind,
            "title": self.title,
            "lead": self.lead,
            "marks": [mark.text for mark in self.marks],
            "blocks": [_data(block) for block in self.blocks],
        }


def facts(**pairs: str | Cell | tuple[Cell | str, ...] | None) -> Facts:
    """Return facts by name, in order; underscores are spaces, None and empty texts are left out."""
    return Facts(tuple((name.replace("_", " "), _cells(value)) for name, value in pairs.items() if value))


def cell(value: str | Cell, tone: Tone = "") -> Cell:
    """Return a cell of that text and tone; a cell is left as it is."""
    return value if isinstance(value, Cell) else Cell(value, tone)


def _cells(value: str | Cell | tuple[Cell | str, ...] | None) -> tuple[Cell, ...]:
    if value is None:
        return ()
    return tuple(cell(each) for each in value) if isinstance(value, tuple) else (cell(value),)


def _data(block: Block) -> dict[str, Any]:
    if isinstance(block, Line):
        return {"line": block.text}
    if isinstance(block, Facts):
        return {"facts": {name: [str(each) for each in cells] for name, cells in block.pairs}}
    if isinstance(block, Code):
        return {"code": block.text, "title": block.title}
    rows = [[each.text for each in row] for row in block.rows]
    return {"table": block.title, "columns": list(block.columns), "rows": rows, "footer": block.footer}
