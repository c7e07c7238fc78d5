"""One community read back for data sets: its people, what they hold and wrote, by id; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from understudy.model.briefs import Speaker
from understudy.model.clock import MONTHS, WEEKDAYS
from understudy.model.records import Artifact, Event, Fact, Household, Organization, Person, Question, Reveal, Tie
from understudy.store.world import World


class Home(NamedTuple):
    """The records of one community; artifacts in the order of their times."""

    number: int
    people: dict[str, Person]
    households: list[Household]
    organizations: dict[str, Organization]
    ties: dict[tuple[str, str], Tie]
    facts: dict[str, Fact]
    events: dict[str, Event]
    artifacts: dict[str, Artifact]
    reveals: dict[str, list[Reveal]]  # by artifact
    questions: list[Question]
    reach: dict[str, list[str]]  # by person: the artifacts that the person is a party of


def read_home(world: World, index: int) -> Home:
    """One community's records, read from its own files."""

    def rows(table: str) -> Iterable[Any]:
        return world.rows(table, index)

    artifacts = {a.id: a for a in sorted(cast("Iterable[Artifact]", rows("artifacts")), key=lambda a: (a.time, a.id))}
    reach: dict[str, list[str]] = {}
    for artifact in artifacts.values():
        for person in dict.fromkeys(p.person for p in artifact.people):
            reach.setdefault(person, []).append(artifact.id)
    reveals: dict[str, list[Reveal]] = {}
    for reveal in rows("reveals"):
        reveals.setdefault(reveal.artifact, []).append(reveal)
    ties: dict[tuple[str, str], Tie] = {}
    for tie in rows("ties"):  # the closest of several
        known = ties.get((tie.a, tie.b))
        if known is None or tie.closeness > known.closeness:
            ties[tie.a, tie.b] = tie
    return Home(
        number=index, people={p.id: p for p in rows("people")}, households=list(rows("households")), organizations={o.id: o for o in rows("organizations")},
        ties=ties, facts={f.id: f for f in rows("facts")}, events={e.id: e for e in rows("events")}, artifacts=artifacts, reveals=reveals,
        questions=list(rows("questions")), reach=reach,
    )  # fmt: skip


def name(home: Home, ident: str) -> str:
    """What a person or an organization is called; the id itself for whoever is neither."""
    if ident in home.people:
        return f"{home.people[ident].given_name} {home.people[ident].family_name}"
    return home.organizations[ident].name if ident in home.organizations else "the assistant" if ident == "assistant" else ident


def tie_between(home: Home, of: str, other: str) -> str:
    """How `other` stands to `of` ("friend", "mother"), or an empty text."""
    tie = home.ties.get((of, other))
    return tie.kind if tie else ""


def local(home: Home, moment: datetime) -> datetime:
    """A naive UTC time by the community's own clock."""
    zone = next(iter(home.people.values())).timezone
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def spoken_time(home: Home, moment: datetime) -> str:
    """A time as it stands over a message: "Thursday, January 9, 18:05"."""
    here = local(home, moment)
    return f"{WEEKDAYS[here.weekday()]}, {MONTHS[here.month - 1]} {here.day}, {here:%H:%M}"


def parties(artifact: Artifact, *roles: str) -> list[str]:
    """Who has one of these roles in an artifact, in its order."""
    return [p.person for p in artifact.people if p.role in roles]


def speaker(person: Person, moment: datetime) -> Speaker:
    """A person as somebody who writes, of the age at that moment."""
    age = moment.year - person.birth_date.year - ((moment.month, moment.day) < (person.birth_date.month, person.birth_date.day))
    return Speaker(id=person.id, given=person.given_name, family=person.family_name, sex=person.sex, age=age, voice=person.voice)
