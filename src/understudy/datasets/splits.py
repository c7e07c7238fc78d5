"""Who is trained on and who is tested on: whole communities apart, or, where there is but one, whole households."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from understudy.datasets.home import Home
from understudy.datasets.rows import SPLITS
from understudy.rng import stream

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}
DRAWS = 400
"""Divisions of a lone community that are tried."""


class Split(NamedTuple):
    """Which community is in which split; in a world of one community, which person is."""

    communities: dict[int, str]
    people: dict[str, str]  # of the lone community, else empty
    note: str

    def of(self, home: Home, artifact: str) -> str:
        """The split of one artifact. One read by people of several splits belongs to the last of train, val and test, so that no document is in two of them."""
        if not self.people:
            return self.communities[home.number]
        found = [self.people[p.person] for p in home.artifacts[artifact].people if p.person in self.people]
        return max(found, key=SPLITS.index, default="train")


def by_community(indices: list[int], seed: int) -> Split:
    """Communities shuffled and cut 8 : 1 : 1, at least one for testing, and for validation where there are three."""
    order = stream(seed, "datasets/splits").shuffled(indices)
    test = max(1, round(len(order) * SHARES["test"]))
    val = max(1, round(len(order) * SHARES["val"])) if len(order) > 2 else 0
    found = {index: "test" if n < test else "val" if n < test + val else "train" for n, index in enumerate(order)}
    said = "By community: nobody of one split knows anybody of another." if val else "By community; two communities leave none for validation, so val is empty."
    return Split(found, {}, said)


def by_household(home: Home, seed: int) -> Split:
    """The households of the only community, divided as near 8 : 1 : 1 of its documents as `DRAWS` drawn divisions come, somebody with questions in each part."""
    houses = [h.members for h in home.households]
    house = {person: number for number, members in enumerate(houses) for person in members}
    held = Counter(frozenset(house[p.person] for p in a.people if p.person in house) for a in home.artifacts.values())
    asked = Counter(house[q.person] for q in home.questions)
    rng = stream(seed, "datasets/households")
    best: dict[int, str] = {}
    least = float("inf")
    for _ in range(DRAWS if len(houses) > 1 else 0):
        order = rng.shuffled(range(len(houses)))
        test, val = rng.whole(1, max(1, len(houses) // 4)), rng.whole(0 if len(houses) < 3 else 1, max(1, len(houses) // 4))
        drawn = {n: "test" if i < test else "val" if i < test + val else "train" for i, n in enumerate(order)}
        cost = _cost(drawn, held, asked)
        if cost < least:
            best, least = drawn, cost
    best = best or dict.fromkeys(range(len(houses)), "train")
    few = {1: " There is but one household, so everything is train: nothing can be held out.", 2: " Two households leave none for validation, so val is empty."}
    lone = few.get(len(houses), "")
    note = (
        "WARNING: this world is ONE community, so the splits are by household. People of different splits know each other, read the same senders and may know "
        "the same facts; a document is in one split only, but a score on `test` is an easier one than on strangers. Make a world of several communities "
        f"(`understudy make --people 200`) for a test that counts.{lone}"
    )
    return Split({home.number: "train"}, {person: best[number] for person, number in house.items()}, note)


def _cost(drawn: Mapping[int, str], held: Mapping[frozenset[int], int], asked: Mapping[int, int]) -> float:
    """How far a division is from the shares, counting a document with the last split of its readers; a split without questions costs one more."""
    counts = dict.fromkeys(SPLITS, 0)
    for houses, documents in held.items():
        counts[max((drawn[n] for n in houses), key=SPLITS.index, default="train")] += documents
    whole = sum(counts.values()) or 1
    far = sum(abs(counts[s] / whole - share) for s, share in SHARES.items())
    return far + 1.0 * len(set(SPLITS) - {drawn[n] for n in asked})
