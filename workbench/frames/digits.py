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

from workbench.frames.page import Values, arrow_of, listed
from workbench.items import normalise_number, number_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "Digits", "Numbers", "arrow_digits", "decimal_digits", "decimal_of", "decimals_of", "normal_text", "normal_texts",
    "numbers_of", "size_of_numbers",
]  # fmt: skip

# As DynamoDB gives numbers back: no exponent, no sign on zero, no loose zeros.
_NORMAL = r"^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_NORMAL_TEXT = re.compile(_NORMAL)
_SHORT_INTEGER = re.compile(r"^(?:0|-?[1-9][0-9]{0,17})$")
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

    texts: Values
    integers: Values | None
    digits: Digits

    def decimals(self) -> list[Decimal | None]:
        """Return them as Python decimals, None where there is none."""
        if self.integers is None:
            return decimals_of(self.texts)
        return [None if each is None else Decimal(each) for each in listed(self.integers)]


def numbers_of(texts: Values) -> Numbers:
    """Return the numbers of texts, null where a row has none. EngineError where they are no texts."""
    if len(texts) <= FEW and (few := _few(listed(texts))) is not None:
        return few
    texts = arrow_of("N", texts)
    integers = _integers(texts) if _may_be_whole(texts) else None
    if integers is None:
        given, texts = texts, normal_texts(texts)
        integers = None if texts is given else _integers(texts)
    if integers is None:
        return Numbers(texts, None, _digits(texts))
    return Numbers(texts, integers, Digits(True, _most_digits(integers), 0))


def arrow_digits(numbers: pa.Array) -> Digits:
    """Return what an Arrow column of numbers needs that is in its narrowest type already: integers, decimals, texts."""
    import pyarrow as pa

    if numbers.null_count == len(numbers):
        return Digits()
    if pa.types.is_integer(numbers.type):
        return Digits(True, _most_digits(numbers), 0)
    if pa.types.is_decimal(numbers.type):
        return Digits(False, numbers.type.precision - numbers.type.scale, numbers.type.scale)
    return _digits(numbers)


def decimal_digits(numbers: Iterable[Decimal]) -> Digits:
    """Return what Python decimals need; no number is too long for it."""
    whole, before, after = True, 0, 0
    for number in numbers:
        left, _, right = f"{number:f}".lstrip("-").partition(".")
        left, right = left.lstrip("0"), right.rstrip("0")
        before, after = max(before, len(left)), max(after, len(right))
        if whole and (right or (len(left) > 18 and not -INT64 <= int(number) < INT64)):
            whole = False
    return Digits(whole, before, after)


def normal_texts(texts: Values) -> Values:
    """Return numbers in DynamoDB's own form; only an engine that does not normalise gives any other."""
    if isinstance(texts, list):
        return [None if text is None else normal_text(text) for text in texts]
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(texts) <= FEW:
        normal = all(text is None or _NORMAL_TEXT.match(text) for text in texts.to_pylist())
    else:
        normal = pc.all(pc.match_substring_regex(texts, _NORMAL)).as_py() is not False
    if normal:
        return texts
    return pa.array([None if text is None else normal_text(text) for text in texts.to_pylist()], pa.string())


def decimals_of(texts: Values) -> list[Decimal | None]:
    """Return normal texts as Python decimals, None where there is none; one object where a number comes again often."""
    if isinstance(texts, list) or not _repeats(texts):
        return [None if text is None else Decimal(text) for text in listed(texts)]
    import numpy as np

    encoded = texts.dictionary_encode()
    numbers = [*map(Decimal, encoded.dictionary.to_pylist()), None]
    at = encoded.indices.fill_null(len(numbers) - 1).to_numpy()
    found: list[Decimal | None] = np.fromiter(numbers, dtype=object, count=len(numbers))[at].tolist()
    return found


def _repeats(texts: pa.Array) -> bool:
    """Return whether an array seems to hold few numbers many times, by the look of its beginning."""
    return len(texts) > FEW and 2 * len(texts.slice(0, FEW).unique()) < FEW


def decimal_of(text: str) -> Decimal:
    """Return the number of a text that DynamoDB sent."""
    return Decimal(text) if _NORMAL_TEXT.match(text) else normalise_number(text)


def normal_text(text: str) -> str:
    """Return a number that DynamoDB sent in its own form."""
    return text if _NORMAL_TEXT.match(text) else number_text(normalise_number(text))


def size_of_numbers(texts: pa.Array) -> int:
    """Return the bytes that an array of normal texts takes in DynamoDB: ``items.number_size`` of each, summed."""
    import pyarrow.compute as pc

    digits = pc.utf8_ltrim(texts, "-")
    count = len(texts) - int(texts.null_count)
    negative = _total(pc.binary_length(texts)) - _total(pc.binary_length(digits))
    whole = pc.binary_length(pc.utf8_rtrim(digits, "0"))
    point = pc.find_substring(digits, ".")
    has_point = pc.greater_equal(point, 0)
    if not pc.any(has_point).as_py():
        return count + negative + _pairs(whole)
    below_one = pc.starts_with(digits, "0.")
    whole = pc.if_else(below_one, 0, pc.if_else(has_point, point, whole))
    fraction = pc.if_else(has_point, pc.subtract(pc.subtract(pc.binary_length(digits), point), 1), 0)
    fraction = pc.if_else(below_one, pc.binary_length(pc.utf8_ltrim(digits, "0.")), fraction)
    return count + negative + _pairs(whole) + _pairs(fraction)


def _pairs(lengths: pa.Array) -> int:
    """Return how many bytes so many digits take, two in each, rounded up number by number."""
    import pyarrow.compute as pc

    return _total(pc.divide(pc.add(lengths, 1), 2))


def _total(counts: pa.Array) -> int:
    import pyarrow.compute as pc

    return int(pc.sum(counts).as_py() or 0)


def _may_be_whole(texts: pa.Array) -> bool:
    """Return whether 64-bit integers may hold all of them, at a glance: a cast that fails is slow."""
    import pyarrow.compute as pc

    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    return longest <= len(str(-INT64)) and not pc.any(pc.match_substring(texts, ".")).as_py()


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


def _few(texts: list[str | None]) -> Numbers | None:
    """Return the numbers of some normal texts, without a call into Arrow for each question; None of other texts."""
    there = [text for text in texts if text is not None]
    if all(map(_SHORT_INTEGER.match, there)):
        integers = [None if text is None else int(text) for text in texts]
        before = max((len(text.lstrip("-")) for text in there if text != "0"), default=0)
        return Numbers(texts, integers, Digits(True, before, 0))
    if not all(map(_NORMAL_TEXT.match, there)):
        return None
    digits = _digits_of_few(there)
    return None if not digits.after and digits.before <= 19 else Numbers(texts, None, digits)


def _digits_of_few(texts: Iterable[str]) -> Digits:
    halves = [text.lstrip("-").partition(".") for text in texts]
    return Digits(
        False, max(0 if whole == "0" else len(whole) for whole, _, _ in halves), max(len(part) for *_, part in halves)
    )
