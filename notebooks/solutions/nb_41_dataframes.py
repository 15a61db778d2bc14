"""Checks and solutions of the exercises in 41_dataframes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from typing import Any

import pandas as pd

from workbench import frames

Item = dict[str, Any]

_TEXT = "pk,sk,price,count\nA,01,19.90,9007199254740993\nA,02,,7\nNA,03,0.1234567890123456789,\n"
_ITEMS = [
    {"pk": "A", "sk": "01", "price": Decimal("19.90"), "count": Decimal(9007199254740993)},
    {"pk": "A", "sk": "02", "count": Decimal(7)},
    {"pk": "NA", "sk": "03", "price": Decimal("0.1234567890123456789")},
]
_NOTES = [{"pk": "A", "note": None}, {"pk": "B", "note": ""}, {"pk": "C"}, {"pk": "D"}, {"pk": "E", "note": "NULL"}]


def wrong_1(text: str) -> list[Item]:
    """Let pandas guess, and take the floats that it made, their gaps as missing."""
    return frames.to_items(pd.read_csv(StringIO(text)).convert_dtypes(), floats="decimal")


def wrong_2(frame: pd.DataFrame, name: str) -> tuple[int, int]:
    """Count what is missing, and all the rest that is not true."""
    return sum(not each for each in frame[name].dropna()), int(frame[name].isna().sum())


def solution_1(bench: Any) -> Callable[[str], list[Item]]:
    """Return a function that reads every field as text, and makes numbers of digits and not of floats."""

    def items(text: str) -> list[Item]:
        read = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
        for name in read.columns.drop(["pk", "sk"]):
            numbers = [Decimal(each) if each else pd.NA for each in read[name]]
            read[name] = pd.Series(numbers, dtype=object)
        return frames.to_items(read)

    return items


def solution_2(bench: Any) -> Callable[[pd.DataFrame, str], tuple[int, int]]:
    """Return a function that counts the NULLs, and what pandas calls missing."""
    return lambda frame, name: (int(frames.is_null(frame[name]).sum()), int(frame[name].isna().sum()))


def check_1(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 1; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    for found, expected in zip(answer(_TEXT), _ITEMS, strict=True):
        for name in ("pk", "sk"):
            assert found.get(name) == expected[name], (
                f"{name} {expected[name]!r} became {found.get(name)!r}; let pandas guess nothing: dtype=str, "
                f"and keep_default_na=False, since 'NA' is a text"
            )
        assert found == expected, f"expected {expected}, got {found}; make each Decimal of the text of its field"
    print("right")


def check_2(answer: Any, bench: Any) -> None:
    """Print the verdict on exercise 2; AssertionError with a hint for a wrong answer."""
    if answer is None:
        print("not answered yet")
        return
    frame = frames.from_items(_NOTES)
    counted = tuple(answer(frame, "note"))
    assert counted == (1, 2), f"{_NOTES} has 1 NULL and 2 missing, and not {counted}; an empty text is neither"
    assert tuple(answer(frame, "pk")) == (0, 0), "every item has pk"
    print("right")
