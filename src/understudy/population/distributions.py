"""A user's own demographic distributions re-weight a pool, so that its adults follow them.

Each CSV has one or more of our columns (age_band, sex, education, status, with_partner, hh_child, household_size,
family_income, race) and `share`. It describes adults (18 and over) and is complete: a combination that a file does
not list has share 0. Shares may be fractions, percents or counts.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from understudy.errors import InputError
from understudy.population.categories import (
    AGE_BANDS,
    EDUCATIONS,
    INCOME_BANDS,
    PARTNERS,
    RACES,
    SEXES,
    SIZES,
    STATUSES,
)
from understudy.population.pool import Pool, adults, decode

Cell = tuple[str, ...]

CATEGORIES: dict[str, tuple[str, ...]] = {
    "age_band": AGE_BANDS,
    "sex": tuple(SEXES.values()),
    "education": tuple(EDUCATIONS.values()),
    "status": tuple(STATUSES.values()),
    "with_partner": tuple(PARTNERS.values()),
    "hh_child": ("no", "yes"),
    "household_size": SIZES,
    "family_income": INCOME_BANDS,
    "race": tuple(RACES.values()),
}

ROUNDS = 400
CLOSE = 2e-4
"""Raking stops after so many rounds, or when every file is this near (total variation distance)."""

MEAN = 1000
"""Mean of the whole-number weights that come out."""


@dataclass(frozen=True)
class Distribution:
    """One file: which columns it speaks of and the share of adults in each of its cells (they sum to one)."""

    name: str
    columns: tuple[str, ...]
    shares: dict[Cell, float]


@dataclass
class RakingReport:
    """How near the pool came to the files, and what could not be met."""

    before: dict[str, float] = field(default_factory=dict)  # total variation distance by file
    after: dict[str, float] = field(default_factory=dict)
    rounds: int = 0
    effective: float = 0.0  # Kish's effective number of households
    problems: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """One line for people: how near each file was met, then what could not be."""
        met = ", ".join(f"{name} from {self.before[name]:.1%} to {self.after[name]:.1%} off" for name in self.after)
        return "; ".join([f"raked to {met} ({self.effective:,.0f} households count)", *self.problems])


def rake_pool(pool: Pool, files: Sequence[str | Path]) -> tuple[Pool, RakingReport]:
    """The pool with weights raked to all files at once, and a report.

    Weights of whole households are corrected by the geometric mean of what their adults need, in turns over the
    files, until all are met; the order of the files does not matter to a converged result. A category that does not
    exist or a share that no household can fill is named in the report and left out.
    Raises InputError for an unreadable file, an unknown column, a share that is no number, or files without a common
    solution.
    """
    report = RakingReport()
    wanted = [read_distribution(Path(file), report) for file in files]
    groups, members = _groups(pool, wanted)
    wanted = [_reachable(d, groups, i, report) for i, d in enumerate(wanted)]
    mass = [float(sum(pool.weights[j] for j in rows)) for rows in members]
    report.before = _distances(wanted, groups, mass)
    factors, report.rounds = _rake(wanted, groups, mass)
    if not any(f > 0 and m > 0 for f, m in zip(factors, mass, strict=True)):
        raise InputError("no household can meet all the distributions at once; check which categories have share 0")
    report.after = _distances(wanted, groups, [m * f for m, f in zip(mass, factors, strict=True)])
    weights = _integers(pool, members, factors)
    raked = pool.reweighted(weights, f"{pool.name}, raked to {len(wanted)} distributions")
    report.effective = raked.effective()
    for name, distance in report.after.items():
        if distance > 0.01:
            report.problems.append(f"{name}: {distance:.1%} of adults still differ; its shares contradict the other files")
    return raked, report


def read_distribution(path: Path, report: RakingReport) -> Distribution:
    """One CSV as a Distribution; categories that do not exist are noted in the report and left out."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            header = [name.strip() for name in reader.fieldnames or []]
            reader.fieldnames = header
            columns = _columns(path, header)
            shares: dict[Cell, float] = {}
            for row in reader:
                cell = tuple((row[c] or "").strip() for c in columns)
                share = _share(path, reader.line_num, row["share"])
                strange = [f"{c} {v!r}" for c, v in zip(columns, cell, strict=True) if v not in CATEGORIES[c]]
                if strange:
                    where = f"{path.name}, line {reader.line_num}"
                    report.problems.append(f"{where}: there is no {' and no '.join(strange)}; its share is left out")
                else:
                    shares[cell] = shares.get(cell, 0.0) + share
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path} ({error}); give a CSV file in UTF-8") from None
    total = sum(shares.values())
    if total <= 0:
        raise InputError(f"{path} holds no share above zero in known categories; see the columns' categories in the docs")
    return Distribution(path.name, columns, {cell: share / total for cell, share in shares.items()})


def _columns(path: Path, header: list[str]) -> tuple[str, ...]:
    if "share" not in header:
        raise InputError(f"{path} has no column share; add one with the share of adults in each row")
    columns = tuple(name for name in header if name != "share")
    for name in columns:
        if name not in CATEGORIES:
            raise InputError(f"{path} has an unknown column {name!r}; use some of {', '.join(CATEGORIES)}, and share")
    if not columns:
        raise InputError(f"{path} has only shares; add at least one of {', '.join(CATEGORIES)}")
    return columns


def _share(path: Path, line: int, text: str | None) -> float:
    try:
        share = float((text or "").strip().rstrip("%"))
    except ValueError:
        share = math.nan
    if not (math.isfinite(share) and share >= 0):
        raise InputError(f"{path}, line {line}: the share {text!r} is not a number of 0 or more; mend it there")
    return share


Group = tuple[tuple[tuple[Cell, int], ...], ...]


def _groups(pool: Pool, wanted: Sequence[Distribution]) -> tuple[list[Group], list[list[int]]]:
    """Templates that look alike to the files: for each file, which cells their adults fill and how often."""
    found: dict[Group, list[int]] = {}
    for index, row in enumerate(pool.rows):
        people = adults(decode(row))
        signature = tuple(tuple(sorted(Counter(tuple(getattr(a, c) for c in d.columns) for a in people).items())) for d in wanted)
        found.setdefault(signature, []).append(index)
    return list(found), list(found.values())


def _reachable(wanted: Distribution, groups: list[Group], place: int, report: RakingReport) -> Distribution:
    """The distribution without the cells that nobody in the pool fills (noted in the report)."""
    filled = {cell: True for group in groups for cell, _ in group[place]}
    kept = {cell: share for cell, share in wanted.shares.items() if share == 0 or cell in filled}
    for cell, share in wanted.shares.items():
        if cell not in kept:
            report.problems.append(f"{wanted.name}: nobody in the pool is {', '.join(cell)}; {share:.2%} cannot be met")
    total = sum(kept.values())
    if total <= 0:
        raise InputError(f"{wanted.name}: nobody in the pool falls into any of its categories; check them")
    return Distribution(wanted.name, wanted.columns, {cell: share / total for cell, share in kept.items()})


def _tally(groups: list[Group], mass: list[float], place: int) -> dict[Cell, float]:
    """Shares of adults by cell of one file."""
    counts: dict[Cell, float] = {}
    for group, weight in zip(groups, mass, strict=True):
        for cell, number in group[place]:
            counts[cell] = counts.get(cell, 0.0) + number * weight
    total = sum(counts.values()) or 1.0
    return {cell: count / total for cell, count in counts.items()}


def _distance(wanted: Distribution, now: dict[Cell, float]) -> float:
    missed = sum(share for cell, share in wanted.shares.items() if cell not in now)
    return (missed + sum(abs(share - wanted.shares.get(cell, 0.0)) for cell, share in now.items())) / 2


def _distances(wanted: Sequence[Distribution], groups: list[Group], mass: list[float]) -> dict[str, float]:
    return {d.name: _distance(d, _tally(groups, mass, i)) for i, d in enumerate(wanted)}


def _rake(wanted: Sequence[Distribution], groups: list[Group], mass: list[float]) -> tuple[list[float], int]:
    """A factor for each group, and the rounds it took."""
    factors = [1.0] * len(groups)
    turn = 0
    turn = 0
    while turn < ROUNDS:
        turn += 1
        worst = 0.0
        for place, distribution in enumerate(wanted):
            now = _tally(groups, [m * f for m, f in zip(mass, factors, strict=True)], place)
            worst = max(worst, _distance(distribution, now))
            correct = {c: distribution.shares.get(c, 0.0) / s if s > 0 else 0.0 for c, s in now.items()}
            for index, group in enumerate(groups):
                product, number = 1.0, 0
                for cell, times in group[place]:
                    product *= correct[cell] ** times
                    number += times
                if number:
                    factors[index] *= product ** (1.0 / number)
        if worst < CLOSE:
            break
    return factors, turn


def _integers(pool: Pool, members: list[list[int]], factors: list[float]) -> list[int]:
    """Whole-number weights of the given mean."""
    raw = [0.0] * len(pool)
    for rows, factor in zip(members, factors, strict=True):
        for index in rows:
            raw[index] = pool.weights[index] * factor
    scale = MEAN * len(raw) / sum(raw)
    return [round(weight * scale) for weight in raw]
