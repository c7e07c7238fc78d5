"""Draws an event tree's details: amounts, codes, names and streets, each as people would write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy import assets
from understudy.model.clock import DAY, date_text
from understudy.model.community import Community
from understudy.model.records import Organization, Person, Place
from understudy.ontology.modules import Module
from understudy.ontology.values import entries
from understudy.ontology.who import Traits, entry_weight
from understudy.rng import Stream, stream

CITY_SPOTS = {
    "Denver": (39.74, -104.99), "Chicago": (41.88, -87.63), "Atlanta": (33.75, -84.39), "Portland": (45.52, -122.68),
    "Nashville": (36.16, -86.78), "Phoenix": (33.45, -112.07), "Boston": (42.36, -71.06), "Minneapolis": (44.98, -93.27),
    "Austin": (30.27, -97.74), "San Diego": (32.72, -117.16), "Philadelphia": (39.95, -75.17), "Seattle": (47.61, -122.33),
    "Charlotte": (35.23, -80.84), "Columbus": (39.96, -83.0), "Kansas City": (39.1, -94.58), "New Orleans": (29.95, -90.07),
    "Tampa": (27.95, -82.46), "Salt Lake City": (40.76, -111.89), "Pittsburgh": (40.44, -80.0), "Milwaukee": (43.04, -87.91),
}  # fmt: skip
"""Where trips go: city centers to 0.01 degrees."""
HABITUAL = ("dentist", "clinic", "pharmacy", "garage", "salon", "gym", "vet", "bank", "insurer", "phone_carrier", "internet_provider", "power_company",
            "health_insurer", "credit_card", "landlord", "grocery", "streaming", "water_utility", "church", "library")  # fmt: skip
"""Kinds of organizations to which a household stays faithful."""


def money(cents: int) -> str:
    """Cents as people write them: "$48.20", "$1,200"."""
    return f"${cents // 100:,}" if cents % 100 == 0 and cents >= 10000 else f"${cents / 100:,.2f}"


class Drawer:
    """Draws details for one community: knows its organizations, streets and given names."""

    def __init__(self, community: Community, national: Mapping[str, Organization]):
        self.community = community
        self.by_kind: dict[str, list[Organization]] = {}
        for organization in [*community.organizations, *national.values()]:
            self.by_kind.setdefault(organization.kind, []).append(organization)
        self.site: dict[str, Place] = {p.organization: p for p in community.places if p.organization}
        self.names: dict[str, list[str]] = assets.data("data/catalogues/outsiders.yaml")["names"]

    def organization(self, kind: str, household: str, rng: Stream) -> Organization | None:
        """An organization of this kind; the household's own where people stay faithful."""
        known = self.by_kind.get(kind, [])
        if not known:
            return None
        return stream(self.community.seed, f"{household}/faithful/{kind}").pick(known) if kind in HABITUAL else rng.pick(known)

    def draw(self, module: Module, person: Person, traits: Traits, minute: int, rng: Stream) -> tuple[dict[str, Any], dict[str, str]]:
        """The details of one tree as texts (money also as `<name>_cents`), and the organizations among them."""
        texts: dict[str, Any] = {}
        organizations: dict[str, str] = {}
        for name, spec in module.details.items():
            fixed = stream(self.community.seed, f"{person.id}/{module.module}/{name}") if spec.get("once") else rng
            if "org" in spec:
                found = self.organization(spec["org"], person.household, fixed)
                if found is not None:
                    organizations[name], texts[name] = found.id, found.name
            elif "cents" in spec:
                low, high = spec["cents"]
                cents = fixed.whole(int(low), int(high))
                cents = cents // 100 * 100 + fixed.pick((0, 0, 25, 49, 50, 75, 95, 99, cents % 100)) if high >= 1000 and low != high else cents
                texts[name], texts[f"{name}_cents"] = money(cents), cents
            elif "pay" in spec:
                texts[name], texts[f"{name}_cents"] = self._pay(person, int(spec["pay"]), rng)
            elif "sum" in spec:
                cents = sum(int(texts.get(f"{part}_cents", 0)) for part in spec["sum"])
                texts[name], texts[f"{name}_cents"] = money(cents), cents
            else:
                texts[name] = self._text(spec, traits, minute, fixed)
        return {k: v for k, v in texts.items() if v != ""}, organizations

    def _pay(self, person: Person, times: int, rng: Stream) -> tuple[str, int]:
        """What is paid out so many times a year of the person's income, after tax; the share kept falls as income rises (our estimate after the 2025 federal
        brackets, payroll tax and a middling state), overtime and the like move it by a few per cent."""
        kept = 0.86 if person.income < 30_000 else 0.8 if person.income < 70_000 else 0.74 if person.income < 140_000 else 0.68
        cents = int(max(person.income, 6_000) * 100 * kept / times * (1.0 if rng.chance(0.6) else rng.between(0.96, 1.06)))
        return money(cents), cents

    def _text(self, spec: Mapping[str, Any], traits: Traits, minute: int, rng: Stream) -> str:
        if "pick" in spec:
            return str(rng.pick(spec["pick"]))
        if "code" in spec:
            return "".join(rng.pick("ABCDEFGHJKLMNPQRSTUVWXYZ") if c == "@" else str(rng.whole(0, 9)) if c == "#" else c for c in spec["code"])
        if "whole" in spec:
            return str(rng.whole(int(spec["whole"][0]), int(spec["whole"][1])))
        if "street" in spec:
            return rng.pick([p.address for p in self.community.places if p.category != "outdoors"]).split(",")[0].lstrip("0123456789 ")
        if "city" in spec:
            here = self.community.town
            return rng.pick([c for c in sorted(CITY_SPOTS) if abs(CITY_SPOTS[c][0] - here.lat) + abs(CITY_SPOTS[c][1] - here.lon) > 1.5])
        if "name" in spec or "fullname" in spec:
            sex = spec.get("name") or spec.get("fullname")
            given = rng.pick(self.names["female" if sex == "female" else "male" if sex == "male" else rng.pick(("female", "male"))])
            return given if "name" in spec else f"{given} {rng.pick(self.names['family'])}"
        if "catalogue" in spec:
            options = entries(spec["catalogue"])
            weights = [entry_weight(option, traits) for option in options]
            return str(rng.weighted(options, weights)["v"]) if sum(weights) > 0 else str(rng.pick(options)["v"])
        if "date" in spec:
            low, high = spec["date"]
            return date_text(self.community.clock().date(minute + rng.whole(int(low), int(high)) * DAY))
        return ""
