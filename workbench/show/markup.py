"""HTML from descriptions: every text escaped, one class round all of it, no script, no id, nothing from elsewhere."""

from __future__ import annotations

import html as escaping
from functools import cache
from importlib.resources import files

from workbench.show.colours import HUES
from workbench.show.description import Block, Cell, Code, Description, Facts, Grid, Line


class Markup(str):
    """HTML that is safe to put into HTML; any other text is escaped by ``tag``."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | None) -> Markup:
    """Return an element. Children that are not Markup are escaped; ``class_`` is the class, None leaves one out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"' for key, value in attributes.items() if value
    )
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Return the children one after another, those that are not Markup escaped."""
    return Markup("".join(child if isinstance(child, Markup) else escaped(child) for child in children))


def escaped(text: str) -> Markup:
    """Return text as HTML that shows it: control and direction characters as visible escapes."""
    return Markup(escaping.escape(visible(text), quote=True))


def visible(text: str) -> str:
    """Return text with characters that cannot be seen, line ends apart, written as escapes such as ``\\x07``."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\u200d" else _escape(char) for char in text)


def page(*children: str, kind: str) -> str:
    """Return children with the style they need, in one element of class ``wb``."""
    return joined(tag("style", Markup(style())), tag("div", *children, class_=f"wb wb-{kind}"))


@cache
def style() -> str:
    """Return the style sheet, comments and line ends left out."""
    lines = files("workbench.show").joinpath("style.css").read_text(encoding="utf-8").splitlines()
    return "".join(line.strip() for line in lines if not line.strip().startswith("/*"))


def described(description: Description) -> str:
    """Return the HTML of a description."""
    marks = joined(*(tag("span", mark.text, class_=_classes("wb-mark", mark)) for mark in description.marks))
    lead = joined(" ", tag("span", description.lead)) if description.lead else Markup("")
    head = tag("div", tag("strong", description.title), lead, " ", marks, class_="wb-head")
    return page(head, *(block(each) for each in description.blocks), kind=description.kind)


def block(part: Block) -> Markup:
    """Return the HTML of one block."""
    if isinstance(part, Line):
        return tag("div", part.text, class_=f"wb-line{_tone(part.tone)}")
    if isinstance(part, Facts):
        return _facts(part)
    if isinstance(part, Code):
        return _code(part)
    return grid(part)


def grid(part: Grid) -> Markup:
    """Return a table, with its title above and its footer below."""
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in part.columns)))
    rows = [tag("tr", *(_data(each) for each in row)) for row in part.rows]
    title = tag("div", part.title, class_="wb-title") if part.title else Markup("")
    footer = tag("div", part.footer, class_="wb-foot") if part.footer else Markup("")
    table = tag("table", head, tag("tbody", *rows), class_=None if part.wrap else "wb-lines")
    return joined(title, tag("div", table, class_="wb-scroll"), footer)


def chip(text: str, hue: int) -> Markup:
    """Return a name in the colour of its number."""
    return tag("span", text, class_=f"wb-entity wb-h{hue % HUES}")


def _facts(part: Facts) -> Markup:
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", *_separated([_span(each) for each in cells])))
        for name, cells in part.pairs
    ]
    return tag("table", tag("tbody", *rows), class_="wb-facts") if rows else Markup("")


def _code(part: Code) -> Markup:
    text = tag("pre", tag("code", part.text))
    if part.folded:
        return tag("details", tag("summary", part.title), text)
    return joined(tag("div", part.title, class_="wb-title") if part.title else Markup(""), text)


def _separated(parts: list[Markup]) -> list[Markup]:
    return [piece for part in parts for piece in (Markup("<br>"), part)][1:]


def _span(cell: Cell) -> Markup:
    classes = _classes("", cell)
    text = tag("span", cell.text, class_=classes) if classes else escaped(cell.text)
    return joined(text, " ", tag("span", cell.note, class_="wb-muted")) if cell.note else text


def _data(cell: Cell) -> Markup:
    if cell.tone == "entity":
        return tag("td", chip(cell.text, cell.hue))
    return tag("td", cell.text, class_=_classes("", cell))


def _classes(first: str, cell: Cell) -> str:
    hue = f" wb-h{cell.hue % HUES}" if cell.tone == "entity" else ""
    return f"{first}{_tone(cell.tone)}{hue}".strip()


def _tone(tone: str) -> str:
    return f" wb-{tone}" if tone else ""


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
