"""Strict YAML: values by the core schema of YAML 1.2, every mistake with its line, nothing that runs."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from workbench.errors import ModelError
from workbench.model.loading.lines import Mark, dotted, position, read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
        ("12:30", "12:30"),
        ("012", 12),
        ("-7", -7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("1.10", Decimal("1.10")),
        ("1e3", Decimal("1e3")),
        (".5", Decimal("0.5")),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("1.2.3", "1.2.3"),
        ("=", "="),
    ],
)
def test_scalars_have_the_types_of_yaml_1_2(written: str, value: object) -> None:
    found = read(f"key: {written}\n", "m.yaml")["key"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: 1\na: 2\n", (2, 1), "the key 'a' is there twice, first in line 1"),
        ("a: [1, 2\nb: 3\n", (2, 2), "this is not YAML"),
        ("a: b: c\n", (1, 5), "quote a text that holds ': '"),
        ("a:\n\tb: 1\n", (2, 1), "indent with spaces, not tabs"),
        ("a: 1\n---\nb: 2\n", (2, 1), "one file holds one model"),
        ("a: !!python/object/apply:os.system [echo]\n", (1, 4), "the tag"),
        ("a: !include x\n", (1, 4), "the tag '!include' is not allowed"),
        ("a: .nan\n", (1, 4), ".nan is not a finite number"),
        ("? [a]\n: 1\n", (1, 3), "a key must be text"),
        ("a: &x [*x]\n", (1, 4), "an alias that holds itself"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", (3, 3), "merge keys are not part of YAML 1.2"),
        ("- 1\n", (1, 1), "a model file is a mapping"),
        ("", (1, 1), "a model file is a mapping"),
        ("just text", (1, 1), "a model file is a mapping"),
        ("a: @b\n", (1, 4), "quote the text"),
        ("a: *nobody\n", (1, 4), "nobody"),
        ("a: 1\nb: x\x00\n", (2, 5), "the character U+0000 is not allowed"),
        ("[" * 3000, (1, 1), "nested too deep"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_column(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(ModelError, match=re.escape(message)) as caught:
        read(text, "m.yaml")

    problem = caught.value.problems[0]
    assert (problem.line, problem.column, problem.file) == (*place, "m.yaml")


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(ModelError) as caught:
        read("a: .inf\nb: 1\nb: 2\nc: !x y\n", "m.yaml")

    assert [problem.line for problem in caught.value.problems] == [1, 3, 4]


def test_aliases_give_the_same_values_again() -> None:
    assert read("a: &x {b: [1]}\nc: *x\n", "m.yaml")["c"] == {"b": [1]}


def test_aliases_that_grow_without_bound_are_refused() -> None:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x]"] + [
        f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9)
    ]

    with pytest.raises(ModelError, match="grow to more than 200,000 values"):
        read("\n".join(lines), "m.yaml")


def test_a_position_is_that_of_the_value_the_key_or_the_nearest_thing_above() -> None:
    tree = read("a:\n  b: [x, y]\n", "m.yaml")

    assert position(tree, ("a", "b", 1)) == Mark(2, 10)
    assert position(tree, ("a", "b"), of_key=True) == Mark(2, 3)
    assert position(tree, ("a", "nothing", "deeper")) == Mark(2, 3)


def test_a_path_is_shown_as_a_person_counts() -> None:
    assert dotted(("patterns", "list", "actions", 0, "put")) == "patterns.list.actions[1].put"
