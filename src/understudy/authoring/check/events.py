"""Events that can never happen, or not as they are told: dead ends, closed doors, children before their parents, traces before anybody could know."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from understudy import assets
from understudy.engine.grammar import article
from understudy.language.soundness import Flaw, categories, near, organization_kinds
from understudy.life.almanac import named_days
from understudy.model.clock import DAY, WEEKDAYS
from understudy.ontology.modules import Leaf, Module, Node
from understudy.ontology.reading import Step
from understudy.ontology.who import STATUS_GROUPS, WORK_WORDS

EARLIEST = 5 * 60
LATEST = DAY + 90
"""Minutes of a day between which an event that takes somebody somewhere can lie (life/grow.py holds them to it)."""
HOUSEHOLDS = ("alone", "couple", "couple with children", "single parent", "family", "roommates")
INCOMES, REGIONS, SEXES = ("low", "middle", "high"), ("northeast", "midwest", "south", "west"), ("female", "male")
PLAIN = ("employed", *STATUS_GROUPS)
GROWN = 24
"""Years from which on hardly anybody goes to school."""
REST = 45
"""Minutes between an event and what follows it on the same day (life/grow.py)."""
OPEN_LATE = ("school", "university", "worship", "civic", "work")
"""Places whose doors open for an evening of their own."""
AFTERWARDS = ("photo", "purchase")
"""Kinds that are made at the event itself."""


def event_flaws(module: Module) -> Iterator[Flaw]:
    """What is wrong with who, when and where."""
    yield from _who(module)
    yield from _often(module)
    sound = all((node.parent or module.root) in module.events for node in module.events.values())
    for name, node in module.events.items() if sound else ():
        path: tuple[Step, ...] = ("events", name)
        yield from _numbers(node, path)
        yield from _doors(module, name, path)
        yield from _day(node, path)
        yield from _own_hours(module, name, path)
        if name != module.root:
            yield from _after(module, name, path)
        for number, leaf in enumerate(node.leaves):
            yield from _known(module, name, leaf, (*path, "leaves", number))


def _who(module: Module) -> Iterator[Flaw]:
    """Conditions that nobody meets, and roles that nobody has."""
    who = module.who
    if who.age and who.age[0] > who.age[1]:
        yield Flaw(("who", "age"), f"nobody is from {who.age[0]} to {who.age[1]} years old; write the lower age first")
    sets: tuple[tuple[str, Any, Collection[str]], ...] = (
        ("household", who.household, HOUSEHOLDS), ("income", who.income, INCOMES), ("region", who.region, REGIONS), ("industry", who.industry, WORK_WORDS),
    )  # fmt: skip
    for field, given, known in sets:
        for number, value in enumerate(given):
            if value not in known:
                yield Flaw(("who", field, number), f"nobody is of {field} {value!r}; {near(value, known)}")
    for number, status in enumerate(who.status):
        if status not in PLAIN and status not in STATUS_GROUPS.values() and status not in WORK_WORDS:
            yield Flaw(("who", "status", number), f"nobody has the status {status!r}; {near(status, PLAIN)}")
    if who.sex and who.sex not in SEXES:
        yield Flaw(("who", "sex"), f"sex is female or male, not {who.sex}")
    idle = bool(who.status) and not {"employed"} & set(who.status) and set(who.status) <= set(PLAIN)
    for role, spec in module.cast.items():
        ties = set(spec.tie)
        out = "" if not spec.need else ", so the module never happens"
        if ties and ties <= {"colleague", "manager", "report", "client"} and idle:
            yield Flaw(("cast", role), f"nobody has this role: with status {', '.join(who.status)} there are no {'s and no '.join(sorted(ties))}s{out}")
        if ties == {"partner"} and who.household and set(who.household) <= {"alone", "single parent", "roommates"}:
            yield Flaw(("cast", role), f"nobody has this role: households of {', '.join(who.household)} hold no couples{out}", spec.need)
        if ties == {"child"} and who.age and who.age[1] < 16:
            yield Flaw(("cast", role), f"nobody of at most {who.age[1]} years has a child{out}")
        if ties == {"grandchild"} and who.age and who.age[1] < 32:
            yield Flaw(("cast", role), f"nobody of at most {who.age[1]} years has a grandchild{out}")
    works = [name for name, node in module.events.items() if node.place == "work"]
    for name in works if idle else ():
        yield Flaw(("events", name, "place"), f"nobody with status {', '.join(who.status)} has a workplace, so this never happens; choose another place")


def _own_hours(module: Module, name: str, path: tuple[Step, ...]) -> Iterator[Flaw]:
    """`work` and `school` are the person's own, and what happens there lies within the person's own hours."""
    node, who = module.events[name], module.who
    if node.place == "school" and who.age and who.age[0] >= GROWN and not {"student"} & set(who.status):
        yield Flaw(
            (*path, "place"),
            "`school` is the person's own school, and nobody of that age has one (they would be at work instead); for a child's school add a detail "
            "`campus: {org: school_elementary}` and write `place: org:campus`",
        )
    elif node.place in ("work", "school") and node.when.weekday is not None and set(node.when.weekday) <= {5, 6}:
        yield Flaw(
            (*path, "when", "weekday"), f"few are at {node.place} on a weekend, and only then can this happen; choose weekdays or another place", grave=False
        )


def _often(module: Module) -> Iterator[Flaw]:
    if module.rate is not None and module.rate < 0:
        yield Flaw(("rate",), "a rate is how many times a year, 0 or more")
    if not 0 < module.share <= 1:
        yield Flaw(("share",), f"a share lies between 0 and 1, not {module.share}")
    for month, factor in module.season.items():
        if not 1 <= month <= 12 or factor < 0:
            yield Flaw(("season", str(month)), "a season is a factor of 0 or more by month, 1 to 12")
    if module.per not in ("person", "household"):
        yield Flaw(("per",), f"it is per person or household, not {module.per}")
    if module.rate is not None and not module.source.strip():
        yield Flaw(("source",), 'a rate needs a `source`: a statistic with its figure, or "our estimate" and the arithmetic', grave=False)


def _numbers(node: Node, path: tuple[Step, ...]) -> Iterator[Flaw]:
    """Ranges the wrong way round, chances that are none, and hours that no event fits into."""
    when = node.when
    for field, low, high in (("hour", *when.hour), ("day", *when.day), *((("monthday", *when.monthday),) if when.monthday else ())):
        if low > high:
            yield Flaw((*path, "when", field), f"[{low:g}, {high:g}] runs backwards; write the lower number first")
    if not (when.hour[0] >= 0 and when.hour[1] <= 26):
        yield Flaw((*path, "when", "hour"), f"hours run from 0 to 26 (two in the night), not {when.hour[0]:g} to {when.hour[1]:g}")
    if when.monthday and not (when.monthday[0] >= 1 and when.monthday[1] <= 31):
        yield Flaw((*path, "when", "monthday"), "days of the month are 1 to 31")
    if not 0 < node.chance <= 1:
        yield Flaw((*path, "chance"), f"a chance lies above 0 and up to 1, not {node.chance:g}; with 0 it never happens")
    if node.lasts and (node.lasts[0] > node.lasts[1] or node.lasts[0] < 0):
        yield Flaw((*path, "lasts"), f"[{node.lasts[0]:g}, {node.lasts[1]:g}] is no length; write minutes, the lower number first")
    elif node.lasts and node.place and node.away is None:
        if when.hour[1] * 60 < EARLIEST:
            yield Flaw((*path, "when", "hour"), f"nobody goes anywhere before five in the morning, so this never happens; begin later than {when.hour[1]:g}")
        elif when.hour[0] * 60 + node.lasts[0] > LATEST:
            yield Flaw(
                (*path, "lasts"), f"from {when.hour[0]:g} o'clock on, {node.lasts[0]:g} minutes run past half past one in the night, so this never happens"
            )
        elif when.hour[1] * 60 + node.lasts[1] > LATEST:
            yield Flaw((*path, "lasts"), f"it may last past half past one in the night ({node.lasts[1]:g} minutes from {when.hour[1]:g} o'clock)", grave=False)
    for number, leaf in enumerate(node.leaves):
        if leaf.at[0] > leaf.at[1]:
            yield Flaw((*path, "leaves", number, "at"), f"[{leaf.at[0]:g}, {leaf.at[1]:g}] runs backwards; write the lower number first (negative is before)")
        if not 0 < leaf.chance <= 1:
            yield Flaw((*path, "leaves", number, "chance"), f"a chance lies above 0 and up to 1, not {leaf.chance:g}; with 0 its words never fire")
    for number, lead in enumerate(node.leads):
        if not 0 < lead.chance <= 1 or lead.day[0] > lead.day[1]:
            yield Flaw((*path, "leads", number), "a lead has a chance above 0 and up to 1, and days from the lower to the higher")


def hours_of(module: Module, node: Node) -> Mapping[int, tuple[int, int]] | None:
    """When the place of an event is open, by weekday, in minutes; a weekday that lacks is closed; None where there are no hours to keep."""
    if node.place is None or node.place in ("home", "other_home", "hotel", *OPEN_LATE) or node.place.startswith("home:") or node.away:
        return None
    if node.place.startswith("org:"):
        about = organization_kinds().get(str(module.details.get(node.place[4:], {}).get("org")), {})
        if about.get("national") or "opens" not in about or about.get("category") in OPEN_LATE:
            return None
        return {day: (int(about["opens"]), int(about["closes"])) for day in range(7) if day not in about.get("closed", ())}
    about = assets.data("data/ontology/activities.yaml")["categories"].get(node.place, {})
    if not about:
        return None
    found = {}
    for day in range(7):
        usual = about.get("weekend", [about["opens"], about["closes"]]) if day >= 5 else [about["opens"], about["closes"]]
        hours = about.get(WEEKDAYS[day].lower(), usual)
        if hours:
            found[day] = (int(hours[0]), int(hours[1]))
    return found


def _doors(module: Module, name: str, path: tuple[Step, ...]) -> Iterator[Flaw]:
    """Whether the place is open then."""
    node = module.events[name]
    root = module.events[module.root]
    if node.place in categories() - {"home", "other_home", "work"} - _town() and not root.away:
        yield Flaw((*path, "place"), f"no town has a {node.place}, so this never happens; {near(str(node.place), _town() & categories())}")
        return
    hours = hours_of(module, node)
    if hours is None or root.away:
        return
    days = node.when.weekday if node.when.weekday is not None else list(range(7))
    first, last, least = node.when.hour[0] * 60, node.when.hour[1] * 60, node.lasts[0] if node.lasts else 0
    if name != module.root and tuple(node.when.day) == (0, 0):  # it waits for what it follows
        last = max(last, span(module, name)[1] % DAY)
    able = [day for day in days if day in hours and max(first, hours[day][0]) <= min(last, hours[day][1] - least)]
    dated = node.when.date or node.when.holiday
    if not able and not dated:
        said = ", ".join(f"{WEEKDAYS[d]} {_clock(hours[d][0])} to {_clock(hours[d][1])}" for d in sorted(hours)[:1]) or "never"
        yield Flaw((*path, "when"), f"{_place(module, node)} is closed at all those times (open {said}); change weekday, hour or lasts")
        return
    shut = [WEEKDAYS[day] for day in days if day not in able]
    if shut and not dated:
        keep = f"say `weekday: {able}`"
        yield Flaw((*path, "when"), f"{_place(module, node)} is closed then on {', '.join(shut)}; {keep}", grave=False)
    elif not dated and any(first < hours[d][0] or last > hours[d][1] for d in able):
        wide = [max(hours[d][0] for d in able), min(hours[d][1] for d in able)]
        yield Flaw(
            (*path, "when", "hour"), f"{_place(module, node)} is open from {_clock(wide[0])} to {_clock(wide[1])} only; keep `hour` within that", grave=False
        )


def _town() -> set[str]:
    """The categories that a town has places of."""
    local = {str(about.get("category", "services")) for about in organization_kinds().values() if not about.get("national")}
    return local | {"park", "outdoors", "travel_hub", "school", "work", "bank", "pharmacy", "university"}


def _place(module: Module, node: Node) -> str:
    place = str(node.place)
    return _named(str(module.details[place[4:]]["org"]) if place.startswith("org:") else place)


def _named(thing: str) -> str:
    return f"{article(thing)}{thing.replace('_', ' ')}"


def _clock(minute: float) -> str:
    return f"{int(minute) // 60 % 24}:{int(minute) % 60:02d}"


def _day(node: Node, path: tuple[Step, ...]) -> Iterator[Flaw]:
    """Dates and holidays that the calendar has."""
    when = node.when
    if when.date is not None and when.date not in ("birthday", "anniversary"):
        try:
            date.fromisoformat(f"2024-{when.date}" if re.fullmatch(r"\d\d-\d\d", when.date) else when.date + "?")
        except ValueError:
            yield Flaw((*path, "when", "date"), f'{when.date} is no day; write birthday, anniversary or MM-DD in quotes, such as "12-24"')
    if when.holiday is not None and when.holiday not in named_days(2025):
        yield Flaw((*path, "when", "holiday"), f"the calendar has no {when.holiday}; {near(when.holiday, named_days(2025))}")


def _after(module: Module, name: str, path: tuple[Step, ...]) -> Iterator[Flaw]:
    """A child whose hours are over before its parent begins is moved to right after it: meant so, or not."""
    node, above = module.events[name], module.events[name].parent or module.root
    parent = module.events[above]
    if node.when.day[1] > 0 or node.when.day[0] < 0 or module.events[module.root].away or parent.when.date or parent.when.holiday:
        return
    if node.when.hour[1] < parent.when.hour[0]:
        yield Flaw(
            (*path, "when"),
            f"its hours ({_clock(node.when.hour[0] * 60)} to {_clock(node.when.hour[1] * 60)}) lie before {above}, from which it follows, so it begins as soon as that "
            "has ended; say a later hour, `day: [1, 1]`, or a negative day if it comes before",
            grave=False,
        )


def span(module: Module, name: str) -> tuple[float, float]:
    """The earliest and latest start of an event in minutes from the root's midnight: its days and hours, and never before its parent has ended."""
    chain = [name]
    while chain[-1] != module.root and len(chain) <= len(module.events):
        chain.append(module.events[chain[-1]].parent or module.root)
    low = high = 0.0
    for step in reversed(chain):
        node = module.events[step]
        first, last = 60 * node.when.hour[0], 60 * node.when.hour[1]
        if step == module.root:
            low, high = first, last
            continue
        above = module.events[node.parent or module.root]
        lasts = above.lasts or (0, 0)
        days = (node.when.day[0], node.when.day[1] + (6 if node.when.weekday else 0))
        early, late = low // DAY * DAY + days[0] * DAY + first, high // DAY * DAY + days[1] * DAY + last
        if node.when.day[0] >= 0:
            early, late = max(early, low + lasts[0]), max(late, high + lasts[1] + REST)
        low, high = early, late
    return low, high


def _known(module: Module, name: str, leaf: Leaf, path: tuple[Step, ...]) -> Iterator[Flaw]:
    """Traces that would be left before what they tell of, or before anybody could know."""
    node = module.events[name]
    if leaf.kind in AFTERWARDS and leaf.at[1] <= 0 and node.place and leaf.source is None:
        yield Flaw((*path, "at"), f"a {leaf.kind} is made at the event, not {-leaf.at[1]:g} minutes before it; write `at: [5, 40]`", leaf.kind == "photo")
    if name == module.root or node.when.day[0] < 0:
        return
    begins = span(module, node.parent or module.root)[0]
    low, high = span(module, name)
    above = node.parent or module.root
    if high + leaf.at[1] < begins:
        yield Flaw(
            (*path, "at"), f"{leaf.say} is always left before {above} has begun; if it cannot be known by then, bring `at` nearer to the event", grave=False
        )
    elif low + leaf.at[0] < begins and node.chance < 1:
        yield Flaw(
            (*path, "at"), f"{leaf.say} may be left before {above} has begun; if it cannot be known by then, bring `at` nearer to the event", grave=False
        )


def lead_flaws(module: Module, known: Mapping[str, Module]) -> Iterator[Flaw]:
    """Leads to modules that do not exist, details that the other lacks, and modules to which nothing leads."""
    for name, node in module.events.items():
        for number, lead in enumerate(node.leads):
            path: tuple[Step, ...] = ("events", name, "leads", number)
            other = known.get(lead.module)
            if other is None:
                yield Flaw((*path, "module"), f"there is no module {lead.module}; {near(lead.module, known)}")
                continue
            for theirs in lead.hand:
                if theirs not in other.details and theirs not in other.cast:
                    yield Flaw((*path, "hand", theirs), f"{lead.module} has no detail and no role {theirs}; {near(theirs, [*other.details, *other.cast])}")
    if module.rate == 0 and not any(lead.module == module.module for other in known.values() for node in other.events.values() for lead in node.leads):
        yield Flaw(("rate",), "with rate 0 it happens only where another module leads to it, and none does; give it a rate, or a lead elsewhere")
