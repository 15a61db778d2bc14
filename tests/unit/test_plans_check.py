"""Mistakes in expressions are found when a model is loaded, each with pattern, line and position."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workbench.model import Action, Model, Pattern, load_model
from workbench.plans import check_expressions

SHOP = load_model(Path(__file__).parents[1] / "models" / "shop" / "model.yaml")


def with_pattern(name: str, **changes: Any) -> Model:
    return replace(SHOP, patterns={name: replace(SHOP.pattern(name), **changes)})


def with_action(name: str, **changes: Any) -> Model:
    action: Action = SHOP.pattern(name).actions[0]
    return with_pattern(name, actions=(replace(action, **changes),))


def test_a_sound_model_has_no_problem() -> None:
    assert check_expressions(SHOP) == []


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (with_pattern("list-orders", filter="statuss = "), "missing before the end"),
        (with_pattern("list-orders", filter="a = {lo}"), "{lo} is no parameter. Did you mean 'low'?"),
        (with_pattern("list-orders", filter="a = {me.x}"), "there is no lookup 'me'"),
        (with_pattern("list-orders", filter="sk = 'x'"), "sk is part of the key, which a Query's filter can't name"),
        (with_pattern("list-orders", filter="total = '5'"), "total is N and '5' is S; values of two types never match"),
        (with_pattern("list-orders", filter="paid IN (1, true)"), "paid is BOOL and 1 is N"),
        (with_pattern("list-orders", filter="status = {low}"), "status is S and {low} is N"),
        (with_pattern("list-orders", projection=("a..b",)), "a name after the dot is missing"),
        (with_action("count-visit", update="SET pk = 'x'"), "pk is part of the key"),
        (with_action("count-visit", update="SET a = 1, a = 2"), "changed twice"),
        (with_action("count-visit", update="ADD visits = 1"), "takes no '='"),
        (with_action("count-visit", condition="exists(pk)"), "no function 'exists'"),
        (with_action("close-orders", update="SET a = {order.x}"), "no lookup 'order'. Did you mean 'orders'?"),
    ],
)
def test_a_mistake_is_named_with_pattern_and_line(model: Model, words: str) -> None:
    pattern: Pattern = next(iter(model.patterns.values()))

    problems = check_expressions(model)

    (problem,) = problems
    assert problem.place.startswith(pattern.name)
    assert words in problem.message
    assert problem.message.endswith("^")
    assert problem.line == pattern.line


def test_every_mistake_is_reported_and_not_only_the_first() -> None:
    model = with_pattern("list-orders", filter="a == 1", projection=("a..b", "c..d"))

    assert len(check_expressions(model)) == 3


def test_a_filter_on_a_key_of_the_table_is_fine_where_an_index_is_asked() -> None:
    assert check_expressions(with_pattern("urgent-orders", filter="begins_with(pk, 'CUSTOMER#')")) == []
