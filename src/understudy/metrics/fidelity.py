"""How far generated lives lie from real ones, each distance ONE number: medians beside medians, distributions by total variation."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

DAY = 1440
Array = NDArray[np.float64]


def relative(value: float, reference: float) -> float:
    """How far a figure lies from its reference, as a share of the reference; 0 is the same, -0.2 a fifth too small."""
    return value / reference - 1.0 if reference else 0.0


def total_variation(found: Mapping[str, float], reference: Mapping[str, float]) -> float:
    """Half the sum of the differences of two distributions (each is brought to a sum of 1): 0 the same, 1 nothing in common; 1 where one is empty."""
    a, b = sum(found.values()), sum(reference.values())
    if a <= 0 or b <= 0:
        return 1.0
    return sum(abs(found.get(key, 0.0) / a - reference.get(key, 0.0) / b) for key in sorted({*found, *reference})) / 2


def presence(starts: Iterable[int], lengths: Iterable[int]) -> Array:
    """How often each minute of the day is within one of these spells, [1440]; a spell that runs over midnight goes on in the morning."""
    begin, length = np.fromiter(starts, dtype=np.int64), np.fromiter(lengths, dtype=np.int64)
    turn = np.zeros(2 * DAY + 1)
    np.add.at(turn, begin, 1.0)
    np.add.at(turn, begin + np.minimum(length, DAY), -1.0)
    inside = np.cumsum(turn)[: 2 * DAY]
    return inside[:DAY] + inside[DAY:]  # type: ignore[no-any-return]


def hours(minutes: Array) -> Array:
    """The sum over each of the 24 hours of a curve over the 1,440 minutes."""
    return minutes.reshape(24, 60).sum(axis=1)  # type: ignore[no-any-return]


def curve(at: Sequence[float], shares: Sequence[float]) -> Array:
    """A curve over the 1,440 minutes through points of it, straight between them and around midnight."""
    return np.interp(np.arange(DAY) + 0.5, at, shares, period=DAY)  # type: ignore[no-any-return]


def hour_distance(found: Array, reference: Array) -> float:
    """Total variation of two curves over the minutes of the day, by the hour."""
    a, b = hours(found), hours(reference)
    if a.sum() <= 0 or b.sum() <= 0:
        return 1.0
    return float(np.abs(a / a.sum() - b / b.sum()).sum() / 2)


def following(days: Iterable[Sequence[str]]) -> dict[str, dict[str, float]]:
    """What follows what: for each activity the shares of the next one, over sequences in which neighbours differ (equal neighbours count as one)."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for day in days:
        whole = [a for n, a in enumerate(day) if not n or a != day[n - 1]]
        for before, after in itertools.pairwise(whole):
            counts[before][after] += 1
    return {name: {after: n / sum(c.values()) for after, n in c.items()} for name, c in counts.items()}


def following_distance(found: Mapping[str, Mapping[str, float]], top: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Total variation of what follows each activity, over the reference's commonest ones and one cell for all others; 1 where we never have it."""
    distances = {}
    for name, known in top.items():
        ours = found.get(name, {})
        seen = {key: ours.get(key, 0.0) for key in known}
        distances[name] = total_variation({**seen, "": sum(ours.values()) - sum(seen.values())}, {**known, "": 1.0 - sum(known.values())})
    return distances
