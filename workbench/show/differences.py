"""Items before and after a write: which were put, changed and deleted, attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.items import canonical, to_wire
from workbench.show.lines import columns
from workbench.show.markup import Markup, joined, page, tag
from workbench.show.pictures import Picture
from workbench.show.values import keys, shown

Item = Mapping[str, Any]
_ABSENT = object()


@dataclass(frozen=True)
class ItemDifference:
    """One item before and after: ``word`` is put, changed or deleted."""

    word: str  # put, changed, deleted
    key: str
    attributes: tuple[tuple[str, str, str], ...]  # name, before, after; an empty text where there was, or is, none


def before_after(before: Iterable[Item], after: Iterable[Item], *, key: Sequence[str]) -> Picture:
    """Return what changed between two lists of items in Python form, in the order of their keys ``key``."""
    old, new = _by_key(before, key), _by_key(after, key)
    changes = [
        change for name in sorted({*old, *new}) if (change := difference(name, old.get(name), new.get(name), key))
    ]
    same = len({*old, *new}) - len(changes)
    unchanged = f"{same} item{'s' * (same != 1)} unchanged"
    text = [line for change in changes for line in lines_of(change)]
    html = [row_of(change) for change in changes]
    return Picture("\n".join([*text, unchanged]), page(*html, tag("div", unchanged, class_="wb-foot"), kind="changes"))


def _by_key(items: Iterable[Item], key: Sequence[str]) -> dict[str, Item]:
    return {keys({name: item[name] for name in key if name in item}): item for item in items}


def difference(name: str, old: Item | None, new: Item | None, key: Sequence[str]) -> ItemDifference | None:
    attributes = tuple(
        (attribute, _text(old, attribute), _text(new, attribute))
        for attribute in dict.fromkeys([*(old or {}), *(new or {})])
        if attribute not in key and not _same(old, new, attribute)
    )
    if old is None or new is None:
        return ItemDifference("put" if old is None else "deleted", name, attributes)
    return ItemDifference("changed", name, attributes) if attributes else None


def _same(old: Item | None, new: Item | None, name: str) -> bool:
    was, now = (old or {}).get(name, _ABSENT), (new or {}).get(name, _ABSENT)
    if was is _ABSENT or now is _ABSENT:
        return was is now
    return canonical(to_wire(was)) == canonical(to_wire(now))


def _text(item: Item | None, name: str) -> str:
    return shown(item[name]).text if item is not None and name in item else ""


def lines_of(change: ItemDifference) -> list[str]:
    sign = {"put": "+", "changed": "~", "deleted": "-"}[change.word]
    rows = [(f"    {name}", _arrow(change, was, now)) for name, was, now in change.attributes]
    return [f"{sign} {change.key}", *(columns(rows) if rows else [])]


def _arrow(change: ItemDifference, was: str, now: str) -> str:
    return f"{was or '(none)'} -> {now or '(none)'}" if change.word == "changed" else was or now


def row_of(change: ItemDifference) -> Markup:
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
