"""The week's frame: when somebody sleeps, works and goes to school."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from understudy.model.clock import DAY, Clock
from understudy.model.community import Community, age_on
from understudy.model.records import Person
from understudy.ontology.who import plain_status
from understudy.rng import stream

SHIFTS = {
    "day": (8.5, 8.5), "early": (6.0, 8.5), "evening": (14.5, 8.25), "night": (22.0, 8.25), "rotating": (7.0, 8.5), "weekend": (10.0, 8.0),
    "flexible": (10.5, 5.0),
}  # fmt: skip
"""A shift's usual start hour and length in hours, the break included."""
SERVICE = ("service", "sales", "transport", "production")
"""Status groups whose two days off fall on any days of the week."""


class Frame(NamedTuple):
    """One person's habits of time, in minutes after midnight, and the days of the week on which they work (0 is Monday)."""

    wake: int
    bed: int
    starts: int
    length: int
    days: tuple[int, ...]
    shift: str
    kind: str  # work | school | university | childcare | free


@cache
def closed_days(state: str, years: tuple[int, ...]) -> frozenset[date]:
    """Public holidays, on which offices and schools are closed (the `holidays` package)."""
    import holidays

    return frozenset(holidays.country_holidays("US", subdiv=state, years=list(years)))


def frames(community: Community) -> dict[str, Frame]:
    """Everybody's week, drawn once."""
    found = {}
    for person in community.people:
        rng = stream(community.seed, f"{person.id}/week")
        age = age_on(person.birth_date, community.start)
        kind, shift, starts, length, days = "free", "", 0, 0, tuple[int, ...]()
        if plain_status(person.status) == "employed" and person.occupation:
            kind, shift = "work", community.shifts.get(person.id, "day")
            hour, hours = SHIFTS.get(shift, SHIFTS["day"])
            starts, length = int(60 * rng.normal(hour, 0.5)) // 5 * 5, int(60 * rng.normal(hours, 0.35)) // 5 * 5
            if shift == "weekend":
                days = tuple(sorted({4, 5, 6, *rng.some(range(4), rng.whole(0, 1))}))
            elif shift == "flexible":
                days = tuple(sorted(rng.some(range(6), rng.whole(3, 4))))
            elif shift != "day" or (person.status in SERVICE and rng.chance(0.5)):
                days = tuple(sorted(rng.some(range(7), 5)))
            else:
                days = (0, 1, 2, 3, 4)
            length = max(180, min(length, 600))
        elif person.school and age < 19:
            kind, starts, length, days = "school", rng.pick((470, 480, 485, 490, 500)), 400, (0, 1, 2, 3, 4)
        elif person.school:
            kind, starts, length, days = "university", rng.pick((540, 570, 600, 660)), rng.pick((120, 180, 240)), tuple(sorted(rng.some(range(5), 4)))
        wake = int(rng.normal(400, 55)) + (30 if age >= 65 and kind == "free" else 0)
        if kind in ("work", "school", "university") and shift != "night":
            wake = min(wake, starts - rng.whole(60, 100)) if starts > 240 else wake
        bed = int(rng.normal(1335 if 18 <= age < 60 else 1305 if age >= 60 else 1250 if age >= 10 else 1205, 50))
        if shift == "evening":
            wake, bed = rng.whole(500, 580), 1440 + rng.whole(20, 80)
        if shift == "night":
            wake, bed = rng.whole(810, 900), 1440 + rng.whole(60, 180)
        bed = max(bed, starts + length + 80) if kind == "work" and shift != "night" else bed
        found[person.id] = Frame(max(240, wake) // 5 * 5, bed // 5 * 5, starts, length, days, shift, kind)
    return found


def duty(community: Community, person: Person, frame: Frame, day: int, clock: Clock) -> tuple[int, int] | None:
    """The local minutes [start, end) of work or school that begin on a day, or None: a day off, a holiday, no term."""
    if frame.kind == "free":
        return None
    today = community.start + timedelta(days=day)
    weekday = clock.weekday(day * DAY)
    shift_day = day // 7 % 2 if frame.shift == "rotating" else 0
    if weekday not in frame.days:
        return None
    office = frame.kind in ("school", "university") or (frame.shift == "day" and frame.days == (0, 1, 2, 3, 4))
    years = tuple(range(community.start.year, (community.start + timedelta(days=community.days + 31)).year + 1))
    if office and today in closed_days(community.town.state, years):
        return None
    if frame.kind in ("school", "university") and not in_term(today):
        return None
    jitter = stream(community.seed, f"{person.id}/duty/{day}")
    if frame.kind == "work" and jitter.chance(0.025):
        return None  # a sick or free day: about six a year
    start = day * DAY + frame.starts + jitter.pick((-10, -5, -5, 0, 0, 0, 5, 10, 15)) + (480 if shift_day else 0)
    return start, start + frame.length + (jitter.pick((-15, 0, 0, 0, 10, 20, 40, 60)) if frame.kind == "work" else 0)


def in_term(day: date) -> bool:
    """Whether schools are open: not from mid-June to late August, nor around New Year, nor in a spring week."""
    month, number = day.month, day.day
    if month in (7,) or (month == 6 and number > 14) or (month == 8 and number < 24):
        return False
    if (month == 12 and number > 21) or (month == 1 and number < 4):
        return False
    return not (month == 4 and 7 <= number <= 11)
