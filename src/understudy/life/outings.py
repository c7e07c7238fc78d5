"""Free-time outings: shopping, a meal out, a walk, a friend's house, alone or together, put into the agenda of a week."""

from __future__ import annotations

from typing import Any

from understudy import assets
from understudy.engine.call import Engine
from understudy.engine.router import by_model
from understudy.life.agenda import Block
from understudy.life.grow import INTENTS, Grower
from understudy.life.leisure import Week, busy_line, plans
from understudy.model.clock import DAY, WEEKDAYS
from understudy.model.community import age_on
from understudy.model.records import Person, Place
from understudy.rng import Stream, stream


def plan_outings(grower: Grower, first: int, last: int, engine: Engine | None = None) -> None:
    """Add outings for the days [first, last) in the order of ids, so that whoever is asked along is known to be free; a model's, where it plays that role."""
    kinds: list[dict[str, Any]] = assets.data("data/ontology/outings.yaml")["outings"]
    ages = {p.id: age_on(p.birth_date, grower.community.start) for p in grower.community.people}
    if engine is not None and by_model(engine, "behavior"):
        _asked(grower, first, last, engine, kinds, ages)
        return
    for day in range(first, last):
        weekend = grower.clock.weekday(day * DAY) >= 5
        for person in grower.community.people:
            if ages[person.id] < 13 or grower.agenda.away(person.id, day * DAY + 720):
                continue
            rng = stream(grower.community.seed, f"{person.id}/outings/{day}")
            duty = grower.hours(person.id, day)
            mean = (1.35 if weekend else 1.15) if duty is None else 0.75
            mean *= 0.8 if ages[person.id] >= 75 else 1.0
            for _ in range(min(3, rng.poisson(mean))):
                able = [k for k in kinds if k.get("age", [13, 110])[0] <= ages[person.id] <= k.get("age", [13, 110])[1]]
                kind = rng.weighted(able, [float(k["weekend" if weekend else "weekday"]) for k in able])
                _try(grower, person.id, kind, day, rng, ages)


def _asked(grower: Grower, first: int, last: int, engine: Engine, kinds: list[dict[str, Any]], ages: dict[str, int]) -> None:
    """A model's plans for everybody's free time, admitted like drawn ones: whoever is busy, or finds the door closed, stays."""
    by_category = {k["category"]: k for k in kinds}
    weeks = []
    for person in grower.community.people:
        age = ages[person.id]
        able = tuple(k["category"] for k in kinds if k.get("age", [13, 110])[0] <= age <= k.get("age", [13, 110])[1])
        if age >= 13 and able:
            weeks.append((person.id, _week(grower, person, first, last, able, ages)))
    found = plans(weeks, engine)
    for person_id, _ in weeks:
        for plan in found[person_id]:
            rng = stream(grower.community.seed, f"{person_id}/plans/{plan.day}/{plan.hour}")
            hours = [float(plan.hour), plan.hour + 0.75]
            kind = {**by_category[plan.category], "hour": hours, "stay": [plan.minutes, plan.minutes], "together": 0.0, "friend": False}
            _try(grower, person_id, kind, plan.day, rng, ages, [plan.company] if plan.company else [])


def _week(grower: Grower, person: Person, first: int, last: int, able: tuple[str, ...], ages: dict[str, int]) -> Week:
    clock = grower.clock
    near = grower.close(person.id, ("partner", "friend", "sibling", "parent", "child", "kin"))
    companions = tuple(
        {grower.people[p].given_name: p for p in reversed(near[:6]) if ages[p] >= 13 and grower.people[p].given_name != person.given_name}.items()
    )
    events: dict[int, list[tuple[int, str]]] = {}
    for event in grower.events:
        minute = clock.minute(event.starts)
        if person.id in event.people and first * DAY <= minute < last * DAY and event.place:
            events.setdefault(minute // DAY, []).append((minute, event.title))
    busy = tuple(busy_line(WEEKDAYS[clock.weekday(d * DAY)], grower.hours(person.id, d), sorted(events.get(d, ()))) for d in range(first, last))
    return Week(person.summary, busy, able, companions, first, last, clock.weekday(first * DAY))


def _try(grower: Grower, person: str, kind: dict[str, Any], day: int, rng: Stream, ages: dict[str, int], company: list[str] | None = None) -> None:
    place = _where(grower, person, kind["category"], rng)
    if place is None:
        return
    low, high = kind["stay"]
    length = rng.whole(low, high) // 5 * 5
    for _ in range(4):
        start = day * DAY + int(60 * rng.between(*kind["hour"])) // 5 * 5
        if not _open(place, start, start + length) or not _can(grower, person, start, length, place):
            continue
        group = [person]
        if rng.chance(float(kind.get("together", 0.0))):
            household = grower.people[person].household
            group += [p for p in grower.people if p != person and grower.people[p].household == household and _can(grower, p, start, length, place)]
        elif company:
            group += [p for p in company if _can(grower, p, start, length, place)]
        elif kind.get("friend"):
            group += [p for p in grower.close(person, ("friend", "sibling", "kin", "parent"))[:5] if ages[p] >= 13 and _can(grower, p, start, length, place)][
                :1
            ]
        category = "other_home" if place.category == "home" else place.category
        intent = kind.get("intent") or INTENTS.get(place.category, "errands")
        for member in group:
            if place.id != grower.people[member].home:
                grower.agenda.add(member, Block(start, start + length, place.id, category, intent, None, f"o{person}{start}"))
        return


def _can(grower: Grower, person: str, start: int, length: int, place: Place) -> bool:
    return grower.idle(person, start, start + length) and grower.agenda.free(person, start, start + length, "", "")


def _open(place: Place, start: int, end: int) -> bool:
    return place.opens <= start % DAY and (end - 1) % DAY + (DAY if (end - 1) // DAY > start // DAY else 0) <= place.closes


def _where(grower: Grower, person: str, category: str, rng: Stream) -> Place | None:
    """A place of a category: usually one of the two that the person keeps going to (exploration and preferential return)."""
    if category == "other_home":
        known = grower.close(person, ("friend", "parent", "sibling", "kin", "child"))[:5]
        homes = [grower.people[p].home for p in known if grower.people[p].household != grower.people[person].household]
        return grower.places[rng.pick(homes)] if homes else None
    able = [p for p in grower.by_category.get(category, []) if "away" not in p.name and not p.address.startswith("downtown")]
    if not able:
        return None
    habits = stream(grower.community.seed, f"{person}/habit/{category}").some(able, 2)
    return rng.pick(habits) if rng.chance(0.78) else rng.pick(able)
