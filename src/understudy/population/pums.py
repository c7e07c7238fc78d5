"""Real households from a user's own ACS PUMS files become a pool, streamed and in bounded memory.

The Census Bureau publishes person files (`psam_p*.csv`) and household files (`psam_h*.csv`); whole households are
kept and drawn by their weight WGTP. At most `limit` households stay in memory: above that, priority sampling
(Duffield, Lund and Thorup 2007) keeps the highest w / u, with u a hash of seed and serial number, so that the order
of rows changes nothing and weights stay unbiased.
"""

from __future__ import annotations

import csv
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import heappush, heappushpop
from pathlib import Path

from understudy.errors import InputError
from understudy.population.categories import INCOME_BANDS, income_band
from understudy.population.pool import Pool, Template, TemplateMember, encode

KEPT_BAD_ROWS = 1000
"""Bad rows beyond these are counted but not listed."""

HOUSEHOLD_COLUMNS = ("SERIALNO", "WGTP", "NP", "HINCP", "TEN")
PERSON_COLUMNS = (
    "SERIALNO", "SPORDER", "AGEP", "SEX", "SCHL", "ESR", "OCCP", "INDP", "MAR", "RAC1P", "HISP", "PINCP",
)  # fmt: skip

RELSHIPP = {
    20: "h", 21: "s", 22: "p", 23: "s", 24: "p", 25: "k", 26: "k", 27: "k", 28: "b", 29: "e", 30: "g", 31: "r", 32: "r",
    33: "r", 34: "m", 35: "r", 36: "m",
}  # fmt: skip
"""Relationship to the householder since 2019, as our roles; 37 and 38 live in group quarters."""

RELP = {
    0: "h", 1: "s", 2: "k", 3: "k", 4: "k", 5: "b", 6: "e", 7: "g", 8: "r", 9: "r", 10: "r", 11: "m", 12: "m", 13: "p",
    14: "r", 15: "m",
}  # fmt: skip
"""The same of 2010 to 2018; 16 and 17 live in group quarters."""

# First code of each run of 2018 Census occupation codes, and our group for it; military occupations count as service.
OCCUPATIONS = (
    (10, "M"), (1005, "P"), (3601, "V"), (4700, "S"), (5000, "O"), (6005, "F"), (6200, "C"), (7000, "I"), (7700, "D"),
    (9005, "T"), (9800, "V"), (9850, ""),
)  # fmt: skip

INDUSTRIES = (
    (170, "a"), (370, "n"), (570, "u"), (770, "c"), (1070, "m"), (4070, "t"), (6070, "u"), (6470, "i"), (6870, "f"),
    (7270, "b"), (7860, "e"), (8560, "h"), (8770, "o"), (9370, "p"), (9890, ""),
)  # fmt: skip
"""First code of each run of Census industry codes, and our industry."""


@dataclass
class PumsReport:
    """What was read, left out and wrong; nothing is dropped without being counted here."""

    household_rows: int = 0
    person_rows: int = 0
    group_quarters: int = 0
    vacant: int = 0
    bad_households: int = 0
    bad_persons: int = 0
    incomplete: int = 0  # kept households left out later: a bad person row, no householder, or people missing
    not_sampled: int = 0  # households beyond the limit
    households: int = 0  # in the pool
    bad_rows: list[str] = field(default_factory=list)  # "file, line 12: why", the first KEPT_BAD_ROWS

    def bad(self, path: Path, line: int, why: str) -> None:
        """Note one bad row."""
        if len(self.bad_rows) < KEPT_BAD_ROWS:
            self.bad_rows.append(f"{path.name}, line {line}: {why}")

    def summary(self) -> str:
        """One sentence for people."""
        return (
            f"{self.households:,} households kept of {self.household_rows:,} rows "
            f"({self.group_quarters:,} group quarters, {self.vacant:,} vacant, {self.not_sampled:,} beyond the limit, "
            f"{self.bad_households + self.bad_persons:,} bad rows, {self.incomplete:,} incomplete)"
        )


@dataclass
class Kept:
    """A household of the sample while its people are being gathered."""

    weight: float
    income: int
    tenure: str
    size: int
    members: list[tuple[int, TemplateMember]] = field(default_factory=list)
    broken: bool = False
    where: tuple[Path, int] = (Path(), 0)  # file and line


def load_pums(files: str | Path | Sequence[Path], seed: int = 0, limit: int = 200_000) -> tuple[Pool, PumsReport]:
    """A pool of the whole households of `psam_h*.csv` and `psam_p*.csv` files (or of a folder that holds them), and a report of what was read.

    `limit` bounds the households held in memory. Raises InputError if a file or column is missing, or if nothing usable
    is left.
    """
    given = sorted(Path(files).glob("psam_*.csv")) if isinstance(files, (str, Path)) else list(files)
    place = Path(files) if isinstance(files, (str, Path)) else given[0].parent
    house_files, person_files = _files(place, given, "psam_h"), _files(place, given, "psam_p")
    report = PumsReport()
    kept = _households(house_files, report, seed, limit)
    _people(person_files, report, kept)
    rows, weights = [], []
    for serial in sorted(kept):
        row = _template(kept[serial])
        if row is None:
            report.incomplete += 1
            continue
        rows.append(row)
        weights.append(max(1, round(kept[serial].weight)))
    report.households = len(rows)
    if not rows:
        raise InputError(f"{place} holds no usable household ({report.summary()}); check that the files belong together")
    return Pool(rows, weights, f"the PUMS files in {place}"), report


def _files(place: Path, given: Sequence[Path], prefix: str) -> list[Path]:
    found = sorted(path for path in given if path.name.startswith(prefix))
    if not found:
        raise InputError(f"{place}: no {prefix}*.csv was given; download the ACS PUMS CSV files and name both persons (psam_p) and households (psam_h)")
    return found


def _rows(path: Path, needed: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and the wanted fields of each row; InputError for a missing column."""
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        reader = csv.reader(file)
        header = [name.strip().upper() for name in next(reader, [])]
        for name in needed:
            if name not in header:
                raise InputError(f"{path} has no column {name}; use the unchanged ACS PUMS file of the Census Bureau")
        where = {name: header.index(name) for name in (*needed, *wanted) if name in header}
        last = max(where.values())
        for fields in reader:
            if fields:
                whole = len(fields) > last
                yield reader.line_num, {k: fields[i].strip() for k, i in where.items()} if whole else {}


def _households(files: list[Path], report: PumsReport, seed: int, limit: int) -> dict[str, Kept]:
    """The sampled households by serial number: occupied units only."""
    heap: list[tuple[float, str, int, Kept]] = []  # priority, serial number, row (for ties), household
    bar = 0.0  # the highest priority that fell out
    for path in files:
        for line, row in _rows(path, HOUSEHOLD_COLUMNS, ("TYPE", "TYPEHUGQ", "ADJINC")):
            report.household_rows += 1
            try:
                item = _household(row, report)
                serial = row.get("SERIALNO", "")
            except ValueError as error:
                report.bad_households += 1
                report.bad(path, line, str(error))
                continue
            if item is None:
                continue
            item.where = (path, line)
            entry = (max(item.weight, 1) / _uniform(seed, serial), serial, report.household_rows, item)
            if len(heap) < limit:
                heappush(heap, entry)
            else:
                bar = max(bar, heappushpop(heap, entry)[0])
                report.not_sampled += 1
    kept: dict[str, Kept] = {}
    for _, serial, _, item in sorted(heap, key=_row):
        item.weight = max(item.weight, bar)
        if serial in kept:
            report.bad_households += 1
            report.bad(*item.where, f"SERIALNO {serial} appears twice; the first is kept")
        else:
            kept[serial] = item
    return kept


def _row(entry: tuple[float, str, int, Kept]) -> int:
    return entry[2]


def _household(row: dict[str, str], report: PumsReport) -> Kept | None:
    """A household row, or None for group quarters and vacant units (counted); ValueError if it is broken."""
    if not row:
        raise ValueError("the row is too short")
    kind = row.get("TYPEHUGQ") or row.get("TYPE") or "1"
    size, weight = _whole(row, "NP"), _whole(row, "WGTP")
    if kind in ("2", "3") or (weight == 0 and size > 0):
        report.group_quarters += 1
        return None
    if size == 0:
        report.vacant += 1
        return None
    if not row["SERIALNO"]:
        raise ValueError("SERIALNO is empty")
    if weight < 0 or not 1 <= size <= 20:
        raise ValueError(f"WGTP {weight} or NP {size} is out of range")
    income = _whole(row, "HINCP") * _whole(row, "ADJINC", 1_000_000) // 1_000_000
    tenure = "o" if _whole(row, "TEN") in (1, 2) else "r"
    return Kept(weight, max(0, income), tenure, size)


def _people(files: list[Path], report: PumsReport, kept: dict[str, Kept]) -> None:
    """Gather the members of the kept households."""
    optional = ("RELSHIPP", "RELP", "SCH", "RETP", "ADJINC")
    for path in files:
        checked = False
        for line, row in _rows(path, PERSON_COLUMNS, optional):
            if row and not checked:
                if "RELSHIPP" not in row and "RELP" not in row:
                    raise InputError(f"{path} has no column RELSHIPP (or RELP before 2019); use the unchanged PUMS file")
                checked = True
            report.person_rows += 1
            home = kept.get(row.get("SERIALNO", ""))
            if row and home is None:
                continue
            try:
                if home is None:
                    raise ValueError("the row is too short")
                home.members.append((_whole(row, "SPORDER"), _person(row)))
            except ValueError as error:
                report.bad_persons += 1
                report.bad(path, line, str(error))
                if home is not None:
                    home.broken = True


def _person(row: dict[str, str]) -> TemplateMember:
    """A person row as a template's member; ValueError if it cannot be read."""
    age = min(_whole(row, "AGEP"), 99)
    codes = (RELSHIPP, _whole(row, "RELSHIPP")) if row.get("RELSHIPP") else (RELP, _whole(row, "RELP"))
    role = codes[0].get(codes[1])
    sex = {1: "m", 2: "f"}.get(_whole(row, "SEX"))
    if role is None or sex is None or age < 0:
        raise ValueError(f"relationship {codes[1]}, SEX {row['SEX']} or AGEP {age} is out of range")
    race = _race(_whole(row, "RAC1P"), _whole(row, "HISP"))
    if age < 16:
        return TemplateMember(role, age, sex, race)
    income = max(0, _whole(row, "PINCP", 0) * _whole(row, "ADJINC", 1_000_000) // 1_000_000)
    marital = {1: "m", 2: "w", 3: "d", 4: "s", 5: "n"}.get(_whole(row, "MAR"))
    if marital is None:
        raise ValueError(f"MAR {row['MAR']} is out of range")
    status, industry = _status(row, age)
    return TemplateMember(role, age, sex, race, _education(_whole(row, "SCHL")), status, marital, industry, income)


def _status(row: dict[str, str], age: int) -> tuple[str, str]:
    """Our status and industry from ESR, OCCP and INDP; SCH and RETP help where the file has them."""
    work = _whole(row, "ESR")
    if work in (1, 2, 4, 5):
        status = _run(OCCUPATIONS, _whole(row, "OCCP"))
        industry = _run(INDUSTRIES, _whole(row, "INDP"))
        if not status or not industry:
            raise ValueError(f"OCCP {row['OCCP']} or INDP {row['INDP']} is no Census code of somebody who works")
        return status, industry
    if work == 3:
        return "U", ""
    if work != 6:
        raise ValueError(f"ESR {row['ESR']} is out of range")
    if age < 55 and row.get("SCH") in ("2", "3"):
        return "E", ""
    retired = age >= 65 or (age >= 55 and _whole(row, "RETP", 0) > 0)
    return ("R" if retired else "N"), ""


def _education(level: int) -> str:
    if not 1 <= level <= 24:
        raise ValueError(f"SCHL {level} is out of range")
    return "l" if level < 16 else "h" if level < 18 else "s" if level < 20 else "cbggg"[level - 20]


def _race(race: int, hispanic: int) -> str:
    if not 1 <= race <= 9:
        raise ValueError(f"RAC1P {race} is out of range")
    return "h" if hispanic > 1 else {1: "w", 2: "b", 6: "a"}.get(race, "o")


def _run(runs: tuple[tuple[int, str], ...], code: int) -> str:
    """The group of the run that a code falls into, empty below the first."""
    place = bisect(runs, code, key=_first)
    return runs[place - 1][1] if place else ""


_first: Callable[[tuple[int, str]], int] = lambda run: run[0]  # noqa: E731


def _template(home: Kept) -> str | None:
    """The encoded household, or None if it is not whole."""
    members = [member for _, member in sorted(home.members, key=lambda pair: pair[0])]
    heads = [m for m in members if m.role == "h"]
    if home.broken or len(heads) != 1 or len(members) != home.size or heads[0].age < 16:
        return None
    ordered = (heads[0], *(m for m in members if m.role != "h"))
    band = INCOME_BANDS.index(income_band(home.income))
    return encode(Template(band, home.income, home.tenure, ordered))


def _uniform(seed: int, serial: str) -> float:
    """A number in (0, 1) that depends on seed and serial number alone."""
    digest = blake2b(f"{seed}/{serial}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 1) / (2**64 + 2)


def _whole(row: dict[str, str], column: str, otherwise: int | None = None) -> int:
    """A column as a whole number; empty or absent gives `otherwise` if there is one."""
    text = row.get(column, "")
    if text in ("", "N.A.", "N.A.//", "bbbb") and otherwise is not None:
        return otherwise
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{column} is {text!r}, not a whole number") from None
