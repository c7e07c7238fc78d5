"""Near-duplicates among many texts in near-linear time: MinHash signatures (Broder, 1997), brought together by bands of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import shake_128
from operator import eq
from statistics import median_low

from understudy.engine.embed import words

SHORT = 30
"""Below so many words a text is compared by its words and pairs of words: one word changed in twelve leaves 7 of 13 threes the same, but 20 of 26 of those."""
RECALL = 0.98
"""The share of pairs exactly at the threshold that the bands must bring together; pairs above it are found more surely."""
CROWD = 32
"""The most texts that are listed under one band: more share only words that all share, and the work would grow with the square of their number. On 40,000
lines with a fifth of near-duplicates, 16 drops the same texts as no bound does."""
_BITS = 32  # of a lane; its top bit is a guard, so a hash has 31


def is_short(texts: Sequence[str]) -> bool:
    """Whether the middle one of these texts is short: decided once for all that are compared, so that no border runs among them."""
    return not texts or median_low([len(words(text)) for text in texts]) < SHORT


def shingles(text: str, short: bool) -> list[str]:
    """The different runs of three words, of a short text the words and pairs, in the order met; a text with no word is its own shingle."""
    found = words(text)
    if not found:
        return [text.strip()]
    if short or len(found) < 3:
        return list(dict.fromkeys([*found, *map("{} {}".format, found, found[1:])]))
    return list(dict.fromkeys(map("{} {} {}".format, found, found[1:], found[2:])))


@lru_cache(maxsize=8)
def _guards(permutations: int) -> int:
    """A number with the top bit of each of `permutations` lanes set."""
    return sum(1 << (_BITS * lane + _BITS - 1) for lane in range(permutations))


@lru_cache(maxsize=1 << 14)
def _hashes(shingle: str, permutations: int) -> int:
    """As many independent hashes as there are permutations, side by side in one number: an extendable digest gives them all at once."""
    digest = shake_128(shingle.encode("utf-8", "surrogatepass")).digest(permutations * _BITS // 8)
    return int.from_bytes(digest, "big") & ~_guards(permutations)


def signature(text: str, permutations: int = 64, short: bool | None = None) -> bytes:
    """The smallest of each of `permutations` 31-bit hashes over the text's shingles, four bytes each.

    `short` says which shingles (None: by the text's own length); only signatures made alike are comparable. A `ValueError` below 1 permutation.
    """
    if permutations < 1:
        raise ValueError(f"a signature has 1 permutation or more, not {permutations}")
    return _least(shingles(text, is_short([text]) if short is None else short), permutations)


def _least(found: Sequence[str], permutations: int) -> bytes:
    """The smallest of each lane. All lanes are compared by one subtraction (a guard bit stays where the new one is no smaller): 64 at the cost of a few."""
    guards = _guards(permutations)
    least = _hashes(found[0], permutations)
    for shingle in found[1:]:
        other = _hashes(shingle, permutations)
        stays = ((other | guards) - least) & guards
        mask = stays - (stays >> (_BITS - 1))  # 31 ones in each lane that stays
        least = other ^ ((least ^ other) & mask)
    return least.to_bytes(permutations * _BITS // 8, "big")


def alike(a: bytes, b: bytes) -> float:
    """The estimated Jaccard similarity of two texts from their signatures, in [0, 1]; standard error at most 1/16 with 64 permutations."""
    if len(a) != len(b):
        raise ValueError(f"signatures of {len(a)} and {len(b)} bytes cannot be compared")
    same: int = sum(map(eq, memoryview(a).cast("I"), memoryview(b).cast("I")))
    return same * 4 / len(a)


def rows_for(threshold: float, permutations: int) -> int:
    """The most rows to a band with which a pair at the threshold still meets in some band with a chance of `RECALL`: 1 - (1 - t^r)^(p/r).

    Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4; 4 rows for 0.7 and 64 permutations.
    """
    fitting = [rows for rows in range(1, permutations + 1) if 1 - (1 - threshold**rows) ** (permutations // rows) >= RECALL]
    return max(fitting, default=1)


def distinct(texts: Sequence[str], threshold: float = 0.7) -> list[int]:
    """The indexes of texts to keep, ascending: a text goes if its Jaccard similarity to one kept before it reaches `threshold`, in (0, 1].

    Bands only propose pairs; the similarity that decides is counted on the shingles, so nothing unlike is dropped. A `ValueError` for another threshold.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"a threshold is in (0, 1], not {threshold}")
    permutations = 64
    short, rows = is_short(texts), rows_for(threshold, permutations)
    width = rows * _BITS // 8
    bands: list[dict[bytes, list[int]]] = [{} for _ in range(permutations // rows)]
    kept: dict[int, frozenset[str]] = {}
    whole: set[frozenset[str]] = set()  # the same text again is found however crowded its bands are
    for index, text in enumerate(texts):
        found = shingles(text, short)
        own = frozenset(found)
        if own in whole:
            continue
        least = _least(found, permutations)
        keys = [least[band * width : (band + 1) * width] for band in range(len(bands))]
        others = dict.fromkeys(other for met, key in zip(bands, keys, strict=True) for other in met.get(key, ()))
        if any(_jaccard(own, kept[other]) >= threshold for other in others):
            continue
        kept[index] = own
        whole.add(own)
        for met, key in zip(bands, keys, strict=True):
            listed = met.setdefault(key, [])
            if len(listed) < CROWD:
                listed.append(index)
    return list(kept)


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    common = len(a & b)
    return common / (len(a) + len(b) - common)
