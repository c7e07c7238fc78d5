"""A Call: one typed decision that either the embedded engine or a language model takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from understudy.model.briefs import Problem
from understudy.rng import Stream

A = TypeVar("A")


class Call(Generic[A]):
    """A brief, a prompt file, the type that must come back, and its checks.

    `id` is stable and readable; it names the random stream. `compose` is pure in (brief, id, attempt).
    """

    prompt: str = ""
    __slots__ = ("attempt", "brief", "id")

    def __init__(self, ident: str, brief: Any, attempt: int = 0):
        self.id, self.brief, self.attempt = ident, brief, attempt

    def compose(self, rng: Stream) -> A:
        """The embedded answer."""
        raise TypeError(f"{type(self).__name__} has no embedded answer")

    def check(self, answer: A) -> list[Problem]:
        """What a deterministic reader can prove wrong with an answer."""
        return []


class Answer(NamedTuple):
    """What came back for one call: an answer, or the reason for a typed failure."""

    value: Any
    engine: str
    failure: str = ""


class Engine(Protocol):
    """Answers calls: a list in, a list out, in order; a failed call is a failure in its place."""

    def ask(self, calls: Sequence[Call[Any]]) -> list[Answer]:
        """Answer every call."""
        ...
