"""Numbers: every vector that was captured from the real service, and the laws behind them."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ItemError
from workbench.items import normalise_number, number_size, number_text

# Bytes of a number in an item, captured in eu-west-2: each literal bracketed at 409,600 and 409,601 bytes.
CAPTURED_SIZES = {
    "0": 1, "-0": 1, "1": 2, "12": 2, "123": 3, "1234": 3, "12345": 4, "123456": 4, "1234567": 5, "12345678": 5,
    "123456789": 6, "1234567891": 6, "12345678912": 7, "1234567890123456789": 11, "1" * 38: 20, "0042": 2, "100": 2,
    "1010": 3, "0.0000001": 2, "1E125": 2, "1E-100": 2, "1.5": 3, "1.2": 3, "1.200": 3, "1.234": 4, "3.14159": 5,
    "100.5": 4, "0.15": 2, "15": 2, "-42": 3, "-12345": 5, "-1E125": 3, "-0.15": 3,
}  # fmt: skip
STORED_TEXTS = {
    "0042.1200": "42.12", "1.0": "1", "1.5E2": "150", "-0": "0", "+5": "5", "1E125": "1" + "0" * 125, "0": "0",
    "-0.000": "0", ".5": "0.5", "5.": "5", "-1.50": "-1.5", "1E-130": "0." + "0" * 129 + "1", "120": "120",
    "12e-1": "1.2", "0E5": "0",
}  # fmt: skip
REFUSED = [
    "1" * 39, "1E126", "-1E126", "9.9E126", "1E-131", "0e126", "1E99999999999999999999", "1E-99999999999999999999",
    "NaN", "Infinity", "-inf", "sNaN", "", " 1", "1_000", "0x10", "١", "1,5", "--1", "1e", "e5", ".",
]  # fmt: skip

legal_numbers = st.builds(
    lambda sign, digits, magnitude: Decimal((sign, digits, magnitude - len(digits) + 1)),
    st.integers(0, 1),
    st.builds(lambda first, rest: (first, *rest), st.integers(1, 9), st.lists(st.integers(0, 9), max_size=37)),
    st.integers(-130, 125),
)


@pytest.mark.parametrize(("text", "size"), CAPTURED_SIZES.items())
def test_a_number_takes_the_bytes_that_were_captured(text: str, size: int) -> None:
    assert number_size(text) == size


@pytest.mark.parametrize(("written", "stored"), STORED_TEXTS.items())
def test_a_number_is_stored_as_the_service_stores_it(written: str, stored: str) -> None:
    assert number_text(normalise_number(written)) == stored
    assert str(normalise_number(written)) == (stored if len(stored) < 131 else "1E-130")


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_dynamodb_number_is_refused(text: str) -> None:
    with pytest.raises(ItemError):
        normalise_number(text)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1" * 39, "39 significant digits, DynamoDB numbers have at most 38; round it, or store it as a string"),
        ("1E126", "1E+126 is out of DynamoDB's range, 1E-130 to 9.9...E+125"),
        (Decimal("NaN"), "no NaN and no infinity; leave the attribute out"),
        ("twelve", "'twelve' is no number; write digits"),
        (10**99 + 1, "100000000000... (100 digits) has 100 significant digits"),
    ],
)
def test_the_error_says_what_is_wrong_and_what_to_do(value: str | int | Decimal, words: str) -> None:
    with pytest.raises(ItemError, match=words.replace("(", r"\(").replace(")", r"\)").replace("+", r"\+")):
        normalise_number(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234567890" * 3 + "12345678", "123456789012345678901234567890" + "12345678"),
        ("1.2345678901234567890123456789012345678E-130", "0." + "0" * 129 + "12345678901234567890123456789012345678"),
        ("9." + "9" * 37 + "E125", "9" * 38 + "0" * 88),
        (10**40, "1" + "0" * 40),  # boto3 refuses this one; DynamoDB does not: one significant digit
        (10**125, "1" + "0" * 125),
    ],
)
def test_the_whole_range_is_kept_digit_for_digit(value: str | int, text: str) -> None:
    assert number_text(normalise_number(value)) == text


@given(legal_numbers)
def test_a_number_keeps_its_value_and_has_one_text(number: Decimal) -> None:
    text = number_text(number)

    assert Decimal(text) == number
    assert normalise_number(text) == number
    assert number_text(Decimal(text)) == text
    assert "E" not in text
    assert "e" not in text


@given(legal_numbers)
def test_a_size_is_between_2_and_22_bytes_and_does_not_depend_on_how_it_is_written(number: Decimal) -> None:
    size = number_size(number_text(number))

    assert 2 <= size <= 22
    assert number_size(f"{number:E}") == size
    assert number_size(f"000{number.copy_abs():f}") == size - (number < 0)


@given(st.integers(-(10**38) + 1, 10**38 - 1))
def test_integers_of_38_digits_pass_through(number: int) -> None:
    assert number_text(normalise_number(number)) == str(number)


@given(legal_numbers)
def test_the_decimal_context_of_the_notebook_changes_nothing(number: Decimal) -> None:
    expected = number_text(number), number_size(number_text(number))
    with localcontext(Context(prec=3, Emin=-5, Emax=5)):
        actual = number_text(normalise_number(number_text(number))), number_size(number_text(number))

    assert actual == expected
