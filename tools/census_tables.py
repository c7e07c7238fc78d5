"""The smaller tables beside the pool: incomes within bands, industries, full time, minors who work, names."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from census_candidates import Member
from census_targets import income_shares

from understudy.population.categories import AGE_BANDS, age_band

# Our estimates: chances of owning by the householder's age, and odds by income band and company. Together they come
# near the 65 % of households that own their home (ACS 2022).
OWNED_BY_AGE = dict(zip(AGE_BANDS, (0.24, 0.44, 0.62, 0.69, 0.75, 0.79, 0.78), strict=True))
OWNED_BY_INCOME = (0.4, 0.6, 0.8, 1.15, 1.8, 3.2)


@dataclass
class Small:
    """A table to be written: where, its header, its rows."""

    path: str
    header: list[str]
    rows: list[list[Any]]


def owned(members: list[Member], income: int) -> float:
    """The chance that a household owns its home."""
    chance = OWNED_BY_AGE[age_band(members[0]["age"])]
    odds = chance / (1 - chance) * OWNED_BY_INCOME[income]
    if any(m["role"] == "s" for m in members):
        odds *= 1.6
    elif any(m["role"] == "m" for m in members):
        odds *= 0.35
    else:
        odds *= 0.7
    return odds / (1 + odds)


def every(source: Path) -> list[Small]:
    """All small tables; shares are written as whole numbers."""
    _, bins = income_shares(source)
    return [
        Small("census/income_bins.csv", ["dollars_from", "share_e6"], [[a, round(b * 1e6)] for a, b in bins]),
        Small(
            "census/industries.csv",
            ["status", "sex", "industry", "share_e7"],
            _shares(source / "joint_status_industry_sex.csv", ("status", "sex", "ind_code"), 1e7),
        ),
        Small(
            "census/full_time.csv",
            ["status", "sex", "full_time", "share_e7"],
            _shares(source / "joint_status_fulltime_sex.csv", ("status", "sex", "ptft"), 1e7),
        ),
        Small("census/minors_16_17.csv", ["sex", "status", "share_e7"], _minors(source)),
        Small("names/given.csv.gz", ["decade", "sex", "name", "share_e6"], _given(source)),
        Small("names/family.csv.gz", ["name", "rank", "white", "black", "hispanic", "asian", "other"], _family(source)),
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _shares(path: Path, columns: tuple[str, ...], scale: float) -> list[list[Any]]:
    return [[*(row[c] for c in columns), round(float(row["share"]) * scale)] for row in sorted(_rows(path), key=lambda r: [r[c] for c in columns])]


def _minors(source: Path) -> list[list[Any]]:
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for row in _rows(source / "joint_age_sex_education_status.csv"):
        if row["age_band"] == "16-17":
            shares[row["sex"], row["status"]] += float(row["share"])
    return [[*key, round(share * 1e7)] for key, share in sorted(shares.items())]


def _given(source: Path) -> list[list[Any]]:
    return [[r["decade"], r["sex"].lower(), r["name"], round(float(r["share"]) * 1e6)] for r in _rows(source / "first_names_by_decade.csv")]


def _family(source: Path) -> list[list[Any]]:
    """Surnames with the share of their bearers by race, in thousandths."""
    parts = ("p_whi", "p_bla", "p_his", "p_asi", "p_oth")
    return [[r["surname"], r["rank"], *(round(float(r[p]) * 1000) for p in parts)] for r in _rows(source / "surnames_2010.csv")]
