"""Pages of items as an engine sends them: strategies that draw them, and what decodes them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from workbench import frames
from workbench.frames import Decoder, Page, json_of_wire
from workbench.items import item_from_wire, item_to_wire

Item = dict[str, Any]
NAMES = ["pk", "sk", "index", "columns", "shape", "T", "loc", "a.b", "#", "name with blank", "S", "N", "M", "é"]
SURROGATES = st.characters(exclude_categories=["Cs"])

names = st.sampled_from(NAMES) | st.text(SURROGATES, min_size=1, max_size=6)
texts = st.text(SURROGATES, max_size=8) | st.sampled_from(
    ["", "2026-03-01", "2026-03-01T10:00:00Z", "10:00:00", "NaN", "null", '"', "],", "]}", "\\", "\0", "\n", "💡"]
)
numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(Decimal),
    st.decimals("-1e6", "1e6", places=3),
    st.decimals("-1e30", "1e30", places=6),
    st.sampled_from(
        ["1E-130", "-1E-130", "9.9999999999999999999999999999999999999E125", "-0", "0.10", "1.50", "1E3",
         "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
         "12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678"]
    ).map(Decimal),
)  # fmt: skip
plain = st.one_of(texts, numbers, st.booleans(), st.none(), st.binary(max_size=6))


def sets_of(texts: st.SearchStrategy[str], numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[frozenset[Any]]:
    """Sets of each of the three types, of one to three members."""
    members = (texts, numbers, st.binary(max_size=3))
    return st.one_of(*(st.frozensets(each, min_size=1, max_size=3) for each in members))


sets = sets_of(texts, numbers)
values = st.recursive(
    plain | sets, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
alike = st.sampled_from([texts, numbers, sets, st.dictionaries(names, plain, max_size=3), st.none(), values])


@st.composite
def tables(draw: st.DrawFn) -> list[list[Item]]:
    """Pages of items in Python form as DynamoDB stores them; some columns hold one type, others any."""
    columns = draw(st.dictionaries(names, alike, min_size=1, max_size=5))
    item = st.fixed_dictionaries({}, optional=columns)
    pages = draw(st.lists(st.lists(item, max_size=5), max_size=4))
    return [[item_from_wire(item_to_wire(each)) for each in page] for page in pages]


def wire(items: list[Item]) -> list[Item]:
    return [item_to_wire(item) for item in items]  # in wire form 1 and true differ, as they must


def body(items: list[Item]) -> bytes:
    """Return a response of Query as an engine sends it."""
    typed = [{name: json_of_wire(av) for name, av in each.items()} for each in wire(items)]
    return json.dumps({"Count": len(items), "Items": typed, "ScannedCount": len(items)}).encode()


def decoded(pages: list[list[Item]]) -> list[Page]:
    decoder = Decoder()
    return [decoder.decode(frames.split(body(page)).items[None]) for page in pages]
