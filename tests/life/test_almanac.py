"""The calendar and the sky: holidays by name, weather that belongs to region and month, terms."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta

from understudy.life.almanac import allows, holiday_dates, named_days, weather_of
from understudy.model.community import Community, Town
from understudy.ontology.modules import When


def year(state: str = "MN", index: int = 0, start: date = date(2025, 1, 1), days: int = 365) -> Community:
    """A community of nobody, for its days."""
    town = Town(zip="00000", city="Nowhere", state=state, timezone="America/Chicago", area_code="555", lat=45.0, lon=-93.0)
    return Community(index=index, seed=3, start=start, days=days, town=town, households=[], people=[], places=[], organizations=[])


def test_holidays_are_found_by_name_in_every_year_of_the_window() -> None:
    """Trap: a Thanksgiving that is always the 27th."""
    assert named_days(2025)["Thanksgiving Day"] == date(2025, 11, 27)
    assert named_days(2026)["Thanksgiving Day"] == date(2026, 11, 26)
    assert {"Halloween", "Mother's Day", "New Year's Eve"} <= set(named_days(2025))
    two = year(days=730)
    assert [two.start + timedelta(days=d) for d in holiday_dates("Thanksgiving Day", two)] == [date(2025, 11, 27), date(2026, 11, 26)]
    assert holiday_dates("Thanksgiving Day", year(days=90)) == []


def test_weather_belongs_to_region_and_month() -> None:
    """Trap: snow in a southern July."""
    north, south = weather_of(year("MN")), weather_of(year("FL"))
    assert len(north) == 365
    assert not [d for d in range(160, 240) if north[d] == "snow" or south[d] == "snow"]
    assert Counter(north[:59])["snow"] > 8
    assert Counter(south[150:240])["heat"] > 30
    assert weather_of(year("MN")) == north
    assert weather_of(year("MN", index=1)) != north


def test_weather_clings_to_the_day_before() -> None:
    """Trap: days drawn one by one, so that no spell of rain lasts."""
    days = weather_of(year("WA"))
    same = sum(a == b for a, b in itertools.pairwise(days)) / 364
    shares = [n / 365 for n in Counter(days).values()]
    assert same > sum(s * s for s in shares) + 0.1


def test_terms_and_weather_decide_a_day() -> None:
    town = year("MN")
    sky = weather_of(town)
    july = (date(2025, 7, 10) - town.start).days
    assert allows(When(term="break"), town, sky, july)
    assert not allows(When(term="school"), town, sky, july)
    assert allows(When(weather=[sky[july]]), town, sky, july)
    assert not allows(When(weather=[w for w in ("snow", "cold") if w != sky[july]]), town, sky, july)
