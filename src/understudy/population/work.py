"""What people do for a living: industry, hours, a real job title and an income that agrees with the household's."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from understudy.assets import data
from understudy.population.categories import EDUCATIONS, INDUSTRIES, SEXES, STATUSES
from understudy.population.names import Choice
from understudy.population.pool import band_limits, read_table
from understudy.rng import Stream

LEVELS = tuple(EDUCATIONS.values())

TYPICAL = {
    "professional": 74, "mgmt_biz_finance": 82, "office_admin": 42, "sales": 46, "service": 31, "construction": 48,
    "install_repair_maint": 50, "farming_forestry_fishing": 30, "production": 41, "transport": 40,
    "unemployed": 9, "student, not in labor force": 6, "other, not in labor force": 11,
    "retired or other, not in labor force": 29,
}  # fmt: skip
"""Usual own income by status, thousand dollars a year (our estimate): only proportions within a household matter."""

LEARNED = dict(zip(EDUCATIONS.values(), (0.72, 0.85, 0.92, 1.0, 1.25, 1.6), strict=True))
"""How schooling scales it (our estimate)."""


class Title(NamedTuple):
    """One job title of occupations.yaml."""

    title: str
    low: int
    high: int
    age: int
    pay: tuple[int, int]
    weight: float
    women: float


class Job(NamedTuple):
    """What somebody does."""

    industry: str
    title: str
    full_time: bool
    pay: tuple[int, int]  # the title's usual full-time pay, dollars a year


class Work:
    """The tables of work; use `work()` to get the one instance of a process."""

    def __init__(self) -> None:
        self.by_place: dict[tuple[str, str], list[Title]] = defaultdict(list)
        content: dict[str, list[dict[str, Any]]] = data("data/census/occupations.yaml")
        for status, entries in content.items():
            for e in entries:
                low, high = (LEVELS.index(level) for level in e["education"])
                pay = (int(e["pay"][0]), int(e["pay"][1]))
                title = Title(e["title"], low, high, e["age"], pay, e["weight"], e["women"])
                # A title of many industries is spread thin over them, so that it does not crowd out the local ones.
                thin = title._replace(weight=title.weight / math.sqrt(len(e["industries"])))
                for industry in e["industries"]:
                    self.by_place[status, industry].append(thin)
        self.industries = self._choices("census/industries.csv", "industry")
        self.full_share = self._full_time()
        self.minors = {
            sex: Choice([r["status"] for r in rows], [int(r["share_e7"]) for r in rows])
            for sex in SEXES.values()
            for rows in [[r for r in read_table("census/minors_16_17.csv") if r["sex"] == sex]]
        }
        self.titles: dict[tuple[str, str, int, int, str], tuple[Choice, dict[str, Title]]] = {}
        self.bins = [(int(r["dollars_from"]), int(r["share_e6"])) for r in read_table("census/income_bins.csv")]
        self.steps: dict[int, Choice] = {}

    def _choices(self, name: str, column: str) -> dict[tuple[str, str], Choice]:
        rows: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for row in read_table(name):
            rows[row["status"], row["sex"]].append(row)
        return {k: Choice([r[column] for r in v], [int(r["share_e7"]) for r in v]) for k, v in rows.items()}

    def _full_time(self) -> dict[tuple[str, str], float]:
        shares: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for row in read_table("census/full_time.csv"):
            shares[row["status"], row["sex"]][row["full_time"]] = int(row["share_e7"])
        return {key: v["FT"] / (v["FT"] + v["PT"]) for key, v in shares.items()}

    def works(self, status: str) -> bool:
        """Whether a status is one of the ten occupation groups."""
        return (status, "male") in self.industries

    def minor_status(self, rng: Stream, sex: str) -> str:
        """What somebody of 16 or 17 does."""
        return self.minors[sex].draw(rng)

    def household_income(self, rng: Stream, band: int) -> int:
        """Dollars a year within an income band, by the $5,000 steps of CPS ASEC 2022; above 200,000 a Pareto tail."""
        if band not in self.steps:
            low, above = band_limits(band)
            inside = [(d, s) for d, s in self.bins if d >= low and (above is None or d < above)]
            self.steps[band] = Choice([str(d) for d, _ in inside], [s for _, s in inside])
        start = int(self.steps[band].draw(rng))
        if start >= 200_000:
            return min(int(200_000 * (1.0 - rng.random()) ** (-1 / 2.6)), 1_500_000) // 100 * 100
        return max(1_200, start + int(rng.random() * 50) * 100)

    def job(self, rng: Stream, status: str, sex: str, education: str, age: int, expected: float, industry: str = "") -> Job:
        """A job for somebody who works; `expected` is the income (dollars a year) that the household leaves for it."""
        place = industry or self.industries[status, sex].draw(rng)
        odds = self.full_share[status, sex]
        odds = odds / (1 - odds) * min(3.0, max(0.12, (expected / (1000 * TYPICAL[status])) ** 0.9))
        odds *= 0.12 if age < 18 else 0.5 if age < 22 or age >= 70 else 1.9
        full = rng.random() < odds / (1 + odds)
        title = self._title(rng, status, place, education, age, sex, expected if full else expected / 0.45)
        return Job(place, title.title, full, title.pay)

    def _title(self, rng: Stream, status: str, industry: str, education: str, age: int, sex: str, pay: float) -> Title:
        """The likeliest of a few drawn titles, given the pay: one whose range holds it is taken at once."""
        choice, titles = self._fitting(status, industry, LEVELS.index(education), min(age, 45), sex)
        best, best_miss = None, math.inf
        for _ in range(5):
            title = titles[choice.draw(rng)]
            low, high = title.pay
            miss = math.log(low / pay) if pay < low else math.log(pay / high) if pay > high else 0.0
            if miss < best_miss:
                best, best_miss = title, miss
            if miss < 0.12:
                break
        assert best is not None
        return best

    def _fitting(self, status: str, industry: str, level: int, age: int, sex: str) -> tuple[Choice, dict[str, Title]]:
        key = (status, industry, level, age, sex)
        if key not in self.titles:
            listed = self.by_place.get((status, industry)) or [t for (s, _), v in self.by_place.items() if s == status for t in v]
            titles = closest([t for t in listed if t.age <= age] or [min(listed, key=lambda t: (t.age, t.title))], level)
            weights = [t.weight * (0.02 + (t.women if sex == "female" else 1 - t.women)) for t in titles]
            self.titles[key] = (Choice([t.title for t in titles], weights), {t.title: t for t in titles})
        return self.titles[key]


def closest(titles: Sequence[Title], level: int) -> list[Title]:
    """The titles that fit a level of education, or those that miss it by the fewest levels."""

    def miss(title: Title) -> int:
        return max(title.low - level, level - title.high, 0)

    least = min(miss(t) for t in titles)
    return [t for t in titles if miss(t) == least]


def typical(status: str, education: str, age: int) -> float:
    """Usual own income, dollars a year, by which a household's income is first shared out."""
    scale = 0.65 if age < 25 else 0.9 if age < 30 else 1.0
    return 1000.0 * TYPICAL[status] * LEARNED.get(education, 0.6) * scale


def industry_word(code: str) -> str:
    """The industry of a one-letter code, empty for none."""
    return INDUSTRIES.get(code, "")


def status_word(code: str) -> str:
    """The status of a one-letter code, empty for none."""
    return STATUSES.get(code, "")


@cache
def work() -> Work:
    """The tables of work, read once a process."""
    return Work()
