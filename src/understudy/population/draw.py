"""Households are drawn whole from a pool and given ages to the day, names, jobs and incomes."""

from __future__ import annotations

import math
from datetime import date, timedelta

from understudy.errors import InputError
from understudy.model.seeds import HouseholdSeed, MemberSeed
from understudy.population.categories import EDUCATIONS, MARITALS, RACES, ROLES, SEXES
from understudy.population.family import family_names
from understudy.population.names import names
from understudy.population.pool import Pool, Template, TemplateMember, decode
from understudy.population.work import industry_word, status_word, typical, work
from understudy.rng import Stream

TRIES = 60
"""How often a household that fits the last places is drawn by weight before the pool is searched for one."""


def draw_households(pool: Pool, rng: Stream, count: int, start: date) -> list[HouseholdSeed]:
    """`count` households, each drawn by weight and independently; ages hold exactly on the day `start`."""
    return [furnish(pool.draw(rng), rng, start) for _ in range(count)]


def draw_to_size(pool: Pool, rng: Stream, people: int, start: date) -> list[HouseholdSeed]:
    """Households whose members number exactly `people`: drawn by weight, the last ones among those that still fit.

    Raises InputError if the pool has no household small enough for the places that are left.
    """
    chosen: list[Template] = []
    left = people
    while left > 0:
        template = pool.draw(rng)
        tries = 0
        while len(template.members) > left and tries < TRIES:
            template = pool.draw(rng)
            tries += 1
        if len(template.members) > left:
            template = _search(pool, rng, left)
        chosen.append(template)
        left -= len(template.members)
    return [furnish(template, rng, start) for template in chosen]


def _search(pool: Pool, rng: Stream, most: int) -> Template:
    """A household of at most `most` people, by weight, found by looking at them all."""
    fitting = [i for i, size in enumerate(pool.sizes()) if size <= most and pool.weights[i] > 0]
    if not fitting:
        raise InputError(f"{pool.name} has no household of {most} or fewer people, so {most} cannot be placed; ask for more people")
    return decode(pool.rows[rng.weighted(fitting, [float(pool.weights[i]) for i in fitting])])


def furnish(template: Template, rng: Stream, start: date) -> HouseholdSeed:
    """A household as the next stage takes it: everything that the template leaves open is drawn here."""
    births = birth_dates(template.members, rng, start)
    money = template.income if template.income is not None else work().household_income(rng, template.band)
    statuses = [_status(member, rng) for member in template.members]
    shares = _expected(template.members, statuses, money, rng)
    called = _called(template.members, births, rng)
    size = len(template.members)
    members = [_person(member, births[i], statuses[i], shares[i], called[i], size, rng) for i, member in enumerate(template.members)]
    tenure = {"o": "owned", "r": "rented"}[template.tenure]
    return HouseholdSeed(kind=kind(template.members), income=money, tenure=tenure, members=members)


def kind(members: tuple[TemplateMember, ...]) -> str:
    """alone | couple | couple with children | single parent | family | roommates."""
    roles = [m.role for m in members]
    paired = "s" in roles or "p" in roles
    if len(members) == 1:
        return "alone"
    if paired and len(members) == 2:
        return "couple"
    minor = any(m.role == "k" and m.age < 18 for m in members)
    if minor and all(r in "hspk" for r in roles):
        return "couple with children" if paired else "single parent"
    if "m" in roles and all(r in "hm" for r in roles):
        return "roommates"
    return "family"


def years_before(day: date, years: int) -> date:
    """The same day `years` earlier (28 February for a 29th that is not there)."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age_on(birth: date, day: date) -> int:
    """Whole years between a birth date and a day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def birth_dates(members: tuple[TemplateMember, ...], rng: Stream, start: date) -> list[date]:
    """Birth dates that give exactly the drawn ages on `start`; children of one home are twins or nine months apart."""
    births: list[date] = []
    siblings: list[date] = []
    for member in members:
        birth = _birth(member.age, rng, start)
        if member.role == "k":
            for _ in range(40):
                near = [other for other in siblings if abs((other - birth).days) < 280]
                if not near:
                    break
                twin = next((other for other in near if age_on(other, start) == member.age), None)
                birth = twin if twin is not None else _birth(member.age, rng, start)
                if twin is not None:
                    break
            siblings.append(birth)
        births.append(birth)
    return births


def _birth(age: int, rng: Stream, start: date) -> date:
    latest, earliest = years_before(start, age), years_before(start, age + 1) + timedelta(days=1)
    birth = earliest + timedelta(days=rng.whole(0, (latest - earliest).days))
    return birth if age_on(birth, start) == age else latest


def _status(member: TemplateMember, rng: Stream) -> str:
    if member.status:
        return status_word(member.status)
    return "child" if member.age < 16 else work().minor_status(rng, SEXES[member.sex])


def _expected(members: tuple[TemplateMember, ...], statuses: list[str], money: int, rng: Stream) -> list[float]:
    """The household's income shared out in proportion to what each member's status usually brings."""
    raw = [0.0] * len(members)
    for i, member in enumerate(members):
        if statuses[i] != "child" and (member.age >= 18 or work().works(statuses[i])):
            education = EDUCATIONS.get(member.education, "")
            raw[i] = typical(statuses[i], education, member.age) * math.exp(rng.normal(0.0, 0.4))
            raw[i] *= 0.12 if member.age < 18 else 1.0
    total = sum(raw) or 1.0
    return [money * part / total for part in raw]


def _called(members: tuple[TemplateMember, ...], births: list[date], rng: Stream) -> list[tuple[str, str]]:
    """Given and family names; no given name twice under one roof."""
    families = family_names(members, rng)
    taken: list[str] = []
    called = []
    for member, birth, family in zip(members, births, families, strict=True):
        for _ in range(8):
            given = names().given(rng, SEXES[member.sex], birth.year, RACES[member.race], family.born)
            if given not in taken:
                break
        taken.append(given)
        called.append((given, family.now))
    return called


def _person(member: TemplateMember, birth: date, status: str, share: float, called: tuple[str, str], members: int, rng: Stream) -> MemberSeed:
    """One of `members` people with a job (if any) and an own income within the household's."""
    minor = "none" if member.age < 16 else "less than high school"
    education = EDUCATIONS[member.education] if member.education else minor
    industry, title, full, income = "", "", False, share
    if work().works(status):
        schooling = education if education != "none" else "less than high school"
        job = work().job(rng, status, SEXES[member.sex], schooling, member.age, max(share, 500.0), industry_word(member.industry))
        industry, title, full = job.industry, job.title, job.full_time
        # What the household has beyond a plausible wage is rent, interest or gifts: in its income, in nobody's pay.
        income = min(share, job.pay[1] * (1.25 if full else 0.7) * rng.between(0.85, 1.0))
    elif members > 1 and status != "child":
        income = min(share, typical(status, education, member.age) * rng.between(1.0, 3.0))
    if member.income is not None:
        income = member.income
    return MemberSeed(
        role=ROLES[member.role],
        sex=SEXES[member.sex],
        birth_date=birth,
        given_name=called[0],
        family_name=called[1],
        race_ethnicity=RACES[member.race],
        education=education,
        status=status,
        full_time=full,
        industry=industry,
        occupation=title,
        income=max(0, int(income) // 100 * 100),
        marital=MARITALS[member.marital] if member.marital else "never married",
    )
