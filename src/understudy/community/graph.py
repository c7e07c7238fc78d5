"""The social graph: colleagues, classmates, neighbors, clubs, friends and those who serve, until everyone is connected."""

from __future__ import annotations

from collections.abc import Sequence

from understudy import assets
from understudy.community.connecting import reconnect
from understudy.community.kin import knit_kin
from understudy.community.ties import Web
from understudy.community.town import reach
from understudy.engine.call import Engine
from understudy.engine.router import by_model
from understudy.model.community import Club, Community, age_on
from understudy.model.records import Organization, Person
from understudy.model.seeds import HouseholdSeed
from understudy.rng import Stream, stream

PROVIDERS = (
    "physician", "doctor", "dentist", "hygienist", "nurse practitioner", "hair", "barber", "mechanic", "therapist", "accountant", "real estate",
    "veterinar", "pharmacist", "tutor", "nanny", "plumber", "electrician", "massage", "personal trainer", "insurance agent", "childcare", "daycare",
)  # fmt: skip
TEACHERS = ("teacher", "teaching", "librarian, school", "principal", "coach")


def connect(community: Community, seeds: Sequence[HouseholdSeed], engine: Engine | None = None) -> Community:
    """Tie everyone of a settled community: kin first, then what work, school, street and clubs bring, then friends; then a model, if there is one, connects more."""
    rng = stream(community.seed, f"{community.prefix}/ties")
    web = Web(community, rng)
    knit_kin(community, seeds, web, rng)
    people = community.people
    ages = {p.id: age_on(p.birth_date, community.start) for p in people}
    _work(web, people)
    _school(web, people, ages, rng)
    clubs = _clubs(web, people, ages, rng)
    _street(web, community, ages, rng)
    _exes(web, people, ages, rng)
    _friends(web, people, ages, rng)
    _providers(web, people, ages, rng)
    _join(web, people, ages)
    if engine is not None and by_model(engine, "community"):
        reconnect(web, people, {p.id: line(p, ages[p.id]) for p in people}, engine, stream(community.seed, f"{community.prefix}/connect"))
    community.clubs = clubs
    community.ties = web.all()
    community.people = reach(people, community.town, rng)
    return community


def line(person: Person, age: int) -> str:
    """A person in one line, as far as is known before there is a profile."""
    does = person.occupation or {"child": "a child", "student": "a student", "retired": "retired", "athome": "at home"}.get(
        person.status, person.status.replace("_", " ")
    )
    return f"{age}, {person.sex}, {does}, {person.marital}{f'; {person.persona}' if person.persona else ''}"


def _work(web: Web, people: Sequence[Person]) -> None:
    """Colleagues share an employer; the best-paid one there who manages is the others' manager."""
    for employer in sorted({p.employer for p in people if p.employer}):
        staff = [p for p in people if p.employer == employer]
        bosses = [p for p in staff if p.status == "mgmt_biz_finance"] or [p for p in staff if "manager" in p.occupation.lower()]
        boss = max(bosses, key=lambda p: (p.income, p.id)) if len(staff) > 1 and bosses else None
        for i, a in enumerate(staff):
            for b in staff[i + 1 :]:
                if web.has(a.id, b.id):
                    continue
                if boss is not None and boss.id in (a.id, b.id):
                    low = b if boss.id == a.id else a
                    web.tie(low.id, boss.id, "manager", "report")
                else:
                    web.tie(a.id, b.id, "colleague", "colleague")


def _school(web: Web, people: Sequence[Person], ages: dict[str, int], rng: Stream) -> None:
    for school in sorted({p.school for p in people if p.school}):
        pupils = [p for p in people if p.school == school]
        staff = [p for p in people if p.work == school and any(word in p.occupation.lower() for word in TEACHERS)]
        for i, a in enumerate(pupils):
            for b in pupils[i + 1 :]:
                if abs(ages[a.id] - ages[b.id]) <= 1 and not web.has(a.id, b.id):
                    web.tie(a.id, b.id, "classmate", "classmate")
            for teacher in staff:
                if not web.has(a.id, teacher.id) and ages[teacher.id] >= ages[a.id] + 4 and rng.chance(0.6):
                    web.tie(a.id, teacher.id, "teacher", "student")


def _clubs(web: Web, people: Sequence[Person], ages: dict[str, int], rng: Stream) -> list[Club]:
    """Two or three circles of three to seven grown people; most bring together some who are not tied otherwise."""
    entries = assets.catalogue("clubs")
    clubs = []
    grown = [p.id for p in people if ages[p.id] >= 16]
    for number, entry in enumerate(rng.some(entries, max(1, len(people) // 11))):
        low, high = entry.get("age", (16, 110))
        able = [p for p in grown if low <= ages[p] <= high]
        members = sorted(rng.some(able, rng.whole(3, 7)))
        if len(members) < 3:
            continue
        ident = f"{web.community.prefix}.o9{number:02d}"
        web.community.organizations.append(Organization(id=ident, name=entry["v"], kind="club", domain=f"club-{number}-{web.community.town.zip}.example"))
        clubs.append(Club(id=ident, name=entry["v"], tags=list(entry.get("tags", [])), members=members))
        for i, a in enumerate(members):
            for b in members[i + 1 :]:
                if not web.has(a, b):
                    web.tie(a, b, "clubmate", "clubmate", what=entry["v"])
    return clubs


def _street(web: Web, community: Community, ages: dict[str, int], rng: Stream) -> None:
    """Grown-ups of nearby houses know each other by chance, at least one of each pair of next houses."""
    streets: dict[str, list[list[str]]] = {}
    homes = {p.id: p for p in community.places}
    for household in community.households:
        street = homes[household.home].address.split(",")[0].lstrip("0123456789 ")
        streets.setdefault(street, []).append([m for m in household.members if ages[m] >= 16])
    for street in sorted(streets):
        houses = streets[street]
        for i, here in enumerate(houses):
            for there in houses[i + 1 :]:
                for a in here:
                    for b in there:
                        if not web.has(a, b) and rng.chance(0.35):
                            web.tie(a, b, "neighbor", "neighbor")


def _exes(web: Web, people: Sequence[Person], ages: dict[str, int], rng: Stream) -> None:
    single = [p for p in people if p.marital in ("divorced", "separated") and not web.of(p.id, "partner")]
    for i, a in enumerate(single):
        for b in single[i + 1 :]:
            apart = a.household != b.household and a.sex != b.sex and abs(ages[a.id] - ages[b.id]) <= 8
            if apart and not web.has(a.id, b.id) and not web.of(a.id, "ex") and not web.of(b.id, "ex") and rng.chance(0.25):
                web.tie(a.id, b.id, "ex", "ex")


def _friends(web: Web, people: Sequence[Person], ages: dict[str, int], rng: Stream) -> None:
    """Friends by likeness of age, education and status; sociable people draw many (a tail), most draw a few."""
    for person in people:
        age = ages[person.id]
        if age < 6:
            continue
        wanted = min(9, int(1.2 / max(0.12, rng.random()) ** 0.75))
        others = [p for p in people if not web.has(person.id, p.id) and ages[p.id] >= 6 and (age < 18) == (ages[p.id] < 18)]
        likeness = []
        for other in others:
            score = 1.0 / (1.0 + abs(age - ages[other.id]) / (2.0 if age < 18 else 7.0)) ** 2
            score *= 1.6 if other.education == person.education else 1.0
            score *= 1.4 if other.sex == person.sex else 1.0
            score *= 1.3 if other.race_ethnicity == person.race_ethnicity else 1.0
            likeness.append(score if score > 0.04 else 0.0)
        have = len(web.of(person.id, "friend"))
        for _ in range(max(0, wanted - have)):
            if not others or sum(likeness) <= 0:
                break
            other = rng.weighted(others, likeness)
            where = others.index(other)
            others.pop(where)
            likeness.pop(where)
            web.tie(person.id, other.id, "friend", "friend")


def _providers(web: Web, people: Sequence[Person], ages: dict[str, int], rng: Stream) -> None:
    serving = [p for p in people if any(word in p.occupation.lower() for word in PROVIDERS)]
    for provider in serving:
        able = [p.id for p in people if not web.has(p.id, provider.id) and ages[p.id] >= 18 and p.household != provider.household]
        for client in rng.some(able, rng.whole(2, 5)):
            web.tie(client, provider.id, "provider", "client", what=provider.occupation)


def _join(web: Web, people: Sequence[Person], ages: dict[str, int]) -> None:
    """Connect what is still apart: the two oldest of any two islands become neighbors."""
    while True:
        islands = _islands(web, people)
        if len(islands) < 2:
            return
        first, second = (max(island, key=lambda p: (ages[p], p)) for island in islands[:2])
        web.tie(first, second, "neighbor", "neighbor")


def _islands(web: Web, people: Sequence[Person]) -> list[list[str]]:
    around: dict[str, list[str]] = {p.id: [] for p in people}
    for a, b in web.ties:
        around[a].append(b)
    left, islands = [p.id for p in people], []
    while left:
        seen, queue = {left[0]}, [left[0]]
        while queue:
            for b in around[queue.pop()]:
                if b not in seen:
                    seen.add(b)
                    queue.append(b)
        islands.append(sorted(seen))
        left = [p for p in left if p not in seen]
    return islands
