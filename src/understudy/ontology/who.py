"""Who may have something: conditions on a person as data, the same for attributes, modules, feeds and daily things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

STATUS_GROUPS = {
    "unemployed": "unemployed",
    "retired": "retired or other, not in labor force",
    "student": "student, not in labor force",
    "athome": "other, not in labor force",
    "child": "child",
}
"""A module's plain status words and the census status that each stands for; every other status is a job."""


class Who(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Conditions that must all hold; an empty field asks nothing."""

    age: tuple[int, int] | None = None
    sex: str | None = None
    status: list[str] = []
    household: list[str] = []
    income: list[str] = []
    region: list[str] = []  # northeast, midwest, south, west
    industry: list[str] = []
    facts: list[str] = []
    value: dict[str, list[str]] = {}
    without: dict[str, list[str]] = {}  # none of these values


class Traits(msgspec.Struct, frozen=True):
    """What conditions are held against: a person's plain features, and the fact values by key."""

    age: int
    sex: str
    status: str
    household: str
    consumption: str
    region: str
    race: str
    birth_year: int
    industry: str = ""
    shift: str = ""
    facts: Mapping[str, list[str]] = {}


WORK_WORDS = frozenset(
    [
        "construction",
        "farming_forestry_fishing",
        "install_repair_maint",
        "mgmt_biz_finance",
        "office_admin",
        "production",
        "professional",
        "sales",
        "service",
        "transport",
        "agric_forestry_hunting",
        "edu_health_svcs",
        "finance",
        "hospitality",
        "information",
        "manuf",
        "mining",
        "prof_biz_svcs",
        "public_admin",
        "trade",
        "transport_util",
    ]
)
"""Tags of catalogue entries that belong to an occupation group or an industry: one of the person's own must be among them."""
SHIFT_WORDS = frozenset(["day", "early", "evening", "night", "rotating", "weekend", "flexible"])
"""Tags that belong to a shift, in catalogues of schedules."""


def plain_status(status: str) -> str:
    """The plain word for a census status: employed, unemployed, retired, student, athome or child."""
    return next((word for word, census in STATUS_GROUPS.items() if census == status), "employed")


def fits(who: Who | None, person: Traits) -> bool:
    """Whether this person may have it."""
    if who is None:
        return True
    if who.age and not who.age[0] <= person.age <= who.age[1]:
        return False
    if who.sex and who.sex != person.sex:
        return False
    if who.status and plain_status(person.status) not in who.status and person.status not in who.status:
        return False
    if who.household and person.household not in who.household:
        return False
    if who.income and person.consumption not in who.income:
        return False
    if who.region and person.region not in who.region:
        return False
    if who.industry and person.industry not in who.industry:
        return False
    if any(key not in person.facts for key in who.facts):
        return False
    if any(set(values) & set(person.facts.get(key, ())) for key, values in who.without.items()):
        return False
    return all(set(values) & set(person.facts.get(key, ())) for key, values in who.value.items())


def entry_weight(entry: Mapping[str, Any], person: Traits) -> float:
    """How likely a catalogue's entry is for this person: 0 where it does not fit, else its weight times its leanings."""
    born, age = entry.get("born"), entry.get("age")
    if born and not born[0] <= person.birth_year <= born[1]:
        return 0.0
    if age and not age[0] <= person.age <= age[1]:
        return 0.0
    if entry.get("sex") not in (None, "any", person.sex):
        return 0.0
    income, region = entry.get("income"), entry.get("region")
    if income and person.consumption not in income:
        return 0.0
    if region and person.region not in region:
        return 0.0
    tags = entry.get("tags", ())
    if tags and not _of_work(tags, person):
        return 0.0
    weight = float(entry.get("w", 1.0))
    lean = entry.get("lean")
    if lean:
        weight *= float(lean.get(person.race, 1.0))
    return weight


def _of_work(tags: Any, person: Traits) -> bool:
    """Whether tags of occupation groups, industries and shifts, if there are any, name the person's own."""
    groups = WORK_WORDS.intersection(tags)
    if groups and person.status not in groups and person.industry not in groups:
        return False
    shifts = SHIFT_WORDS.intersection(tags)
    return not shifts or not person.shift or person.shift in shifts
