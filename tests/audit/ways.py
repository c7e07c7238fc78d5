"""The ways of breaking a world, each under its name with the rule that finds it."""

from __future__ import annotations

from collections.abc import Callable

from damage import Damage

WAYS: dict[str, tuple[str, Callable[[Damage], str]]] = {}
Way = Callable[[Damage], str]


def way(rule: str) -> Callable[[Way], Way]:
    """Register a way of breaking a world under its function's name; the function returns the id that `rule` must name."""

    def register(breaks: Way) -> Way:
        WAYS[breaks.__name__] = (rule, breaks)
        return breaks

    return register
