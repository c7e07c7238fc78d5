"""Candidate households: a plausible model of who lives together, drawn broadly before weights make it match the
targets.

The chances written here only have to give every kind of household a fair share; raking corrects how many there are.
"""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from typing import Any

import numpy as np
from census_targets import Array

from understudy.population.categories import (
    AGE_BANDS,
    EDUCATIONS,
    MARITALS,
    RACES,
    STATUSES,
    age_band,
)
from understudy.rng import Stream

Member = dict[str, Any]  # role, age, sex and, for adults, education, status, race, marital: one-letter codes
MOTHER = (16, 45)  # a mother's age at birth
FATHER = (16, 58)
LOW = {"f": MOTHER[0], "m": FATHER[0]}
HIGH = {"f": MOTHER[1], "m": FATHER[1]}


class Table:
    """A cumulative table to draw indices from."""

    def __init__(self, weights: Array) -> None:
        self.sums = list(accumulate(float(w) for w in weights.ravel()))

    def draw(self, rng: Stream) -> int:
        return bisect(self.sums, rng.random() * self.sums[-1], 0, len(self.sums) - 1)


class Model:
    """Draws candidate households from the targets' own conditional shares."""

    def __init__(
        self,
        status: Array,
        household: Array,
        income: Array,
        race: Array,
        marital: Array,
        people: dict[str, list[int]],
        income_goal: Array,
    ) -> None:
        self.people = {sex[0]: counts for sex, counts in people.items()}
        adults = np.array([1, 2, 2.2, 2.5, 2.9, 3.4])
        self.household = household
        self.anchor = Table(np.sqrt(household / adults) * np.sqrt((household / adults).mean()) + household / adults)
        self.education = {(a, s): Table(status.sum(axis=3)[a, s]) for a in range(7) for s in range(2)}
        self.status = {
            (a, s, e): Table(status[a, s, e] + 1e-9 * (status.sum(axis=(0, 1, 2)) * 0 + (status[a, s].sum(axis=0) > 0)))
            for a in range(7)
            for s in range(2)
            for e in range(6)
        }
        self.race = {(a, s, e): Table(race[a, s, :, e] + 1e-7) for a in range(7) for s in range(2) for e in range(6)}
        self.marital = marital
        prior = income.sum(axis=(0, 1, 2))
        smooth = income + 2e-4 * prior
        self.lean = (smooth / smooth.sum(axis=3, keepdims=True) / prior) ** 0.8
        self.income_goal = income_goal
        self.ages: dict[tuple[str, int, int], Table] = {}

    def age(self, rng: Stream, sex: str, low: int, high: int) -> int:
        """An age in [low, high] by the counts of 2022."""
        key = (sex, low, high)
        if key not in self.ages:
            self.ages[key] = Table(np.array(self.people[sex][low : high + 1], dtype=float))
        return low + self.ages[key].draw(rng)

    def household_of(self, rng: Stream) -> tuple[list[Member], int]:
        """One household: its members (the householder first) and the index of its income band."""
        while True:
            cell = np.unravel_index(self.anchor.draw(rng), self.household.shape)
            band, partner, child, size = (int(i) for i in cell)
            size = size + 1 if size < 5 else 6 + (rng.random() < 0.35) + (rng.random() < 0.2)
            high = 99 if band == 6 else (24, 34, 44, 54, 64, 74)[band]
            sex = "f" if rng.random() < 0.515 else "m"
            age = self.age(rng, sex, (18, 25, 35, 45, 55, 65, 75)[band], high)
            if partner:
                members = couple(self, rng, sex, age, "p" if partner == 1 else "s", bool(child), size)
            elif size == 1:
                members = [{"role": "h", "sex": sex, "age": age}]
            else:
                members = single(self, rng, sex, age, bool(child), size)
            if members and len(members) == size and any(m["age"] < 18 for m in members) == bool(child):
                return self.finish(rng, members)

    def finish(self, rng: Stream, members: list[Member]) -> tuple[list[Member], int]:
        """Give everybody race, education, status and marital status, and the household an income band."""
        has_child = int(any(m["age"] < 18 for m in members))
        partner = next((m["role"] for m in members if m["role"] in "sp"), "-")
        head = members[0]
        lean = self.income_goal.copy()
        for member in members:
            if member["age"] < 18:
                member["race"] = head["race"] if rng.random() < 0.94 else members[1].get("race", head["race"])
                continue
            a, s = AGE_BANDS.index(age_band(member["age"])), "fm".index(member["sex"])
            paired = partner if member["role"] in "hsp" else "-"
            education = self.education[a, s].draw(rng)
            if member["role"] in "sp" and rng.random() < 0.4:
                education = tuple(EDUCATIONS).index(head["education"])
            kind = self.status[a, s, education].draw(rng)
            share = {"s": 0.82, "p": 0.74, "m": 0.5}.get(member["role"], 0.95)
            same = "race" in head and rng.random() < share
            member["education"] = tuple(EDUCATIONS)[education]
            member["status"] = tuple(STATUSES)[kind]
            member["race"] = head["race"] if same else tuple(RACES)[self.race[a, s, education].draw(rng)]
            member["marital"] = self.marital_of(rng, a, s, paired, has_child)
            lean = lean * self.lean[education, kind, ("-", "p", "s").index(paired)]
        return members, Table(lean).draw(rng)

    def marital_of(self, rng: Stream, age: int, sex: int, partner: str, child: int) -> str:
        """Marital status; `married` only with a spouse in the household, so that nobody has a spouse who is nowhere."""
        if partner == "s":
            return "m"
        chances = self.marital[age, sex, 1 if partner == "p" else 0, child].copy()
        return tuple(MARITALS)[Table(chances + 1e-9 * (chances >= 0) * np.array([0, 1, 1, 1, 1])).draw(rng)]


def mate(model: Model, rng: Stream, sex: str, age: int, kind: str) -> Member | None:
    """The other half of a couple; about one couple in a hundred is of one sex."""
    same = rng.random() < (0.009 if kind == "s" else 0.025)
    spread = 4.0 if rng.random() < 0.85 else 9.0
    gap = rng.normal(0.0, 6.0) if same else rng.normal(2.2, spread) * (1 if sex == "m" else -1)
    other = round(age - gap)
    if not 18 <= other <= 97 or abs(other - age) > 25:
        return None
    return {"role": kind, "sex": sex if same else "fm"[sex == "f"], "age": other}


def bounds(parents: list[Member]) -> tuple[int, int]:
    """The ages that a child of these parents can have."""
    low = max(p["age"] - HIGH[p["sex"]] for p in parents)
    return max(0, low), min(p["age"] - LOW[p["sex"]] for p in parents)


def children(rng: Stream, parents: list[Member], count: int, low: int, high: int, role: str = "k") -> list[Member] | None:
    """`count` children of the parents, with ages in [low, high], some years apart; None if nobody fits."""
    first, last = bounds(parents)
    first, last = max(first, low), min(last, high)
    if first > last:
        return None
    ages = [rng.whole(first, last)]
    for _ in range(count - 1):
        step = 0 if rng.random() < 0.03 else rng.whole(1, 5)
        younger, older = ages[-1] - step, ages[0] + step
        options = [a for a in (younger, older) if first <= a <= last]
        if not options:
            return None
        ages = sorted([*ages, rng.pick(options)], reverse=True)
    return [{"role": role, "sex": "fm"[rng.random() < 0.512], "age": age} for age in ages]


def grandchildren(rng: Stream, heads: list[Member], count: int) -> list[Member] | None:
    """Minor grandchildren in the care of grandparents."""
    last = min(17, min(h["age"] for h in heads) - 36)
    if last < 0:
        return None
    top = rng.whole(0, last)
    ages = sorted([top] + [max(0, top - rng.whole(1, 6)) for _ in range(count - 1)], reverse=True)
    return [{"role": "g", "sex": "fm"[rng.random() < 0.512], "age": age} for age in ages]


def adult_kin(model: Model, rng: Stream, heads: list[Member], count: int) -> list[Member] | None:
    """Adults beside the householder (and partner): grown children, parents, siblings, others, roommates."""
    kin: list[Member] = []
    age = heads[0]["age"]
    while len(kin) < count:
        grown = 0.82 if age >= 40 else 0.5 if age >= 36 else 0.0
        sex = "fm"[rng.random() < 0.5]
        if rng.random() < grown:
            more = children(rng, heads, 1, 18, 60)
            if not more or more[0]["age"] > rng.between(18, 62):
                if rng.random() < 0.1:
                    return None
                continue
            kin += more
            continue
        role = rng.weighted("ebrm", (0.35 if age < 72 else 0.0, 0.25, 0.15, 0.25 if len(heads) == 1 else 0.1))
        if role == "e" and sum(m["role"] == "e" for m in kin) == 0:
            older = age + rng.whole(LOW[sex] + 2, 40)
            if older <= 97:
                kin.append({"role": "e", "sex": sex, "age": older})
        elif role != "e":
            near = age + round(rng.normal(0, 5 if role == "b" else 8))
            if 18 <= near <= 95:
                kin.append({"role": role, "sex": sex, "age": near})
    return kin


def minors(rng: Stream, heads: list[Member], count: int) -> list[Member] | None:
    """Children under 18 of the heads, or grandchildren where the heads are too old."""
    own = bounds(heads)[0] <= 17 and (heads[0]["age"] < 52 or rng.random() < 0.45)
    return children(rng, heads, count, 0, 17) if own else grandchildren(rng, heads, count)


def couple(model: Model, rng: Stream, sex: str, age: int, kind: str, child: bool, size: int) -> list[Member] | None:
    """A household around a couple; extra places go to children and adult kin."""
    other = mate(model, rng, sex, age, kind)
    if other is None:
        return None
    heads = [{"role": "h", "sex": sex, "age": age}, other]
    if sex != other["sex"] and rng.random() < 0.5:  # either half may be the householder
        heads = [{**heads[1], "role": "h"}, {**heads[0], "role": kind}]
    places = size - 2
    if not child:
        kin = adult_kin(model, rng, heads, places)
        return None if kin is None else heads + kin
    extra = 0
    while extra < places - 1 and rng.random() < (0.06 if age < 38 else 0.24 if age < 55 else 0.4):
        extra += 1
    young = minors(rng, heads, places - extra)
    grown = adult_kin(model, rng, heads, extra)
    return None if young is None or grown is None else heads + grown + young


def single(model: Model, rng: Stream, sex: str, age: int, child: bool, size: int) -> list[Member] | None:
    """A household with an adult who has no partner: a single parent, a grown child at home, a roommate, an elder."""
    anchor = {"role": "h", "sex": sex, "age": age}
    home = 0.75 if age < 25 else 0.5 if age < 35 else 0.2 if age < 50 else 0.08
    if child and age >= 25:
        home *= 0.4
    if size == 2 and child:
        young = minors(rng, [anchor], 1)
        return None if young is None else [anchor, *young]
    if rng.random() < home:
        return at_home(model, rng, anchor, child, size)
    if age >= 62 and rng.random() < 0.5:
        return with_grown_child(model, rng, anchor, child, size)
    if child:
        extra = 0
        while extra < size - 2 and rng.random() < (0.12 if age < 38 else 0.35):
            extra += 1
        young = minors(rng, [anchor], size - 1 - extra)
        grown = adult_kin(model, rng, [anchor], extra)
        return None if young is None or grown is None else [anchor, *grown, *young]
    if age < 50 and rng.random() < 0.6:  # people of about one age who share a place
        members = [anchor]
        while len(members) < size:
            near = age + round(rng.normal(0, 4 if age < 30 else 8))
            if 18 <= near <= 80:
                mates = "m" if rng.random() < 0.8 else "b"
                other = sex if rng.random() < 0.7 else "fm"[rng.random() < 0.5]
                members.append({"role": mates, "sex": other, "age": near})
        return members
    kin = adult_kin(model, rng, [anchor], size - 1)
    return None if kin is None else [anchor, *kin]


def at_home(model: Model, rng: Stream, anchor: Member, child: bool, size: int) -> list[Member] | None:
    """A grown child who lives with a parent or both."""
    low, high = MOTHER
    mother = anchor["age"] + rng.whole(low, high - 3)
    if mother > 96:
        return None
    two = size > 2 and rng.random() < (0.72 if not child or size > 3 else 0.0)
    woman = {"role": "h", "sex": "f", "age": mother}
    heads = [woman] if two or rng.random() < 0.8 else [{"role": "h", "sex": "m", "age": anchor["age"] + rng.whole(18, 45)}]
    if two:
        other = mate(model, rng, "f", mother, "s" if rng.random() < 0.88 else "p")
        if other is None or not FATHER[0] <= other["age"] - anchor["age"] <= FATHER[1]:
            return None
        heads.append(other)
        if rng.random() < 0.5:
            heads = [{**other, "role": "h"}, {**woman, "role": other["role"]}]
    rest = size - len(heads) - 1
    if rest < int(child) or heads[0]["age"] > 97:
        return None
    young: list[Member] | None = []
    if child:
        count = rest if rng.random() < 0.6 else rng.whole(1, rest)
        young, rest = minors(rng, heads, count), rest - count
    grown = adult_kin(model, rng, heads, rest)
    return None if young is None or grown is None else [*heads, {**anchor, "role": "k"}, *grown, *young]


def with_grown_child(model: Model, rng: Stream, anchor: Member, child: bool, size: int) -> list[Member] | None:
    """An elder who lives in the household of a grown child."""
    low, high = bounds([anchor])
    sex = "f" if rng.random() < 0.6 else "m"
    if high < 20:
        return None
    head = {"role": "h", "sex": sex, "age": rng.whole(max(low, 20), high)}
    heads = [head]
    if size > 2 and rng.random() < 0.75:
        other = mate(model, rng, sex, head["age"], "s")
        if other is None:
            return None
        heads.append(other)
    rest = size - len(heads) - 1
    if rest < int(child):
        return None
    young = minors(rng, heads, rest) if child else []
    grown = adult_kin(model, rng, heads, 0 if child else rest)
    if young is None or grown is None:
        return None
    if any(m["role"] == "e" for m in grown):
        return None
    return [*heads, {**anchor, "role": "e"}, *grown, *young]
