"""Named random streams: the same seed and name give the same draws, on any worker and in any order.

Everything is built on `random()` and `getrandbits`, whose sequences Python promises to keep.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Stream(Random):
    """A stream of draws with the few verbs that the project needs.

    `Random`'s own `choice`, `sample` and `gauss` are not used: their algorithms may change between Python versions.
    """

    def pick(self, items: Sequence[T]) -> T:
        """One item, each as likely."""
        return items[int(self.random() * len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One item, in proportion to its weight (weights need not sum to one)."""
        point = self.random() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            point -= weight
            if point < 0:
                return item
        return items[-1]

    def chance(self, share: float) -> bool:
        """True with this probability."""
        return self.random() < share

    def between(self, low: float, high: float) -> float:
        """A real number in [low, high)."""
        return low + (high - low) * self.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number in [low, high], both ends included."""
        return low + int(self.random() * (high - low + 1))

    def poisson(self, mean: float) -> int:
        """A Poisson count (Knuth's product for small means, a rounded normal above 30)."""
        if mean > 30:
            return max(0, round(self.normal(mean, math.sqrt(mean))))
        limit, count, product = math.exp(-mean), 0, self.random()
        while product > limit:
            count += 1
            product *= self.random()
        return count

    def normal(self, mean: float, deviation: float) -> float:
        """A normal draw by Box and Muller."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return mean + deviation * radius * math.cos(2.0 * math.pi * self.random())

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items (all of them if there are fewer), in drawn order."""
        pool = list(items)
        taken = []
        for _ in range(min(count, len(pool))):
            taken.append(pool.pop(int(self.random() * len(pool))))
        return taken

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All items in a drawn order."""
        return self.some(items, len(items))


def stream(seed: int, name: str) -> Stream:
    """The stream called `name` under `seed`; adding a draw in one stream changes nothing in another."""
    digest = blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return Stream(int.from_bytes(digest, "big"))
