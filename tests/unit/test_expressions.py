"""Expressions: AWS's language with values in place, read exactly; a mistake names place, position and cure."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ModelError
from workbench.plans.expressions import parse_condition, parse_path, parse_update
from workbench.plans.syntax import Node, Path, Value, paths, write


@dataclass(frozen=True)
class AsWritten:
    def name(self, name: str) -> str:
        return name if name.isidentifier() else "`" + name.replace("`", "``") + "`"

    def value(self, value: Value) -> str:
        return value.source


def again(node: Node) -> str:
    return write(node, AsWritten())


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a={x}", "a = {x}"),
        ("a <> 'x#{y}'", "a <> 'x#{y}'"),
        ("a < 1 and b >= -2.5e3", "a < 1 AND b >= -2.5e3"),
        ("a = 1 or b = 2 and not c = 3", "a = 1 OR b = 2 AND NOT c = 3"),
        ("(a = 1 OR b = 2) AND c = 3", "(a = 1 OR b = 2) AND c = 3"),
        ("((a = 1))", "a = 1"),
        ("NOT (a = 1 AND b = 2)", "NOT (a = 1 AND b = 2)"),
        ("not not a = 1", "NOT NOT a = 1"),
        ("a between 1 and 2 and b between {x} and {y}", "a BETWEEN 1 AND 2 AND b BETWEEN {x} AND {y}"),
        ("a in ({x},'b', 3)", "a IN ({x}, 'b', 3)"),
        ("attribute_exists(a.b[0].c)", "attribute_exists(a.b[0].c)"),
        ("attribute_not_exists(`a.b`)", "attribute_not_exists(`a.b`)"),
        ("attribute_type(a, 'SS')", "attribute_type(a, 'SS')"),
        ("begins_with(sk, 'ORDER#')", "begins_with(sk, 'ORDER#')"),
        ("contains(tags, {tag})", "contains(tags, {tag})"),
        ("size(a) > size(b)", "size(a) > size(b)"),
        ("size = 3", "size = 3"),
        ("a = true AND b = false AND c = null", "a = true AND b = false AND c = null"),
        ("`and` = 1", "and = 1"),
        ("`it's ``odd``` = 1", "`it's ``odd``` = 1"),
        ("ünïcode = 1", "ünïcode = 1"),
        ("a = {me.user_uuid}", "a = {me.user_uuid}"),
        ("a = ''", "a = ''"),
        ("a = [] OR a = {}", "a = [] OR a = {}"),
        ("a\n=\n1", "a = 1"),
    ],
)
def test_a_condition_is_read_as_it_is_meant(text: str, canonical: str) -> None:
    assert again(parse_condition(text)) == canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("SET a = {x}", "SET a = {x}"),
        ("set a = a + 1, b = b - {x} remove c, d[1] add n -1 delete s {t}",
         "SET a = a + 1, b = b - {x} REMOVE c, d[1] ADD n -1 DELETE s {t}"),
        ("SET a = if_not_exists(a, 0) + 1", "SET a = if_not_exists(a, 0) + 1"),
        ("SET log = list_append(if_not_exists(log, []), [{x}, 'y', 1])",
         "SET log = list_append(if_not_exists(log, []), [{x}, 'y', 1])"),
        ("SET add = 1 ADD set 1", "SET add = 1 ADD set 1"),
        ("SET a -1 = 2".replace(" -1", ""), "SET a = 2"),
        ("SET a = a -1", "SET a = a - 1"),
    ],
)  # fmt: skip
def test_an_update_is_read_as_it_is_meant(text: str, canonical: str) -> None:
    assert again(parse_update(text)) == canonical


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ("", "the expression is empty", 1),
        ("a == 1", "single =", 3),
        ("a != 1", "<>", 3),
        ("a && b", "write AND", 3),
        ("begin_with(a, {x})", "Did you mean 'begins_with'?", 1),
        ("begins_with(a)", "takes 2 argument(s): path, operand", 1),
        ("begins_with({x}, a)", "takes an attribute first", 1),
        ("attribute_type(a, 'T')", "knows no type 'T'", 1),
        ("if_not_exists(a, 1) = 1", "for the SET of an update", 1),
        ("contains(a, 1) = true", "'=' is not expected here", 16),
        ("a = contains(b, 1)", "is a condition by itself", 5),
        ("a = 'x", "nothing closes it", 5),
        ("`a = 1", "nothing closes it", 1),
        ('a = "x"', "double quote", 5),
        ("#n = 1", "placeholders are made for you", 1),
        ("a = :v", "placeholders are made for you", 5),
        ("a = {x", "nothing closes it", 5),
        ("a = {x y}", "is no field", 5),
        ("a = 'MSG#{x}{y}'", "touch", 5),
        ("a = 1 b = 2", "join conditions with AND or OR", 7),
        ("a = 1 AND", "missing before the end", 10),
        ("(a = 1", "')' is missing", 7),
        ("a IN {x}", "a IN ({x}, {y})", 6),
        ("a IN ()", "missing before ')'", 7),
        ("a BETWEEN 1 OR 2", "AND is missing", 13),
        ("and = 1", "in backticks", 1),
        ("a.1 = 2", "a name after the dot", 3),
        ("a[x] = 2", "whole number", 3),
        ("a", "a comparison is missing", 2),
        ("a = a", "both sides are the same", 1),
        ("a = b * 2", "only knows + and -", 7),
        (f"a IN ({', '.join(map(str, range(101)))})", "100 at most", 6),
    ],
)
def test_a_wrong_condition_names_place_position_and_cure(text: str, words: str, column: int) -> None:
    with pytest.raises(ModelError) as caught:
        parse_condition(text, "list-messages: filter")

    message = str(caught.value)
    assert message.startswith("list-messages: filter: ")
    assert words in message
    assert f"(at character {column})" in message
    assert message.endswith("\n    " + " " * (column - 1) + "^")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = 1", "begins no clause"),
        ("SET a", "'=' is missing"),
        ("SET a = 1 SET b = 2", "SET is there twice"),
        ("SET a = 1 + 2 + 3", "one + or -"),
        ("ADD n = 1", "takes no '='"),
        ("ADD n", "missing before the end"),
        ("SET a = size(b)", "for conditions, not for an update"),
        ("SET a = list_append(b)", "takes 2 argument(s)"),
        ("REMOVE a b", "begins no clause"),
        ("SET a = 1,", "an attribute name is missing"),
        ("SET :v = 1", "placeholders are made for you"),
    ],
)
def test_a_wrong_update_is_refused_with_its_cure(text: str, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse_update(text, "touch: set")

    assert words in str(caught.value)


def test_the_caret_stands_under_the_mistake_in_a_text_of_several_lines() -> None:
    with pytest.raises(ModelError) as caught:
        parse_condition("a = 1\nAND b == 2\nAND c = 3")

    assert str(caught.value).splitlines()[1:] == ["    AND b == 2", "          ^"]


def test_an_odd_name_in_a_projection_needs_backticks_only_with_dots_and_brackets() -> None:
    assert parse_path("my-attr") == Path(("my-attr",))
    assert parse_path("a.b[0]") == Path(("a", "b", 0))
    assert parse_path("`a.b`") == Path(("a.b",))
    with pytest.raises(ModelError, match="one attribute"):
        parse_path("a.b c")


def test_too_deep_nesting_is_an_error_and_no_crash() -> None:
    with pytest.raises(ModelError, match="nested too deeply"):
        parse_condition("(" * 3000 + "a = 1" + ")" * 3000)


@given(st.text(max_size=60))
def test_any_text_is_either_read_or_refused_with_a_model_error(text: str) -> None:
    for parse in (parse_condition, parse_update, parse_path):
        with suppress(ModelError):
            parse(text, "p")


@given(st.text(min_size=1).filter(lambda name: "{" not in name))
def test_any_name_can_be_written_in_backticks(name: str) -> None:
    quoted = "`" + name.replace("`", "``") + "`"

    condition = parse_condition(f"{quoted}.{quoted}[0] = 1")

    assert paths(condition) == [Path((name, name, 0))]


@given(st.recursive(
    st.sampled_from(["a = {x}", "size(b) > 1", "contains(c, 'd')", "e BETWEEN 1 AND 2", "f IN (1, 2)"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} AND {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=8,
))  # fmt: skip
def test_writing_an_expression_and_reading_it_again_changes_nothing(text: str) -> None:
    once = again(parse_condition(text))

    assert again(parse_condition(once)) == once
