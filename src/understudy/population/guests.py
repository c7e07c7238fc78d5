"""People whom the user brings, or who are seeded by a line: they take the place of somebody they resemble in a drawn household."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from understudy import assets
from understudy.errors import InputError
from understudy.model.community import age_on
from understudy.model.seeds import HouseholdSeed, MemberSeed
from understudy.ontology.attributes import attributes
from understudy.ontology.who import STATUS_GROUPS, plain_status
from understudy.rng import Stream

FIELDS = ("given_name", "family_name", "sex", "birth_date", "age", "race_ethnicity", "education", "status", "occupation", "income", "marital")
"""Person fields that a profile may give; any attribute key is welcome too, everything else is named and refused."""
PER_COMMUNITY = 4
"""How many of the user's own people live in one community, the first ones in the first."""


class Guest(msgspec.Struct, kw_only=True):
    """One person to be seated: wanted age range and sex, fields kept as given, facts, and the line that seeded them."""

    line: str = ""
    age: tuple[int, int] = (0, 110)
    sex: str = "any"
    status: list[str] = []
    fields: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    must: bool = True


def read_profiles(path: Path, start: date | None = None) -> list[Guest]:
    """The user's own structured profiles, CSV with a header or JSONL; every column is a person field or an attribute key."""
    if path.suffix.lower() == ".csv":
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows: dict[int, dict[str, Any]] = {n: {k: v for k, v in row.items() if v not in ("", None)} for n, row in enumerate(csv.DictReader(file), 1)}
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"cannot read {path} ({error}); save it as a UTF-8 CSV with a header") from None
        bad: list[int] = []
    else:
        rows, bad = assets.read_jsonl(path)
    if bad:
        raise InputError(f"{path}: line {min(bad)} is no JSON object ({len(bad)} such lines); mend or remove them")
    if not rows:
        raise InputError(f"{path} holds no profile; give it a row for each person, or leave it out")
    return [_profile(row, f"{path}, row {number}", start) for number, row in rows.items()]


def _profile(row: Mapping[str, Any], where: str, start: date | None) -> Guest:
    if None in row:
        raise InputError(f"{where} has more cells than the header has columns; quote the commas within a cell")
    unknown = [name for name in row if name not in FIELDS and name not in attributes()]
    if unknown:
        raise InputError(f'{where} has the column "{unknown[0]}", which is neither a person field ({", ".join(FIELDS)}) nor an attribute key; rename it')
    fields = {name: row[name] for name in FIELDS if name in row}
    guest = Guest(fields=fields, facts={k: v for k, v in row.items() if k in attributes()})
    try:
        if "birth_date" in fields:
            fields["birth_date"] = date.fromisoformat(str(fields["birth_date"]))
        elif "age" in fields:
            fields["age"] = int(fields["age"])
            guest.age = (fields["age"], fields["age"])
        if "income" in fields:
            fields["income"] = int(float(fields["income"]))
    except ValueError as error:
        raise InputError(f"{where}: {error}; dates are YYYY-MM-DD, ages and incomes whole numbers") from None
    if not 0 <= fields.get("age", 0) <= 110:
        raise InputError(f"{where}: the age is {fields['age']}; it must be 0 to 110")
    if start is not None and "birth_date" in fields and not 0 <= age_on(fields["birth_date"], start) <= 110:
        raise InputError(f"{where}: the birth date is {fields['birth_date']}; on the first day, {start}, nobody is unborn or older than 110")
    if "sex" in fields:
        guest.sex = {"f": "female", "m": "male"}.get(str(fields["sex"]).lower()[:1], "any")
        fields["sex"] = guest.sex if guest.sex != "any" else fields["sex"]
        if guest.sex == "any":
            raise InputError(f"{where}: sex is {fields['sex']!r}; it is female or male")
    return guest


def read_lines(path: Path) -> list[Guest]:
    """One-line personas, JSONL `{{"persona": "..."}}`: what the line says of age, work and pastimes is read out of it."""
    rows, bad = assets.read_jsonl(path)
    bad += [n for n, row in rows.items() if not isinstance(row.get("persona"), str) or not row["persona"].strip()]
    if not rows and not bad:
        raise InputError(f"{path} holds no persona; give it a line for each person, or leave it out")
    if bad:
        raise InputError(f'{path}: line {min(bad)} is not {{"persona": "..."}} ({len(bad)} such lines); mend or remove them')
    return [understand(row["persona"].strip()) for row in rows.values()]


@cache
def own_lines() -> tuple[Guest, ...]:
    """The package's own persona lines, with what each one says."""
    content = assets.data("data/catalogues/persona_lines.yaml")
    return tuple(
        Guest(
            line=e["persona"], age=tuple(e.get("age", (0, 110))), sex=e.get("sex", "any"), status=list(e.get("status", ())), facts=dict(e["facts"]), must=False
        )
        for e in content["personas"]
    )


SAYS: tuple[tuple[str, tuple[int, int], list[str]], ...] = (
    (r"\bretire[de]", (62, 95), ["retired"]), (r"\b(college|university|graduate) student\b", (18, 30), ["student"]),
    (r"\b(teen|high[- ]school(er)?)\b", (14, 18), ["student", "child"]), (r"\b(boy|girl|kid|schoolchild)\b", (6, 13), ["child"]),
    (r"\bgrand(mother|father|ma|pa|parent)\b", (50, 95), []), (r"\b(young)\b", (18, 32), []), (r"\b(elderly|widow(er)?)\b", (65, 98), []),
)  # fmt: skip
"""Words of a line that say something of age and status."""


def understand(line: str) -> Guest:
    """What a line says, by words that our catalogues and job titles know; the line itself is kept whole."""
    low = line.lower()
    guest = Guest(line=line, must=True, age=(18, 90))
    for pattern, age, status in SAYS:
        if re.search(pattern, low):
            guest.age, guest.status = age, status
            break
    number = re.search(r"\b(\d{1,2})[- ]year[- ]old\b", low)
    if number:
        guest.age, guest.fields["age"] = (int(number[1]), int(number[1])), int(number[1])
    if re.search(r"\b(woman|mother|she|her|wife|grandmother|girl|nun|actress|waitress)\b", low):
        guest.sex = "female"
    elif re.search(r"\b(man|father|he|his|husband|grandfather|boy|monk)\b", low):
        guest.sex = "male"
    who = re.split(r"\b(?:who|with|that|whose|obsessed)\b|,", low)[0]
    title = next((t for t in _titles() if re.search(rf"\b{re.escape(t)}\b(?!')", who)), None)
    if title and not guest.status:
        guest.fields["occupation"] = title
        guest.status = ["employed"]
    rest = low.replace(title, " ") if title else low
    for key, catalogue, tagged in PASTIMES:
        value = next((v for v, _ in _values(catalogue) if re.search(rf"\b{re.escape(v.lower())}\b", rest)), None) or (
            _akin(catalogue, rest) if tagged else None
        )
        if value:
            guest.facts[key] = value
    return guest


PASTIMES = (
    ("interests.leisure.hobby", "hobbies", True), ("interests.leisure.activity", "leisure_activities", True), ("interests.sport.sport", "sports", False),
    ("interests.games.game", "games", False), ("interests.music.genre", "music_genres", False), ("interests.music.instrument", "instruments", False),
    ("interests.collecting.collection", "collections", False),
)  # fmt: skip
"""Where a line's pastimes are looked up: key, catalogue, and whether a catalogue's tags count as well as its values."""


VAGUE = frozenset((
    "reader", "collector", "owner", "member", "walker", "hand", "host", "maker", "leader", "helper", "guide",
    "judge", "chief", "seller", "captain", "picker", "lead", "history", "biology", "engineering",
))  # fmt: skip
"""Last words of job titles that say no job when they stand alone, as in "an avid reader"."""


def _stem(word: str) -> str:
    """Knits, knitting and knitter as one."""
    return re.sub(r"(.)\1$", r"\1", re.sub(r"(?:ing|ers?|ed|es|e|s)$", "", word)) if len(word) > 3 else word


def _akin(catalogue: str, line: str) -> str | None:
    """The value of which a line names the most tags (baking and bread: baking sourdough), the most common first."""
    said = {_stem(w) for w in re.findall(r"[a-z]+", line)}
    best: tuple[int, float] = (0, 0.0)
    found = None
    for value, entry in _values(catalogue):
        named = sum(tag in line if " " in tag else _stem(tag) in said for tag in map(str.lower, entry.get("tags", ())) if tag != "collecting")
        if (named, float(entry.get("w", 1.0))) > best and named:
            best, found = (named, float(entry.get("w", 1.0))), value
    return found


@cache
def _titles() -> tuple[str, ...]:
    """Our job titles and their endings (long-haul truck driver, truck driver, driver), the longest first."""
    titles = [str(e["title"]).lower() for titles in assets.data("data/census/occupations.yaml").values() for e in titles]
    plain = [title.split() for title in titles if not re.search(r",|\b(of|in|at)\b", title)]
    endings = {" ".join(words[at:]) for words in plain for at in range(1, len(words))} - VAGUE
    return tuple(sorted({*titles, *endings}, key=lambda t: (-len(t), t)))


@cache
def _values(catalogue: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple(sorted(((str(e["v"]), e) for e in assets.catalogue(catalogue)), key=lambda found: (-len(found[0]), found[0])))


def guests_of(everyone: Sequence[Guest], index: int) -> list[Guest]:
    """The user's people who live in a community: four each, in the order of the file."""
    return list(everyone[index * PER_COMMUNITY : (index + 1) * PER_COMMUNITY])


def own_guests(share: float, people: int, rng: Stream) -> list[Guest]:
    """Some of the package's persona lines, for this share of a community's people."""
    return rng.some(own_lines(), rng.poisson(share * people)) if share else []


def seat(households: list[HouseholdSeed], guests: Sequence[Guest], rng: Stream, start: date) -> list[HouseholdSeed]:
    """Put each guest in the place of the most similar person who is still free; who must come and fits nobody is laid over the closest."""
    taken: set[tuple[int, int]] = set()
    for guest in guests:
        best: tuple[float, int, int] | None = None
        for h, household in enumerate(households):
            for m, member in enumerate(household.members):
                if (h, m) in taken:
                    continue
                score = _distance(guest, member, start) + 0.01 * rng.random()
                if best is None or score < best[0]:
                    best = (score, h, m)
        if best is None or (best[0] >= 1.0 and not guest.must):
            continue
        _, h, m = best
        taken.add((h, m))
        members = list(households[h].members)
        members[m] = _of_age(_changed(members[m], guest, start), members[m], guest, members[0], start)
        if members[0].marital == "married" and not any(x.role in COUPLE[1:] for x in members):
            members[0] = msgspec.structs.replace(members[0], marital="divorced")
        households[h] = msgspec.structs.replace(households[h], members=members)
    return households


COUPLE = ("householder", "spouse", "partner")
"""The roles of those who keep a household, whom no child can be."""


def _birthday(born: date, years: int) -> date:
    """The same day of another year."""
    return born.replace(year=born.year + years, day=28 if (born.month, born.day) == (2, 29) else born.day)


def _of_age(new: MemberSeed, old: MemberSeed, guest: Guest, head: MemberSeed, start: date) -> MemberSeed:
    """What follows from a guest's age where it is far from that of the one whose place it is: a child has no job and no husband."""
    age, before = age_on(new.birth_date, start), age_on(old.birth_date, start)
    changes: dict[str, Any] = {}
    if age < 16 <= before:
        changes = {"status": "child", "occupation": "", "industry": "", "full_time": False, "income": 0, "marital": "never married", "education": "none"}
    elif before < 16 <= age:
        changes = {"status": _idle(age), "education": "high school" if age > 18 else "less than high school"}
    if new.role != "householder":
        gap = age_on(head.birth_date, start) - age
        kin = new.role if new.role not in ("spouse", "partner", "parent") else "child"
        if (age < 18 and kin != new.role) or (new.role == "grandchild" and gap < 30) or (new.role == "parent" and gap > -16):
            changes["role"] = kin if kin != "grandchild" and (kin != "child" or 18 <= gap <= 45) else "relative"
    return msgspec.structs.replace(new, **{k: v for k, v in changes.items() if k not in guest.fields or k == "role"})


def _idle(age: int) -> str:
    word = "student" if age < 22 else "athome" if age < 65 else "retired"
    return STATUS_GROUPS[word]


def _wanted_age(guest: Guest, start: date) -> tuple[int, int]:
    born = guest.fields.get("birth_date")
    return (age_on(born, start),) * 2 if born else guest.age


def _distance(guest: Guest, member: MemberSeed, start: date) -> float:
    """0 where the member fits the guest; below 1 where nothing contradicts; a year of age apart counts 1."""
    age = age_on(member.birth_date, start)
    low, high = _wanted_age(guest, start)
    score = float(max(0, low - age, age - high))
    score += 300.0 if high < 18 and member.role == "householder" else 150.0 if high < 18 and member.role in COUPLE else 0.0
    score += 40.0 if guest.sex not in ("any", member.sex) else 0.0
    score += 25.0 if guest.status and plain_status(member.status) not in guest.status else 0.0
    wanted = guest.facts.get("background.identity.ethnicity")
    if wanted and not str(wanted).lower().startswith({"other": "multi"}.get(member.race_ethnicity, member.race_ethnicity)[:5]):
        score += 15.0
    return score


def _changed(member: MemberSeed, guest: Guest, start: date) -> MemberSeed:
    """The member with what the guest says laid over, as old as the guest says."""
    changes: dict[str, Any] = {k: v for k, v in guest.fields.items() if k != "age"}
    low, high = (guest.fields["age"],) * 2 if "age" in guest.fields else guest.age
    age = age_on(member.birth_date, start)
    if "birth_date" not in changes and not low <= age <= high:
        changes["birth_date"] = _birthday(member.birth_date, age - (low if age < low else high))
    job = guest.facts.get("career.job.profession")
    if job and "occupation" not in changes and plain_status(member.status) == "employed":
        changes["occupation"] = str(job)
    facts = {
        k: v
        for k, v in guest.facts.items()
        if k not in ("career.job.profession", "background.identity.ethnicity", "background.identity.age", "background.identity.gender")
    }
    return msgspec.structs.replace(member, persona=guest.line, given=json.loads(json.dumps(facts)), **changes)
