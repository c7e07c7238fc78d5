"""Sends each call to whoever answers its role: the embedded engine or a model; replaces what no model got right, where the recipe allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from understudy.engine.call import Answer, Call, Engine
from understudy.errors import Pending


class Router:
    """An engine made of engines, one a role; a role without one is embedded."""

    def __init__(self, embedded: Engine, roles: Mapping[str, Engine]):
        self.embedded, self.roles = embedded, dict(roles)
        self.own: dict[str, list[int]] = {}

    def fresh(self) -> Router:
        """The same engines with a count of their own, for one community."""
        return Router(self.embedded, self.roles)

    def count(self, role: str, own: bool) -> None:
        """Note whether what is kept for one call of a model's role is the model's own answer or the embedded engine's in its place."""
        if role in self.roles:
            tally = self.own.setdefault(role, [0, 0])
            tally[0] += own
            tally[1] += 1

    def ask(self, calls: Sequence[Call[Any]]) -> list[Answer]:
        """Answer every call by its role's engine, all calls of one role together."""
        answers: list[Answer | None] = [None] * len(calls)
        groups: dict[str, list[int]] = {}
        for number, call in enumerate(calls):
            groups.setdefault(call.role, []).append(number)
        waiting: Pending | None = None
        for role, numbers in groups.items():
            engine = self.roles.get(role, self.embedded)
            try:
                for number, answer in zip(numbers, engine.ask([calls[n] for n in numbers]), strict=True):
                    answers[number] = answer
            except Pending as stop:  # the other roles' calls belong into the same batch
                waiting = stop
        if waiting is not None:
            raise waiting
        return [answer for answer in answers if answer is not None]


def by_model(engine: Engine, role: str) -> bool:
    """Whether a language model (or a script) answers a role, so that its answers need a second look."""
    return isinstance(engine, Router) and role in engine.roles


def rescue(engine: Engine, calls: Sequence[Call[Any]]) -> list[Answer]:
    """Ask; what fails is answered by the embedded engine instead and keeps the reason of its failure."""
    answers = engine.ask(calls)
    failed = [number for number, answer in enumerate(answers) if answer.value is None and answer.failure]
    if failed and isinstance(engine, Router):
        for number, spare in zip(failed, engine.embedded.ask([calls[n] for n in failed]), strict=True):
            answers[number] = spare._replace(failure=answers[number].failure)
    for call, answer in zip(calls, answers, strict=True):
        count(engine, call.role, not answer.failure)
    return answers


def count(engine: Engine, role: str, own: bool) -> None:
    """Note for a router whose answer was kept; other engines keep no count."""
    if isinstance(engine, Router):
        engine.count(role, own)
