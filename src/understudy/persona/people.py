"""What people are like on day 0: interests, facts, a voice, and a paragraph that sums them up."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.engine.call import Engine
from understudy.engine.router import by_model
from understudy.language.voice import draw_voice
from understudy.model.community import Community, age_on
from understudy.model.records import Fact, Person, Tie
from understudy.ontology.attributes import Attribute
from understudy.persona.anchors import draw_anchors
from understudy.persona.choosing import choose
from understudy.persona.facts import draw_facts
from understudy.rng import stream


def profile(
    community: Community,
    taxonomy: tuple[tuple[str, ...], ...] | None = None,
    further: Sequence[Attribute] = (),
    engine: Engine | None = None,
    bare: bool = False,
) -> Community:
    """Fill in anchors, facts, voices and summaries of everyone in a connected community; `bare`: nothing but what demographics and ties decide."""
    people = []
    for person in community.people:
        rng = stream(community.seed, f"{person.id}/anchors")
        age = age_on(person.birth_date, community.start)
        anchors = draw_anchors(rng, age, rng.whole(4, 7) if age >= 6 else 2, taxonomy)
        voice = draw_voice(stream(community.seed, f"{person.id}/voice"), age, person.education, person.sex, community.town.region)
        household = next(h for h in community.households if h.id == person.household)
        people.append(msgspec.structs.replace(person, anchors=anchors, voice=voice, consumption=consumption(household.income, len(household.members))))
    community.people = people
    community.facts = draw_facts(community, {p.id: p.anchors for p in people}, further)
    if bare:
        community.facts = [f for f in community.facts if f.because != "persona"]
    elif engine is not None and by_model(engine, "persona"):
        choose(community, engine)
    community.ties = _met(community)
    by_person: dict[str, list[Fact]] = {}
    for fact in community.facts:
        by_person.setdefault(fact.person, []).append(fact)
    community.people = [msgspec.structs.replace(p, summary=summarize(community, p, by_person.get(p.id, []))) for p in people]
    return community


def _met(community: Community) -> list[Tie]:
    """Partners have one story of how they met: the fact's, where there is one."""
    met = {f.person: f.value for f in community.facts if f.key == "relationships.status.how_met_partner" and f.polarity == "positive"}
    return [
        msgspec.structs.replace(t, story=f"met {met.get(min(t.a, t.b)) or met[max(t.a, t.b)]}") if t.kind == "partner" and (t.a in met or t.b in met) else t
        for t in community.ties
    ]


def consumption(income: int, members: int) -> str:
    """low, middle or high, by household income over the square root of its size (OECD's equivalence scale) against two thirds
    and twice the median (Pew Research's bounds of the middle class; 2021 median of household income, CPS ASEC 2022: $70,784)."""
    adjusted = income / max(1, members) ** 0.5
    median = 70784 / 2.5**0.5
    return "low" if adjusted < median * 2 / 3 else "high" if adjusted > median * 2 else "middle"


def summarize(community: Community, person: Person, facts: list[Fact]) -> str:
    """Three or four plain sentences; every one of them is in the ledger."""
    age = age_on(person.birth_date, community.start)
    he, his = ("She", "Her") if person.sex == "female" else ("He", "His")
    value = {f.key: f.value for f in reversed(facts) if f.polarity == "positive"}
    work = f"works as {article(person.occupation)}" if person.occupation else {"retired": "is retired", "student": "is a student", "child": "goes to school" if age >= 5 else "is at home"}.get(
        value.get("career.job.status", ""), "is not working at the moment"
    )  # fmt: skip
    parts = [f"{person.given_name} {person.family_name} is {age}, lives in {community.town.city}, {community.town.state}, and {work}."]
    if "relationships.family.partner" in value:
        parts.append(f"{his} partner is {value['relationships.family.partner']}.")
    if "relationships.circle.friend" in value:
        parts.append(f"{value['relationships.circle.friend']} is a close friend.")
    if person.anchors:
        parts.append(f"{he} cares about {', '.join(a.split(' > ')[-1].lower() for a in person.anchors[:3])}.")
    likes = [value[k] for k in ("interests.leisure.hobby", "interests.food.dish", "interests.music.favorite_musician") if k in value]
    if likes:
        parts.append(f"Likes: {'; '.join(likes)}.")
    return " ".join(parts)


def article(noun: str) -> str:
    """The noun with its article, in lower case unless it is an acronym."""
    word = noun if noun[:2].isupper() else noun[:1].lower() + noun[1:]
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"
