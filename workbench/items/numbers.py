"""DynamoDB numbers: 38 significant digits between 1E-130 and 9.99...E+125, exact, with one text for each value.

No function here reads the decimal context of the thread, so nothing is ever rounded, whatever precision a notebook
has set: digits are taken from the number's own tuple.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from workbench.errors import ItemError

MAX_DIGITS = 38
MIN_EXPONENT = -130  # of the first significant digit
MAX_EXPONENT = 125
_TEXT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PLAIN = re.compile(r"-?[1-9][0-9]{0,37}|0")
# A fraction as DynamoDB writes it, whose digits and places are not too many whatever stands where.
_FRACTION = re.compile(r"-?(?:0\.(?![0-9]{131})0*[1-9][0-9]{0,37}|[1-9][0-9]{0,18}\.[0-9]{0,19})(?<=[1-9])")
_shown = Decimal.__str__  # a subclass may show another text
_is_stored = re.compile(rf"(?:{_PLAIN.pattern})|(?:{_FRACTION.pattern})").fullmatch


def normalise_number(value: str | int | Decimal) -> Decimal:
    """Return the number as DynamoDB keeps it: ``0042.1200`` becomes 42.12, ``-0`` 0, ``1.5E2`` 150.

    The exponent is never above zero, so ``str`` shows plain digits for every integer. ItemError says why a value is
    no DynamoDB number: not a number at all, NaN or infinite, over 38 significant digits, or out of range.
    """
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return Decimal(value)
    return Decimal(number_text(_parsed(value)))


def number_text(number: Decimal) -> str:
    """Return the plain text that DynamoDB stores and gives back: no exponent, no sign on zero, no loose zeros."""
    text = _shown(number)
    if _is_stored(text):
        return text
    negative, digits, exponent = significant_digits(number)
    if not digits:
        return "0"
    whole, fraction = _halves(digits, exponent)
    if exponent >= 0:
        whole += "0" * exponent
    elif not whole:
        fraction = "0" * -(len(digits) + exponent) + fraction
    return ("-" if negative else "") + (whole or "0") + (f".{fraction}" if fraction else "")


def number_size(text: str) -> int:
    """Return the bytes that a number takes in an item, exact: 1, plus 1 for every 2 digits before and after the point.

    Each side of the point is rounded up on its own, leading and trailing zeros count nothing, a minus sign counts 1,
    and zero is 1 byte. AWS documents this as approximate; the rule is from captures of the real service.
    """
    if _PLAIN.fullmatch(text):
        significant = text.lstrip("-").rstrip("0")
        return 1 + (len(significant) + 1) // 2 + (text[0] == "-")
    if _FRACTION.fullmatch(text):
        whole, _, fraction = text.lstrip("-").partition(".")
        if whole == "0":
            whole, fraction = "", fraction.lstrip("0")
        return 1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2 + (text[0] == "-")
    negative, digits, exponent = significant_digits(_parsed(text))
    if not digits:
        return 1
    whole, fraction = _halves(digits, exponent)
    return 1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2 + negative


def significant_digits(number: Decimal) -> tuple[bool, str, int]:
    """Return (negative, digits, exponent) of a number, digits without zeros at either end; zero has none.

    ItemError when DynamoDB cannot hold the number.
    """
    if not number.is_finite():
        raise ItemError(f"{number} is no DynamoDB number: it has no NaN and no infinity; leave the attribute out")
    sign, figures, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    trimmed = "".join(map(str, figures)).lstrip("0")
    digits = trimmed.rstrip("0")
    exponent += len(trimmed) - len(digits)
    if not digits:
        if exponent > MAX_EXPONENT:
            raise ItemError(f"{number} is out of DynamoDB's range, even a zero is, above E{MAX_EXPONENT}; write 0")
        return False, "", 0
    _check_range(number, digits, exponent)
    return bool(sign), digits, exponent


def _halves(digits: str, exponent: int) -> tuple[str, str]:
    """Return the significant digits before and after the decimal point."""
    if exponent >= 0:
        return digits, ""
    point = max(len(digits) + exponent, 0)
    return digits[:point], digits[point:]


def _check_range(number: Decimal, digits: str, exponent: int) -> None:
    if len(digits) > MAX_DIGITS:
        raise ItemError(
            f"{_short(number)} has {len(digits)} significant digits, DynamoDB numbers have at most {MAX_DIGITS}; "
            f"round it, or store it as a string"
        )
    magnitude = len(digits) - 1 + exponent
    if not MIN_EXPONENT <= magnitude <= MAX_EXPONENT:
        raise ItemError(
            f"{_short(number)} is out of DynamoDB's range, 1E{MIN_EXPONENT} to 9.9...E+{MAX_EXPONENT} either side of "
            f"zero; scale it, or store it as a string"
        )


def _parsed(value: str | int | Decimal) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(int(value))
    if not _TEXT.fullmatch(value):
        raise ItemError(f"{value!r} is no number; write digits, perhaps a point or an exponent, such as -12.5 or 1E20")
    try:
        number = Decimal(value)
    except InvalidOperation:  # an exponent beyond what the decimal module itself can hold
        number = Decimal("NaN")
    if number.is_nan():
        raise ItemError(f"{value!r} is out of DynamoDB's range, 1E{MIN_EXPONENT} to 9.9...E+{MAX_EXPONENT}")
    return number


def _short(number: Decimal) -> str:
    digits = number.as_tuple().digits
    if len(digits) <= 45:
        return str(number)
    return f"{'-' if number.is_signed() else ''}{''.join(map(str, digits[:12]))}... ({len(digits)} digits)"
