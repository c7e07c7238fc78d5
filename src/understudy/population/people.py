"""Who lives in a community: its households, from the default pool or the user's own figures, with the user's people among them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from understudy.assets import stamp
from understudy.model.seeds import HouseholdSeed
from understudy.population.distributions import rake_pool
from understudy.population.draw import draw_to_size, furnish
from understudy.population.guests import Guest, seat
from understudy.population.pool import Pool, load_pool
from understudy.population.pums import load_pums
from understudy.population.sizes import Part, natural
from understudy.rng import stream

_POOLS: dict[tuple[Any, ...], tuple[Pool, list[str]]] = {}


def open_pool(seed: int, pums: tuple[Path, ...] = (), distributions: tuple[Path, ...] = ()) -> tuple[Pool, list[str]]:
    """The pool that a recipe draws from, and what has to be said about the user's files (rows left out, shares not met)."""
    key = (seed, pums, distributions, stamp(*pums, *distributions))
    if key not in _POOLS:
        notes: list[str] = []
        pool = load_pool()
        if pums:
            pool, report = load_pums(pums, seed)
            notes.append(report.summary())
        if distributions:
            pool, raked = rake_pool(pool, distributions)
            notes.append(raked.summary())
        _POOLS[key] = (pool, notes)
    return _POOLS[key]


def draw_community(pool: Pool, seed: int, part: Part, start: date, guests: list[Guest]) -> list[HouseholdSeed]:
    """The households of one community, drawn whole; guests (profiles, persona lines) take the places of those they resemble."""
    rng = stream(seed, f"c{part.number:04d}/people")
    if part.natural:
        households = [furnish(template, rng, start) for template in natural(pool, seed, part.number)]
    else:
        households = draw_to_size(pool, rng, part.people, start)
    return seat(households, guests, stream(seed, f"c{part.number:04d}/guests"), start)
