"""Drift: tastes, things and habits change now and then, each by an event that ends one fact and begins the next."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.life.grow import Grower
from understudy.model.clock import DAY
from understudy.model.records import Event, Person
from understudy.ontology.attributes import Attribute, attributes
from understudy.ontology.values import draw_values
from understudy.ontology.who import Traits
from understudy.rng import stream


def drift(grower: Grower, traits: Mapping[str, Traits]) -> None:
    """For every person and key that drifts: changes by a Poisson count at the attribute's rate a year, at most one in a window."""
    days = grower.community.days
    for person in grower.community.people:
        for key, attribute in attributes().items():
            if attribute.drift <= 0 or not (attribute.source.catalogue or attribute.source.choice):
                continue
            rng = stream(grower.community.seed, f"{person.id}/drift/{key}")
            if rng.poisson(attribute.drift * days / 365) and days > 2:
                _change(grower, person, attribute, traits[person.id], rng.whole(1, days - 1) * DAY + rng.whole(600, 1200))


def _change(grower: Grower, person: Person, attribute: Attribute, traits: Traits, minute: int) -> None:
    moment = grower.clock.utc(minute)
    held = [f for f in grower.timeline.holding(person.id, attribute.key, moment) if f.because == "persona"]
    if not held:
        return
    rng = stream(grower.community.seed, f"{person.id}/drift/{attribute.key}/{minute}")
    old = rng.pick(held)
    new = draw_values(attribute, traits, rng, 1, (), [f.value for f in grower.timeline.holding(person.id, attribute.key, moment)])
    if not new:
        return
    ident = f"{grower.community.prefix}.e{len(grower.events):05d}"
    changed = grower.timeline.change(person.id, attribute.key, new[0][0], moment, ident, rng, replaces=True, only=old.id)
    if changed is not None:
        grower.events.append(
            Event(
                id=ident, root=ident, depth=0, module="drift", kind=attribute.key.split(".")[-1], title=f"{person.given_name}: {attribute.label} is now {new[0][0]}",
                starts=moment, ends=grower.clock.utc(minute + 1), people=[person.id], details={"what": attribute.label, "before": old.value, "now": new[0][0]}, because=old.id,
            )
        )  # fmt: skip
