"""Which documents look as if they answered: an inverted index of a community's words, for distractors and hard negatives."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from understudy.datasets.home import Home
from understudy.engine.embed import words


class Index(NamedTuple):
    """By word, the artifacts that have it and how often; and how many artifacts there are."""

    holding: dict[str, list[tuple[str, int]]]
    total: int


def index_of(home: Home) -> Index:
    """The words of every artifact of a community, subject lines among them."""
    holding: dict[str, list[tuple[str, int]]] = {}
    for artifact in home.artifacts.values():
        for word, count in Counter(words(f"{artifact.title} {artifact.text}")).items():
            holding.setdefault(word, []).append((artifact.id, count))
    return Index(holding, len(home.artifacts))


def nearest(index: Index, query: Iterable[str], among: Collection[str], count: int) -> list[str]:
    """The artifacts `among` those given that share most with the query's words, rare words counting for more; of equals the earlier id first."""
    scores: dict[str, float] = {}
    for word in dict.fromkeys(query):
        found = index.holding.get(word, ())
        weight = math.log(1 + index.total / len(found)) if found else 0.0
        if len(found) > max(50, index.total // 20):
            continue  # a word of every twentieth document says little, and costs the most
        for artifact, times in found:
            if artifact in among:
                scores[artifact] = scores.get(artifact, 0.0) + weight * (1 + math.log(times))
    return sorted(scores, key=lambda a: (-round(scores[a], 9), a))[:count]
