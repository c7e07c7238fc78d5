"""Settles households in a town: homes on streets, shops, schools and employers, each a place with an address."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import msgspec

from understudy import assets
from understudy.model.community import Community, Town, age_on, slug
from understudy.model.records import Household, Organization, Person, Place
from understudy.model.seeds import HouseholdSeed, MemberSeed
from understudy.ontology.occupations import job
from understudy.rng import Stream, stream

RADIUS_KM = 5.0
COUNTS = {"restaurant": 5, "cafe": 3, "grocery": 2, "bar": 2, "salon": 2, "gym": 2, "garage": 2, "church": 2, "office_firm": 3, "clothing_store": 2}
"""How many of a local kind a town has, where it is more than one (our estimate for a small town's everyday radius)."""
MAIL_HOSTS = ("mail", "post", "inbox", "letterbox")
STAGES = (("school_elementary", 5, 10), ("school_middle", 11, 13), ("school_high", 14, 18))
"""The schools by the ages that attend them."""


@cache
def towns() -> list[Town]:
    """The towns that a community may live in, in proportion to people."""
    with (assets.HERE / "data/census/towns.csv").open(newline="") as file:
        return [
            Town(zip=r["zip"], city=r["city"], state=r["state"], timezone=r["timezone"], area_code=r["area_code"], lat=float(r["lat"]), lon=float(r["lon"]))
            for r in csv.DictReader(file)
        ]


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """What is known of every kind of organization."""
    return dict(assets.data("data/catalogues/organizations.yaml")["kinds"])


@cache
def national() -> list[Organization]:
    """The organizations that every community of every world shares."""
    found: dict[str, Organization] = {}
    for kind, about in kinds().items():
        if about.get("national"):
            for name in about["names"]:
                found.setdefault(slug(name), Organization(id=f"org.{slug(name)}", name=name, kind=kind, domain=f"{slug(name)}.example", national=True))
    return [found[name] for name in sorted(found)]


class Settler:
    """Builds one community's map: keeps the counters, the names in use and the draws."""

    def __init__(self, seed: int, index: int, town: Town, surnames: Sequence[str]):
        self.prefix = f"c{index:04d}"
        self.town, self.surnames = town, surnames
        self.rng: Stream = stream(seed, f"{self.prefix}/town")
        self.words = assets.data("data/catalogues/given_places.yaml")
        types = self.words["street_types"]
        weights = list(types.values()) if isinstance(types, dict) else [1.0] * len(types)
        names = self.rng.some(self.words["streets"], 24)
        self.streets = [f"{name} {self.rng.weighted(list(types), weights)}" for name in names]
        self.places: list[Place] = []
        self.organizations: list[Organization] = []
        self.by_kind: dict[str, list[Organization]] = {}
        self.site: dict[str, Place] = {}
        self._names: set[str] = set()
        self.staffed: list[Organization] = []

    def spot(self, radius: float = RADIUS_KM) -> tuple[float, float]:
        """Somewhere in town: degrees to 1e-5, evenly over a disc of this radius in km."""
        distance, angle = radius * math.sqrt(self.rng.random()), 2 * math.pi * self.rng.random()
        lat = self.town.lat + distance * math.cos(angle) / 111.2
        lon = self.town.lon + distance * math.sin(angle) / (111.2 * math.cos(math.radians(self.town.lat)))
        return round(lat, 5), round(lon, 5)

    def place(
        self, name: str, category: str, address: str, spot: tuple[float, float], opens: int = 0, closes: int = 1440, organization: str | None = None
    ) -> Place:
        """Add a place and return it."""
        place = Place(
            id=f"{self.prefix}.l{len(self.places):03d}", name=name, category=category, lat=spot[0], lon=spot[1],
            address=address, opens=opens, closes=closes, organization=organization,
        )  # fmt: skip
        self.places.append(place)
        return place

    def address(self, street: str, number: int, unit: str = "") -> str:
        """One line of address in this town."""
        return f"{number} {street}{', ' + unit if unit else ''}, {self.town.city}, {self.town.state} {self.town.zip}"

    def organization(self, kind: str) -> Organization:
        """A new local organization of this kind, with its place."""
        about = kinds()[kind]
        for _ in range(40):
            name = (
                self.rng.pick(about["names"])
                .replace("{family}", self.rng.pick(self.surnames))
                .replace("{street}", self.rng.pick(self.streets).rsplit(" ", 1)[0])
                .replace("{town}", self.town.city)
                .replace("{word}", self.rng.pick(self.words["business_words"]))
            )
            if name not in self._names:
                break
        self._names.add(name)
        ident = f"{self.prefix}.o{len(self.organizations):03d}"
        domain = f"{slug(name)}-{self.town.zip}.example"
        found = Organization(id=ident, name=name, kind=kind, domain=domain)
        self.organizations.append(found)
        self.by_kind.setdefault(kind, []).append(found)
        far = 12.0 if kind in ("factory", "warehouse", "farm", "university", "hospital") else RADIUS_KM
        address = self.address(self.rng.pick(self.streets), self.rng.whole(100, 1999))
        opens, closes = int(about.get("opens", 480)), int(about.get("closes", 1080))
        self.site[ident] = self.place(name, about.get("category", "services"), address, self.spot(far), opens, closes, ident)
        return found

    def employer(self, able: Sequence[str]) -> Organization:
        """An employer of one of these kinds: usually one where somebody of the community works already, so that there are colleagues."""
        staffed = [o for o in self.staffed if o.kind in able]
        if staffed and self.rng.chance(0.8):
            return self.rng.pick(staffed)
        kind = self.rng.pick(able)
        found = self.rng.pick(self.by_kind[kind]) if self.by_kind.get(kind) else self.organization(kind)
        self.staffed.append(found)
        return found


def settle(seed: int, index: int, start: date, days: int, households: list[HouseholdSeed]) -> Community:
    """The community's people, homes, employers, schools and everyday places; ties come next."""
    rng = stream(seed, f"c{index:04d}/where")
    town = rng.pick(towns())
    surnames = [m.family_name for h in households for m in h.members] + ["Halloran", "Okafor", "Lindqvist", "Marchetti", "Beaulieu", "Sandoval"]
    settler = Settler(seed, index, town, surnames)
    _everyday(settler)
    found_households: list[Household] = []
    people: list[Person] = []
    given: dict[str, dict[str, Any]] = {}
    shifts: dict[str, str] = {}
    streets = settler.streets[: max(2, len(households) // 4)]
    for number, seeded in enumerate(households):
        home = _home(settler, seeded, streets[number % len(streets)])
        ident = f"{settler.prefix}.h{number:02d}"
        members = []
        for member in seeded.members:
            person = _person(settler, member, index, len(people), ident, home, start, shifts)
            members.append(person.id)
            people.append(person)
            if member.given or member.persona:
                given[person.id] = member.given
        found_households.append(
            Household(id=ident, community=index, kind=seeded.kind, home=home.id, income=seeded.income, tenure=seeded.tenure, members=members)
        )
    return Community(
        index=index, seed=seed, start=start, days=days, town=town, households=found_households, people=people,
        places=settler.places, organizations=settler.organizations, given=given, shifts=shifts,
    )  # fmt: skip


def _everyday(settler: Settler) -> None:
    """What every town has: one or more of each local kind, parks, open country, a bank's branch, an airport."""
    for kind, about in kinds().items():
        if not about.get("national"):
            for _ in range(COUNTS.get(kind, 1)):
                settler.organization(kind)
    street = settler.streets[0]
    for name in settler.rng.some(settler.words["parks"], 3):
        settler.place(name, "park", settler.address(street, settler.rng.whole(1, 99)), settler.spot(), 300, 1380)
    for name in ("the river trail", "the ridge loop"):
        settler.place(name, "outdoors", f"near {settler.town.city}, {settler.town.state}", settler.spot(9.0))
    bank = settler.rng.pick([o for o in national() if o.kind == "bank"])
    settler.place(f"{bank.name}, {settler.town.city}", "bank", settler.address(street, 200), settler.spot(), 540, 1020, bank.id)
    settler.place(f"{settler.town.city} airport", "travel_hub", f"Airport Road, {settler.town.city}, {settler.town.state}", settler.spot(14.0))
    settler.place(f"{settler.town.city} bus station", "travel_hub", settler.address(street, 12), settler.spot())


def _home(settler: Settler, household: HouseholdSeed, street: str) -> Place:
    flat = household.tenure == "rented" and settler.rng.chance(0.62)
    unit = f"Apt {settler.rng.whole(1, 12)}{settler.rng.pick('ABCD')}" if flat else ""
    for _ in range(50):
        address = settler.address(street, settler.rng.whole(11, 989), unit)
        if all(p.address != address for p in settler.places):
            break
    name = "an apartment" if flat else settler.rng.weighted(["a house", "a townhouse", "a duplex", "a mobile home"], [78, 9, 7, 6])
    return settler.place(name, "home", address, settler.spot())


def _person(settler: Settler, member: MemberSeed, index: int, number: int, household: str, home: Place, start: date, shifts: dict[str, str]) -> Person:
    ident = f"{settler.prefix}.p{number:02d}"
    employer, work = None, None
    if member.occupation:
        at, shift = job(member.occupation)
        shifts[ident] = shift if member.full_time else ("weekend" if shift == "day" and settler.rng.chance(0.2) else shift)
        able = [k for k in at if k in kinds() and not kinds()[k].get("national")] or ["office_firm"]
        if "home" in at and settler.rng.chance(0.5):
            employer, work = None, home.id
        else:
            organization = settler.employer(able)
            employer, work = organization.id, settler.site[organization.id].id
    school = _school(settler, member, age_on(member.birth_date, start))
    return Person(
        id=ident, community=index, household=household, persona=member.persona, given_name=member.given_name, family_name=member.family_name,
        sex=member.sex, birth_date=member.birth_date, race_ethnicity=member.race_ethnicity, education=member.education, status=member.status,
        occupation=member.occupation, industry=member.industry, employer=employer, income=member.income,
        marital=member.marital, home=home.id, work=work, school=school, timezone=settler.town.timezone,
    )  # fmt: skip


def _school(settler: Settler, member: MemberSeed, age: int) -> str | None:
    for kind, low, high in STAGES:
        if low <= age <= high and (age < 16 or member.status.startswith("student") or age < 18):
            return settler.site[settler.by_kind[kind][0].id].id
    if member.status.startswith("student") and age >= 17:
        return settler.site[settler.by_kind["university"][0].id].id
    return None


def reach(people: list[Person], town: Town, rng: Stream) -> list[Person]:
    """Give everyone an address and a number that can hit nobody: a reserved domain, and 555-0100..0199 (NANP), unique here."""
    phones = rng.shuffled(range(100, 200))
    taken: dict[str, int] = {}
    found = []
    for number, person in enumerate(people):
        local = f"{slug(person.given_name)}.{slug(person.family_name)}"
        taken[local] = taken.get(local, 0) + 1
        again = taken[local] if taken[local] > 1 else ""
        email = f"{local}{again}.{town.zip}@{rng.pick(MAIL_HOSTS)}.example"
        found.append(msgspec.structs.replace(person, email=email, phone=f"+1 {town.area_code} 555 0{phones[number]}"))
    return found
