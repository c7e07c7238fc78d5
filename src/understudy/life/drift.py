"""Drift: tastes, things and habits change now and then, each by an event that ends one fact and begins the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from understudy.engine.call import Call, Engine
from understudy.engine.router import rescue
from understudy.engine.shape import Shape, choice, record
from understudy.life.grow import Grower
from understudy.model.clock import DAY
from understudy.model.records import Event, Fact, Person
from understudy.ontology.attributes import Attribute, attributes
from understudy.ontology.values import draw_values
from understudy.ontology.who import Traits
from understudy.rng import Stream, stream

OFFERED = 5


class Turn(NamedTuple):
    """One change that is due: whose, of what, from which fact, and to what it could be."""

    person: Person
    attribute: Attribute
    minute: int
    old: Fact
    options: tuple[str, ...]
    rng: Stream


class Drift(Call[str]):
    """Ask what somebody turns to: one of the values that could follow."""

    prompt = "life/drift"
    role = "life"
    __slots__ = ()

    def data(self) -> dict[str, Any]:
        """The person in short, what changes, and the values offered."""
        turn = self.brief
        return {"summary": turn.person.summary, "label": turn.attribute.label, "before": turn.old.value, "options": list(turn.options)}

    def shape(self) -> Shape:
        """One of the values."""
        return record({"now": choice(self.brief.options)})

    def read(self, wire: Any) -> str:
        """The value."""
        return str(wire["now"])

    def wire(self, answer: str) -> Any:
        """A value as a model would have sent it."""
        return {"now": answer}

    def compose(self, rng: Stream) -> str:
        """The first that was drawn."""
        return str(self.brief.options[0])


def drift(grower: Grower, traits: Mapping[str, Traits], engine: Engine | None = None) -> None:
    """For every person and key that drifts: changes by a Poisson count at the attribute's rate a year, at most one in a window."""
    days = grower.community.days
    turns = []
    for person in grower.community.people:
        for key, attribute in attributes().items():
            if attribute.drift <= 0 or not (attribute.source.catalogue or attribute.source.choice):
                continue
            rng = stream(grower.community.seed, f"{person.id}/drift/{key}")
            if rng.poisson(attribute.drift * days / 365) and days > 2:
                turn = _turn(grower, person, attribute, traits[person.id], rng.whole(1, days - 1) * DAY + rng.whole(600, 1200))
                if turn is not None:
                    turns.append(turn)
    calls = [Drift(f"{t.person.id}/drift/{t.attribute.key}", t) for t in turns]
    values = [a.value for a in rescue(engine, calls)] if engine is not None else [t.options[0] for t in turns]
    for turn, value in zip(turns, values, strict=True):
        _change(grower, turn, value)


def _turn(grower: Grower, person: Person, attribute: Attribute, traits: Traits, minute: int) -> Turn | None:
    moment = grower.clock.utc(minute)
    holding = grower.timeline.holding(person.id, attribute.key, moment)
    held = [f for f in holding if f.because == "persona"]
    if not held:
        return None
    rng = stream(grower.community.seed, f"{person.id}/drift/{attribute.key}/{minute}")
    old = rng.pick(held)
    options = draw_values(attribute, traits, rng, 1, (), [f.value for f in holding])
    if not options:
        return None
    more = stream(grower.community.seed, f"{person.id}/drift/{attribute.key}/{minute}/more")
    others = draw_values(attribute, traits, more, OFFERED - 1, (), [*(f.value for f in holding), options[0][0]])
    return Turn(person, attribute, minute, old, tuple(v for v, _ in [*options, *others]), rng)


def _change(grower: Grower, turn: Turn, value: str) -> None:
    person, moment = turn.person, grower.clock.utc(turn.minute)
    ident = f"{grower.community.prefix}.e{len(grower.events):05d}"
    changed = grower.timeline.change(person.id, turn.attribute.key, value, moment, ident, turn.rng, replaces=True, only=turn.old.id)
    if changed is not None:
        grower.events.append(
            Event(
                id=ident, root=ident, depth=0, module="drift", kind=turn.attribute.key.split(".")[-1], title=f"{person.given_name}: {turn.attribute.label} is now {value}",
                starts=moment, ends=grower.clock.utc(turn.minute + 1), people=[person.id], details={"what": turn.attribute.label, "before": turn.old.value, "now": value},
                because=turn.old.id,
            )
        )  # fmt: skip
