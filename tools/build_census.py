"""Build the pool of household templates and the raked targets that the package ships (run once, by hand).

    python tools/build_census.py --source DIR [--households 80000] [--candidates 240000]

DIR holds the published tables and survey joints named in `src/understudy/data/SOURCES.md`. Needs numpy. The output is
the same for the same numpy version: candidates come from a named stream, the archives carry no time.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(Path(__file__).resolve().parent)]

import census_tables as tables  # noqa: E402
import census_targets as goals  # noqa: E402
from census_candidates import Member, Model  # noqa: E402
from census_targets import AXES, Array  # noqa: E402

from understudy.population.categories import EDUCATIONS, JOINTS, RACES, STATUSES, age_band  # noqa: E402
from understudy.rng import Stream, stream  # noqa: E402

Ints = NDArray[np.int64]

# The survey has more adults without a partner, not living alone, than ACS counts leave room for. Held to ACS, raking
# can only drop single parents with many children; 12 % more of the other households keep them, and every joint is met
# better.
MORE_OTHERS = 1.12


@dataclass
class Cells:
    """One set of constraints: which cell each unit (an adult, a minor or a household) falls into, and the goal."""

    name: str
    units: Ints  # household index of each unit
    cell: Ints
    goal: Array  # share by cell, per adult


@dataclass
class Goals:
    """The raked targets of one pass."""

    status: Array
    household: Array
    income: Array
    race: Array


def make_goals(source: Path, adults_with_minors: float, adults_by_income: Array) -> Goals:
    """The three joints (and race) for the given mean numbers of adults in households."""
    status = goals.target_status(source)
    household = goals.target_household(source, status.sum(axis=(1, 2, 3)), adults_with_minors)
    income = goals.target_income(source, status, household, adults_by_income)
    return Goals(status, household, income, goals.target_race(source, status))


def candidates(source: Path, target: Goals, count: int) -> list[tuple[list[Member], int]]:
    """`count` plausible households with their income bands."""
    marital = goals.marital_table(source)
    people = goals.single_years(source)
    model = Model(target.status, target.household, target.income, target.race, marital, people, goals.income_shares(source)[0])
    rng = stream(2022, "census/candidates")
    return [model.household_of(rng) for _ in range(count)]


class Pool:
    """Candidates as arrays: one row an adult, with the index of the household."""

    def __init__(self, rows: list[tuple[list[Member], int]]) -> None:
        self.rows = rows
        adults, home, minors, minor_home = [], [], [], []
        for index, (members, income) in enumerate(rows):
            couple = next((m["role"] for m in members if m["role"] in "sp"), "-")
            child, size = any(m["age"] < 18 for m in members), min(len(members), 6) - 1
            for m in members:
                if m["age"] < 18:
                    minors.append(min(m["age"] // 5, 3))
                    minor_home.append(index)
                    continue
                paired = ("-", "p", "s").index(couple) if m["role"] in "hsp" else 0
                band = AXES["age_band"].index(age_band(m["age"]))
                adults.append(
                    (
                        band,
                        "fm".index(m["sex"]),
                        tuple(EDUCATIONS).index(m["education"]),
                        tuple(STATUSES).index(m["status"]),
                        paired,
                        child,
                        size,
                        income,
                        tuple(RACES).index(m["race"]),
                        m["age"],
                    )
                )
                home.append(index)
        self.adults: Ints = np.array(adults, dtype=np.int64)
        self.home: Ints = np.array(home, dtype=np.int64)
        self.minors: Ints = np.array(minors, dtype=np.int64)
        self.minor_home: Ints = np.array(minor_home, dtype=np.int64)
        self.count = len(rows)
        self.adult_count = np.bincount(self.home, minlength=self.count)

    def cells(self, name: str, columns: tuple[int, ...], goal: Array) -> Cells:
        """Adults by some of their columns."""
        index = np.ravel_multi_index(tuple(self.adults[:, c] for c in columns), goal.shape)
        return Cells(name, self.home, index.astype(np.int64), goal.ravel())

    def types(self) -> dict[str, NDArray[np.bool_]]:
        """The household types of ACS 2022, as flags by household."""
        spouse = np.bincount(self.home, self.adults[:, 4] == 2, self.count) > 0
        partner = np.bincount(self.home, self.adults[:, 4] == 1, self.count) > 0
        alone = np.bincount(self.home, self.adults[:, 6] == 0, self.count) > 0
        man = np.bincount(self.home, self.adults[:, 1] == 1, self.count) > 0
        minor = np.bincount(self.minor_home, minlength=self.count) > 0
        old = np.bincount(self.home, self.adults[:, 9] >= 65, self.count) > 0
        pair = spouse | partner
        own = np.array([any(m["age"] < 18 and m["role"] == "k" for m in members) for members, _ in self.rows])
        head_man = np.array([members[0]["sex"] == "m" for members, _ in self.rows])
        return {
            "married_couple": spouse,
            "cohabiting": partner,
            "male_living_alone": alone & man,
            "female_living_alone": alone & ~man,
            "with_people_u18": minor,
            "with_people_65plus": old,
            "married_with_own_children_u18": spouse & own,
            "female_with_own_children_u18": own & ~pair & ~head_man,
        }

    def subset(self, keep: Ints) -> Pool:
        """A pool of the chosen households."""
        return Pool([self.rows[i] for i in keep])


def constraints(pool: Pool, target: Goals, source: Path) -> list[Cells]:
    """Everything that the weights have to match, the three joints last (they have the last word of a round)."""
    acs = goals.Households2022(source)
    people = goals.single_years(source)
    five = np.zeros((15, 2))  # 18-19, 20-24, ... 80-84, 85 and over
    for column, sex in enumerate(AXES["sex"]):
        for age in range(18, 101):
            five[min(age // 5, 17) - 3 if age >= 20 else 0, column] += people[sex][age]
    kids = np.zeros(4)
    for age in range(18):
        kids[min(age // 5, 3)] += people["male"][age] + people["female"][age]
    fives = np.where(pool.adults[:, 9] < 20, 0, np.minimum(pool.adults[:, 9] // 5, 17) - 3)
    flags = pool.types()
    kind = flags["married_couple"] + 2 * flags["cohabiting"] + 3 * flags["male_living_alone"]
    kind = kind + 4 * flags["female_living_alone"]
    shares = [acs.acs[k] for k in ("married_couple", "cohabiting", "male_living_alone", "female_living_alone")]
    young = 1 * flags["with_people_u18"] + flags["married_with_own_children_u18"]
    young = young + 2 * flags["female_with_own_children_u18"]
    minor, married, woman = (acs.acs[k] for k in ("with_people_u18", "married_with_own_children_u18", "female_with_own_children_u18"))
    others = (1 - sum(shares)) * MORE_OTHERS
    total = others + sum(shares)
    everyone = np.arange(pool.count)
    old = acs.acs["with_people_65plus"]
    return [
        Cells("minors", pool.minor_home, pool.minors, kids / kids.sum() * acs.minors / acs.adults),
        Cells("with 65+", everyone, flags["with_people_65plus"].astype(int), np.array([total - old, old]) / acs.adults),
        Cells(
            "with children",
            everyone,
            young,
            np.array([total - minor, minor - married - woman, married, woman]) / acs.adults,
        ),
        Cells("kinds", everyone, kind, np.array([others, *shares]) / acs.adults),
        Cells("five years", pool.home, fives * 2 + pool.adults[:, 1], (five / five.sum()).ravel()),
        pool.cells("race", (0, 1, 8, 2), target.race),
        pool.cells("status", (0, 1, 2, 3), target.status),
        pool.cells("household", (0, 4, 5, 6), target.household),
        pool.cells("income", (2, 3, 4, 7), target.income),
    ]


def calibrate(pool: Pool, sets: list[Cells], start: Array, rounds: int, bound: float, soft: int = 0) -> Array:
    """Raise and lower household weights until every set of cells meets its goal (iterative proportional updating).

    A household is multiplied by the geometric mean of its units' corrections. `bound` limits how far a weight may go
    from its start, either way, as a factor. In the last `soft` rounds only the three joints count.
    """
    weights = start.copy()
    counts = [np.maximum(np.bincount(s.units, minlength=pool.count), 1) for s in sets]
    for turn in range(rounds):
        for units, s in zip(counts, sets, strict=True):
            if rounds - turn <= soft and s.name not in ("status", "household", "income"):
                continue
            now = np.bincount(s.cell, weights[s.units], len(s.goal))
            goal = s.goal * (now.sum() / s.goal.sum() if s.name == "minors" else 1.0)
            factor = np.log(np.divide(goal, now, out=np.ones_like(now), where=(now > 0) & (goal > 0)))
            factor[(s.goal == 0) & (now > 0)] = -3.0
            step = np.bincount(s.units, np.clip(factor, -3, 3)[s.cell], pool.count) / units
            weights *= np.exp(step)
        weights = np.clip(weights, start / bound, start * bound)
        weights /= np.bincount(pool.home, weights[pool.home], pool.count).sum()
    return weights


def distance(s: Cells, weights: Array) -> float:
    """Half the sum of absolute differences from the goal, as shares of adults (total variation for the joints)."""
    now = np.bincount(s.cell, weights[s.units], len(s.goal))
    return float(np.abs(now - s.goal).sum() / 2)


def thin(pool: Pool, sets: list[Cells], weights: Array, size: int, rng: Stream) -> tuple[Pool, Array]:
    """A systematic sample by weight, so that the kept weights are nearly even; rare cells keep three households."""
    chance = size * weights / weights.sum()
    for s in sets[-3:]:
        expected = np.bincount(s.cell, chance[s.units], len(s.goal))
        boost = np.maximum(1.0, 3.0 / np.maximum(expected, 1e-9))
        lift = np.ones(pool.count)
        np.maximum.at(lift, s.units, boost[s.cell])
        chance = np.minimum(1.0, chance * lift)
    points = np.cumsum(chance) + rng.random()
    keep = np.flatnonzero(np.floor(points) > np.floor(points - chance))
    return pool.subset(keep), weights[keep] / chance[keep]


def integers(weights: Array, mean: int = 100) -> Ints:
    """Weights as integers of 1 or more with the given mean."""
    whole: Ints = np.maximum(1, np.rint(weights / weights.mean() * mean)).astype(np.int64)
    return whole


def report(pool: Pool, sets: list[Cells], weights: Array, source: Path, title: str) -> None:
    """Print how near the weighted pool is to every goal."""
    acs = goals.Households2022(source).acs
    print(f"{title}: {pool.count:,} households, effective {weights.sum() ** 2 / (weights**2).sum():,.0f}")
    print("  distance from goals: " + ", ".join(f"{s.name} {distance(s, weights):.4f}" for s in sets))
    types = pool.types()
    shares = {k: float(weights[v].sum() / weights.sum()) for k, v in types.items()}
    print("  types: " + ", ".join(f"{k} {v:.3f} ({acs[k]:.3f})" for k, v in shares.items()))
    people = float((weights * np.array([len(m) for m, _ in pool.rows])).sum() / weights.sum())
    print(f"  people a household {people:.2f} ({acs['average_household_size']:.2f})")


def measure(pool: Pool, weights: Array) -> tuple[float, Array]:
    """Mean adults in households with children, and by income band."""
    minor = pool.types()["with_people_u18"]
    with_minors = float((weights * pool.adult_count)[minor].sum() / weights[minor].sum())
    band = np.array([income for _, income in pool.rows])
    by_income = np.bincount(band, weights * pool.adult_count, 6) / np.bincount(band, weights, 6)
    return with_minors, by_income


def build(source: Path, candidates_count: int, households: int) -> tuple[Pool, Ints, Goals]:
    """Goals, candidates, weights: two passes over the goals, since some depend on the adults per household."""
    with_minors, by_income = 2.2, np.array([1.6, 1.75, 1.9, 2.0, 2.05, 2.05])
    target = make_goals(source, with_minors, by_income)
    pool = Pool(candidates(source, target, candidates_count))
    weights = np.ones(pool.count) / pool.adult_count.sum()
    start = weights.copy()
    for _ in range(3):
        weights = calibrate(pool, constraints(pool, target, source), start, 60, 200.0)
        with_minors, by_income = measure(pool, weights)
        print(f"adults: {with_minors:.3f} where there are children; by income {by_income.round(3)}")
        target = make_goals(source, with_minors, by_income)
    sets = constraints(pool, target, source)
    weights = calibrate(pool, sets, weights, 200, 200.0)
    report(pool, sets, weights, source, "candidates")
    pool, start = thin(pool, sets, weights, households, stream(2022, "census/thin"))
    sets = constraints(pool, target, source)
    weights = calibrate(pool, sets, start, 500, 4.0, soft=200)
    report(pool, sets, weights, source, "pool")
    whole = integers(weights)
    report(pool, sets, whole / (whole * pool.adult_count).sum(), source, "as integers")
    return pool, whole, target


def token(member: Member) -> str:
    """A member in eight letters (five for a minor): role, age, sex, race; education, status, marital."""
    base = f"{member['role']}{member['age']:02d}{member['sex']}{member['race']}"
    return base if member["age"] < 18 else base + member["education"] + member["status"] + member["marital"]


def save(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    """A CSV, gzip'd without a time stamp if its name says so."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    data = text.getvalue().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)


def save_target(folder: Path, name: str, columns: tuple[str, ...], joint: Array) -> None:
    """A raked joint as shares in billionths."""
    whole = np.rint(joint * 1e9).astype(int)
    rows = [[*(AXES[c][i] for c, i in zip(columns, index, strict=True)), int(whole[index])] for index in np.ndindex(*joint.shape) if whole[index] > 0]
    save(folder / f"target_{name}.csv.gz", [*columns, "share_e9"], rows)


def main() -> None:
    """Read the source folder, build, print how close it comes, and write the package data."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="folder with the published tables")
    parser.add_argument("--households", type=int, default=80_000, help="templates to keep")
    parser.add_argument("--candidates", type=int, default=240_000, help="candidates to draw first")
    args = parser.parse_args()
    pool, whole, target = build(args.source, args.candidates, args.households)
    folder = ROOT / "src" / "understudy" / "data"
    rows: list[list[Any]] = []
    rng = stream(2022, "census/tenure")
    for weight, (members, income) in zip(whole, pool.rows, strict=True):
        tenure = "o" if rng.random() < tables.owned(members, income) else "r"
        rows.append([int(weight), income, tenure, " ".join(token(m) for m in members)])
    rows.sort(key=lambda row: ("".join(t[0] for t in row[3].split()), row[3], row[1], row[0]))
    save(folder / "census" / "households.csv.gz", ["weight", "income", "tenure", "members"], rows)
    for name, joint in zip(JOINTS, (target.status, target.household, target.income), strict=True):
        save_target(folder / "census", name, JOINTS[name], joint)
    save_target(folder / "census", "age_sex_race_education", ("age_band", "sex", "race_hispanic", "education"), target.race)
    for table in tables.every(args.source):
        save(folder / table.path, table.header, table.rows)


if __name__ == "__main__":
    main()
