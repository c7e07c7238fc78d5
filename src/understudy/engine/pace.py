"""How many calls an endpoint bears at once: starts low, grows while all goes well, shrinks when it is refused, fails or slows down (AIMD)."""

from __future__ import annotations

import asyncio
from collections import deque

START = 4
LEAST = 1
SLOW = 2.5
"""How many times its best latency an endpoint may take before this counts as a sign of too much (a server of one's own slows down instead of refusing)."""
WINDOW = 16
"""Answers over which latency is judged."""


class Pace:
    """A limit on calls in flight that learns. Doubles each round until the first sign of trouble, then adds one a round; times 0.6 at trouble."""

    def __init__(self, most: int):
        self.most, self.limit, self.flying = max(1, most), float(max(LEAST, min(START, most))), 0
        self.growing, self.cooling = True, 0.0
        self.best = 0.0
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Wait for a free place."""
        if self.flying < int(self.limit) and not self._waiting:
            self.flying += 1
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place back, and let the next ones in."""
        self.flying -= 1
        self._let_in()

    def good(self, seconds: float, now: float) -> None:
        """An answer came after so many seconds; while it cools down after trouble the limit stays, or it would grow back before it could shrink again."""
        self._recent.append(seconds)
        if len(self._recent) == WINDOW:
            middle = sorted(self._recent)[WINDOW // 2]
            self.best = min(self.best or middle, middle)
            if middle > SLOW * self.best + 0.05 and self.limit > START:
                self._shrink(0.8)
                self._recent.clear()
                self.best *= 1.05  # what was best once may never come back
                return
        if now < self.cooling:
            self._let_in()
            return
        self.limit = min(float(self.most), self.limit + (1.0 if self.growing else 1.0 / self.limit))
        self._let_in()

    def bad(self, now: float, full: bool = False) -> None:
        """Failed or timed out, or (`full`) refused as one too many, while its place is still held; what was in flight together counts once.

        A refusal comes back at once: were its place given to the next, that one would be refused too, and so on through the queue.
        """
        if full:
            self.limit = max(float(LEAST), min(self.limit, self.flying - 1.0))
        if now < self.cooling:
            return
        self.cooling = now + 1.0
        self._shrink(0.6)

    def _shrink(self, factor: float) -> None:
        self.growing = False
        self.limit = max(float(LEAST), self.limit * factor)

    def _let_in(self) -> None:
        while self._waiting and self.flying < int(self.limit):
            future = self._waiting.popleft()
            if not future.done():
                self.flying += 1
                future.set_result(None)
