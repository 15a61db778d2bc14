"""Key templates: what is rendered can be read back, and two different values never make one key."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import KeyTemplateError
from workbench.model import Field, KeyTemplate

SEPARATORS = st.sampled_from(["#", "::", "-", "|", "/", "#a#", "ab", "aba"])
TEXTS = st.text(alphabet="ab#:-|/1 é\n", min_size=1, max_size=6)


@st.composite
def templates(draw: st.DrawFn) -> KeyTemplate:
    count = draw(st.integers(1, 4))
    text = draw(st.sampled_from(["", "MSG#", "a", "#"]))
    for at in range(count):
        text += ("" if at == 0 else draw(SEPARATORS)) + "{f" + str(draw(st.integers(0, count - 1))) + "}"
    return KeyTemplate.of(text + draw(st.sampled_from(["", "#end", "a"])))


def rendered(template: KeyTemplate, values: dict[str, object]) -> object:
    try:
        return template.render(values)
    except KeyTemplateError:
        return None


@given(template=templates(), values=st.lists(TEXTS, min_size=4, max_size=4))
def test_a_rendered_key_is_read_back_to_the_same_values_or_was_refused(
    template: KeyTemplate, values: list[str]
) -> None:
    given_values = {name: values[int(name[1:])] for name in template.fields}
    key = rendered(template, given_values)

    assert key is None or template.parse(key) == given_values


@given(template=templates(), one=st.lists(TEXTS, min_size=4, max_size=4), two=st.lists(TEXTS, min_size=4, max_size=4))
def test_two_different_values_never_make_the_same_key(template: KeyTemplate, one: list[str], two: list[str]) -> None:
    first = {name: one[int(name[1:])] for name in template.fields}
    second = {name: two[int(name[1:])] for name in template.fields}
    keys = rendered(template, first), rendered(template, second)

    assert None in keys or first == second or keys[0] != keys[1]


@given(template=templates(), key=TEXTS)
def test_a_key_that_can_be_read_renders_to_itself(template: KeyTemplate, key: str) -> None:
    if template.matches(key) and template.only_field is None:
        values = template.parse(key)

        assert rendered(template, values) in (key, None)


@given(st.lists(st.integers(0, 99_999_999), min_size=2, max_size=2))
def test_padded_integers_sort_as_numbers_and_come_back_as_integers(numbers: list[int]) -> None:
    template = KeyTemplate.of("SEQ#{n:08d}")
    keys = [template.render({"n": number}) for number in numbers]

    assert (keys[0] < keys[1]) == (numbers[0] < numbers[1])
    assert [template.parse(key) for key in keys] == [{"n": number} for number in numbers]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6), st.integers(0, 3))
def test_one_number_makes_one_key_however_it_is_written(number: Decimal, zeros: int) -> None:
    template = KeyTemplate.of("P#{price}")
    again = Decimal(f"{number:f}" + "0" * zeros) if "." in f"{number:f}" else number

    assert template.render({"price": number}) == template.render({"price": again})
    assert template.parse(template.render({"price": number}), {"price": "number"}) == {"price": number}


def test_a_number_of_38_digits_keeps_them_all() -> None:
    digits = "12345678901234567890123456789012345678"

    assert KeyTemplate.of("N#{n}").render({"n": Decimal(digits)}) == f"N#{digits}"


def test_a_bare_field_keeps_the_type_of_its_value() -> None:
    assert KeyTemplate.of("{year}").render({"year": 1999}) == 1999
    assert KeyTemplate.of("{year}").only_field == "year"
    assert KeyTemplate.of("Y#{year}").render({"year": 1999}) == "Y#1999"


def test_parsed_values_have_their_declared_types() -> None:
    template = KeyTemplate.of("{shelf}#{year}#{n:03d}")

    assert template.parse("poetry#1999#007", {"year": "integer"}) == {"shelf": "poetry", "year": 1999, "n": 7}


def test_doubled_braces_are_braces() -> None:
    assert KeyTemplate.of("{{{name}}}").render({"name": "x"}) == "{x}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("{a}{b}", "{a} and {b} touch"),
        ("MSG#{", "a lone '{'"),
        ("MSG#}", "a lone '}'"),
        ("MSG#{}", "{} is no field"),
        ("{a b}", "{a b} is no field"),
        ("{a.b.c}", "is no field"),
        ("{a!r}", "is no field"),
        ("{a:>8}", "is no field"),
        ("{a:00d}", "is no field"),
    ],
)
def test_a_wrong_template_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(KeyTemplateError, match=re.escape(message)):
        KeyTemplate.of(text)


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("MSG#{group}", {}, "needs a value for {group}"),
        ("MSG#{group}", {"group": None}, "needs a value for {group}"),
        ("MSG#{group}", {"group": ""}, "is empty"),
        ("{a}#{b}", {"a": "x#y", "b": "z"}, "holds the separator '#'"),
        ("MSG#{group}", {"group": 1.5}, "group is a float"),
        ("MSG#{group}", {"group": True}, "group is a bool"),
        ("{n:03d}", {"n": 1000}, "does not fit 3 digits"),
        ("{n:03d}", {"n": -1}, "does not fit 3 digits"),
        ("{n:03d}", {"n": "7"}, "does not fit 3 digits"),
    ],
)
def test_values_that_cannot_be_read_back_are_refused(text: str, values: dict[str, object], message: str) -> None:
    with pytest.raises(KeyTemplateError, match=re.escape(message)):
        KeyTemplate.of(text).render(values)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("MSG#{a}", "GRP#1"),
        ("MSG#{a}", "MSG#"),
        ("{a}#{b}", "#b"),
        ("{a}#{a}", "x#y"),
        ("{n:03d}", "0007"),
        ("{n:03d}", "07"),
    ],
)
def test_a_key_that_the_template_cannot_have_made_does_not_match(text: str, key: str) -> None:
    assert not KeyTemplate.of(text).matches(key)


def test_fields_prefix_and_parts_are_told() -> None:
    template = KeyTemplate.of("MSG#{me.user_uuid}#{n:02d}#{n:02d}")

    assert template.fields == ("me.user_uuid", "n")
    assert template.prefix == "MSG#"
    assert template.parts[3] == Field("n", 2)
