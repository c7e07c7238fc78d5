"""The facts of day 0: first what ties and the ledger decide, then the rest, consistent with each other (PersonaBench's two steps)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from understudy.model.community import Community, age_on
from understudy.model.records import Fact, Person
from understudy.ontology.attributes import Attribute, attributes
from understudy.ontology.values import draw_values, entries, forbidden, rules, rules_on, sets_apart
from understudy.ontology.who import Traits, fits
from understudy.persona.fields import field_values
from understudy.rng import Stream, stream

SHARED = ("background.possession.pet", "background.possession.pet_name", "background.possession.vehicle", "relationships.status.how_met_partner",
          "background.residence.since")  # fmt: skip
"""What a household has together: the first grown-up's values are everybody's (a vehicle only of those who drive)."""
LINE = "background.identity.persona"
"""The one-line persona itself, kept as a fact beside the attributes."""


def ordered(further: Sequence[Attribute] = ()) -> list[Attribute]:
    """Attributes in the order of drawing: the ledger's and the ties', then those that rules depend on, then the rest."""
    depends = {key for rule in rules() for key in rule["if"]}
    everything = [*attributes().values(), *further]
    return sorted(everything, key=lambda a: 0 if a.source.field or a.source.tie else 1 if a.key in depends else 2)


class FactBook:
    """Collects one community's facts with running ids."""

    def __init__(self, community: Community):
        self.community = community
        self.start: datetime = community.clock().utc(0)
        self.facts: list[Fact] = []
        self.count = 0

    def add(self, person: str, key: str, value: str, because: str, rng: Stream, polarity: str = "positive") -> Fact:
        """One more true statement, valid from day 0."""
        tier, category, entity = key.split(".")
        fact = Fact(
            id=f"{self.community.prefix}.f{self.count:05d}", person=person, key=key, tier=tier, category=category, entity=entity, value=value,
            polarity=polarity, intensity=round(rng.between(0.3, 1.0), 2), confidence=1.0, valid_from=self.start, because=because,
        )  # fmt: skip
        self.facts.append(fact)
        self.count += 1
        return fact


def draw_facts(community: Community, anchors: dict[str, list[str]], further: Sequence[Attribute] = ()) -> list[Fact]:
    """Every person's facts as of day 0, person by person in the order of ids."""
    book = FactBook(community)
    shared: dict[tuple[str, str], list[str]] = {}
    order = ordered(further)
    names = {p.id: f"{p.given_name} {p.family_name}" for p in community.people}
    for person in community.people:
        rng = stream(community.seed, f"{person.id}/facts")
        fields = field_values(community, person)
        given = {key: [str(v) for v in (value if isinstance(value, list) else [value])] for key, value in community.given.get(person.id, {}).items()}
        held: dict[str, list[str]] = {key: list(values) for key, values in given.items()}  # known from the start, so that nothing drawn rules it out
        traits = traits_of(community, person, held)
        words = anchor_words(anchors.get(person.id, []))
        if person.persona:
            book.add(person.id, LINE, person.persona, "persona", rng)
        for attribute in order:
            draws = stream(community.seed, f"{person.id}/facts/{attribute.key}")
            values: list[tuple[str, str, str]] = []
            if attribute.key in given:
                values = [(value, "profile" if not person.persona else "persona", "positive") for value in given[attribute.key]]
            elif attribute.source.tie:
                ties = [t for t in community.ties if t.a == person.id and t.kind in attribute.source.tie]
                ties.sort(key=lambda t: (-t.closeness, t.b))
                values = [(names[t.b], f"{t.a}>{t.b}", "positive") for t in ties[: attribute.many[1]]]
            elif not fits(attribute.who, traits):
                continue
            elif attribute.source.field:
                value = fields.get(attribute.source.field)
                values = [(value, "demographics", "positive")] if value else []
            elif attribute.key in SHARED and (person.household, attribute.key) in shared:
                values = [(_later(v, person, attribute.key), "demographics", "positive") for v in shared[person.household, attribute.key]]
            elif draws.chance(attribute.have):
                values = _drawn(attribute, traits, draws, words)
            if attribute.key in SHARED and traits.age >= 18:
                shared.setdefault((person.household, attribute.key), [v for v, _, _ in values])
            for value, because, polarity in values:
                book.add(person.id, attribute.key, value, because, draws, polarity)
                if polarity == "positive" and attribute.key not in given:
                    held.setdefault(attribute.key, []).append(value)
        _clubs(community, person, book, held, rng)
        _mend(book, person, traits)
    return book.facts


def _mend(book: FactBook, person: Person, traits: Traits) -> None:
    """Drop what a rule forbids by facts that were drawn after it; what the user or the ledger gave stays."""
    tags = {a.key: {str(e["v"]): e["tags"] for e in entries(a.source.catalogue)} for a in attributes().values() if a.source.catalogue and rules_on(a.key)}
    kept = []
    for fact in book.facts:
        if fact.person == person.id and fact.because == "persona" and fact.polarity == "positive":
            banned, values = forbidden(traits, fact.key)
            if fact.value in values or tags.get(fact.key, {}).get(fact.value, frozenset()) & banned:
                continue
        kept.append(fact)
    book.facts = kept


def _later(value: str, person: Person, key: str) -> str:
    """Nobody has lived anywhere since before they were born."""
    return str(max(int(value), person.birth_date.year)) if key == "background.residence.since" and value.isdigit() else value


def _drawn(attribute: Attribute, traits: Traits, rng: Stream, words: Sequence[str]) -> list[tuple[str, str, str]]:
    """Values from catalogue, choice or text lines, some of them dislikes."""
    low, high = attribute.many
    count = low + min(high - low, rng.poisson(0.45 * (high - low))) if high > low else low
    if attribute.source.text:
        return [(str(line), "persona", "positive") for line in rng.some(attribute.source.text, count)]
    found: list[tuple[str, frozenset[str]]] = []
    held = dict(traits.facts)
    wanted = count + (1 if attribute.negative else 0)
    if not sets_apart(attribute.key):
        found = draw_values(attribute, traits, rng, wanted, words)
    for _ in range(wanted - len(found) if not found else 0):
        now = msgspec.structs.replace(traits, facts={**held, attribute.key: [v for v, _ in found]})  # rules may set values of one key against each other
        more = draw_values(attribute, now, rng, 1, words, [v for v, _ in found])
        if not more:
            break
        found += more
    values = [(value, "persona", "positive") for value, _ in found[:count]]
    if attribute.negative and len(found) > count and rng.chance(attribute.negative):
        values.append((found[count][0], "persona", "negative"))
    return values


def _clubs(community: Community, person: Person, book: FactBook, held: dict[str, list[str]], rng: Stream) -> None:
    """Members of a club have it as a fact: ties decided it."""
    key = "interests.leisure.club"
    if key in attributes() and key not in held:
        for club in community.clubs:
            if person.id in club.members:
                book.add(person.id, key, club.name, f"club {club.id}", rng)


def traits_of(community: Community, person: Person, facts: dict[str, list[str]]) -> Traits:
    """What conditions in data files are held against."""
    household = next(h for h in community.households if h.id == person.household)
    return Traits(
        age=age_on(person.birth_date, community.start), sex=person.sex, status=person.status, household=household.kind, consumption=person.consumption,
        region=community.town.region, race=person.race_ethnicity, birth_year=person.birth_date.year,
        industry=person.industry, shift=community.shifts.get(person.id, ""), facts=facts,
    )  # fmt: skip


def anchor_words(paths: Sequence[str]) -> list[str]:
    """The words of interest paths that catalogue tags may match."""
    found: list[str] = []
    for path in paths:
        for node in path.lower().split(" > "):
            found += [node, *node.replace("&", " ").replace("-", " ").split()]
    return sorted(set(found))
