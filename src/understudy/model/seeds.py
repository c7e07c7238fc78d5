"""What `population` hands to `community`: households as drawn, before they have an address or know anyone."""

from __future__ import annotations

from datetime import date
from typing import Any

from understudy.model.records import Record


class MemberSeed(Record, frozen=True, kw_only=True):
    """One person of a drawn household."""

    role: str  # householder | spouse | partner | child | parent | sibling | grandchild | relative | roommate
    sex: str  # female | male
    birth_date: date
    given_name: str
    family_name: str
    race_ethnicity: str  # white | black | hispanic | asian | other
    education: str  # less than high school | high school | some college | associate | bachelor | graduate | none (under 16)
    status: str  # the joint's status: professional, service, ..., "student, not in labor force", "unemployed", "child" (under 16)
    full_time: bool = False
    industry: str = ""  # empty unless employed
    occupation: str = ""  # a real job title; empty unless employed
    income: int = 0  # own income, dollars a year
    marital: str  # married | never married | divorced | separated | widowed
    persona: str = ""  # the one-line persona that seeded this character
    given: dict[str, Any] = {}  # what a user's own profile says, kept as given (attribute key or person field -> value)


class HouseholdSeed(Record, frozen=True, kw_only=True):
    """A household as drawn from a pool."""

    kind: str  # alone | couple | couple with children | single parent | family | roommates
    income: int  # dollars a year, the whole household's
    tenure: str  # owned | rented
    members: list[MemberSeed]
