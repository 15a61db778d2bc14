"""Frames that pandas made and not we: taken where nothing has to be guessed, refused with the place and the cure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench import frames
from workbench.errors import ItemError
from workbench.frames import NULL


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.1, "0.1 is a float; floats are not exact: make it a column of Decimal or Int64"),
        (float("nan"), "nan is a float; DynamoDB has no NaN; where it means a missing attribute, as after concat"),
        (float("inf"), "inf is a float; DynamoDB has no infinity; leave it missing"),
        ({"a": 0.1}, "0.1 is a float"),
        (None, "None may be a NULL or a missing attribute; give frames.NULL, or pandas.NA"),
        (Decimal("1" * 39), "has 39 significant digits"),
        (Decimal("1E126"), "out of DynamoDB's range"),
        (frozenset(), "an empty set"),
        (("a", "a"), "a tuple stands for a set, and has a member twice"),
        (pd.Timestamp("2026-03-31"), "has no time zone; give one with .dt.tz_localize"),
    ],
    ids=repr,
)
def test_a_cell_that_dynamodb_cannot_hold_is_refused_with_row_column_and_cure(value: Any, words: str) -> None:
    frame = pd.DataFrame({"pk": ["A", "B"], "odd": pd.Series([pd.NA, value], dtype=object)})

    with pytest.raises(ItemError) as refused:
        frames.to_items(frame)

    assert str(refused.value).startswith("row 1, column 'odd': ")
    assert words in str(refused.value)


def test_pandas_missing_values_are_missing_attributes_and_null_is_null() -> None:
    frame = pd.DataFrame({"pk": ["A", "B", "C"], "note": pd.Series([NULL, pd.NA, "late"], dtype=object)})

    assert frames.to_items(frame) == [{"pk": "A", "note": None}, {"pk": "B"}, {"pk": "C", "note": "late"}]


def test_a_time_with_a_zone_is_text_in_utc() -> None:
    frame = pd.DataFrame({"pk": ["A"], "at": [datetime(2026, 3, 31, 17, 5, tzinfo=UTC)]})

    assert frames.to_items(frame) == [{"pk": "A", "at": "2026-03-31T17:05:00.000000Z"}]


@pytest.mark.parametrize("index", [["pk"], ["pk", "sk"]], ids=len)
def test_an_index_with_a_name_is_refused_and_not_dropped(index: list[str], tmp_path: Path) -> None:
    frame = pd.DataFrame({"pk": ["A"], "sk": ["1"], "n": [1]}).set_index(index)

    with pytest.raises(ItemError, match=r"the index 'pk' is no column and would be lost; .*reset_index\(\)"):
        frames.to_items(frame)
    with pytest.raises(ItemError, match="the index 'pk'"):
        frames.to_parquet(frame, tmp_path / "x.parquet")

    assert frames.to_items(frame.reset_index()) == [{"pk": "A", "sk": "1", "n": Decimal(1)}]
    assert frames.to_items(frame.reset_index(drop=True)) == [
        {name: value for name, value in [("sk", "1"), ("n", Decimal(1))] if name not in index}
    ]


def test_row_numbers_of_a_filtered_frame_are_no_attribute() -> None:
    frame = pd.DataFrame({"pk": ["A", "B"], "n": [1, 2]})

    assert frames.to_items(frame[frame["n"] > 1]) == [{"pk": "B", "n": Decimal(2)}]


def test_the_cure_for_nan_after_concat_works() -> None:
    left = frames.from_items([{"pk": "A"}])
    both = pd.concat([left, frames.from_items([{"pk": "B", "tags": {"a"}, "note": None}])], ignore_index=True)

    with pytest.raises(ItemError, match=r"row 0, column 'tags': nan"):
        frames.to_items(both)

    cured = both.assign(tags=both["tags"].fillna(pd.NA), note=both["note"].fillna(pd.NA))
    assert frames.to_items(cured) == [{"pk": "A"}, {"pk": "B", "tags": frozenset({"a"}), "note": None}]
