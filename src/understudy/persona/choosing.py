"""The Persona Agent: a profile from demographics, ties and interest paths, in two steps as PersonaBench has them: first what others know of one, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from understudy.critics.outside import plain_words
from understudy.engine.call import Call, Engine
from understudy.engine.router import rescue
from understudy.engine.shape import Shape, choice, listed, record, text
from understudy.model.community import Community, age_on
from understudy.model.records import Fact, Person
from understudy.ontology.attributes import attributes
from understudy.ontology.values import draw_values, forbidden, tagged_values
from understudy.persona.facts import SHARED, traits_of
from understudy.rng import Stream, stream

SOCIAL = ("relationships", "career", "background")
"""The tiers of the first step: what grows out of ties, work and home."""
OFFERED = 6
"""Values to choose from, the embedded one among them."""
OWN = 6
"""Values of its own that a model may write in one step."""


class Field(NamedTuple):
    """One open place of a profile: the fact it stands for, what it is, and the values offered."""

    fact: str
    key: str
    label: str
    options: tuple[str, ...]
    first: str
    free: bool


class Sheet(NamedTuple):
    """What the Persona Agent is given about one person, and the open places of this step."""

    about: Mapping[str, Any]
    known: tuple[str, ...]
    fields: tuple[Field, ...]


class Choose(Call[dict[str, str]]):
    """Ask for a value in each open place: one of those offered, or here and there one of one's own."""

    prompt = "persona/choose"
    role = "persona"
    __slots__ = ()

    def data(self) -> dict[str, Any]:
        """The person and the places with what is offered."""
        rows = [{"alias": f"a{n}", "label": f.label, "options": dict(zip("ABCDEF", f.options, strict=False))} for n, f in enumerate(self.brief.fields, 1)]
        return {**self.brief.about, "known": list(self.brief.known), "fields": rows, "free": [f"a{n}" for n, f in enumerate(self.brief.fields, 1) if f.free]}

    def shape(self) -> Shape:
        """A letter for each place, and values of one's own."""
        fields = {f"a{n}": choice("ABCDEF"[: len(f.options)]) for n, f in enumerate(self.brief.fields, 1)}
        free = [f"a{n}" for n, f in enumerate(self.brief.fields, 1) if f.free]
        if not free:
            return record(fields)
        return record({**fields, "own": listed(record({"what": choice(free), "value": text(60, 0)}), 0, OWN)})

    def read(self, wire: Any) -> dict[str, str]:
        """Fact id -> value; what cannot be kept of one's own is passed over, for a letter stands there too."""
        found = {f.fact: f.options["ABCDEF".index(wire[f"a{n}"])] for n, f in enumerate(self.brief.fields, 1)}
        for row in wire.get("own", ()):
            value = " ".join(row["value"].split()).rstrip(".")
            if plausible(value):
                found[self.brief.fields[int(row["what"][1:]) - 1].fact] = value
        return found

    def wire(self, answer: dict[str, str]) -> Any:
        """Values as a model would have sent them."""
        found: dict[str, Any] = {f"a{n}": "ABCDEF"[f.options.index(answer[f.fact])] for n, f in enumerate(self.brief.fields, 1)}
        return {**found, "own": []} if any(f.free for f in self.brief.fields) else found

    def compose(self, rng: Stream) -> dict[str, str]:
        """What the tables drew."""
        return {f.fact: f.first for f in self.brief.fields}


def plausible(value: str) -> bool:
    """Whether a value of a model's own can be one: a few plain words, nobody's address, no placeholder."""
    return 2 < len(value) <= 60 and len(value.split()) <= 8 and plain_words(value, 0.7)


def choose(community: Community, engine: Engine) -> None:
    """Let the Persona Agent choose anew what was drawn from tables; what demographics, ties, households, rules and the user decided stays."""
    unsettled = {
        f.fact for p in community.people for social in (True, False) for f in _open(community, p, [x for x in community.facts if x.person == p.id], social)
    }
    for step, social in ((1, True), (2, False)):
        held: dict[str, list[Fact]] = {p.id: [] for p in community.people}
        for fact in community.facts:
            held[fact.person].append(fact)
        calls = []
        for person in community.people:
            fields = _open(community, person, held[person.id], social)
            if fields:
                calls.append(Choose(f"{person.id}/profile/{step}", Sheet(_about(community, person), _known(held[person.id], unsettled), tuple(fields))))
        chosen: dict[str, str] = {}
        for answer in rescue(engine, calls):
            chosen.update(answer.value)
        unsettled -= set(chosen)
        community.facts = _agreed(
            community, [msgspec.structs.replace(f, value=chosen[f.id]) if f.id in chosen else f for f in community.facts], community.facts
        )


def _held(facts: Iterable[Fact]) -> dict[str, list[str]]:
    """What is liked or true, by key."""
    found: dict[str, list[str]] = {}
    for fact in facts:
        if fact.polarity == "positive":
            found.setdefault(fact.key, []).append(fact.value)
    return found


def _open(community: Community, person: Person, facts: Sequence[Fact], social: bool) -> list[Field]:
    """The places that may be chosen in this step, each with the drawn value among others."""
    values = _held(facts)
    traits = traits_of(community, person, values)
    found = []
    for fact in facts:
        attribute = attributes().get(fact.key)
        if attribute is None or fact.because != "persona" or fact.polarity != "positive" or fact.key in SHARED or (attribute.tier in SOCIAL) != social:
            continue
        if not (attribute.source.catalogue or attribute.source.choice):
            continue
        rng = stream(community.seed, f"{person.id}/offer/{fact.id}")
        others = [v for v, _ in draw_values(attribute, traits, rng, OFFERED - 1, (), values[fact.key])]
        if others:
            found.append(Field(fact.id, fact.key, attribute.label, tuple(rng.shuffled([fact.value, *others])), fact.value, attribute.source.choice is None))
    return found


def _agreed(community: Community, facts: list[Fact], before: Sequence[Fact]) -> list[Fact]:
    """Take back every choice that a rule forbids beside the others, or that says the same thing twice."""
    old = {f.id: f for f in before}
    by_person: dict[str, list[int]] = {}
    for index, fact in enumerate(facts):
        by_person.setdefault(fact.person, []).append(index)
    tags = {key: dict(tagged_values(key)) for key in attributes()}
    for person in community.people:
        mine = by_person.get(person.id, [])
        for _ in range(2):  # what is taken back may rule out another choice
            traits = traits_of(community, person, _held(facts[i] for i in mine))
            for index in mine:
                fact = facts[index]
                if fact.value == old[fact.id].value:
                    continue
                banned, ruled = forbidden(traits, fact.key)
                same = [facts[i] for i in mine if facts[i].key == fact.key and i != index]
                if (
                    fact.value in ruled
                    or tags.get(fact.key, {}).get(fact.value, frozenset()) & banned
                    or any(f.value.lower() == fact.value.lower() for f in same)
                ):
                    facts[index] = old[fact.id]
    return _settled(community, facts, by_person, old, tags)


def _settled(
    community: Community, facts: list[Fact], by_person: dict[str, list[int]], old: dict[str, Fact], tags: Mapping[str, Mapping[str, frozenset[str]]]
) -> list[Fact]:
    """Where something is still ruled out, the whole person goes back to what was drawn, which agrees."""
    for person in community.people:
        mine = by_person.get(person.id, [])
        traits = traits_of(community, person, _held(facts[i] for i in mine))
        for index in mine:
            fact = facts[index]
            banned, ruled = forbidden(traits, fact.key)
            if (
                fact.because == "persona"
                and fact.polarity == "positive"
                and (fact.value in ruled or tags.get(fact.key, {}).get(fact.value, frozenset()) & banned)
            ):
                for i in mine:
                    facts[i] = old[facts[i].id]
                break
    return facts


def _about(community: Community, person: Person) -> dict[str, Any]:
    """Who the person is, as far as demographics, ties and interest paths say."""
    names = {p.id: p.given_name for p in community.people}
    ties = [t for t in community.ties if t.a == person.id]
    ties.sort(key=lambda t: (-t.closeness, t.b))
    return {
        "name": f"{person.given_name} {person.family_name}", "age": age_on(person.birth_date, community.start), "sex": person.sex,
        "race": person.race_ethnicity, "education": person.education, "occupation": person.occupation or person.status.replace("_", " "),
        "marital": person.marital, "means": person.consumption, "town": f"{community.town.city}, {community.town.state}", "persona": person.persona,
        "ties": [f"{names[t.b]}: {t.kind}{f' ({t.story})' if t.story else ''}" for t in ties[:8]], "anchors": list(person.anchors),
    }  # fmt: skip


def _known(facts: Sequence[Fact], unsettled: set[str]) -> tuple[str, ...]:
    """What is settled already and worth knowing for a choice; what is still to be chosen is not shown, lest choices fit what is thrown away."""
    keys = attributes()
    return tuple(
        f"{keys[f.key].label}: {f.value}" for f in facts if f.id not in unsettled and f.key in keys and f.because == "persona" and f.polarity == "positive"
    )[:30]
