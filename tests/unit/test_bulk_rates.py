"""The ceiling of units a second, on a clock that is moved by hand."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from workbench.bulk import Ceiling
from workbench.errors import UsageError


class Hands:
    """A clock that only sleeping, and the test, moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def ceiling(units: float, hands: Hands) -> Ceiling:
    return Ceiling(units, clock=lambda: hands.now, sleep=hands.sleep)


def test_from_the_start_on_no_more_than_the_ceiling_is_handed_out() -> None:
    hands = Hands()
    limit = ceiling(100, hands)
    for requests in range(1, 41):
        limit.take(25)

        assert requests * 25 <= 100 * hands.now + 1e-6
    assert hands.now == pytest.approx(10.0)


def test_nothing_is_saved_up_before_the_first_unit_is_asked_for() -> None:
    hands = Hands()
    limit = ceiling(100, hands)
    hands.now = 60.0

    assert [limit.take(50), limit.take(50)] == [0.5, 0.5]


def test_what_is_not_used_is_saved_for_one_second_only() -> None:
    hands = Hands()
    limit = ceiling(100, hands)
    limit.take(0)
    hands.now = 60.0

    assert [limit.take(50), limit.take(50), limit.take(50)] == [0.0, 0.0, 0.5]


def test_more_than_a_second_s_worth_waits_longer_and_does_not_hang() -> None:
    hands = Hands()

    assert ceiling(10, hands).take(25) == pytest.approx(2.5)


def test_what_the_engine_reports_puts_the_guess_right() -> None:
    hands = Hands()
    limit = ceiling(100, hands)
    for _ in range(20):
        limit.take(25)
        limit.settle(25, 50)  # an index doubles what was guessed

    limit.take(0)  # pays the last one's debt
    assert hands.now == pytest.approx(20 * 50 / 100)


def test_a_guess_that_was_too_high_is_given_back() -> None:
    hands = Hands()
    limit = ceiling(100, hands)
    limit.take(100)
    limit.settle(100, 10)

    assert limit.take(90) == 0.0


def test_a_thread_that_is_stopped_meanwhile_waits_no_longer() -> None:
    stop, limit = threading.Event(), Ceiling(1)
    waiting = threading.Thread(target=limit.take, args=(600, stop.wait), daemon=True)
    waiting.start()
    stop.set()
    waiting.join(timeout=5)

    assert not waiting.is_alive()


def test_threads_together_keep_to_one_ceiling() -> None:
    waits: list[float] = []
    limit = Ceiling(100, clock=lambda: 0.0, sleep=waits.append)
    threads = [threading.Thread(target=limit.take, args=(10,)) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(waits) == pytest.approx([0.1 * n for n in range(1, 21)])


@pytest.mark.parametrize("units", [0, -1, float("inf"), float("nan"), True, "5", [5]])
def test_a_ceiling_that_is_none_is_refused(units: Any) -> None:
    with pytest.raises(UsageError, match="a number above 0"):
        Ceiling(units)
