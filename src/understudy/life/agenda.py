"""Who is busy when: one sorted list of blocks a person, in local minutes, that events are admitted to."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from typing import NamedTuple

from understudy.model.clock import DAY

MARGIN = 40
"""Minutes kept free around what happens elsewhere, enough to cross the town."""


class Block(NamedTuple):
    """Time that somebody spends somewhere for a reason."""

    start: int
    end: int
    place: str
    category: str
    intent: str
    event: str | None
    root: str


class Agenda:
    """The admitted blocks of every person of a community, by day."""

    def __init__(self, people: Iterable[str]):
        self.blocks: dict[str, dict[int, list[Block]]] = {p: {} for p in people}
        self.trips: dict[str, list[tuple[int, int, str, str]]] = {p: [] for p in people}  # start, end, hotel place, root

    def free(self, person: str, start: int, end: int, root: str, place: str = "") -> bool:
        """Whether nothing else happens to the person around [start, end), a trip of another root included."""
        days = self.blocks[person]
        for day in range((start - MARGIN) // DAY - 1, (end + MARGIN) // DAY + 1):
            for block in days.get(day, ()):
                gap = 0 if block.place == place else MARGIN
                if block.start < end + gap and start - gap < block.end:
                    return False
        return all(root == other or end + MARGIN < begin or start - MARGIN > back for begin, back, _, other in self.trips[person])

    def add(self, person: str, block: Block) -> None:
        """Admit a block (it stands under the day on which it starts)."""
        insort(self.blocks[person].setdefault(block.start // DAY, []), block)

    def trip(self, person: str, start: int, end: int, hotel: str, root: str) -> None:
        """Be away from home in [start, end), with the nights at this place."""
        self.trips[person].append((start, end, hotel, root))

    def away(self, person: str, minute: int) -> str | None:
        """The place where the person's nights are on a trip at this minute, or None."""
        return next((hotel for start, end, hotel, _ in self.trips[person] if start <= minute < end), None)

    def of_day(self, person: str, day: int) -> list[Block]:
        """The blocks that start on a day, in order."""
        return self.blocks[person].get(day, [])
