"""Items before and after a write: which were put, changed and deleted, attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.items import canonical, to_wire
from workbench.show.lines import columns
from workbench.show.markup import Markup, joined, page, tag
from workbench.show.pictures import Picture
from workbench.show.values import keys, shown

if TYPE_CHECKING:
    from workbench.results import Result

Item = Mapping[str, Any]
_ABSENT = object()


@dataclass(frozen=True)
class _Change:
    word: str  # put, changed, deleted
    key: str
    attributes: tuple[tuple[str, str, str], ...]  # name, before, after; an empty text where there was, or is, none


def before_after(before: Iterable[Item], after: Iterable[Item], *, key: Sequence[str]) -> Picture:
    """Return what changed between two lists of items in Python form, in the order of their keys ``key``."""
    old, new = _by_key(before, key), _by_key(after, key)
    changes = [change for name in sorted({*old, *new}) if (change := _change(name, old.get(name), new.get(name), key))]
    same = len({*old, *new}) - len(changes)
    unchanged = f"{same} item{'s' * (same != 1)} unchanged"
    text = [line for change in changes for line in _lines(change)]
    html = [_row(change) for change in changes]
    return Picture("\n".join([*text, unchanged]), page(*html, tag("div", unchanged, class_="wb-foot"), kind="changes"))


def changes(result: Result) -> Picture:
    """Return what a write changed, item by item; UsageError where the engine did not tell the images."""
    if not result.plan.pattern.writes:
        raise UsageError(f"{result.plan.pattern.name} only reads; its answer is result.df")
    if not all(change.known for change in result.changes):
        raise UsageError(
            f"{result.plan.pattern.name}: this engine does not tell items before and after; use a local one"
        )
    before = [change.before for change in result.changes if change.before is not None]
    after = [change.after for change in result.changes if change.after is not None]
    key = tuple(dict.fromkeys(name for change in result.changes for name in change.key))
    return before_after(before, after, key=key)


def _by_key(items: Iterable[Item], key: Sequence[str]) -> dict[str, Item]:
    return {keys({name: item[name] for name in key if name in item}): item for item in items}


def _change(name: str, old: Item | None, new: Item | None, key: Sequence[str]) -> _Change | None:
    attributes = tuple(
        (attribute, _text(old, attribute), _text(new, attribute))
        for attribute in dict.fromkeys([*(old or {}), *(new or {})])
        if attribute not in key and not _same(old, new, attribute)
    )
    if old is None or new is None:
        return _Change("put" if old is None else "deleted", name, attributes)
    return _Change("changed", name, attributes) if attributes else None


def _same(old: Item | None, new: Item | None, name: str) -> bool:
    was, now = (old or {}).get(name, _ABSENT), (new or {}).get(name, _ABSENT)
    if was is _ABSENT or now is _ABSENT:
        return was is now
    return canonical(to_wire(was)) == canonical(to_wire(now))


def _text(item: Item | None, name: str) -> str:
    return shown(item[name]).text if item is not None and name in item else ""


def _lines(change: _Change) -> list[str]:
    sign = {"put": "+", "changed": "~", "deleted": "-"}[change.word]
    rows = [(f"    {name}", _arrow(change, was, now)) for name, was, now in change.attributes]
    return [f"{sign} {change.key}", *(columns(rows) if rows else [])]


def _arrow(change: _Change, was: str, now: str) -> str:
    return f"{was or '(none)'} -> {now or '(none)'}" if change.word == "changed" else was or now


def _row(change: _Change) -> Markup:
    tone = {"put": "good", "changed": "warning", "deleted": "bad"}[change.word]
    head = joined(tag("span", change.word, class_=f"wb-{tone}"), " ", tag("span", change.key, class_="wb-key"))
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", _values(was, now))) for name, was, now in change.attributes
    ]
    table = tag("table", tag("tbody", *rows), class_="wb-facts") if rows else Markup("")
    return tag("div", head, table, class_=f"wb-line wb-{tone}")


def _values(was: str, now: str) -> Markup:
    parts = [tag("span", was, class_="wb-was")] if was else []
    parts += [tag("span", now, class_="wb-now")] if now else []
    return joined(*[piece for part in parts for piece in (" ", part)][1:])
