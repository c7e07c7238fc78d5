"""Who carries which family name in a household, by customs that vary modestly between groups."""

from __future__ import annotations

from typing import NamedTuple

from understudy.population.categories import RACES
from understudy.population.names import names
from understudy.population.pool import TemplateMember
from understudy.rng import Stream

TAKES = {"white": 0.8, "black": 0.75, "hispanic": 0.55, "asian": 0.5, "other": 0.7}
"""The share of wives who take the husband's name, by her race (our estimate)."""

HYPHEN = 0.03
"""The share of the other wives who join both names."""


class Family(NamedTuple):
    """A family name: the one born with, which tells an origin, and the one carried now."""

    born: str
    now: str


def family_names(members: tuple[TemplateMember, ...], rng: Stream) -> list[Family]:
    """A family name for each member, the householder first."""
    head = members[0]
    drawn = names().family(rng, RACES[head.race])
    own = Family(drawn, drawn)
    other: Family | None = None
    mate = next((m for m in members if m.role in "sp"), None)
    if mate is not None:
        drawn = names().family(rng, RACES[mate.race])
        other = Family(drawn, drawn)
        if mate.role == "s":
            own, other = _marry(head, own, mate, other, rng)
    line = own.now
    if mate is not None and other is not None and mate.sex != head.sex:
        father = own if head.sex == "m" else other
        mother = other if head.sex == "m" else own
        line = father.now if mate.role == "s" or rng.random() < 0.75 else mother.now
    return [_name(m, i, head, own, other, line, rng) for i, m in enumerate(members)]


def _marry(head: TemplateMember, own: Family, mate: TemplateMember, other: Family, rng: Stream) -> tuple[Family, Family]:
    """A married couple's names: mostly the husband's for both; two of one sex as often keep theirs."""
    if head.sex == mate.sex:
        return (own, other._replace(now=own.now)) if rng.random() < 0.5 else (own, other)
    wife = head if head.sex == "f" else mate
    takes = rng.random() < TAKES[RACES[wife.race]]
    joins = not takes and rng.random() < HYPHEN
    if wife is head:
        now = other.now if takes else f"{own.born}-{other.born}" if joins else own.now
        return own._replace(now=now), other
    now = own.now if takes else f"{other.born}-{own.born}" if joins else other.now
    return own, other._replace(now=now)


def _name(m: TemplateMember, place: int, head: TemplateMember, own: Family, other: Family | None, line: str, rng: Stream) -> Family:
    """One member's name, given the couple's and the children's line."""
    if place == 0:
        return own
    if m.role in "sp":
        assert other is not None
        return other
    if m.role == "k":
        return Family(line, line)
    shares = {"e": 0.85, "b": 0.85, "g": 0.65, "r": 0.45, "m": 0.0}[m.role]
    if rng.random() < shares:
        base = line if m.role == "g" else own.born
        return Family(base, base)
    drawn = names().family(rng, RACES[m.race])
    return Family(drawn, drawn)
