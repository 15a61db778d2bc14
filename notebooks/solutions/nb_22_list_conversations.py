"""Exercises of 22_list_conversations: checks, right answers, and a wrong one each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from workbench.bench import Bench
from workbench.items import query_units

ROW_BYTES = 251
SortKey = Callable[[dt.datetime], str]


def check_1(answer: int | None, bench: Bench) -> None:
    """Check the largest number of rows that one read unit pays for."""
    if answer is None:
        print("not answered yet")
        return
    price = query_units([[ROW_BYTES] * answer]).read
    more = query_units([[ROW_BYTES] * (answer + 1)]).read
    assert price <= Decimal(1), (
        f"{answer} rows have {answer * ROW_BYTES:,} bytes and cost {price}; half a unit is 4,096 bytes"
    )
    assert more > Decimal(1), f"{answer + 1} rows cost {more} too; there is room for more"
    print("right")


def solution_1(bench: Bench) -> int:
    """Two halves of 4,096 bytes, in whole rows."""
    return 2 * 4096 // ROW_BYTES


wrong_1 = 16


def check_2(answer: SortKey | None, bench: Bench) -> None:
    """Check that sort keys have a fixed width and that their order is the order of time."""
    if answer is None:
        print("not answered yet")
        return
    india = dt.timezone(dt.timedelta(hours=5, minutes=30))
    moments = [
        dt.datetime(2026, 3, 30, 23, 10, 0, 0, india),
        dt.datetime(2026, 3, 30, 22, 50, 28, 0, dt.UTC),
        dt.datetime(2026, 3, 30, 22, 50, 28, 259154, dt.UTC),
    ]
    keys = [answer(moment) for moment in moments]
    for moment, key in zip(moments, keys, strict=True):
        assert len(key) == 27, (
            f"{moment!r} became {key!r}, which has {len(key)} characters; are the microseconds there?"
        )
    assert keys == sorted(keys), f"these are in the order of time, and their text is not: {keys}; is each one in UTC?"
    assert keys[0] == "2026-03-30T17:40:00.000000Z", f"{moments[0]!r} became {keys[0]!r}; it is 17:40 in UTC"
    print("right")


def solution_2(bench: Bench) -> SortKey:
    """Into UTC first, then a format that always writes microseconds."""
    return lambda moment: f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def wrong_2(moment: dt.datetime) -> str:
    """What most programs do."""
    return moment.isoformat()
