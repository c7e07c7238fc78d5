"""The event memory: short lines about people, from which the nearest to somebody's summary are taken as seeds for what may happen to them."""

from __future__ import annotations

import heapq
import math
import sys
from array import array
from collections.abc import Sequence
from functools import cache
from operator import mul

from understudy import assets
from understudy.engine.embed import features, rarity, share
from understudy.engine.minhash import distinct
from understudy.rng import Stream

LOOKS = 100_000
"""Places looked at for one query, the features that tell most first: it bounds the time of a search, however many lines there are. Over lines made of a few
thousand phrases, whose lists are far longer than real ones, the nearest 20 are 93% (of 20,000 lines) and 84% (of 100,000) those that a look at all finds."""


class Memory:
    """Lines, near-duplicates dropped, with an index of their features; the same lines give the same answers in every process."""

    def __init__(self, lines: Sequence[str], threshold: float = 0.7) -> None:
        """Index the lines, blank ones left out; of lines whose Jaccard similarity reaches `threshold`, in (0, 1], the first stays."""
        told = [one for line in lines if (one := " ".join(line.split()))]
        self.lines: list[str] = [told[index] for index in distinct(told, threshold)]
        self._places: dict[str, array[int]] = {}
        for number, line in enumerate(self.lines):
            for name in features(line):  # how often does not count here: in a short line nearly all come once, and numbers alone are searched faster
                self._places.setdefault(name, array("I")).append(number)
        self._pulls = {name: share(name) * rarity(len(places), len(self.lines)) for name, places in self._places.items()}
        squares = [0.0] * len(self.lines)
        for name, places in self._places.items():
            square = self._pulls[name] ** 2
            for number in places:
                squares[number] += square
        self._shares = [1.0 / math.sqrt(square) if square else 0.0 for square in squares]

    def __len__(self) -> int:
        """How many lines are kept."""
        return len(self.lines)

    def ranked(self, query: str, count: int) -> list[tuple[str, float]]:
        """At most `count` lines that share something with the query, the nearest first, with their cosine up to a factor that is the query's own."""
        return [(self.lines[number], score) for number, score in self._ranked(query, count)]

    def near(self, query: str, count: int, rng: Stream, spread: float = 0.3) -> list[str]:
        """`count` different lines (all of them if there are fewer), nearest first but for this: each is passed over with the chance `spread`, in [0, 1).

        So people of one kind are not all given the same lines; those passed over serve when nothing else is near, and last come drawn lines that share
        nothing with the query. A `ValueError` for another spread.
        """
        if not 0 <= spread < 1:
            raise ValueError(f"a spread is in [0, 1), not {spread}")
        if count < 1:
            return []
        taken: list[int] = []
        passed: list[int] = []
        for number, _ in self._ranked(query, math.ceil(2 * count / (1 - spread)) + 8):
            if len(taken) == count:
                break
            (passed if rng.chance(spread) else taken).append(number)
        taken += passed[: count - len(taken)]
        if len(taken) < count:
            used = frozenset(taken)
            taken += rng.some([number for number in range(len(self.lines)) if number not in used], count - len(taken))
        return [self.lines[number] for number in taken]

    def _ranked(self, query: str, count: int) -> list[tuple[int, float]]:
        """Numbers and scores of the nearest lines, equally near ones by number; scores are comparable within one query."""
        known = [(self._pulls[name] ** 2 / share(name) * weight, name) for name, weight in features(query).items() if name in self._places]
        scores = [0.0] * len(self.lines)
        looked = 0
        for pull, name in sorted(known, key=lambda one: (-one[0], one[1])):
            places = self._places[name]
            looked += len(places)
            if looked > max(LOOKS, len(places)):
                break
            for number in places:
                scores[number] += pull
        scores = list(map(mul, scores, self._shares))
        least = min(heapq.nlargest(count, scores), default=0.0) or sys.float_info.min  # a line without a score shares nothing and is not near
        found = [number for number, score in enumerate(scores) if score >= least]
        return [(number, scores[number]) for number in sorted(found, key=lambda number: (-scores[number], number))[:count]]


@cache
def own_memory() -> Memory:
    """The memory over the package's own persona lines."""
    return Memory([entry["persona"] for entry in assets.data("data/catalogues/persona_lines.yaml")["personas"]])
