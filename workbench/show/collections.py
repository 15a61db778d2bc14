"""What a table or an index holds, drawn as item collections: one box a partition key, one colour an entity."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from workbench.show.colours import UNKNOWN, hues
from workbench.show.markup import Markup, chip, joined, page, tag
from workbench.show.values import keys, shown

if TYPE_CHECKING:
    from workbench.bench.views import ItemCollection, StoredItem, View

MOST_COLLECTIONS = 12
MOST_ITEMS = 6


def view_html(view: View) -> str:
    """Return a view as HTML: a legend, then the first collections, each with its first items."""
    counts = Counter(item.entity or UNKNOWN for each in view.collections for item in each.items)
    colours = hues(counts)
    boxes = [_collection(each, view.key_names, colours) for each in view.collections[:MOST_COLLECTIONS]]
    return page(_head(view), _legend(counts, colours), *boxes, _rest(view), kind="view")


def _head(view: View) -> Markup:
    headline = repr(view).splitlines()[0]
    keys_line = tag("span", "key: ", tag("span", ", ".join(view.key_names), class_="wb-code"), class_="wb-muted")
    return tag("div", tag("strong", headline), " ", keys_line, class_="wb-head")


def _legend(counts: Counter[str], colours: dict[str, int]) -> Markup:
    words = [(name, "no entity fits" if name == UNKNOWN else name) for name in sorted(counts)]
    return tag("div", *(chip(f"{word} · {counts[name]:,}", colours[name]) for name, word in words), class_="wb-legend")


def _collection(collection: ItemCollection, names: tuple[str, ...], colours: dict[str, int]) -> Markup:
    total = len(collection.items)
    head = tag(
        "div",
        tag("strong", keys(collection.partition), class_="wb-key"),
        " ",
        tag("span", f"{total:,} item{'s' * (total != 1)}", class_="wb-muted"),
        class_="wb-partition",
    )
    rows = [_item(item, len(collection.partition), names, colours) for item in collection.items[:MOST_ITEMS]]
    more = total - len(rows)
    return tag("div", head, tag("div", *rows, class_="wb-rows"), _more(more, "item"), class_="wb-collection")


def _item(item: StoredItem, partitions: int, names: tuple[str, ...], colours: dict[str, int]) -> Markup:
    name = item.entity or UNKNOWN
    sort = keys(item.key[partitions:]) if len(names) > partitions else ""
    left = tag("div", tag("span", sort or name, class_="wb-key"), title=name)
    right = tag("div", *(_attribute(each, value) for each, value in item.attributes.items()))
    return tag("div", left, right, class_=f"wb-row wb-h{colours[name]}")


def _attribute(name: str, value: Any) -> Markup:
    cell = shown(value)
    text = tag("span", cell.text, class_="wb-muted") if cell.tone == "muted" else cell.text
    return joined(tag("span", tag("b", f"{name} "), text, class_="wb-attribute"), " ")  # the space: without style too


def _more(count: int, word: str) -> Markup:
    return tag("div", f"… {count:,} more {word}{'s' * (count != 1)}", class_="wb-more") if count > 0 else Markup("")


def _rest(view: View) -> Markup:
    left = len(view.collections) - MOST_COLLECTIONS
    unread = tag("div", "More was not read: the scan stopped at its bound of pages.", class_="wb-line wb-warning")
    return joined(_more(left, "item collection"), Markup("") if view.complete else unread)
