"""Has the town read this before? Counts hashed texts and openings of a community so far, in list order."""

from __future__ import annotations

from hashlib import blake2b

from understudy.model.briefs import Draft, Problem

LEAST_WORDS = 12
OPENING = 6


class Repetition:
    """Remembers what was kept; a draft whose text was kept before, or whose opening is worn out, has a problem."""

    def __init__(self, worn: float = 0.006, least: int = 4):
        self.texts: set[bytes] = set()
        self.openings: dict[str, int] = {}
        self.total = 0
        self.worn, self.least = worn, least

    def problems(self, prints: list[tuple[bytes, str]]) -> list[Problem]:
        """What is repeated, given a draft's fingerprints."""
        found = []
        limit = max(self.least, int(self.total * self.worn))
        for digest, opening in prints:
            if digest in self.texts:
                found.append(Problem("repeated", "the same text was written before"))
            used = self.openings.get(opening, 0)
            if used >= limit:
                found.append(Problem("opening", f'"{opening}" opens {used} texts already'))
        return found

    def keep(self, prints: list[tuple[bytes, str]]) -> None:
        """Remember the fingerprints of a draft that is kept."""
        for digest, opening in prints:
            self.total += 1
            self.texts.add(digest)
            self.openings[opening] = self.openings.get(opening, 0) + 1


def fingerprints(draft: Draft) -> list[tuple[bytes, str]]:
    """For each part of twelve words or more: eight bytes of its text's BLAKE2b, and its first six words in lower case."""
    found = []
    for part in draft.parts:
        text = part.text or " ".join([turn.text for turn in part.turns])
        if text.count(" ") + text.count("\n") + 1 >= LEAST_WORDS:
            head = text[:120].split(None, OPENING)
            found.append((blake2b(text.encode(), digest_size=8).digest(), " ".join(head[:OPENING]).lower()))
    return found
