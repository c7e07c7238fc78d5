"""The embedded engine: answers every call from rules, tables and grammars, with no network, no key, and the same output for a seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from understudy.engine.call import Answer, Call
from understudy.rng import stream


class Embedded:
    """Composes each call's own answer from the stream that the call's id and attempt name."""

    name = "embedded"

    def __init__(self, seed: int):
        self.seed = seed

    def ask(self, calls: Sequence[Call[Any]]) -> list[Answer]:
        """Answer every call in order; composing cannot fail but by a defect, which is raised."""
        seed = self.seed
        return [Answer(call.compose(stream(seed, f"{call.id}/{call.attempt}")), "embedded") for call in calls]
