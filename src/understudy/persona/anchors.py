"""Interest anchors: root-to-leaf paths of the taxonomy, half of them drawn at random and half stratified by depth (CSP, section 3.1)."""

from __future__ import annotations

from functools import cache

from understudy.ontology.interests import SEPARATOR, paths
from understudy.rng import Stream

GROWN = ("Finance", "Careers", "Spirits", "Wine", "Beer", "Casino", "Investing", "Parenting", "Home improvement", "Cocktails", "Retirement")
"""Words of paths that a child does not have."""


@cache
def strata() -> dict[int, list[tuple[str, ...]]]:
    """The leaves by their depth."""
    found: dict[int, list[tuple[str, ...]]] = {}
    for path in paths():
        found.setdefault(len(path), []).append(path)
    return found


def draw_anchors(rng: Stream, age: int, count: int, everything: tuple[tuple[str, ...], ...] | None = None) -> list[str]:
    """`count` different paths as "Music > Jazz > Hard bop"; at most two of one top category."""
    pool = everything or paths()
    if not pool:
        return []
    layers: dict[int, list[tuple[str, ...]]] = strata() if everything is None else {}
    for path in everything or ():
        layers.setdefault(len(path), []).append(path)
    found: list[tuple[str, ...]] = []
    for attempt in range(count * 12):
        if len(found) == count:
            break
        path = rng.pick(pool) if attempt % 2 == 0 else rng.pick(layers[rng.pick(sorted(layers))])
        if path in found or sum(path[0] == other[0] for other in found) >= 2:
            continue
        if age < 18 and any(word.lower() in node.lower() for node in path for word in GROWN):
            continue
        found.append(path)
    return [SEPARATOR.join(path) for path in found]
