"""The local clock: order survives the hours that spring skips and autumn doubles."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from understudy.model.clock import DAY, Clock, hour_text, relative
from understudy.model.community import age_on, slug


@pytest.mark.parametrize("start", [date(2025, 3, 8), date(2025, 11, 1), date(2025, 6, 1)])
def test_utc_never_runs_backward(start: date) -> None:
    clock = Clock(start, 3, "America/New_York")
    times = [clock.utc(minute) for minute in range(3 * DAY)]
    assert times == sorted(times)


def test_utc_agrees_with_the_zone() -> None:
    clock = Clock(date(2025, 3, 8), 3, "America/New_York")
    assert clock.utc(9 * 60) == datetime(2025, 3, 8, 14, 0)
    assert clock.utc(DAY + 9 * 60) == datetime(2025, 3, 9, 13, 0)  # summer time has begun


def test_there_and_back() -> None:
    clock = Clock(date(2025, 1, 6), 30, "America/Denver")
    assert all(clock.minute(clock.utc(m)) == m for m in range(0, 30 * DAY, 37))


def test_relative_phrases() -> None:
    clock = Clock(date(2025, 1, 6), 30, "America/Denver")  # a Monday
    noon = 2 * DAY + 720
    assert relative(noon, noon + 8 * 60, clock) == "tonight"
    assert relative(noon, noon + DAY - 4 * 60, clock) == "tomorrow morning"
    assert relative(noon, noon + 2 * DAY, clock) == "on Friday"
    assert relative(noon, noon - 16 * 60, clock) == "last night"
    assert relative(noon, noon + 12 * DAY, clock) == "on January 20"


def test_ages_are_derived() -> None:
    assert age_on(date(2000, 2, 29), date(2025, 2, 28)) == 24
    assert age_on(date(2000, 2, 29), date(2025, 3, 1)) == 25


def test_words() -> None:
    assert hour_text(13 * 60 + 5) == "1:05 pm"
    assert hour_text(0) == "12 am"
    assert slug("Dobbin & Co. (West)") == "dobbin-co-west"
