"""How a town of any number of people falls into communities of 10 to 60, so that asking for more never changes the earlier ones."""

from __future__ import annotations

from typing import NamedTuple

from understudy.population.pool import Pool, Template
from understudy.rng import stream

LEAST, MOST = 10, 60
HOUSEHOLDS = (8, 17)
"""Households of a community: about 20 to 42 people; sizes beyond 10 to 60 are drawn again."""


class Part(NamedTuple):
    """One community to be made: its number, its people, and whether it has its natural size."""

    number: int
    people: int
    natural: bool


def natural(pool: Pool, seed: int, index: int) -> list[Template]:
    """The household templates of a community of natural size: a number of households drawn whole and independently."""
    for attempt in range(50):
        rng = stream(seed, f"c{index:04d}/size/{attempt}")
        templates = [pool.draw(rng) for _ in range(rng.whole(*HOUSEHOLDS))]
        if LEAST <= sum(len(t.members) for t in templates) <= MOST:
            return templates
    return templates


def split(pool: Pool, seed: int, people: int) -> list[Part]:
    """The communities of a town: natural ones, and a last one that is short, or has grown by fewer than ten."""
    parts: list[Part] = []
    left = people
    while left > 0:
        size = sum(len(t.members) for t in natural(pool, seed, len(parts)))
        if size <= left:
            parts.append(Part(len(parts), size, True))
            left -= size
        elif left >= LEAST or not parts:
            parts.append(Part(len(parts), left, False))
            left = 0
        else:
            last = parts.pop()
            if last.people + left <= MOST:
                parts.append(Part(last.number, last.people + left, False))
            else:
                parts += [last, Part(last.number + 1, left, False)]  # rare: rather a tiny community than two that change later
            left = 0
    return parts
