"""Facts over time: what holds of whom at a moment, and how an event ends one fact and begins the next."""

from __future__ import annotations

from datetime import datetime

import msgspec

from understudy.model.records import Fact
from understudy.rng import Stream


class Timeline:
    """The facts of a community by person and key; the only place where a fact is ended."""

    def __init__(self, prefix: str, facts: list[Fact]):
        self.prefix = prefix
        self.facts: dict[str, Fact] = {f.id: f for f in facts}
        self.by_key: dict[tuple[str, str], list[str]] = {}
        self.next = max((int(f.id.split(".f")[1]) for f in facts), default=-1) + 1
        for fact in facts:
            self.by_key.setdefault((fact.person, fact.key), []).append(fact.id)

    def holding(self, person: str, key: str, moment: datetime) -> list[Fact]:
        """The positive facts of a key that hold at a moment."""
        found = [self.facts[i] for i in self.by_key.get((person, key), ())]
        return [f for f in found if f.polarity == "positive" and f.valid_from <= moment and (f.valid_to is None or moment < f.valid_to)]

    def has(self, person: str, key: str, moment: datetime) -> bool:
        """Whether any fact of a key holds."""
        return bool(self.holding(person, key, moment))

    def change(self, person: str, key: str, value: str, moment: datetime, because: str, rng: Stream, replaces: bool, polarity: str = "positive",
               only: str | None = None) -> Fact | None:  # fmt: skip
        """Begin a fact at a moment, ending what it replaces (all that holds, or `only` one); None if a later change of the key is already known."""
        known = [self.facts[i] for i in self.by_key.get((person, key), ())]
        if any(f.valid_from >= moment and f.because != "persona" for f in known) or any(f.value == value and f.valid_to is None for f in known):
            return None
        old = [f for f in self.holding(person, key, moment) if only in (None, f.id)] if replaces else []
        tier, category, entity = key.split(".")
        fact = Fact(
            id=f"{self.prefix}.f{self.next:05d}", person=person, key=key, tier=tier, category=category, entity=entity, value=value,
            polarity=polarity, intensity=round(rng.between(0.4, 1.0), 2), valid_from=moment, replaces=old[0].id if old else None, because=because,
        )  # fmt: skip
        for ended in old:
            self.facts[ended.id] = msgspec.structs.replace(ended, valid_to=moment)
        self.next += 1
        self.facts[fact.id] = fact
        self.by_key.setdefault((person, key), []).append(fact.id)
        return fact

    def all(self) -> list[Fact]:
        """Every fact, in the order of ids."""
        return list(self.facts.values())
