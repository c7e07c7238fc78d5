"""Raked targets: the joint shape of the ATUS/CPS respondents, raked (IPF) to 2018 ACS tables and 2022 margins."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.population.categories import (
    AGE_BANDS,
    EDUCATIONS,
    EMPLOYED,
    INCOME_BANDS,
    RACES,
    SEXES,
    SIZES,
    STATUSES,
    age_band,
)

Array = NDArray[np.float64]
AXES: dict[str, tuple[str, ...]] = {
    "age_band": AGE_BANDS,
    "sex": tuple(SEXES.values()),
    "education": tuple(EDUCATIONS.values()),
    "status": tuple(STATUSES.values()),
    "with_partner": ("none", "cohabit", "spouse"),
    "hh_child": ("no", "yes"),
    "household_size": SIZES,
    "family_income": INCOME_BANDS,
    "race_hispanic": tuple(RACES.values()),
}
WORK = [tuple(STATUSES).index(code) for code in EMPLOYED]
IDLE = [i for i in range(len(STATUSES)) if i not in WORK]

# American Community Survey C24010 lines (men; women are 36 later) that make up each of our ten occupation groups.
C24010 = {
    "professional": (7, 11, 16),
    "mgmt_biz_finance": (4,),
    "office_admin": (29,),
    "sales": (28,),
    "service": (19,),
    "construction": (32,),
    "install_repair_maint": (33,),
    "farming_forestry_fishing": (31,),
    "production": (35,),
    "transport": (36, 37),
}


def load_joint(path: Path, columns: tuple[str, ...]) -> Array:
    """A joint CSV as an array, one axis a column, adults only, summing to one."""
    joint = np.zeros([len(AXES[c]) for c in columns])
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row.get("age_band") != "16-17":
                joint[tuple(AXES[c].index(row[c]) for c in columns)] += float(row["share"])
    return joint / joint.sum()


def rake(joint: Array, margins: list[tuple[tuple[int, ...], Array]], rounds: int = 500) -> Array:
    """Iterative proportional fitting of `joint` to margins, each given as (axes kept, table of shares)."""
    fitted = joint.copy()
    for _ in range(rounds):
        for axes, goal in margins:
            away = tuple(i for i in range(fitted.ndim) if i not in axes)
            now = fitted.sum(axis=away)
            factor = np.divide(goal, now, out=np.zeros_like(goal), where=now > 0)
            fitted *= np.expand_dims(factor, away)
    return fitted / fitted.sum()


def income_shares(source: Path) -> tuple[Array, list[tuple[int, float]]]:
    """Households by our six income bands, and the finer $5,000 bins (start, share); CPS ASEC 2022, income of 2021."""
    bins = []
    with (source / "cps2022_margins.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["table"] == "hinc01-totals":
                words = row["label"].replace("$", "").replace(",", "").split()
                bins.append((0 if words[0] == "Under" else int(words[0]), float(row["thousands"])))
    total = sum(count for _, count in bins)
    fine = [(start, count / total) for start, count in bins]
    starts = np.array([0, 20_000, 40_000, 60_000, 100_000, 150_000])
    shares = np.zeros(6)
    for start, share in fine:
        shares[int(np.searchsorted(starts, start, side="right")) - 1] += share
    return shares, fine


def single_years(source: Path) -> dict[str, list[int]]:
    """People by sex and single year of age, 0 to 100, 2022."""
    people: dict[str, list[int]] = {"male": [0] * 101, "female": [0] * 101}
    with (source / "us_age_sex_2022.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            people[row["sex"]][int(row["age"])] = int(row["people"])
    return people


def age_by_sex(people: dict[str, list[int]]) -> Array:
    """Adult shares by age band and sex, 2022."""
    table = np.zeros((7, 2))
    for column, sex in enumerate(AXES["sex"]):
        for age in range(18, 101):
            table[AGE_BANDS.index(age_band(age)), column] += people[sex][age]
    return table / table.sum()


def education_goal(source: Path, age_sex: Array) -> Array:
    """Adults by five ages, sex and education: ACS 2018 B15001 raked to 2022 ages and CPS 2022 education."""
    acs = {row["variable"]: float(row["estimate"]) for row in _rows(source / "acs1_2018_us_tables.csv")}
    table = np.zeros((5, 2, 6))
    into = (0, 0, 1, 2, 3, 4, 5)  # B15001's seven levels; the first two are "less than high school"
    for column, first in enumerate((44, 3)):  # women's lines begin at 44, men's at 3 (AXES puts women first)
        for age in range(5):
            for level in range(7):
                table[age, column, into[level]] += acs[f"B15001_{first + 8 * age + 1 + level:03d}E"]
    five = np.stack([age_sex[0], age_sex[1], age_sex[2], age_sex[3] + age_sex[4], age_sex[5] + age_sex[6]])
    cps = [float(r["thousands"]) for r in _rows(source / "cps2022_margins.csv") if r["table"].startswith("education")]
    level = np.array([sum(cps[:7]), cps[7], cps[8], cps[9] + cps[10], cps[11], sum(cps[12:])])
    return rake(table / table.sum(), [((0, 1), five), ((2,), level / level.sum())])


def occupation_goal(source: Path) -> Array:
    """Workers by our ten groups (in the order of the codes) and sex; ACS 2018 C24010."""
    acs = {row["variable"]: float(row["estimate"]) for row in _rows(source / "acs1_2018_us_tables.csv")}
    table = np.zeros((10, 2))
    for index, code in enumerate(EMPLOYED):
        for line in C24010[STATUSES[code]]:
            table[index, 1] += acs[f"C24010_{line:03d}E"]
            table[index, 0] += acs[f"C24010_{line + 36:03d}E"]
    return table / table.sum()


def work_shares(share_minor: float = 0.033, minors_employed: float = 0.2) -> Array:
    """Employed, unemployed and outside the labor force among adults, from ACS 2018-22 shares of those 16 and over.

    Those of 16 and 17 are 3.3 % of them and one in five works, so (0.596 + 0.005 armed - 0.033 x 0.2) / 0.967 of the
    adults are employed; the unemployed are 5.3 % of a labor force of 63.5 % less the armed forces.
    """
    employed = (0.596 + 0.005 - share_minor * minors_employed) / (1 - share_minor)
    unemployed = 0.053 * 0.63
    return np.array([employed, unemployed, 1 - employed - unemployed])


def target_status(source: Path) -> Array:
    """Age x sex x education x status of adults."""
    joint = load_joint(source / "joint_age_sex_education_status.csv", ("age_band", "sex", "education", "status"))
    ages = age_by_sex(single_years(source))
    education = education_goal(source, ages)
    workers = occupation_goal(source)
    employed, unemployed, idle = work_shares()
    for _ in range(400):
        joint *= (ages / joint.sum(axis=(2, 3)))[:, :, None, None]
        five = np.stack([joint[0], joint[1], joint[2], joint[3] + joint[4], joint[5] + joint[6]]).sum(axis=3)
        factor = education / five
        joint *= factor[[0, 1, 2, 3, 3, 4, 4]][:, :, :, None]
        joint[..., WORK] *= (employed * workers.T / joint[..., WORK].sum(axis=(0, 2)))[None, :, None, :]
        joint[..., IDLE[0]] *= unemployed / joint[..., IDLE[0]].sum()
        joint[..., IDLE[1:]] *= idle / joint[..., IDLE[1:]].sum()
    return joint / joint.sum()


class Households2022:
    """Household shares of ACS 2022 turned into shares of adults, with the arithmetic in one place."""

    def __init__(self, source: Path) -> None:
        self.acs: dict[str, Any] = json.loads((source / "acs_2022_shares.json").read_text())["acs_2022_1yr_households"]
        people = single_years(source)
        everybody = sum(map(sum, people.values()))
        minors = sum(sum(years[:18]) for years in people.values())
        households = self.acs["total_households"]
        # People outside households (dormitories, prisons, nursing homes) are nearly all adults.
        outside = everybody - households * self.acs["average_household_size"]
        self.adults = (everybody - minors - outside) / households  # adults a household
        self.minors = minors / households
        self.spouse = 2 * self.acs["married_couple"] / self.adults
        self.cohabit = 2 * self.acs["cohabiting"] / self.adults
        self.alone = (self.acs["male_living_alone"] + self.acs["female_living_alone"]) / self.adults


def target_household(source: Path, ages: Array, adults_with_minors: float) -> Array:
    """Age x partner x child x household size of adults.

    `adults_with_minors` is the mean number of adults in a household that has children: it turns the ACS share of such
    households into a share of adults. Married couples with own children are 17.7 % of households (ACS 2022); 8 % more
    have only grandchildren or other minors (by the joint itself: its married adults with a child are 8 % over 60).
    Cells that no household can fill (a partner in a household of one, a child and a partner in a household of two)
    are noise of the survey and set to zero.
    """
    columns = ("age_band", "with_partner", "hh_child", "household_size")
    joint = load_joint(source / "joint_age_partner_child_householdsize.csv", columns)
    joint[:, 1:, :, 0] = 0
    joint[:, :, 1, 0] = 0
    joint[:, 1:, 1, 1] = 0
    shares = Households2022(source)
    partner = np.array([1 - shares.spouse - shares.cohabit, shares.cohabit, shares.spouse])
    child = shares.acs["with_people_u18"] * adults_with_minors / shares.adults
    both = 2 * 1.08 * shares.acs["married_with_own_children_u18"] / shares.adults
    for _ in range(400):
        joint *= (ages / joint.sum(axis=(1, 2, 3)))[:, None, None, None]
        joint[:, 2, 1] *= both / joint[:, 2, 1].sum()
        joint[:, 2, 0] *= (shares.spouse - both) / joint[:, 2, 0].sum()
        joint *= (partner / joint.sum(axis=(0, 2, 3)))[None, :, None, None]
        joint[:, :, 1, :] *= child / joint[:, :, 1, :].sum()
        joint[:, :, 0, :] *= (1 - child) / joint[:, :, 0, :].sum()
        single = joint[:, 0, 0, 0].sum()
        joint[:, 0, 0, 0] *= shares.alone / single
        joint[..., 1:] *= (1 - shares.alone) / joint[..., 1:].sum()
    return joint / joint.sum()


def target_income(source: Path, status: Array, household: Array, adults_by_income: Array) -> Array:
    """Education x status x partner x income of adults.

    Household income shares (CPS ASEC 2022) become shares of adults through `adults_by_income`, the mean number of
    adults in a household of each band.
    """
    columns = ("education", "status", "with_partner", "family_income")
    joint = load_joint(source / "joint_education_status_partner_income.csv", columns)
    shares, _ = income_shares(source)
    people = shares * adults_by_income
    learned = status.sum(axis=(0, 1))
    empty = joint.sum(axis=(2, 3)) == 0  # the survey lacks a few rare pairs: give them their education's shape
    pattern = joint.sum(axis=1, keepdims=True) / joint.sum(axis=(1, 2, 3), keepdims=True)
    joint = np.where((empty & (learned > 0))[:, :, None, None], 1e-6 * pattern, joint)
    partner = household.sum(axis=(0, 2, 3))
    return rake(joint, [((0, 1), learned), ((2,), partner), ((3,), people / people.sum())])


def target_race(source: Path, status: Array) -> Array:
    """Age x sex x race x education of adults, raked to the ages, sexes and educations of the first target."""
    joint = load_joint(source / "joint_age_sex_race_education.csv", ("age_band", "sex", "race_hispanic", "education"))
    return rake(joint, [((0, 1, 3), status.sum(axis=3))])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def marital_table(source: Path) -> Array:
    """Chances of married, never married, divorced, separated, widowed by age, sex, partner (none, cohabit) and child.

    The survey's few who are married with an absent spouse are left out: nobody here has a spouse who is nowhere.
    """
    table = np.zeros((7, 2, 2, 2, 5))
    marital = ("married", "never married", "divorced", "separated", "widowed")
    for row in _rows(source / "joint_age_sex_marital_partner_child.csv"):
        if row["age_band"] == "16-17" or row["with_partner"] == "spouse" or row["marital"] == "married":
            continue
        where = (
            AGE_BANDS.index(row["age_band"]),
            AXES["sex"].index(row["sex"]),
            int(row["with_partner"] == "cohabit"),
            int(row["hh_child"] == "yes"),
            marital.index(row["marital"]),
        )
        table[where] += float(row["share"])
    return table
