"""What the calendar and the sky say of a community's days: holidays by name, school terms, the weather by region and month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from understudy import assets
from understudy.life.routine import in_term
from understudy.model.community import Community
from understudy.ontology.modules import When
from understudy.rng import stream


@cache
def named_days(year: int) -> Mapping[str, date]:
    """The days of the United States' calendar by name, the unofficial ones included (the `holidays` package)."""
    import holidays

    return {name: day for day, names in holidays.country_holidays("US", years=year, categories=("public", "unofficial")).items() for name in names.split("; ")}


def holiday_dates(name: str, community: Community) -> list[int]:
    """The days of the window that carry this name, counted from its first."""
    last = community.start + timedelta(days=community.days)
    days = [named_days(year).get(name) for year in range(community.start.year, last.year + 1)]
    return [(day - community.start).days for day in days if day is not None and community.start <= day < last]


def weather_of(community: Community) -> tuple[str, ...]:
    """The weather of every day of the window: rain, snow, storm, heat, cold or clear; drawn once a community, days clinging to the day before."""
    about: Mapping[str, Any] = assets.data("data/ontology/weather.yaml")
    shares: Mapping[str, list[float]] = about[community.town.region]
    rng = stream(community.seed, f"{community.index}/weather")
    found: list[str] = []
    for day in range(community.days):
        month = (community.start + timedelta(days=day)).month - 1
        if found and rng.chance(float(about["stays"])) and (found[-1] == "clear" or shares[found[-1]][month] > 0):
            found.append(found[-1])
            continue
        point, sort = rng.random(), "clear"
        for name, by_month in shares.items():
            if point < by_month[month]:
                sort = name
                break
            point -= by_month[month]
        found.append(sort)
    return tuple(found)


def allows(when: When, community: Community, weather: tuple[str, ...], day: int) -> bool:
    """Whether a day has the weather and the term that an event asks for."""
    if when.weather and weather[day] not in when.weather:
        return False
    return when.term is None or in_term(community.start + timedelta(days=day)) == (when.term == "school")
