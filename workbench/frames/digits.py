"""Numbers of a column, as the texts that DynamoDB sends, to the narrowest type that holds all of them exactly.

Everything here works on Arrow arrays of text and is exact: a cast that would lose a digit is an error of Arrow's, and
what Arrow cannot hold becomes ``decimal.Decimal``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from workbench.items import normalise_number, number_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Digits", "Numbers", "decimal_digits", "normal_texts", "numbers_of", "size_of_numbers"]

# As DynamoDB gives numbers back: no exponent, no sign on zero, no loose zeros.
_NORMAL = r"^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_NORMAL_TEXT = re.compile(_NORMAL)
INT64 = 2**63
FEW = 100  # rows; a call into Arrow costs as much as Python needs for so many


@dataclass(frozen=True)
class Digits:
    """What a column of numbers needs: whether all are whole and fit 64 bits, digits before and after the point."""

    whole: bool = True
    before: int = 0
    after: int = 0

    def __or__(self, other: Digits) -> Digits:
        return Digits(self.whole and other.whole, max(self.before, other.before), max(self.after, other.after))

    @property
    def precision(self) -> int:
        """Digits that a decimal type must have to hold every number of the column."""
        return max(self.before + self.after, 1)


@dataclass(frozen=True)
class Numbers:
    """The numbers of one page: their texts, the same as 64-bit integers where all are, and what they need."""

    texts: pa.Array
    integers: pa.Array | None
    digits: Digits

    def decimals(self) -> list[Decimal | None]:
        """Return them as Python decimals, None where there is none."""
        source = self.texts if self.integers is None else self.integers
        return [None if each is None else Decimal(each) for each in source.to_pylist()]


def numbers_of(texts: pa.Array) -> Numbers:
    """Return the numbers of an array of texts, null where a row has none."""
    import pyarrow.compute as pc

    points = pc.any(pc.match_substring(texts, ".")).as_py()
    integers = None if points else _integers(texts)  # a cast that fails is slow
    if integers is None:
        given, texts = texts, normal_texts(texts)
        integers = None if points and texts is given else _integers(texts)
    if integers is None:
        return Numbers(texts, None, _digits(texts))
    return Numbers(texts, integers, Digits(True, _most_digits(integers), 0))


def decimal_digits(numbers: Iterable[Decimal]) -> Digits:
    """Return what Python decimals need; no number is too long for it."""
    found = Digits()
    for number in numbers:
        _, figures, exponent = number.as_tuple()
        assert isinstance(exponent, int)
        text = "".join(map(str, figures))
        digits = text.strip("0")
        if not digits:
            continue
        places = exponent + len(text) - len(text.rstrip("0"))
        fits = places >= 0 and number.adjusted() < 19 and -INT64 <= int(number) < INT64
        found |= Digits(fits, max(len(digits) + places, 0), max(-places, 0))
    return found


def normal_texts(texts: pa.Array) -> pa.Array:
    """Return numbers in DynamoDB's own form; only an engine that does not normalise gives any other."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(texts) <= FEW:
        normal = all(text is None or _NORMAL_TEXT.match(text) for text in texts.to_pylist())
    else:
        normal = pc.all(pc.match_substring_regex(texts, _NORMAL)).as_py() is not False
    if normal:
        return texts
    return pa.array([None if t is None else number_text(normalise_number(t)) for t in texts.to_pylist()], pa.string())


def size_of_numbers(texts: pa.Array) -> int:
    """Return the bytes that an array of normal texts takes in DynamoDB: ``items.number_size`` of each, summed."""
    import pyarrow.compute as pc

    digits = pc.utf8_ltrim(texts, "-")
    negative = pc.sum(pc.cast(pc.starts_with(texts, "-"), "int64")).as_py() or 0
    has_point = pc.match_substring(digits, ".")
    whole = pc.utf8_ltrim(pc.replace_substring_regex(digits, r"\..*$", ""), "0")
    whole = pc.if_else(has_point, whole, pc.utf8_rtrim(whole, "0"))
    fraction = pc.if_else(has_point, pc.replace_substring_regex(digits, r"^[^.]*\.", ""), "")
    fraction = pc.if_else(pc.equal(whole, ""), pc.utf8_ltrim(fraction, "0"), fraction)
    halves = sum(
        pc.sum(pc.divide(pc.add(pc.cast(pc.binary_length(part), "int64"), 1), 2)).as_py() or 0
        for part in (whole, fraction)
    )
    return len(texts) - int(texts.null_count) + int(negative) + int(halves)


def _integers(texts: pa.Array) -> pa.Array | None:
    import pyarrow as pa

    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


def _most_digits(integers: pa.Array) -> int:
    import pyarrow.compute as pc

    ends = pc.min_max(integers).as_py().values()
    return max((len(str(abs(each))) for each in ends if each), default=0)


def _digits(texts: pa.Array) -> Digits:
    """Return what normal texts need, of which at least one is no 64-bit integer."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(texts) <= FEW:
        return _digits_of_few([text for text in texts.to_pylist() if text is not None])
    point, length = pc.find_substring(texts, "."), pc.binary_length(texts)
    has_point = pc.greater_equal(point, 0)
    after = pc.if_else(has_point, pc.subtract(pc.subtract(length, point), 1), 0)
    before = pc.subtract(pc.if_else(has_point, point, length), pc.cast(pc.starts_with(texts, "-"), pa.int32()))
    before = pc.if_else(pc.match_substring_regex(texts, r"^-?0(\.|$)"), 0, before)
    return Digits(False, pc.max(before).as_py() or 0, pc.max(after).as_py() or 0)


def _digits_of_few(texts: Iterable[str]) -> Digits:
    halves = [text.lstrip("-").partition(".") for text in texts]
    return Digits(
        False, max(0 if whole == "0" else len(whole) for whole, _, _ in halves), max(len(part) for *_, part in halves)
    )
