"""Has the town read this before? Counts hashed texts and openings of a community so far, in list order."""

from __future__ import annotations

from understudy.model.briefs import Draft, Problem

LEAST_WORDS = 12
OPENING = 6


class Repetition:
    """Remembers what was kept; a draft whose text was kept before, or whose opening is worn out, has a problem."""

    def __init__(self, worn: float = 0.006, least: int = 4):
        self.texts: set[int] = set()
        self.openings: dict[int, int] = {}
        self.total = 0
        self.worn, self.least = worn, least

    def problems(self, draft: Draft) -> list[Problem]:
        """What is repeated in a draft's parts of twelve words or more."""
        found = []
        for text in texts(draft):
            words = text.split()
            if len(words) < LEAST_WORDS:
                continue
            if hash_of(text) in self.texts:
                found.append(Problem("repeated", "the same text was written before"))
            used = self.openings.get(hash_of(" ".join(words[:OPENING]).lower()), 0)
            if used >= max(self.least, int(self.total * self.worn)):
                found.append(Problem("opening", f'"{" ".join(words[:OPENING])}" opens {used} texts already'))
        return found

    def keep(self, draft: Draft) -> None:
        """Remember a draft that is kept."""
        for text in texts(draft):
            words = text.split()
            if len(words) < LEAST_WORDS:
                continue
            self.total += 1
            self.texts.add(hash_of(text))
            opening = hash_of(" ".join(words[:OPENING]).lower())
            self.openings[opening] = self.openings.get(opening, 0) + 1


def texts(draft: Draft) -> list[str]:
    """A draft's texts as they will be stored."""
    return [part.text or " ".join(turn.text for turn in part.turns) for part in draft.parts]


def hash_of(text: str) -> int:
    """Eight bytes of BLAKE2b: the same on every worker, whatever PYTHONHASHSEED."""
    from hashlib import blake2b

    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
