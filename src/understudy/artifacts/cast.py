"""What every planner needs of a community: speakers, ties, ages, who is awake, and which values would give somebody away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from understudy.critics.checks import gives_away
from understudy.model.briefs import Brief, Speaker
from understudy.model.clock import DAY, Clock, part_of_day
from understudy.model.community import Community, age_on
from understudy.model.records import Fact, Organization, Person
from understudy.model.timeline import Timeline
from understudy.rng import Stream

WORDS = {
    "mother": "parent",
    "father": "parent",
    "daughter": "child",
    "son": "child",
    "sister": "sibling",
    "brother": "sibling",
    "relative": "kin",
    "cousin": "kin",
}
"""The word by which grammars know a kind of tie."""
WRITES = 8
"""The age from which somebody writes messages; mail begins at thirteen (the usual terms of service)."""
MAILS = 13


class Cast:
    """A community seen by its planners; looks things up and fills in the frame of a brief."""

    def __init__(self, community: Community, timeline: Timeline, organizations: Mapping[str, Organization], awake: Mapping[str, tuple[int, int]]):
        self.community, self.timeline, self.organizations, self.awake = community, timeline, organizations, awake
        self.clock: Clock = community.clock()
        self.people: dict[str, Person] = {p.id: p for p in community.people}
        middle = community.start + timedelta(days=community.days // 2)
        self.age = {p.id: age_on(p.birth_date, middle) for p in community.people}
        self.speaker = {
            p.id: Speaker(id=p.id, given=p.given_name, family=p.family_name, sex=p.sex, age=self.age[p.id], voice=p.voice) for p in community.people
        }
        self.tie = {f"{t.a}>{t.b}": WORDS.get(t.kind, t.kind) for t in community.ties}
        self.story = {(t.a, t.b): t.story for t in community.ties}
        self.closeness = {(t.a, t.b): t.closeness for t in community.ties}
        self.values: dict[str, list[tuple[str, str]]] = {p: [] for p in self.people}
        for fact in timeline.all():
            if gives_away(fact.value):
                self.values[fact.person].append((fact.id, fact.value))
        self.groups = {person: tuple(value for _, value in values) for person, values in self.values.items()}
        self.by_person: dict[str, list[Fact]] = {p: [] for p in self.people}
        self.refresh()

    def refresh(self) -> None:
        """Look up each person's facts anew."""
        for facts in self.by_person.values():
            facts.clear()
        for fact in self.timeline.all():
            self.by_person[fact.person].append(fact)

    def ties_among(self, people: Sequence[str]) -> dict[str, str]:
        """The ties between these people, both ways, as grammars name them."""
        found = {}
        for a in people:
            for b in people:
                pair = f"{a}>{b}"
                if pair in self.tie:
                    found[pair] = self.tie[pair]
        return found

    def silent(self, people: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Values of these people's facts that a noise session must not hold, a group for each person."""
        return tuple(self.groups[person] for person in people)

    def brief(self, kind: str, minute: int, author: str, others: Sequence[str]) -> Brief:
        """The frame of a brief between people: who, when, how they stand to each other."""
        people = [author, *[o for o in others if o != author]]
        speakers = [self.speaker[p] for p in people if p in self.speaker]
        return Brief(
            ids=[], kind=kind, minute=minute, author=author, speakers=speakers, tie=self.ties_among(people), weekday=self.clock.weekday(minute),
            month=self.clock.month(minute), part=part_of_day(minute), story=self.story.get((author, people[1]), "") if len(people) > 1 else "",
            unsaid=tuple(self.groups[p] for p in people if p in self.groups), people=[(author, "author"), *[(o, "to") for o in people[1:]]],
        )  # fmt: skip

    def awake_minute(self, day: int, people: Sequence[str], rng: Stream) -> int:
        """A minute of a day at which all of them are awake, busier in the evening than in the morning."""
        wake = max(self.awake[p][0] for p in people) + 15
        bed = min(self.awake[p][1] for p in people)
        if bed - wake < 30:
            bed = wake + 30
        share = max(rng.random(), rng.random()) if rng.random() < 0.35 else rng.random()
        return day * DAY + int(wake + share * (bed - wake))

    def grown_up(self, person: str) -> str | None:
        """The person, or for a child the eldest grown-up of the household, who gets its mail."""
        if self.age[person] >= 16:
            return person
        household = self.people[person].household
        elders = [p for p in self.people if self.people[p].household == household and self.age[p] >= 18]
        return max(elders, key=lambda p: (self.age[p], p)) if elders else None
