"""A pool is a large set of household templates with whole-number weights, from which households are drawn.

The package's own pool is synthetic: the joint shape of the ATUS/CPS respondents, raked (IPF) to 2018 ACS tables and
2022 margins, carried by plausible households. Pools can also come from a user's ACS PUMS files (`pums`) or be
re-weighted to a user's own distributions (`distributions`).
"""

from __future__ import annotations

import csv
import gzip
import io
from array import array
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from understudy.assets import HERE
from understudy.errors import InputError
from understudy.population.categories import (
    EDUCATIONS,
    INCOME_BANDS,
    INCOME_STARTS,
    JOINTS,
    PARTNERS,
    RACES,
    SEXES,
    STATUSES,
    age_band,
    income_band,
    size_label,
)
from understudy.rng import Stream


class TemplateMember(NamedTuple):
    """One person of a template, in the one-letter codes of `categories`; empty codes are decided when drawn."""

    role: str
    age: int  # whole years, 0 to 99
    sex: str
    race: str
    education: str = ""
    status: str = ""
    marital: str = ""
    industry: str = ""
    income: int | None = None  # own income, dollars a year


class Template(NamedTuple):
    """One household of a pool."""

    band: int  # index into INCOME_BANDS
    income: int | None  # dollars a year where the source says so, else None
    tenure: str  # o (owned) or r (rented)
    members: tuple[TemplateMember, ...]


class Pool:
    """Household templates with cumulative weights; a draw is one binary search and one short decoding."""

    def __init__(self, rows: Sequence[str], weights: Iterable[int], name: str) -> None:
        """`rows` are encoded templates (see `encode`), `weights` whole numbers of 0 or more, one a row."""
        self.rows = rows
        self.weights = array("q", weights)
        self.sums = array("q", accumulate(self.weights))
        self.name = name
        if len(self.weights) != len(rows):
            raise ValueError(f"{len(rows)} templates but {len(self.weights)} weights")
        if not rows or self.sums[-1] <= 0:
            raise InputError(f"{name} holds no household with a weight above zero, so nobody can be drawn from it")

    def __len__(self) -> int:
        return len(self.rows)

    def index(self, rng: Stream) -> int:
        """The number of one template, drawn by weight."""
        return bisect(self.sums, int(rng.random() * self.sums[-1]))

    def draw(self, rng: Stream) -> Template:
        """One household, drawn by weight."""
        return decode(self.rows[self.index(rng)])

    def sizes(self) -> list[int]:
        """The number of members of each template."""
        return [row.count(" ") + 1 for row in self.rows]

    def templates(self) -> Iterator[tuple[int, Template]]:
        """All templates with their weights, in order."""
        for weight, row in zip(self.weights, self.rows, strict=True):
            yield weight, decode(row)

    def reweighted(self, weights: Iterable[int], name: str) -> Pool:
        """The same templates under other weights."""
        return Pool(self.rows, weights, name)

    def effective(self) -> float:
        """Kish's effective number of households: (sum of weights) squared over the sum of squared weights."""
        return float(sum(self.weights)) ** 2 / float(sum(w * w for w in self.weights))


def decode(row: str) -> Template:
    """A template from its encoded row."""
    money, tenure, members = row.split(",")
    income = int(money[1:]) if money[0] == "$" else None
    band = int(money) if income is None else INCOME_BANDS.index(income_band(income))
    return Template(band, income, tenure, tuple(_member(token) for token in members.split(" ")))


def _member(token: str) -> TemplateMember:
    if len(token) == 5:
        return TemplateMember(token[0], int(token[1:3]), token[3], token[4])
    extra = token[8:]
    industry = "" if extra[:1] in ("", "-") else extra[0]
    income = int(extra[1:]) if len(extra) > 1 else None
    return TemplateMember(token[0], int(token[1:3]), token[3], token[4], token[5], token[6], token[7], industry, income)


def encode(template: Template) -> str:
    """A template as one short line: money, tenure, then members of five letters (minors) or eight and more."""
    tokens = []
    for m in template.members:
        token = f"{m.role}{m.age:02d}{m.sex}{m.race}"
        if m.education:
            token += m.education + m.status + m.marital
            if m.industry or m.income is not None:
                token += (m.industry or "-") + ("" if m.income is None else str(m.income))
        tokens.append(token)
    money = str(template.band) if template.income is None else f"${max(0, template.income)}"
    return f"{money},{template.tenure},{' '.join(tokens)}"


def load_pool(assets_dir: str | Path | None = None) -> Pool:
    """The package's pool, or the one in `assets_dir` (a folder with `census/households.csv.gz`); read once a process.

    Raises InputError if the folder has no such file or its header is not weight, income, tenure, members.
    """
    return _load(str(assets_dir) if assets_dir is not None else "")


@cache
def _load(folder: str) -> Pool:
    path = (Path(folder) if folder else HERE / "data") / "census" / "households.csv.gz"
    try:
        lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the household pool {path} ({error}); give a folder that holds one") from None
    if not lines or lines[0] != "weight,income,tenure,members":
        raise InputError(f"{path} does not begin with weight,income,tenure,members; rebuild it with tools/build_census.py")
    parts = [line.split(",", 1) for line in lines[1:]]
    return Pool([rest for _, rest in parts], (int(weight) for weight, _ in parts), "the package's pool")


class Adult(NamedTuple):
    """An adult with the words of the joints' columns; the one place where a household becomes cells."""

    age_band: str
    sex: str
    education: str
    status: str
    with_partner: str
    hh_child: str
    household_size: str
    family_income: str
    race: str

    def cell(self, joint: str) -> tuple[str, ...]:
        """Where this adult falls in one of the three JOINTS."""
        return tuple(getattr(self, column) for column in JOINTS[joint])


def adults(template: Template) -> list[Adult]:
    """The adults (18 and over) of a template, described in the words of the joints."""
    couple = next((m.role for m in template.members if m.role in "sp"), "-")
    child = "yes" if any(m.age < 18 for m in template.members) else "no"
    size = size_label(len(template.members))
    return [
        Adult(
            age_band(m.age),
            SEXES[m.sex],
            EDUCATIONS[m.education],
            STATUSES[m.status],
            PARTNERS[couple if m.role in "hsp" else "-"],
            child,
            size,
            INCOME_BANDS[template.band],
            RACES[m.race],
        )
        for m in template.members
        if m.age >= 18
    ]


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV of the package's data folder, gzip'd or not, by name below `data/`."""
    raw = (HERE / "data" / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def target(joint: str) -> dict[tuple[str, ...], float]:
    """A raked target: shares of adults by the cells of one of the JOINTS, summing to one."""
    rows = read_table(f"census/target_{joint}.csv.gz")
    shares = {tuple(row[c] for c in JOINTS[joint]): int(row["share_e9"]) for row in rows}
    total = sum(shares.values())
    return {cell: share / total for cell, share in shares.items()}


def band_limits(band: int) -> tuple[int, int | None]:
    """The dollars where an income band begins, and where the next one does (None for the last)."""
    above = INCOME_STARTS[band + 1] if band + 1 < len(INCOME_STARTS) else None
    return INCOME_STARTS[band], above
