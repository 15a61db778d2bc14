"""Steps in a journal: what is refused before anything is sent, and wire values that come back as they were."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.bulk.steps import _packed, _unpacked
from workbench.model import Action, KeyTemplate, Pattern
from workbench.plans import counts_twice

LEAVES = st.one_of(
    st.builds(lambda text: {"S": text}, st.text(max_size=8)),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda content: {"B": content}, st.binary(max_size=8)),
    st.builds(lambda members: {"BS": members}, st.lists(st.binary(min_size=1, max_size=4), min_size=1, max_size=3)),
    st.builds(lambda members: {"SS": members}, st.lists(st.text(max_size=4), min_size=1, max_size=3)),
    st.just({"NULL": True}),
    st.builds(lambda value: {"BOOL": value}, st.booleans()),
)
NAMES = st.one_of(st.sampled_from(["B", "BS", "S", "M", "L"]), st.text(max_size=4))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda members: {"L": members}, st.lists(inner, max_size=3)),
        st.builds(lambda members: {"M": members}, st.dictionaries(NAMES, inner, max_size=3)),
    ),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_an_item_comes_back_from_a_journal_as_it_was(item: dict[str, Any]) -> None:
    request = {"TableName": "things", "Item": item, "ExpressionAttributeNames": {"#n0": "B"}}

    assert _unpacked(json.loads(json.dumps(_packed(request)))) == request


def pattern(operation: Any, *actions: Action) -> Pattern:
    return Pattern("write", "?", operation, "things", actions=actions)


def update(text: str) -> Action:
    return Action("update", "Thing", {}, text)


@pytest.mark.parametrize(
    "text", ["SET a = {x}", "SET a = if_not_exists(a, 0)", "REMOVE a", "DELETE tags {x}", "SET a = {x} REMOVE b"]
)
def test_an_update_that_ends_alike_however_often_it_is_sent_is_let_through(text: str) -> None:
    assert counts_twice(pattern("UpdateItem", update(text))) == ""


@pytest.mark.parametrize("text", ["ADD n 1", "SET n = n + 1", "SET n = n - {x}", "SET l = list_append(l, {x})"])
def test_an_update_that_adds_is_refused_unless_a_put_beside_it_refuses_the_second_time(text: str) -> None:
    put = Action("put", "Thing", {"id": KeyTemplate.of("{x}")}, None, "attribute_not_exists(pk)")

    assert counts_twice(pattern("UpdateItem", update(text))) == f"update Thing: {text}"
    assert counts_twice(pattern("TransactWriteItems", update(text), Action("put", "Thing"))) != ""
    assert counts_twice(pattern("TransactWriteItems", update(text), put)) == ""


def test_a_plan_that_would_count_twice_makes_no_journal(tmp_path: Any) -> None:
    from workbench.bulk import run_with_journal
    from workbench.errors import UsageError

    plan: Any = SimpleNamespace(pattern=pattern("UpdateItem", update("ADD n 1")))
    with pytest.raises(UsageError, match="a step that was done and not noted would be counted twice"):
        run_with_journal(SimpleNamespace(), plan, tmp_path / "journal", given={})  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
