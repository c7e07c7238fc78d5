"""What the embedded critics say of texts that are finished: each held against a brief that is put together again from the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from statistics import fmean
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from understudy.critics.measured import opinions
from understudy.critics.repetition import Repetition, fingerprints
from understudy.model.briefs import Brief, Draft, Part, Speaker, Tell, Turn, Value
from understudy.model.records import Artifact, Event, Fact, Person, Reveal
from understudy.store.world import World

KINDS = ("email", "message")
"""What is judged: what people and organizations write to people."""


class Known(NamedTuple):
    """What a brief is put together from, of one community."""

    people: dict[str, Person]
    organizations: dict[str, str]
    details: dict[str, dict[str, Any]]  # by the root of an event's tree: the details of the whole tree
    roots: dict[str, str]
    facts: dict[str, Fact]
    reveals: dict[str, list[Reveal]]


def judged(world: World) -> dict[str, float]:
    """The mean score, 1 to 5, of each embedded critic over a world's mails and messages, in the order in which they were written; empty without any."""
    scores: dict[str, list[float]] = {}
    for index in world.parts():
        known, repetition = _known(world, index), Repetition()
        written = [a for a in cast("Iterable[Artifact]", world.rows("artifacts", index)) if a.kind in KINDS]
        for artifact in sorted(written, key=lambda a: (a.time, a.id)):
            draft = _draft(artifact)
            for opinion in opinions(_brief(known, artifact), draft, repetition):
                scores.setdefault(opinion.critic, []).append(opinion.score)
            repetition.keep(fingerprints(draft))
    return {critic: fmean(found) for critic, found in scores.items()}


def _known(world: World, index: int) -> Known:
    def rows(table: str) -> Iterable[Any]:
        return world.rows(table, index)

    details: dict[str, dict[str, Any]] = {}
    roots: dict[str, str] = {}
    for event in cast("Iterable[Event]", rows("events")):
        details.setdefault(event.root, {}).update(event.details)
        roots[event.id] = event.root
    reveals: dict[str, list[Reveal]] = {}
    for reveal in rows("reveals"):
        reveals.setdefault(reveal.artifact, []).append(reveal)
    return Known({p.id: p for p in rows("people")}, {o.id: o.name for o in rows("organizations")}, details, roots, {f.id: f for f in rows("facts")}, reveals)


def _draft(artifact: Artifact) -> Draft:
    turns = [Turn(speaker=t["speaker"], after=0, text=t["text"]) for t in artifact.payload.get("turns", ())]
    return Draft(parts=[Part(author=artifact.author, title=artifact.title, text="" if turns else artifact.text, turns=turns)])


def _brief(known: Known, artifact: Artifact) -> Brief:
    """A brief such as its author may have had: who, when, the details of the event's whole tree, the facts that came out."""
    listed = [known.people[p.person] for p in artifact.people if p.person in known.people]
    speakers = [_speaker(p, artifact.time) for p in {p.id: p for p in listed}.values()]
    here = artifact.time.replace(tzinfo=UTC).astimezone(ZoneInfo(listed[0].timezone)) if listed else artifact.time
    details = known.details.get(known.roots.get(artifact.event or "", ""), {})
    told = [(known.facts[r.fact], r) for r in known.reveals.get(artifact.id, ()) if r.fact in known.facts]
    by_organization = artifact.author in known.organizations
    return Brief(
        ids=[artifact.id], kind=artifact.kind, minute=here.hour * 60 + here.minute, author=artifact.author, weekday=here.weekday(), month=here.month,
        speakers=[] if by_organization else speakers, reader=speakers[0] if by_organization and speakers else None,
        organization=known.organizations.get(artifact.author, ""), event=artifact.event, noise=artifact.noise,
        slots={name: Value(str(value)) for name, value in details.items() if not name.endswith("_cents")},
        tells=[Tell(fact=f.id, key=f.key, value=f.value, polarity=f.polarity, how=r.how, speaker=r.speaker, about=f.person) for f, r in told],
    )  # fmt: skip


def _speaker(person: Person, moment: datetime) -> Speaker:
    return Speaker(
        id=person.id, given=person.given_name, family=person.family_name, sex=person.sex, age=moment.year - person.birth_date.year, voice=person.voice
    )
