"""Units of a write: asked for where they cost money, or where somebody says so; never a guess, never a silent zero."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.scripted_engine import Engine, items
from workbench.engines import is_near
from workbench.errors import UsageError

EXISTS_NOT = "attribute_not_exists(pk)"
WAYS: list[tuple[dict[str, Any], int]] = [
    ({}, 3),
    ({"condition": EXISTS_NOT}, 3),
    ({"condition": EXISTS_NOT, "transactions": True}, 6),
]
AWS = "https://dynamodb.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(("way", "units"), WAYS, ids=["batches", "puts", "transactions"])
def test_an_engine_near_by_is_asked_for_units_only_where_somebody_says_so(way: dict[str, Any], units: int) -> None:
    silent = Engine().write(items(3), units=None, **way)

    assert (silent.written, silent.units) == (3, None)
    assert repr(silent).splitlines()[1:] == ["  this engine was not asked for units; units=True asks"]
    assert ", WCU not known" in repr(silent)
    assert Engine().write(items(3), units=True, **way).units == units


def test_who_says_no_to_units_is_not_told_how_to_get_them() -> None:
    report = Engine().write(items(3), units=False)

    assert repr(report) == "lines: 3 rows, 3 written; 1 request, WCU not known"


def test_a_ceiling_asks_for_units() -> None:
    assert Engine().write(items(3), units=None, write_units=1000).units == 3


def test_a_ceiling_without_units_is_refused_before_anything_is_sent() -> None:
    engine = Engine()

    with pytest.raises(UsageError, match=r"units=False with write_units=10: .*leave one out"):
        engine.write(items(3), units=False, write_units=10)
    assert engine.sizes == []


def test_aws_is_asked_for_units(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    monkeypatch.setattr("workbench.bulk.writing.is_near", lambda url: is_near(url.replace("http://127.0.0.1:9", AWS)))

    assert engine.write(items(3), units=None).units == 3


def test_an_engine_that_does_not_say_its_units_has_not_consumed_zero() -> None:
    engine = Engine()
    engine.counts = False
    told = []
    report = engine.write(items(30), progress=told.append)

    assert report.units is None
    assert repr(report) == "lines: 30 rows, 30 written; 2 requests, WCU not known"
    assert [each.units for each in told] == [None, None]
