"""A Call: one typed decision that either the embedded engine or a language model takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

from understudy.model.briefs import Problem
from understudy.rng import Stream

A = TypeVar("A")


class Unfit(Exception):
    """An answer is not of the shape that was asked for; the message says where and is shown to the model once."""


CLERK = "clerk"
"""The role of calls that fill in forms: no recipe gives it a model, no critic reads what comes of it, and it may say the same twice."""


class Call(Generic[A]):
    """A brief, a prompt file, the shape that must come back, and its checks.

    `id` is stable and readable; it names the random stream and the journal's row. `compose` is pure in (brief, id, attempt).
    A revision carries `history`: what was answered before and what was wrong with it, oldest first.
    """

    prompt: str = ""
    role: str = "writer"
    __slots__ = ("attempt", "brief", "history", "id")

    def __init__(self, ident: str, brief: Any, attempt: int = 0, history: tuple[tuple[str, str], ...] = ()):
        self.id, self.brief, self.attempt, self.history = ident, brief, attempt, history

    def compose(self, rng: Stream) -> A:
        """The embedded answer."""
        raise TypeError(f"{type(self).__name__} has no embedded answer")

    def check(self, answer: A) -> list[Problem]:
        """What a deterministic reader can prove wrong with an answer."""
        return []

    def data(self) -> dict[str, Any]:
        """What the prompt file is filled with: the brief as plain data."""
        raise TypeError(f"{type(self).__name__} has no prompt")

    def shape(self) -> dict[str, Any]:
        """The JSON Schema of a model's answer, every string and list bounded."""
        raise TypeError(f"{type(self).__name__} has no shape")

    def read(self, wire: Any) -> A:
        """A model's answer (of the right shape) as the record that the stages know; `Unfit` if it cannot be."""
        raise TypeError(f"{type(self).__name__} reads no model's answer")

    def wire(self, answer: A) -> Any:
        """An embedded answer as a model would have sent it: for estimates and recorded runs."""
        raise TypeError(f"{type(self).__name__} has no wire form")

    def guess(self, rng: Stream) -> A:
        """What a model might answer, for estimates: the embedded answer, unless that says too little."""
        return self.compose(rng)

    def shown(self, answer: A) -> str:
        """An answer as a critic or a reader sees it."""
        return str(answer)

    def again(self, answer: str, feedback: str) -> Self:
        """The same call for the next round; `answer` and `feedback` are shown to a model (the embedded engine draws anew)."""
        history = (*self.history, (answer, feedback)) if answer else self.history
        return type(self)(self.id, self.brief, self.attempt + 1, history)


class Answer(NamedTuple):
    """What came back for one call: an answer, or the reason for a typed failure. `text` is the model's answer as JSON."""

    value: Any
    engine: str
    failure: str = ""
    text: str = ""


class Engine(Protocol):
    """Answers calls: a list in, a list out, in order; a failed call is a failure in its place."""

    def ask(self, calls: Sequence[Call[Any]]) -> list[Answer]:
        """Answer every call."""
        ...
