"""Conversations and inboxes as a person would see them, from any DataFrame: its column names are parameters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError, did_you_mean
from workbench.frames import cell_text
from workbench.show.colours import hue
from workbench.show.lines import columns, cut, one_line
from workbench.show.markup import Markup, page, tag
from workbench.show.pictures import Picture

if TYPE_CHECKING:
    import pandas as pd

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip


@dataclass(frozen=True)
class _Said:
    who: str
    text: str
    time: str

    @property
    def day(self) -> str:
        return _day(self.time)

    @property
    def clock(self) -> str:
        moment = _moment(self.time)
        return self.time if moment is None else f"{moment:%H:%M}"


def conversation(df: pd.DataFrame, *, author: str, text: str, time: str, me: str | None = None) -> Picture:
    """Return the rows as a conversation, oldest first, by day; the messages whose author is ``me`` stand on the right.

    ``author``, ``text`` and ``time`` name columns of ``df``; times are ISO 8601 and shown in UTC. UsageError names a
    column that is not there.
    """
    messages = sorted((_Said(*row) for row in _rows(df, (author, text, time))), key=lambda said: said.time)
    if not messages:
        return _empty("No messages.", "talk")
    days = [(day, list(said)) for day, said in groupby(messages, key=lambda said: said.day)]
    html = [part for day, said in days for part in (tag("div", day, class_="wb-day"), *_bubbles(said, me))]
    return Picture("\n".join(_spoken(days)), page(*html, kind="talk"))


def inbox(df: pd.DataFrame, *, name: str, text: str, time: str) -> Picture:
    """Return the rows as an inbox, in their order: who it is with, the last words, and when. Times are in UTC.

    ``name``, ``text`` and ``time`` name columns of ``df``; UsageError names a column that is not there.
    """
    rows = [_Said(*row) for row in _rows(df, (name, text, time))]
    if not rows:
        return _empty("No conversations.", "inbox")
    lines = columns(
        [(one_line(each.who), f"{each.day} {each.clock}".strip(), cut(one_line(each.text), 60)) for each in rows]
    )
    return Picture("\n".join(lines), page(*(_person(each) for each in rows), kind="inbox"))


def _rows(df: pd.DataFrame, wanted: Sequence[str]) -> list[tuple[str, ...]]:
    if df.empty:  # an answer without items has no more columns than its keys
        return []
    names = [str(name) for name in df.columns]
    for name in wanted:
        if name not in names:
            raise UsageError(f"no column {name!r} in these rows. {did_you_mean(name, names)}")
    series = [df[name].tolist() for name in wanted]
    return [tuple(_text(value) for value in row) for row in zip(*series, strict=True)]


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else cell_text(value)


def _moment(time: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(time)
    except ValueError:
        return None
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment


def _day(time: str) -> str:
    moment = _moment(time)
    return "" if moment is None else f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _bubbles(said: list[_Said], me: str | None) -> list[Markup]:
    found: list[Markup] = []
    for who, messages in groupby(said, key=lambda each: each.who):
        side = "wb-said wb-mine" if who == me else "wb-said"
        bubbles = [
            tag("div", each.text, " ", tag("span", each.clock, class_="wb-clock"), class_="wb-bubble", dir="auto")
            for each in messages
        ]
        found.append(tag("div", tag("div", who, class_="wb-who"), *(bubbles), class_=side))
    return found


def _spoken(days: list[tuple[str, list[_Said]]]) -> list[str]:
    lines: list[str] = []
    for day, said in days:
        lines += [f"-- {day} --"] if day else []
        lines += columns([(each.clock, one_line(each.who), cut(one_line(each.text), 88)) for each in said])
    return lines


def _person(row: _Said) -> Markup:
    face = tag("div", (row.who.strip() or "?")[0].upper(), class_=f"wb-face wb-h{hue(row.who)}")
    head = tag(
        "div", tag("strong", row.who, dir="auto"), tag("span", f"{row.day} {row.clock}".strip(), class_="wb-clock")
    )
    about = tag("div", head, tag("div", row.text, class_="wb-snippet", dir="auto"), class_="wb-about")
    return tag("div", face, about, class_="wb-person")


def _empty(words: str, kind: str) -> Picture:
    return Picture(words, page(tag("div", words, class_="wb-muted"), kind=kind))
