"""How often a set of texts says the same thing: distinct n-grams, self-BLEU, compression, duplicates, copied n-grams; no model, no numpy.

Two ways of cutting: `words` are what stands between spaces (lengths, duplicates), `tokens` are runs of small letters and apostrophes (n-grams), the
same as in the statistics of real text that the figures are held against.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence

GREETING = re.compile(r"^\s*(hi|hey|hello|yo|morning|good (morning|evening|afternoon)|howdy|sup|hiya)\b", re.I)
"""A turn that opens with a greeting, by the simple pattern that the statistics of real chats were counted with."""
TOKEN = re.compile(r"[a-z']+")
LONG = 12
"""Words from which on an exact duplicate is no coincidence: shorter ones ("On my way") are said by everybody."""


def words(text: str) -> list[str]:
    """What stands between spaces."""
    return text.split()


def tokens(text: str) -> list[str]:
    """Runs of a-z and apostrophes, in lower case."""
    return TOKEN.findall(text.lower().replace("’", "'"))


def grams(sequence: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """Every run of `size` neighbours."""
    return list(zip(*(sequence[start:] for start in range(size))))


def running(texts: Iterable[str], limit: int) -> list[str]:
    """The first `limit` tokens of the texts in their order, as one run."""
    found: list[str] = []
    for text in texts:
        found += tokens(text)
        if len(found) >= limit:
            break
    return found[:limit]


def distinct(sequence: Sequence[str], size: int) -> float:
    """Different n-grams over all n-grams of a run of tokens (Li et al. 2016); it falls as the run grows, so compare equal lengths only."""
    found = grams(sequence, size)
    return len(set(found)) / len(found) if found else 0.0


def duplicates(texts: Iterable[str], least: int = LONG) -> tuple[float, int]:
    """Of the texts of `least` words or more: the share that stands twice or more, letter by letter; and how many there are."""
    counts = Counter(text for text in texts if len(words(text)) >= least)
    total = sum(counts.values())
    return (sum(n for n in counts.values() if n > 1) / total if total else 0.0), total


def openings(texts: Iterable[str], size: int = 6, least: int = LONG) -> tuple[float, str]:
    """The share of the commonest first `size` words among texts of `least` words or more, and those words."""
    counts = Counter(" ".join(words(text)[:size]).lower() for text in texts if len(words(text)) >= least)
    if not counts:
        return 0.0, ""
    opening, often = counts.most_common(1)[0]
    return often / sum(counts.values()), opening


def compression(texts: Iterable[str], limit: int = 200_000) -> float:
    """Bytes over bytes after deflate (level 9) of the first `limit` bytes of all texts: higher is more repetitive; compare equal lengths only."""
    joined = "\n".join(texts).encode("utf-8", "replace")[:limit]
    return len(joined) / len(zlib.compress(joined, 9)) if joined else 0.0


def copied(texts: Sequence[str], size: int = 6) -> float:
    """The mean share of a text's n-grams that stand in another text of the set; 0 for none that has one."""
    each = [set(grams(tokens(text), size)) for text in texts]
    held = Counter(gram for found in each for gram in found)
    shares = [sum(held[gram] > 1 for gram in found) / len(found) for found in each if found]
    return sum(shares) / len(shares) if shares else 0.0


def worn(texts: Sequence[str], size: int = 6, most: int = 20) -> list[tuple[int, str]]:
    """The n-grams that stand in most texts, each with the number of texts; of those that overlap by more than half only the first."""
    held = Counter(gram for text in texts for gram in dict.fromkeys(grams(tokens(text), size)))
    found: list[tuple[str, ...]] = []
    for gram, count in held.most_common(most * 50):
        if count < 2 or len(found) == most:
            break
        if not any(len({*gram} & {*other}) > size // 2 for other in found):
            found.append(gram)
    return [(held[gram], " ".join(gram)) for gram in found]


def self_bleu(texts: Sequence[str], size: int = 4) -> float:
    """The mean BLEU of each text against all others as references (Zhu et al. 2018), 0 to 1, higher is more alike; it grows with the number of texts.

    Counts are clipped by the most that another text holds; the reference length is the closest; an order without a match counts as half a match in
    its place (Chen and Cherry 2014, their second smoothing's spirit). For each n-gram only the two largest counts and their texts are kept, so
    the work is linear in the texts' length.
    """
    cut = [found for found in map(tokens, texts) if found]
    if len(cut) < 2:
        return 0.0
    lengths = Counter(map(len, cut))
    clipped = [_clipped(cut, n) for n in range(1, size + 1)]
    total = 0.0
    for number, found in enumerate(cut):
        orders = [n for n in range(size) if len(found) > n]
        logs = [math.log(max(clipped[n][number], 0.5) / (len(found) - n)) for n in orders]
        closest = _closest(lengths, len(found))
        total += math.exp(sum(logs) / len(logs) + min(0.0, 1.0 - closest / len(found)))
    return total / len(cut)


def _clipped(cut: Sequence[Sequence[str]], size: int) -> list[int]:
    """For each text, its n-grams that another one has too, each at most as often as in the other."""
    each = [Counter(grams(found, size)) for found in cut]
    most: dict[tuple[str, ...], tuple[int, int, int]] = {}  # largest count, its text, second largest
    for number, counts in enumerate(each):
        for gram, count in counts.items():
            best, owner, second = most.get(gram, (0, -1, 0))
            most[gram] = (count, number, best) if count > best else (best, owner, max(second, count))
    return [sum(min(c, most[g][2] if most[g][1] == number else most[g][0]) for g, c in counts.items()) for number, counts in enumerate(each)]


def _closest(lengths: Counter[int], length: int) -> int:
    """The length of another text that is closest to this one's, the shorter where two are."""
    if lengths[length] > 1:
        return length
    return min((other for other in lengths if other != length), key=lambda other: (abs(other - length), other), default=length)
