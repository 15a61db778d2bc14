"""Answers as the bytes that a cache keeps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.cache.codec import Entry, decode, encode
from workbench.errors import ItemError
from workbench.items import item_to_wire

scalars = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])), st.binary(), st.booleans(), st.none(),
    st.integers(-(10**38) + 1, 10**38 - 1),
    st.frozensets(st.binary(min_size=1), min_size=1), st.frozensets(st.integers(-999, 999), min_size=1),
    st.decimals(min_value=-1000, max_value=1000, places=6),
)  # fmt: skip
names_ = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names_, inner, max_size=3), max_leaves=8
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(names_, values, max_size=4), max_size=3), st.none() | st.text(max_size=5))
def test_an_answer_comes_back_from_its_bytes_without_loss(items: list[dict[str, Any]], error: str | None) -> None:
    from workbench.items import item_from_wire

    stored = [item_from_wire(item_to_wire(item)) for item in items]
    entry = Entry(stored, "next", 12.5, "0.5", {"version:a": "t"}, error)

    again = decode(encode(entry))

    assert again == entry
    assert [item_to_wire(item) for item in again.items] == [item_to_wire(item) for item in stored]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"items": [{"a": {"X": 1}}]}'])
def test_bytes_that_hold_no_answer_are_refused(content: bytes) -> None:
    with pytest.raises(ItemError, match="no cached answer"):
        decode(content)
