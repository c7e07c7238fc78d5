"""What can be asked of a person's documents: basic, preference and social questions, as queries on the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from understudy import assets
from understudy.engine.grammar import Rule, Writer
from understudy.model.community import Community
from understudy.model.records import Fact, Question
from understudy.ontology.attributes import Attribute
from understudy.rng import stream

TESTED = 3
"""People of a community whose documents are asked about (PersonaBench's setting)."""
ALTERNATIVES = 24
"""Evidence lists at most so many artifacts for a claim, the earliest first."""
ROLES = {
    "mother": "mother", "father": "father", "sister": "sister", "brother": "brother", "daughter": "daughter", "son": "son", "partner": "partner",
    "manager": "boss", "grandparent": "grandparent", "cousin": "cousin", "neighbor": "neighbor",
}  # fmt: skip
"""Roles by which a question may go, where a person has exactly one of them."""
ROLE_KEYS = {role: f"relationships.{'circle' if role in ('manager', 'neighbor') else 'family'}.{role}" for role in ROLES}


def templates(further: Sequence[Attribute]) -> dict[str, dict[str, Rule]]:
    """Question templates by key: "questions" and "mine", and those for dislikes; plain ones for a user's further attributes."""
    found: dict[str, dict[str, Rule]] = {
        a.key: {"questions": Rule([f"What is {{name}}'s {a.label}?"]), "mine": Rule([f"What is my {a.label}?"])} for a in further
    }
    for path in assets.folder("grammars/facts"):
        for key, entry in assets.data(f"grammars/facts/{path.name}").items():
            parts = ("questions", "mine", "dislike_questions", "dislike_mine")
            found[key] = {part: Rule(entry[part]) for part in parts if entry.get(part)}
    return found


class Asker:
    """Asks about one community: its facts, its people, and the reveals of its artifacts by fact."""

    def __init__(self, community: Community, facts: Sequence[Fact], reveals: Mapping[str, Sequence[tuple[str, str]]], reach: Mapping[str, frozenset[str]], as_of: datetime,
                 further: Sequence[Attribute] = ()):  # fmt: skip
        self.community, self.reveals, self.reach, self.as_of = community, reveals, reach, as_of
        self.people = {p.id: p for p in community.people}
        self.holding: dict[str, dict[tuple[str, str], list[Fact]]] = {p: {} for p in self.people}
        for fact in facts:
            if fact.valid_from <= as_of and (fact.valid_to is None or fact.valid_to > as_of):
                self.holding[fact.person].setdefault((fact.key, fact.polarity), []).append(fact)
        self.templates = templates(further)
        self.questions: list[Question] = []

    def evidence(self, fact: Fact, person: str) -> list[list[str]]:
        """The alternatives for one claim: artifacts within the person's reach that reveal the fact as holding."""
        mine = self.reach[person]
        found = [a for a, how in self.reveals.get(fact.id, ()) if a in mine and how != "past"]
        return [[a] for a in dict.fromkeys(found)][:ALTERNATIVES]

    def ask(self, person: str, category: str, kind: str, text: str, facts: Sequence[Fact], hops: int = 1) -> None:
        """Add a question, if every claim of its answer has evidence and the question does not hold the answer."""
        answered = [f for f in facts if not f.key.startswith("relationships.") or hops == 1]
        claims = [self.evidence(f, person) for f in facts]
        if not all(claims) or any(f.value.lower() in text.lower() for f in answered):
            return
        values = [f.value for f in (answered or facts)]
        self.questions.append(
            Question(
                id=f"{self.community.prefix}.q{len(self.questions):04d}", person=person, category=category, kind=kind, text=text, answers=values,
                evidence=claims, facts=[f.id for f in facts], hops=hops, as_of=self.as_of,
                difficulty="hard" if hops > 1 or len(values) == 5 else "easy",
            )
        )  # fmt: skip

    def about(self, person: str) -> None:
        """All questions of a person about themselves and those around them."""
        rng = stream(self.community.seed, f"{person}/questions")
        for (key, polarity), facts in self.holding[person].items():
            ways = self.templates.get(key, {})
            rule = ways.get("dislike_mine" if polarity == "negative" else "mine")
            if rule is None:
                continue
            known = [f for f in facts if self.evidence(f, person)][:5]
            if not known or len(known) < len(facts):
                continue  # only what the documents reveal in full can be asked
            text = Writer(None, {"name": "I", "name.he": "I", "name.him": "me", "name.his": "my"}, {}, rng).line(rule)
            if text:
                social = key.startswith("relationships.family") or key.startswith("relationships.circle")
                tier = key.split(".")[0]
                category = "social" if social else "basic" if tier in ("background", "career") or key.startswith("relationships.") else "preference"
                self.ask(person, category, "relation" if social else "dislike" if polarity == "negative" else "attribute", text[0], known)
        self._others(person)

    def _others(self, person: str) -> None:
        """Attributes of people around, by name and through a role."""
        rng = stream(self.community.seed, f"{person}/questions/others")
        for tie in self.community.ties:
            if tie.a != person:
                continue
            other = self.people[tie.b]
            full = f"{other.given_name} {other.family_name}"
            role_facts = self.holding[person].get((ROLE_KEYS.get(tie.kind, ""), "positive"), [])
            for (key, polarity), facts in self.holding[tie.b].items():
                rule = self.templates.get(key, {}).get("questions")
                if rule is None or polarity == "negative" or key.startswith("relationships.") or len(facts) != 1 or not self.evidence(facts[0], person):
                    continue
                slots = {
                    "name.he": "she" if other.sex == "female" else "he",
                    "name.him": "her" if other.sex == "female" else "him",
                    "name.his": "her" if other.sex == "female" else "his",
                }
                named = Writer(None, {"name": full, **slots}, {}, rng).line(rule)
                if named:
                    self.ask(person, "social", "named", named[0], facts)
                if tie.kind in ROLES and len(role_facts) == 1 and role_facts[0].value == full:
                    through = Writer(None, {"name": f"my {ROLES[tie.kind]}", **slots}, {}, rng).line(rule)
                    if through:
                        self.ask(person, "social", "role", through[0][:1].upper() + through[0][1:], [role_facts[0], facts[0]], hops=2)


def ask_community(
    community: Community, facts: Sequence[Fact], reveals: Mapping[str, Sequence[tuple[str, str]]], reach: Mapping[str, frozenset[str]], as_of: datetime,
    further: Sequence[Attribute] = (),
) -> list[Question]:  # fmt: skip
    """The questions of one community: about the three people whose documents reveal most."""
    asker = Asker(community, facts, reveals, reach, as_of, further)
    told = {p: sum(1 for facts_ in asker.holding[p].values() for f in facts_ if asker.evidence(f, p)) for p in asker.people}
    for person in sorted(asker.people, key=lambda p: (-told[p], p))[:TESTED]:
        asker.about(person)
    return asker.questions
