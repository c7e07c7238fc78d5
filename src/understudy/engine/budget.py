"""What a run may cost, in dollars, tokens or minutes: reserved before a call at its declared maximum, settled after it, never overdrawn."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from functools import cache
from typing import Any

from understudy.engine.endpoint import Endpoint
from understudy.errors import BudgetMet, RecipeError

FORM = re.compile(r"^\s*(?:\$\s*(?P<dollars>\d+(?:\.\d+)?)|(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>k?tok|mtok|s|sec|min|h))\s*$", re.I)
UNITS = {"tok": 1, "ktok": 1_000, "mtok": 1_000_000, "s": 1, "sec": 1, "min": 60, "h": 3600}


class Budget:
    """A limit of one sort: dollars, tokens or seconds. `spent` counts what was used since this run began."""

    def __init__(self, sort: str = "", limit: float = float("inf")):
        self.sort, self.limit, self.spent, self.held = sort, limit, 0.0, 0.0
        self.began = time.monotonic()
        self.met = False
        self.holders = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def cost(self, tokens: int, dollars: float) -> float:
        """What a call takes of this budget."""
        return dollars if self.sort == "$" else float(tokens) if self.sort == "tok" else 0.0

    async def reserve(self, amount: float) -> bool:
        """Hold so much; waits, in turn, while calls in flight may still give something back; False when there is no room left."""
        first = False
        while not self.over():
            if first or not self._waiting:
                if self.spent + self.held + amount <= self.limit:
                    self.held, self.holders = self.held + amount, self.holders + 1
                    self._wake(1)
                    return True
                if not self.holders:  # counted, as sums of dollars do not come back to nought
                    break
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.appendleft(future) if first else self._waiting.append(future)
            await future
            first = True
        self.met = True
        self._wake(len(self._waiting))
        return False

    def over(self) -> bool:
        """Whether nothing more may be asked: asked before every try, as time passes and retries cost too."""
        if self.spent >= self.limit or (self.sort == "s" and time.monotonic() - self.began >= self.limit):
            self.met = True
        return self.met

    def settle(self, held: float) -> None:
        """Give back what was held; what was used has been counted by then."""
        self.holders -= 1
        self.held = max(0.0, self.held - held) if self.holders else 0.0
        self._wake(1)

    def _wake(self, count: int) -> None:
        """Let the first of those who wait look again; whoever finds room lets in the next: waking all at every answer would take the square of their number."""
        while self._waiting and count > 0:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                count -= 1

    def said(self) -> str:
        """How much of how much was spent."""
        if self.sort == "$":
            return f"${self.spent:.4f} of ${self.limit:g}"
        if self.sort == "tok":
            return f"{self.spent:,.0f} of {self.limit:,.0f} tokens"
        return f"{(time.monotonic() - self.began) / 60:.1f} of {self.limit / 60:g} minutes"


def parse(text: str) -> Budget:
    """`$5`, `2Mtok`, `500ktok`, `30min`, `2h`; `RecipeError` for anything else."""
    match = FORM.match(text)
    if not match:
        raise RecipeError(f'--budget is "{text}"; write it as "$5", 2Mtok, 500ktok, 30min or 2h')
    if match["dollars"]:
        sort, limit = "$", float(match["dollars"])
    else:
        unit = match["unit"].lower()
        sort, limit = ("tok" if unit.endswith("tok") else "s"), float(match["number"]) * UNITS[unit]
    if limit <= 0:
        raise RecipeError(f'--budget is "{text}"; it must be more than nothing')
    return Budget(sort, limit)


@cache
def _provider(prices: str, model: str) -> Any:
    if not prices:
        return None
    from genai_prices import Usage, calc_price  # 0.2 s to import: only where money is counted

    def price(tokens_in: int, cached: int, tokens_out: int) -> float:
        usage = Usage(input_tokens=tokens_in, cache_read_tokens=min(cached, tokens_in) or None, output_tokens=tokens_out)
        return float(calc_price(usage, model_ref=model, provider_id=prices).total_price)

    try:
        price(1000, 0, 1000)
    except LookupError:
        return None
    return price


def dollars(endpoint: Endpoint, tokens_in: int, cached: int, tokens_out: int) -> float | None:
    """The price of a call in dollars; None where it is not known; 0 for a server of one's own."""
    own = endpoint.price
    if own is not None:
        return ((tokens_in - cached) * own[0] + cached * own[1] + tokens_out * own[2]) / 1e6
    if not endpoint.prices:
        return 0.0
    price = _provider(endpoint.prices, endpoint.model)
    return None if price is None else price(tokens_in, cached, tokens_out)


def stop(budget: Budget) -> BudgetMet:
    """The end of a run that met its budget."""
    return BudgetMet(f"the budget is met ({budget.said()}); what is answered is kept, and the same command with a new budget goes on from there")
