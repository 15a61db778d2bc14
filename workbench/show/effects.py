"""What a write did: each item before and after, its entry in every index, and what each arm of the price is of."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.errors import UsageError
from workbench.items import amount_text
from workbench.show.differences import difference, lines_of, row_of
from workbench.show.lines import columns, one_line
from workbench.show.markup import Markup, joined, page, tag
from workbench.show.pictures import Picture
from workbench.show.values import keys, shown

if TYPE_CHECKING:
    from workbench.results import Arm, Effect, Result

_NOTHING = {"check": "?", "delete": ".", "put": "=", "update": "="}
_SAID = {"check": "checked", "delete": "not there", "put": "put as it was", "update": "as it was"}


MOST = 10


def changes(result: Result, *, most: int = MOST) -> Picture:
    """Return what a write did, item by item, with the entries of the indexes and the price of each arm.

    The first ``most`` items are shown, in every form, and all are in the sum. UsageError for a read, and where the
    engine did not tell the items before and after.
    """
    if not result.plan.pattern.writes:
        raise UsageError(f"{result.plan.pattern.name} only reads; its answer is result.df")
    effects = result.effects
    total = sum((effect.units for effect in effects), Decimal("0.0"))
    foot = f"{len(effects)} item{'s' * (len(effects) != 1)}, {amount_text(total)} WCU"
    if len(effects) > most:
        foot = f"... {len(effects) - most} more items: result.effects has them all. {foot}"
    text = [line for effect in effects[:most] for line in _lines(effect)]
    html = page(*(_html(effect) for effect in effects[:most]), tag("div", foot, class_="wb-foot"), kind="changes")
    told = [_data(effect) for effect in effects[:most]]
    data = {"changes": told, "items": len(effects), "write_units": amount_text(total)}
    return Picture("\n".join([*text, foot]), html, data=data)


def _lines(effect: Effect) -> list[str]:
    change = _difference(effect)
    head = lines_of(change) if change is not None else [f"{_NOTHING[effect.kind]} {keys(effect.key)}"]
    rows = [(f"    {name}", f"{amount_text(arm.units)} WCU", one_line(words)) for arm, name, words in _arms(effect)]
    first, *rest = head
    return [f"{first}  ({_title(effect)})", *rest, *columns(rows)]


def _html(effect: Effect) -> Markup:
    change = _difference(effect)
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", f"{amount_text(arm.units)} WCU", class_="wb-number"),
            tag("td", one_line(words)))
        for arm, name, words in _arms(effect)
    ]  # fmt: skip
    price = tag("table", tag("tbody", *rows), class_="wb-facts")
    if change is not None:
        return joined(row_of(change), price)
    head = joined(_SAID[effect.kind], " ", tag("span", keys(effect.key), class_="wb-key"))
    return joined(tag("div", head, class_="wb-line"), price)


def _difference(effect: Effect) -> Any:
    return difference(keys(effect.key), effect.before, effect.after, tuple(effect.key))


def _title(effect: Effect) -> str:
    what = "" if _difference(effect) is not None else f", {_SAID[effect.kind]}"
    return f"{effect.entity or 'no entity fits'} of {effect.table}{what}"


def _arms(effect: Effect) -> list[tuple[Arm, str, str]]:
    return [(arm, _name(arm), arm.why if arm.index is None else _words(arm)) for arm in effect.arms]


def _name(arm: Arm) -> str:
    return "table" if arm.index is None else f"index {arm.index}"


def _words(arm: Arm) -> str:
    """Return why an index's arm is as it is, with the keys of the entry before and after."""
    was, now = (keys(each) if each is not None else "" for each in (arm.before, arm.after))
    if not was and not now:
        return arm.why
    if was and now and was != now:
        return f"{arm.why}: {was} -> {now}"
    return f"{arm.why}, {now or was}"


def _data(effect: Effect) -> dict[str, Any]:
    return {
        "kind": effect.kind,
        "table": effect.table,
        "entity": effect.entity,
        "key": _texts(effect.key),
        "before": _texts(effect.before),
        "after": _texts(effect.after),
        "arms": [
            {
                "index": arm.index,
                "before": _texts(arm.before),
                "after": _texts(arm.after),
                "write_units": amount_text(arm.units),
                "why": arm.why,
            }
            for arm in effect.arms
        ],
    }


def _texts(item: dict[str, Any] | None) -> dict[str, str] | None:
    return None if item is None else {name: shown(value).text for name, value in item.items()}
