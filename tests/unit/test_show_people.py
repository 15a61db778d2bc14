"""Conversations, inboxes, item collections, changes and charts: pictures with a text that says the same."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from workbench import show
from workbench.bench import ItemCollection, StoredItem, View
from workbench.errors import UsageError
from workbench.show import Picture

EVIL = "<img src=x onerror=alert(1)>"


def seen(html: str) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)


def said(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["who", "what", "when"])


def talk(df: pd.DataFrame, me: str | None = None) -> Picture:
    return show.conversation(df, author="who", text="what", time="when", me=me)


CHAT = said(
    ("Ann", "and you?", "2026-03-02T00:10:00.000000Z"),
    ("Ben", "well, thanks", "2026-03-02T00:05:30.000000Z"),
    ("Ann", "how are you?", "2026-03-01T23:59:00.000000Z"),
    ("Ann", "hello", "2026-03-01T23:58:00.000000Z"),
)


def test_a_conversation_is_read_from_the_oldest_message_down_day_by_day() -> None:
    assert repr(talk(CHAT)) == "\n".join(
        [
            "-- 1 March 2026 --",
            "23:58  Ann  hello",
            "23:59  Ann  how are you?",
            "-- 2 March 2026 --",
            "00:05  Ben  well, thanks",
            "00:10  Ann  and you?",
        ]
    )


def test_what_i_said_stands_on_the_right_and_a_name_is_said_once_for_messages_in_a_row() -> None:
    html = talk(CHAT, me="Ann").html

    assert html.count("wb-said wb-mine") == 2
    assert html.count('<div class="wb-who">Ann</div>') == 2
    assert html.count("wb-bubble") - html.count(".wb-bubble") == 4
    assert "wb-mine" not in re.sub(r"<style>.*?</style>", "", talk(CHAT).html)


def test_times_are_shown_in_utc_whatever_their_offset() -> None:
    picture = talk(said(("Ann", "hi", "2026-03-02T01:30:00+02:00")))

    assert "23:30" in repr(picture)
    assert "1 March 2026" in repr(picture)


def test_times_that_are_none_are_shown_as_they_are() -> None:
    assert repr(talk(said(("Ann", "hi", "soon")))) == "soon  Ann  hi"


def test_times_of_a_database_are_understood() -> None:
    df = pd.DataFrame({"who": ["Ann"], "what": ["hi"], "when": [pd.Timestamp("2026-03-02T10:00Z")]})

    assert "10:00  Ann  hi" in repr(talk(df))


def test_no_messages_is_said() -> None:
    assert repr(talk(said())) == "No messages."
    assert repr(show.inbox(said(), name="who", text="what", time="when")) == "No conversations."


def test_a_column_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no column 'whatt' in these rows\. Did you mean 'what'"):
        show.conversation(CHAT, author="who", text="whatt", time="when")
    with pytest.raises(UsageError, match="no column 'nam'"):
        show.inbox(CHAT, name="nam", text="what", time="when")


def test_what_people_write_cannot_become_html() -> None:
    df = said((EVIL, f"{EVIL}\nnext line", "2026-03-02T00:10:00Z"))
    for picture in (talk(df), show.inbox(df, name="who", text="what", time="when")):
        assert "<img" not in picture.html
        assert "&lt;img src=x" in picture.html
        assert "\n" in picture.html or "next line" in picture.html


def test_an_inbox_keeps_the_order_of_the_answer_and_cuts_the_last_words() -> None:
    df = said(("Zoë", "w" * 100, "2026-03-02T00:10:00Z"), ("Ann", "hello", "2026-03-03T09:00:00Z"))
    picture = show.inbox(df, name="who", text="what", time="when")

    assert repr(picture).splitlines() == [
        "Zoë  2 March 2026 00:10  " + "w" * 59 + "…",
        "Ann  3 March 2026 09:00  hello",
    ]
    assert seen(picture.html).index("Zoë") < seen(picture.html).index("Ann")


def test_a_picture_gives_ipython_every_form_it_has() -> None:
    forms = talk(CHAT)._repr_mimebundle_(include=None, exclude=None)

    assert list(forms) == ["text/plain", "text/html"]
    assert forms["text/plain"] == repr(talk(CHAT))


# Item collections


def stored(count: int, entity: str | None, partition: str) -> tuple[StoredItem, ...]:
    return tuple(StoredItem(entity, (partition, f"{at:03d}"), {"text": EVIL, "none": None}) for at in range(count))


def view(*collections: tuple[str, str | None, int], complete: bool = True, index: str | None = None) -> View:
    made = tuple(ItemCollection((key,), stored(count, entity, key)) for key, entity, count in collections)
    return View("plots", index, ("pk", "sk"), made, complete)


def test_a_view_has_a_box_for_each_item_collection_and_a_legend() -> None:
    html = show.html(view(("A#1", "Bed", 2), ("B#1", "Plant", 9), ("odd", None, 1)))
    text = " ".join(seen(html).split())

    assert "plots: 12 items in 3 item collections key: pk, sk" in text
    assert "no entity fits · 1 Bed · 2 Plant · 9" in text
    assert "A#1 2 items" in text
    assert "odd 1 item " in text
    assert "… 3 more items" in text
    assert "<img" not in html


def test_a_view_of_an_index_names_it_and_an_unfinished_one_says_so() -> None:
    text = seen(show.html(view(("A#1", "Bed", 2), complete=False, index="by-note")))

    assert "plots / by-note: 2 items in 1 item collection, more not read" in text
    assert "the scan stopped at its bound of pages" in text


def test_many_collections_are_cut_and_counted() -> None:
    html = show.html(view(*((f"A#{at:02d}", "Bed", 1) for at in range(20))))

    assert html.count('class="wb-collection"') == 12
    assert "… 8 more item collections" in html


def test_a_view_without_a_sort_key_names_the_entity_instead() -> None:
    one = View("t", None, ("pk",), (ItemCollection(("a",), (StoredItem("Bed", ("a",), {}),)),))

    assert '<span class="wb-key">Bed</span>' in show.html(one)


# Before and after

OLD: list[dict[str, Any]] = [
    {"pk": "a", "sk": "1", "n": Decimal("1.0"), "tags": frozenset({"x", "y"}), "m": "old"},
    {"pk": "b", "sk": "1", "m": EVIL},
    {"pk": "c", "sk": "1", "flag": True},
]
NEW: list[dict[str, Any]] = [
    {"pk": "a", "sk": "1", "n": Decimal(1), "tags": frozenset({"y", "x"}), "m": "new", "none": None},
    {"pk": "c", "sk": "1", "flag": Decimal(1)},
    {"pk": "d", "sk": "1", "m": "fresh"},
]


def test_changes_are_named_attribute_by_attribute_and_what_is_the_same_is_left_out() -> None:
    picture = show.before_after(OLD, NEW, key=["pk", "sk"])

    assert repr(picture).splitlines() == [
        "~ a / 1",
        "    m     old -> new",
        "    none  (none) -> NULL",
        "- b / 1",
        f"    m  {EVIL}",
        "~ c / 1",
        "    flag  true -> 1",
        "+ d / 1",
        "    m  fresh",
        "0 items unchanged",
    ]
    assert "<img" not in picture.html
    assert [word in seen(picture.html) for word in ("changed", "deleted", "put")] == [True] * 3


def test_nothing_changed_is_said() -> None:
    assert repr(show.before_after(OLD, OLD, key=["pk", "sk"])) == "3 items unchanged"


# Charts


def points() -> pd.DataFrame:
    rows = [{"items.read": n, "units": Decimal(n) / 2, "by": kind} for kind in ("a<b", "c") for n in range(4)]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("kind", ["line", "step", "bar"])
def test_a_chart_is_the_same_svg_each_time_and_holds_nothing_from_elsewhere(kind: Any) -> None:
    first, second = (show.chart(points(), x="items.read", y="units", by="by", kind=kind, title="T & U") for _ in "12")

    assert first.svg == second.svg
    assert first.svg.startswith("<svg")
    assert "T &amp; U" in first.svg
    assert "<script" not in first.svg
    assert set(re.findall(r"https?://[^\"'\s]+", first.svg)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert list(first._repr_mimebundle_()) == ["text/plain", "image/svg+xml"]


def test_the_text_of_a_chart_is_its_data() -> None:
    assert repr(show.chart(points(), x="items.read", y="units", title="Price")).splitlines()[:3] == [
        "Price",
        "items.read  units",
        "0           0",
    ]


def test_a_chart_names_a_column_that_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"no column 'unit' in these rows\. Did you mean 'units'"):
        show.chart(points(), x="by", y="unit")
