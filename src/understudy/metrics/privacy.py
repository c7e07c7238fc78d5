"""How near generated texts come to given ones (real texts, seeds): the longest run copied, the likeness of meaning, the share that is a copy."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from understudy.metrics.texts import tokens

RUN = 8
"""Tokens in a row from which on a run counts as copied: shorter ones are common property."""


class Nearest(NamedTuple):
    """The given text that a generated one copies the longest run of."""

    text: int
    given: int  # -1 where no run of RUN tokens is shared
    run: int  # tokens
    share: float  # of the generated text's tokens that stand in that run


class Copying(NamedTuple):
    """Over all generated texts: `copied` share a run of RUN tokens or more with a given one, `half` have half of themselves in one such run."""

    texts: int
    given: int
    copied: float
    half: float
    longest: int
    nearest: list[Nearest]  # the worst, longest run first
    similarity: float | None = None  # median over texts of the largest cosine with a given one
    closest: float | None = None  # the largest of all


def copying(texts: Sequence[str], given: Sequence[str], run: int = RUN, worst: int = 5) -> Copying:
    """Look for runs of tokens that stand in a generated and in a given text; linear in their lengths, but for what is shared."""
    places: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    known = [tokens(text) for text in given]
    for number, cut in enumerate(known):
        for start in range(len(cut) - run + 1):
            held = places.setdefault(tuple(cut[start : start + run]), [])
            if len(held) < 8:  # of a phrase that is everywhere a few places tell enough
                held.append((number, start))
    found = [_longest(number, tokens(text), known, places, run) for number, text in enumerate(texts)]
    ordered = sorted(found, key=lambda n: (-n.run, -n.share, n.text))
    return Copying(
        len(texts), len(given), sum(n.run >= run for n in found) / max(1, len(found)), sum(n.share >= 0.5 for n in found) / max(1, len(found)),
        ordered[0].run if ordered else 0, [n for n in ordered[:worst] if n.run],
    )  # fmt: skip


def _longest(number: int, cut: list[str], known: list[list[str]], places: dict[tuple[str, ...], list[tuple[int, int]]], run: int) -> Nearest:
    best, owner, start = 0, -1, 0
    while start + run <= len(cut):
        reach = 0
        for given, at in places.get(tuple(cut[start : start + run]), ()):
            size, back = run, 0
            while start + size < len(cut) and at + size < len(known[given]) and cut[start + size] == known[given][at + size]:
                size += 1
            while back < min(start, at) and cut[start - back - 1] == known[given][at - back - 1]:  # what an earlier hit made us skip belongs to this run, too
                back += 1
            reach = max(reach, size)
            if size + back > best:
                best, owner = size + back, given
        start += 1 if not reach else max(1, reach - run + 1)
    return Nearest(number, owner, best, best / len(cut) if cut else 0.0)


def likeness(texts: Any, given: Any, block: int = 1024) -> tuple[float, float]:
    """For vectors of length 1, [n, d] and [m, d]: the median and the largest of each text's greatest cosine with a given one; (0, 0) where either is empty."""
    if not len(texts) or not len(given):
        return 0.0, 0.0
    greatest = [float(v) for start in range(0, len(texts), block) for v in np.max(texts[start : start + block] @ given.T, axis=1)]
    return median(greatest), max(greatest)
