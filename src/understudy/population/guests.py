"""People whom the user brings, or who are seeded by a line: they take the place of somebody they resemble in a drawn household."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from understudy import assets
from understudy.errors import InputError
from understudy.model.community import age_on
from understudy.model.seeds import HouseholdSeed, MemberSeed
from understudy.ontology.attributes import attributes
from understudy.ontology.who import plain_status
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


def read_profiles(path: Path) -> list[Guest]:
    """The user's own structured profiles, CSV with a header or JSONL; every column is a person field or an attribute key."""
    if path.suffix.lower() == ".csv":
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows: list[dict[str, Any]] = [{k: v for k, v in row.items() if k and v not in ("", None)} for row in csv.DictReader(file)]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"cannot read {path} ({error}); save it as a UTF-8 CSV with a header") from None
        bad: list[int] = []
    else:
        rows, bad = assets.read_jsonl(path)
    if bad:
        raise InputError(f"{path}: line {bad[0]} is no JSON object ({len(bad)} such lines); mend or remove them")
    return [_profile(row, f"{path}, row {number}") for number, row in enumerate(rows, 1)]


def _profile(row: Mapping[str, Any], where: str) -> Guest:
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
    if "sex" in fields:
        guest.sex = {"f": "female", "m": "male"}.get(str(fields["sex"]).lower()[:1], "any")
        fields["sex"] = guest.sex if guest.sex != "any" else fields["sex"]
        if guest.sex == "any":
            raise InputError(f"{where}: sex is {fields['sex']!r}; it is female or male")
    return guest


def read_lines(path: Path) -> list[Guest]:
    """One-line personas, JSONL `{{"persona": "..."}}`: what the line says of age, work and pastimes is read out of it."""
    rows, bad = assets.read_jsonl(path)
    bad += [i for i, row in enumerate(rows, 1) if not isinstance(row.get("persona"), str)]
    if bad:
        raise InputError(f'{path}: line {bad[0]} is not {{"persona": "..."}} ({len(bad)} such lines); mend or remove them')
    return [understand(row["persona"]) for row in rows]


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
        guest.age = (int(number[1]), int(number[1]))
    if re.search(r"\b(woman|mother|she|her|wife|grandmother|girl|nun|actress|waitress)\b", low):
        guest.sex = "female"
    elif re.search(r"\b(man|father|he|his|husband|grandfather|boy|monk)\b", low):
        guest.sex = "male"
    title = next((t for t in _titles() if re.search(rf"\b{re.escape(t)}s?\b", low)), None)
    if title and "retired" not in guest.status:
        guest.fields["occupation"] = title
        guest.status = guest.status or ["employed"]
    for key, catalogue in (("interests.leisure.hobby", "hobbies"), ("interests.leisure.activity", "leisure_activities"), ("interests.sport.sport", "sports")):
        value = next((v for v in _values(catalogue) if re.search(rf"\b{re.escape(v.lower())}\b", low)), None)
        if value:
            guest.facts[key] = value
    return guest


@cache
def _titles() -> tuple[str, ...]:
    groups = assets.data("data/census/occupations.yaml").values()
    return tuple(sorted((str(e["title"]).lower() for titles in groups for e in titles), key=lambda t: (-len(t), t)))


@cache
def _values(catalogue: str) -> tuple[str, ...]:
    path = assets.HERE / f"data/catalogues/{catalogue}.yaml"
    return tuple(sorted((str(e["v"]) for e in assets.catalogue(catalogue)), key=len, reverse=True)) if path.exists() else ()


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
        members[m] = _changed(members[m], guest, start)
        households[h] = msgspec.structs.replace(households[h], members=members)
    return households


def _wanted_age(guest: Guest, start: date) -> tuple[int, int]:
    born = guest.fields.get("birth_date")
    return (age_on(born, start),) * 2 if born else guest.age


def _distance(guest: Guest, member: MemberSeed, start: date) -> float:
    """0 where the member fits the guest; below 1 where nothing contradicts; a year of age apart counts 1."""
    age = age_on(member.birth_date, start)
    low, high = _wanted_age(guest, start)
    score = float(max(0, low - age, age - high))
    score += 40.0 if guest.sex not in ("any", member.sex) else 0.0
    score += 25.0 if guest.status and plain_status(member.status) not in guest.status else 0.0
    wanted = guest.facts.get("background.identity.ethnicity")
    if wanted and not str(wanted).lower().startswith({"other": "multi"}.get(member.race_ethnicity, member.race_ethnicity)[:5]):
        score += 15.0
    return score


def _changed(member: MemberSeed, guest: Guest, start: date) -> MemberSeed:
    """The member with what the guest says laid over; ages stay within what kin allow unless the user gave a birth date."""
    changes: dict[str, Any] = {k: v for k, v in guest.fields.items() if k != "age"}
    low, high = guest.fields.get("age", 0), guest.fields.get("age", 0)
    age = age_on(member.birth_date, start)
    if low and "birth_date" not in changes and not low <= age <= high:
        changes["birth_date"] = member.birth_date + timedelta(days=round((age - low) * 365.25))
    job = guest.facts.get("career.job.profession")
    if job and "occupation" not in changes and plain_status(member.status) == "employed":
        changes["occupation"] = str(job)
    facts = {
        k: v
        for k, v in guest.facts.items()
        if k not in ("career.job.profession", "background.identity.ethnicity", "background.identity.age", "background.identity.gender")
    }
    return msgspec.structs.replace(member, persona=guest.line, given=json.loads(json.dumps(facts)), **changes)
