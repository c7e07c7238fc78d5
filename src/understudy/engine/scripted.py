"""An engine for tests: answers calls from a list or a function, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from understudy.engine.call import Answer, Call


class Scripted:
    """Gives back what it was told to, one answer a call."""

    name = "scripted"

    def __init__(self, answers: Iterable[Any] | Callable[[Call[Any]], Any]):
        self._function = answers if callable(answers) else None
        self._answers = iter(()) if callable(answers) else iter(answers)

    def ask(self, calls: Sequence[Call[Any]]) -> list[Answer]:
        """The next answer for each call; an answer that is an exception becomes a failure."""
        found = []
        for call in calls:
            value = self._function(call) if self._function else next(self._answers)
            found.append(Answer(None, self.name, str(value)) if isinstance(value, Exception) else Answer(value, self.name))
        return found
