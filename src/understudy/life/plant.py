"""Plants modules in lives: by precondition and rate, proposed for everyone in parallel and admitted in one order."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from understudy.engine.call import Engine
from understudy.engine.router import by_model
from understudy.life.almanac import allows, holiday_dates
from understudy.life.details import Drawer
from understudy.life.drift import drift
from understudy.life.grow import Grower, Led
from understudy.life.routine import frames
from understudy.life.story import companion, module_of
from understudy.life.telling import tell
from understudy.model.clock import DAY
from understudy.model.community import Community, age_on
from understudy.model.records import Event, Organization, Person
from understudy.model.timeline import Timeline
from understudy.ontology.modules import EVERY, Module
from understudy.ontology.who import Traits, fits
from understudy.recipe import Tree
from understudy.rng import Stream, stream

OFFICES = 70
"""Kinds of shops and offices that a told event may name."""
WAITS = 21
"""Days within which the weather or the term that an event asks for must come."""
CHAIN = 6
"""How many modules may follow one another, lest a ring of them never ends."""


class Proposal(NamedTuple):
    """A root event somebody could have: sorted by time, then by name."""

    minute: int
    name: str
    module: Module
    person: Person
    traits: Traits
    given: Mapping[str, str] = {}
    led: Led | None = None


def live(
    community: Community,
    modules: Mapping[str, Module],
    traits: Mapping[str, Traits],
    national: Mapping[str, Organization],
    engine: Engine | None = None,
    tree: Tree | None = None,
) -> Grower:
    """Everything that happens to a community in its window, before its days are filled: modules, and what a model tells, if there is one."""
    timeline = Timeline(community.prefix, community.facts)
    grower = Grower(community, frames(community), Drawer(community, national), timeline)
    proposals: list[Proposal] = []
    taken: set[tuple[str, str]] = set()
    weather = grower.weather
    for person in community.people:
        for name, module in modules.items():
            if not fits(module.who, traits[person.id]):
                continue
            if module.per == "household":
                if (person.household, name) in taken or traits[person.id].age < 18:
                    continue
                taken.add((person.household, name))
            rng = stream(community.seed, f"{person.id}/plant/{name}")
            for number, minute in enumerate(times(module, person, community, rng, weather)):
                proposals.append(Proposal(minute, f"{person.id}/{name}/{number}", module, person, traits[person.id]))
    told = engine is not None and tree is not None and modules and by_model(engine, "life")
    if told and engine is not None and tree is not None:
        proposals += _told(community, engine, tree, traits, grower)
    birthdays(grower)
    drift(grower, traits, engine)
    trips = [p for p in proposals if p.module.events[p.module.root].away]
    others = [p for p in proposals if not p.module.events[p.module.root].away]
    _admit(grower, sorted(trips, key=_order), modules, traits)
    _admit(grower, others, modules, traits)
    return grower


def _admit(grower: Grower, proposals: list[Proposal], modules: Mapping[str, Module], traits: Mapping[str, Traits]) -> None:
    """Admit proposals in the order of time, and among them what they lead to: a chain is part of the same life, not an afterthought."""
    queue = [(*_order(p), p) for p in proposals]
    heapq.heapify(queue)
    people = grower.people
    while queue:
        _, _, proposal = heapq.heappop(queue)
        grower.root(proposal.module, proposal.person, proposal.traits, proposal.minute, proposal.name, proposal.given, proposal.led)
        for number, led in enumerate(grower.take_leads()):
            module = modules.get(led.module)
            depth = proposal.name.count("+") + 1
            if module is None or depth > CHAIN or not fits(module.who, traits[led.person]):
                continue
            follow = Proposal(
                _from(module, led, grower), f"{proposal.name}+{led.module}{number}", module, people[led.person], traits[led.person], led.roles, led
            )
            heapq.heappush(queue, (*_order(follow), follow))


def _from(module: Module, led: Led, grower: Grower) -> int:
    """The local minute at which a module that something led to begins: its own hour and weekday, on the day that the lead says or after."""
    when, rng = module.events[module.root].when, stream(grower.community.seed, f"{led.because}/{led.module}")
    able = (d for d in range(led.day, led.day + WAITS) if not when.weekday or grower.clock.weekday(d * DAY) in when.weekday)
    day = next((d for d in able if d >= grower.community.days or allows(when, grower.community, grower.weather, d)), led.day)
    return day * DAY + int(60 * rng.between(*when.hour))


def _told(community: Community, engine: Engine, tree: Tree, traits: Mapping[str, Traits], grower: Grower) -> list[Proposal]:
    """The trees that a model told, as proposals like any other."""
    people = {p.id: p for p in community.people}
    found = []
    offices = sorted({o.kind for o in community.organizations if o.kind != "club"})[:OFFICES]
    for person, trees in tell(community, engine, tree, offices).items():
        for number, growth in enumerate(trees):
            minute = growth.event.day * DAY + growth.event.hour * 60
            given = companion(community, person, growth)
            found.append(Proposal(minute, f"{person}/story/{number}", module_of(growth), people[person], traits[person], given))
    return found


def birthdays(grower: Grower) -> None:
    """Everyone grows a year older on the day: an event of its own, which replaces the age as a fact."""
    community = grower.community
    key = "background.identity.age"
    for person in community.people:
        for day in range(1, community.days):
            date = community.start + timedelta(days=day)
            if (date.month, date.day) != (person.birth_date.month, person.birth_date.day):
                continue
            ident = f"{community.prefix}.e{len(grower.events):05d}"
            starts = grower.clock.utc(day * DAY)
            years = age_on(person.birth_date, date)
            title = f"{person.given_name} turns {years}"
            grower.events.append(
                Event(
                    id=ident,
                    root=ident,
                    depth=0,
                    module="birthdays",
                    kind="birthday",
                    title=title,
                    starts=starts,
                    ends=grower.clock.utc(day * DAY + 1),
                    people=[person.id],
                    details={"age": str(years)},
                )
            )
            if grower.timeline.has(person.id, key, starts):
                grower.timeline.change(person.id, key, str(years), starts, ident, stream(community.seed, ident), replaces=True)


def _order(proposal: Proposal) -> tuple[int, str]:
    return proposal.minute, proposal.name


def times(module: Module, person: Person, community: Community, rng: Stream, weather: tuple[str, ...]) -> list[int]:
    """The local minutes at which a module's root is proposed for a person within the window; `weather` is that of each of its days."""
    node = module.events[module.root]
    if not rng.chance(module.share):
        return []
    hour = 60 * rng.between(*node.when.hour)
    if node.when.holiday:
        often = module.rate is None or rng.chance(min(1.0, module.rate))
        return [day * DAY + int(hour) for day in holiday_dates(node.when.holiday, community)] if often else []
    if node.when.date:
        return _dated(node.when.date, person, community, int(hour), module, rng)
    if module.every is not None:
        return _standing(module, community, rng)
    days = _drawn_days(module, community, rng, weather)
    return sorted(day * DAY + int(60 * rng.between(*node.when.hour)) for day in days)


def _drawn_days(module: Module, community: Community, rng: Stream, weather: tuple[str, ...]) -> list[int]:
    """Days by a Poisson count over the window, thinned by season; a day without the weekday, weather or term asked for gives way to the next."""
    rate, when = module.rate or 0.0, module.events[module.root].when
    peak = max([1.0, *module.season.values()])
    days = []
    for _ in range(rng.poisson(rate * peak * community.days / 365)):
        day = rng.whole(0, community.days - 1)
        month = (community.start + timedelta(days=day)).month
        if rng.chance(module.season.get(month, 1.0) / peak):
            able = (d for d in range(day, min(day + WAITS, community.days)) if not when.weekday or (community.start.weekday() + d) % 7 in when.weekday)
            day = next((d for d in able if allows(when, community, weather, d)), -1)
            days += [day] if day >= 0 else []
    return sorted(set(days))


def _standing(module: Module, community: Community, rng: Stream) -> list[int]:
    """A standing thing's turns: it keeps its weekday (or day of the month) and about its hour."""
    node = module.events[module.root]
    hour = rng.between(*node.when.hour)
    assert module.every is not None
    step = EVERY[module.every]
    month_day = int(rng.between(*node.when.monthday)) if node.when.monthday else rng.whole(1, 28)
    weekday = rng.pick(node.when.weekday) if node.when.weekday else rng.whole(0, 6)
    phase = rng.whole(0, step - 1)
    found = []
    for day in range(community.days):
        date = community.start + timedelta(days=day)
        if module.every in ("month", "quarter", "year"):
            months = {"month": 1, "quarter": 3, "year": 12}[module.every]
            turn = date.day == month_day and (date.month - 1) % months == phase % months
            if turn and node.when.weekday:  # on the day itself or the next one of the week that fits
                day += next(i for i in range(7) if (date.weekday() + i) % 7 in node.when.weekday)
        elif module.every == "weekdays":
            turn = date.weekday() < 5
        elif module.every == "day":
            turn = True
        else:
            turn = date.weekday() == weekday and (date.toordinal() // 7) % (step // 7) == phase % (step // 7)
        if turn and module.season.get(date.month, 1.0) > 0 and rng.chance(min(1.0, 0.94 * module.season.get(date.month, 1.0))):
            found.append(day * DAY + int(60 * hour) + rng.whole(-15, 15))
    return [m for m in found if m > 0]


def _dated(kind: str, person: Person, community: Community, minute: int, module: Module, rng: Stream) -> list[int]:
    found = []
    if module.rate is not None and not rng.chance(min(1.0, module.rate)):
        return []
    for day in range(community.days):
        date = community.start + timedelta(days=day)
        if kind == "birthday":
            hit = (date.month, date.day) == (person.birth_date.month, person.birth_date.day)
        elif kind == "anniversary":
            since = next((t.since for t in community.ties if t.a == person.id and t.kind == "partner"), None)
            hit = since is not None and (date.month, date.day) == (since.month, since.day)
        else:
            hit = f"{date.month:02d}-{date.day:02d}" == kind
        if hit:
            found.append(day * DAY + minute)
    return found
