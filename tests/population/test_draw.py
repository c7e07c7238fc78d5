"""Households are drawn whole: they match the joints, their kin agree in age, and a seed gives the same people anywhere."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from understudy.errors import InputError
from understudy.model.seeds import HouseholdSeed
from understudy.population.categories import JOINTS, age_band, income_band, size_label
from understudy.population.draw import age_on, birth_dates, draw_households, draw_to_size, years_before
from understudy.population.pool import Pool, TemplateMember, adults, decode, encode, load_pool, target
from understudy.population.work import work
from understudy.rng import stream

START = date(2024, 2, 29)  # a leap day: birthdays of the 29th are the trap
KINDS = ("alone", "couple", "couple with children", "single parent", "family", "roommates")


@pytest.fixture(scope="module")
def town() -> list[HouseholdSeed]:
    return draw_households(load_pool(), stream(7, "test/town"), 4000, START)


def test_pool_meets_all_three_targets_at_once() -> None:
    counts: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in JOINTS}
    for weight, template in load_pool().templates():
        for adult in adults(template):
            for name in JOINTS:
                counts[name][adult.cell(name)] += weight
    for name in JOINTS:
        total = sum(counts[name].values())
        goal = target(name)
        distance = sum(abs(counts[name][c] / total - goal.get(c, 0.0)) for c in {**goal, **counts[name]}) / 2
        assert distance < 0.002, name


def test_pool_is_large_and_even() -> None:
    assert load_pool().effective() > 0.8 * len(load_pool()) > 40_000


def test_a_small_town_is_near_the_household_joint(town: list[HouseholdSeed]) -> None:
    counts: Counter[tuple[str, ...]] = Counter()
    for home in town:
        roles = [m.role for m in home.members]
        ages = [age_on(m.birth_date, START) for m in home.members]
        partner = "spouse" if "spouse" in roles else "cohabit" if "partner" in roles else "none"
        for m, age in zip(home.members, ages, strict=True):
            if age >= 18:
                paired = partner if m.role in ("householder", "spouse", "partner") else "none"
                child = "yes" if min(ages) < 18 else "no"
                counts[age_band(age), paired, child, size_label(len(ages))] += 1
    total = sum(counts.values())
    goal = target("age_partner_child_size")
    assert sum(abs(counts[c] / total - s) for c, s in goal.items()) / 2 < 0.09


def test_kin_agree_in_age(town: list[HouseholdSeed]) -> None:
    for home in town:
        head = home.members[0]
        assert head.role == "householder"
        mates = [m for m in home.members if m.role in ("spouse", "partner")]
        assert len(mates) <= 1
        for m in home.members:
            older = age_on(head.birth_date, START) - age_on(m.birth_date, START)
            if m.role == "child":
                assert older >= 14
                assert all(age_on(p.birth_date, START) - age_on(m.birth_date, START) >= 14 for p in mates)
            if m.role == "grandchild":
                assert older >= 30
            if m.role == "parent":
                assert older <= -14
            if m.role == "spouse":
                assert m.marital == head.marital == "married"
            if age_on(m.birth_date, START) >= 18 and m.marital == "married":
                assert any(p.role == "spouse" for p in home.members), "nobody is married to somebody who is nowhere"


def test_siblings_are_twins_or_nine_months_apart(town: list[HouseholdSeed]) -> None:
    close = 0
    for home in town:
        births = sorted(m.birth_date for m in home.members if m.role == "child")
        close += sum(0 < (b - a).days < 270 for a, b in itertools.pairwise(births))
    assert close == 0


def test_minors_are_minors(town: list[HouseholdSeed]) -> None:
    for home in town:
        assert home.kind in KINDS
        assert home.tenure in ("owned", "rented")
        for m in home.members:
            if age_on(m.birth_date, START) < 16:
                assert (m.education, m.status, m.occupation, m.income) == ("none", "child", "", 0)


def test_work_agrees_with_itself(town: list[HouseholdSeed]) -> None:
    people = [m for home in town for m in home.members]
    listed = {t.title: t for titles in work().by_place.values() for t in titles}
    busy = [m for m in people if m.occupation]
    for m in people:
        assert bool(m.occupation) == bool(m.industry) == work().works(m.status)
    for m in busy:
        assert any(t.title == m.occupation for t in work().by_place[m.status, m.industry])
    grown = [m for m in busy if age_on(m.birth_date, START) >= 18]
    young = [m for m in grown if age_on(m.birth_date, START) < listed[m.occupation].age]
    assert len(young) < 0.01 * len(grown)
    assert 0.70 < sum(m.full_time for m in busy) / len(busy) < 0.83
    full = [m for m in busy if m.full_time]
    paid = [m for m in full if 0.5 * listed[m.occupation].pay[0] <= m.income <= 1.3 * listed[m.occupation].pay[1]]
    assert len(paid) > 0.85 * len(full)


def test_own_incomes_fit_into_the_household(town: list[HouseholdSeed]) -> None:
    for home in town:
        assert sum(m.income for m in home.members) <= home.income
        assert income_band(home.income) in ("<20k", "20-40k", "40-60k", "60-100k", "100-150k", "150k+")


def test_exact_sizes() -> None:
    for people in (1, 2, 3, 11, 60, 137):
        homes = draw_to_size(load_pool(), stream(3, f"size/{people}"), people, START)
        assert sum(len(home.members) for home in homes) == people


def test_a_pool_without_small_households_says_so() -> None:
    pool = Pool(["3,o,h42fwbPm s40mwbSm"], [1], "the test pool")
    with pytest.raises(InputError, match="no household of 1 or fewer"):
        draw_to_size(pool, stream(1, "x"), 3, START)


def test_a_pool_needs_weights() -> None:
    with pytest.raises(InputError, match="weight above zero"):
        Pool(["3,o,h42fwbPm"], [0], "the empty pool")


def test_ages_hold_exactly_on_the_day() -> None:
    members = tuple(TemplateMember("h", age, "f", "w") for age in range(100))
    for start in (START, date(2023, 3, 1), date(2023, 12, 31), date(2024, 1, 1)):
        for turn in range(20):
            births = birth_dates(members, stream(turn, "ages"), start)
            assert [age_on(b, start) for b in births] == list(range(100))
    assert years_before(START, 1) == date(2023, 2, 28)


def test_rows_survive_encoding() -> None:
    for row in load_pool().rows[::5000]:
        assert encode(decode(row)) == row
    own = "$71234,r,h42fwbPme52000 k07fw k17mwlEn-0"
    assert encode(decode(own)) == own
    assert decode(own).members[0].income == 52000


def test_the_same_seed_gives_the_same_people_under_any_hash_seed() -> None:
    code = (
        "from datetime import date;from understudy.rng import stream;from understudy.population.pool import load_pool;"
        "from understudy.population.draw import draw_households;"
        "print(draw_households(load_pool(), stream(5,'a'), 40, date(2024,1,1)))"
    )
    source = str(Path(sys.modules["understudy"].__path__[0]).parent)
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": value, "PYTHONPATH": source},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for value in ("0", "1")
    ]
    assert outputs[0] == outputs[1] != ""
