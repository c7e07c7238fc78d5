"""A community as its stages hand it on: who lives there, where, and who knows whom, before and while life happens."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from understudy.model.clock import Clock
from understudy.model.records import Fact, Household, Organization, Person, Place, Tie

REGIONS = {
    "northeast": "CT ME MA NH RI VT NJ NY PA",
    "midwest": "IL IN MI OH WI IA KS MN MO NE ND SD",
    "south": "DE FL GA MD NC SC VA DC WV AL KY MS TN AR LA OK TX",
    "west": "AZ CO ID MT NV NM UT WY AK CA HI OR WA",
}
"""The Census Bureau's four regions by state."""


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """Where a community lives: one row of `data/census/towns.csv`."""

    zip: str
    city: str
    state: str
    timezone: str
    area_code: str
    lat: float
    lon: float

    @property
    def region(self) -> str:
        """northeast, midwest, south or west."""
        return next(region for region, states in REGIONS.items() if self.state in states.split())


class Club(msgspec.Struct, frozen=True, kw_only=True):
    """A circle of people who meet: its organization's id, name and members."""

    id: str
    name: str
    tags: list[str]
    members: list[str]


class Community(msgspec.Struct, kw_only=True):
    """Everything decided about one community so far; stages add to it and never take away."""

    index: int
    seed: int
    start: date
    days: int
    town: Town
    households: list[Household]
    people: list[Person]
    places: list[Place]
    organizations: list[Organization]
    ties: list[Tie] = []
    clubs: list[Club] = []
    given: dict[str, dict[str, Any]] = {}  # person id -> what a user's profile or persona line says
    shifts: dict[str, str] = {}  # person id -> day | early | evening | night | ...
    facts: list[Fact] = []

    @property
    def prefix(self) -> str:
        """The community's part of every id: c0003."""
        return f"c{self.index:04d}"

    def clock(self) -> Clock:
        """The community's local clock."""
        return Clock(self.start, self.days, self.town.timezone)


def age_on(birth: date, day: date) -> int:
    """Whole years lived on a day; ages are always derived, never stored."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def slug(text: str) -> str:
    """A name as part of a domain or an id: lower-case letters, digits and single hyphens."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" if c in " -&/." else "" for c in text.lower())
    return "-".join(part for part in kept.split("-") if part) or "x"
