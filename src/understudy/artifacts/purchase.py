"""Purchases: what was bought where, each item with its price in cents."""

from __future__ import annotations

from understudy.artifacts.kind import Kind, Writing, nothing
from understudy.artifacts.orders import following
from understudy.language.jot import compose_purchase
from understudy.model.briefs import Draft
from understudy.rng import Stream


class WritePurchase(Writing):
    """Ask for the items of a purchase; amounts come from the ledger."""

    file = "artifacts/purchase"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """Item titles with prices that add up to the total."""
        return compose_purchase(self.brief, rng)


KIND = Kind("purchase", WritePurchase, nothing, following)
