"""The quality loop in rounds over lists: draft all, check all, revise what failed (PersonaTrace, section 3: generator and critics)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from understudy.critics.repetition import Repetition, fingerprints
from understudy.engine.call import Call, Engine
from understudy.model.briefs import Draft, Problem

ROUNDS = 5
"""At most five iterations, as PersonaTrace."""


class Refined(NamedTuple):
    """A call with its last draft (None if none was fit to keep), the problems by round, and the engine that wrote it."""

    call: Call[Draft]
    draft: Draft | None
    problems: list[list[Problem]]
    engine: str


def refine(engine: Engine, calls: Sequence[Call[Draft]], repetition: Repetition, checks: Sequence[Callable[[Any, Draft], list[Problem]]] = ()) -> list[Refined]:
    """Draft every call, check every draft, and ask again for what failed, up to five rounds.

    What is only repeated is kept after the last round and marked as not passed; what is wrong is never kept.
    """
    results: list[Refined | None] = [None] * len(calls)
    history: list[list[list[Problem]]] = [[] for _ in calls]
    waiting = list(enumerate(calls))
    for round_number in range(ROUNDS):
        answers = engine.ask([call for _, call in waiting])
        again: list[tuple[int, Call[Draft]]] = []
        for (index, call), answer in zip(waiting, answers, strict=True):
            draft = answer.value
            problems = [Problem("failed", answer.failure)] if draft is None else call.check(draft)
            prints = [] if problems else fingerprints(draft)
            if not problems:
                for check in checks:
                    problems += check(call.brief, draft)
                problems += repetition.problems(prints)
            if not problems:
                repetition.keep(prints)
                results[index] = Refined(call, draft, history[index], answer.engine)
                continue
            history[index].append(problems)
            if round_number + 1 < ROUNDS:
                again.append((index, type(call)(call.id, call.brief, call.attempt + 1)))
            else:
                harmless = draft is not None and all(p.code in ("repeated", "opening") for p in problems)
                if harmless:
                    repetition.keep(prints)
                results[index] = Refined(call, draft if harmless else None, history[index], answer.engine)
        waiting = again
        if not waiting:
            break
    return [r for r in results if r is not None]
