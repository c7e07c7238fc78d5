"""Draws of given and family names that fit the decade, the sex and the family's background.

Given names: the commonest by decade of birth and sex (Social Security Administration), leaned to a group by a table
of our own. Family names: the 1,500 commonest with their bearers' shares by race (Census 2010); ranks become counts by
(rank + 8) ** -0.9, our fit to the published ones.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Any

from understudy.assets import data
from understudy.population.pool import read_table
from understudy.rng import Stream

RAISE = {"white": 2.0, "black": 12.0, "hispanic": 30.0, "asian": 4.0}
LOWER = 0.15
"""How much commoner a leaning name is in its own group, and in the others (our estimates)."""

GROUPS = ("white", "black", "hispanic", "asian", "other")


class Choice:
    """Items with cumulative weights; a draw is one binary search."""

    def __init__(self, items: Sequence[str], weights: Sequence[float]) -> None:
        self.items = items
        self.sums = list(accumulate(weights))
        self.total, self.last = self.sums[-1], len(items) - 1

    def draw(self, rng: Stream) -> str:
        """One item by weight."""
        return self.items[bisect(self.sums, rng.random() * self.total, 0, self.last)]


class Names:
    """The tables of names; use `names()` to get the one instance of a process."""

    def __init__(self) -> None:
        self.leanings: dict[str, Any] = data("data/names/leanings.yaml")
        self.lists: dict[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
        for row in read_table("names/given.csv.gz"):
            self.lists[int(row["decade"]), row["sex"]].append((row["name"], int(row["share_e6"])))
        self.takes = {(group, decade): self._take(group, decade) for group in GROUPS for decade in range(1930, 2020, 10)}
        self.given_choices: dict[tuple[int, str, str], Choice] = {}
        families = read_table("names/family.csv.gz")
        counts = [(int(row["rank"]) + 8) ** -0.9 for row in families]
        self.family_choices = {
            group: Choice(
                [_spelled(row["name"]) for row in families],
                [count * int(row[group]) for count, row in zip(counts, families, strict=True)],
            )
            for group in GROUPS
        }
        self.origins: dict[str, str] = {}
        for origin, listed in self.leanings["families"].items():
            for family in listed:
                self.origins.setdefault(family, origin)

    def family(self, rng: Stream, race: str) -> str:
        """A family name by `race` (white, black, hispanic, asian, other)."""
        return self.family_choices[race].draw(rng)

    def given(self, rng: Stream, sex: str, born: int, race: str, family: str = "") -> str:
        """A given name by sex (female, male), year of birth and race; an Asian family's name tells its origin."""
        letter, decade = sex[0], min(max(born // 10 * 10, 1930), 2010)
        if rng.random() < self.takes[race, decade]:
            more = self.leanings["more"]
            origin = self.origins.get(family, "asian") if race == "asian" else race
            listed: list[str] = more.get(origin, more["asian"])[letter]
            return rng.pick(listed)
        key = (decade, letter, race)
        if key not in self.given_choices:
            self.given_choices[key] = self._choice(decade, letter, race)
        return self.given_choices[key].draw(rng)

    def _take(self, race: str, decade: int) -> float:
        """The share of a group and decade that is named from the hand-made lists."""
        shares = self.leanings["take"].get(race, {})
        return float(next((share for since, share in reversed(list(shares.items())) if decade >= since), 0.0))

    def _choice(self, decade: int, letter: str, race: str) -> Choice:
        names, weights = [], []
        lean = {group: frozenset(table[letter]) for group, table in self.leanings["lean"].items()}
        for name, share in self.lists[decade, letter]:
            groups = [group for group in GROUPS if name in lean.get(group, frozenset())]
            if race in groups:
                factor = RAISE[race] if len(groups) == 1 else min(4.0, RAISE[race])
            elif not groups or race == "other":
                factor = 1.0
            elif groups == ["white"]:
                factor = 0.5
            elif "asian" in groups:  # these are common with everybody
                factor = 1.0
            else:
                factor = LOWER
            names.append(name)
            weights.append(share * factor)
        return Choice(names, weights)


def _spelled(family: str) -> str:
    """The source writes "Mcneil"; its bearers write "McNeil"."""
    return f"Mc{family[2:].capitalize()}" if family.startswith("Mc") and len(family) > 3 else family


@cache
def names() -> Names:
    """The tables of names, read once a process."""
    return Names()
