"""The quality loop in rounds over lists: draft all, check all, criticise what passed, revise what failed (PersonaTrace, section 3: generator and critics)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from understudy.critics.judging import CRITICS, Critique, Judge, Read, Reading, verdict_of
from understudy.critics.measured import Opinion
from understudy.critics.repetition import Repetition, fingerprints
from understudy.engine.call import CLERK, Answer, Call, Engine
from understudy.engine.router import Router, count
from understudy.model.briefs import Draft, Problem

ROUNDS = 5
"""At most five iterations, as PersonaTrace."""
HARMLESS = ("repeated", "opening")


class Standard(NamedTuple):
    """What a draft has to reach: the critics asked (none, combined, separate), the least score of each, the rounds, and what becomes of a failure."""

    critics: str = "none"
    pass_mark: float = 4.0
    rounds: int = ROUNDS
    fallback: str = "drop"
    criteria: tuple[str, ...] = ()  # a user's own, in place of the three


PLAIN = Standard()


class Refined(NamedTuple):
    """A call with its last draft (None if none was fit to keep), the problems by round, who wrote it, whether it passed, and every verdict (round, opinion)."""

    call: Call[Any]
    draft: Any
    problems: list[list[Problem]]
    engine: str
    passed: bool = True
    verdicts: tuple[tuple[int, Opinion], ...] = ()


class _Item:
    """One text on its way through the rounds."""

    def __init__(self, call: Call[Any]):
        self.call = call
        self.problems: list[list[Problem]] = []
        self.verdicts: list[tuple[int, Opinion]] = []
        self.best: tuple[tuple[float, float], Any, str] | None = None
        self.spare: tuple[Any, str] | None = None  # right, but repeated
        self.done: Refined | None = None

    def keep(self, draft: Any, engine: str, passed: bool = True) -> None:
        self.done = Refined(self.call, draft, self.problems, engine, passed, tuple(self.verdicts))


def refine(
    engine: Engine,
    calls: Sequence[Call[Any]],
    repetition: Repetition,
    standard: Standard = PLAIN,
    readings: Callable[[Call[Any], Any], list[Reading]] | None = None,
) -> list[Refined]:
    """Draft every call, check every draft, have critics judge what is right, and ask again for what failed, up to the standard's rounds.

    Deterministic checks cannot be overruled: what is wrong is never kept. What critics let fall is kept after the last round, the best draft of all, marked as
    not passed; so is what is only repeated. Where no draft was right, the standard's fallback says whether the embedded engine writes it.
    """
    items = [_Item(call) for call in calls]
    waiting = items
    for number in range(1, standard.rounds + 1):
        drafts = []
        for item, answer in zip(waiting, engine.ask([i.call for i in waiting]), strict=True):
            problems = _problems(item, answer, repetition)
            if problems:
                item.problems.append(problems)
                _remember(item, answer, problems)
                _revise(item, answer, "; ".join(p.text for p in problems[:6]))
            elif standard.critics == "none" or item.call.role == CLERK:
                if item.call.role != CLERK:
                    repetition.keep(_prints(answer.value))
                item.keep(answer.value, answer.engine)
            else:
                drafts.append((item, answer))
        if drafts:
            _criticise(engine, drafts, repetition, standard, readings, number)
        waiting = [item for item in waiting if item.done is None]
        if not waiting:
            break
    for item in waiting:
        _settle(engine, item, repetition, standard)
    for item in items:
        count(engine, item.call.role, item.done is not None and item.done.engine not in ("", "embedded"))
    return [item.done for item in items if item.done is not None]


def _prints(draft: Any) -> list[tuple[bytes, str]]:
    return fingerprints(draft) if isinstance(draft, Draft) else []


def _problems(item: _Item, answer: Answer, repetition: Repetition) -> list[Problem]:
    if answer.value is None:
        return [Problem("failed", answer.failure)]
    found = item.call.check(answer.value)
    return found if found or item.call.role == CLERK else repetition.problems(_prints(answer.value))


def _remember(item: _Item, answer: Answer, problems: list[Problem]) -> None:
    if answer.value is not None and all(p.code in HARMLESS for p in problems):
        item.spare = (answer.value, answer.engine)


def _revise(item: _Item, answer: Answer, feedback: str) -> None:
    item.call = item.call.again(answer.text, f"That cannot be kept: {feedback.rstrip('.')}. Write it anew, mended, as one JSON object.")


def _criticise(
    engine: Engine,
    drafts: list[tuple[_Item, Answer]],
    repetition: Repetition,
    standard: Standard,
    readings: Callable[[Call[Any], Any], list[Reading]] | None,
    number: int,
) -> None:
    """Ask critics and readers about all drafts of a round at once; keep what passes, send back what does not."""
    from understudy.engine.prompts import messages  # only where somebody criticises: templates take a tenth of a second to import

    asked: list[Call[Any]] = []
    owners: list[int] = []
    names = tuple(f"criterion {n}" for n in range(1, len(standard.criteria) + 1)) or CRITICS
    for index, (item, answer) in enumerate(drafts):
        call, shown = item.call, item.call.shown(answer.value)
        task = messages(call)[1]["content"] if call.prompt else ""
        for critics in (names,) if standard.critics == "combined" else [(name,) for name in names]:
            criteria = tuple(standard.criteria[names.index(c)] for c in critics) if standard.criteria else ()
            critique = Critique(task, shown, critics, call.brief, answer.value, repetition, criteria)
            asked.append(Judge(f"{call.id}/{'+'.join(critics)}", critique, call.attempt))
            owners.append(index)
        for place, reading in enumerate(readings(call, answer.value) if readings else ()):
            asked.append(Read(f"{call.id}/reader/{place}", reading, call.attempt))
            owners.append(index)
    opinions: list[list[Opinion]] = [[] for _ in drafts]
    for index, call, answer in zip(owners, asked, engine.ask(asked), strict=True):
        count(engine, call.role, answer.value is not None)
        if answer.value is None:
            opinions[index].append(Opinion("reader" if isinstance(call, Read) else "critic", 0.0, [answer.failure]))
        elif isinstance(call, Read):
            opinions[index].append(verdict_of(call.brief, answer.value))
        else:
            opinions[index] += answer.value
    for (item, answer), found in zip(drafts, opinions, strict=True):
        _judged(item, answer, found, repetition, standard, number)


def _judged(item: _Item, answer: Answer, found: list[Opinion], repetition: Repetition, standard: Standard, number: int) -> None:
    item.verdicts += [(number, o) for o in found]
    scored = [o for o in found if o.score > 0]  # a critic who failed has no say
    low = [o for o in scored if o.score < standard.pass_mark]
    again = repetition.problems(_prints(answer.value))  # somebody of this very round may have written the same
    if again:
        item.problems.append(again)
        item.spare = (answer.value, answer.engine)
        _revise(item, answer, "; ".join(p.text for p in again))
    elif not low:
        repetition.keep(_prints(answer.value))
        item.keep(answer.value, answer.engine, bool(scored))  # what nobody could judge is kept, for it is right, but has passed nothing
    else:
        reasons = [f"{o.critic} {o.score:g} of 5{': ' if o.reasons else ''}{'; '.join(o.reasons)}" for o in low]
        item.problems.append([Problem("criticised", reason) for reason in reasons])
        score = (min(o.score for o in scored), sum(o.score for o in scored) / len(scored))
        if not any(o.critic == "reader" for o in low) and (item.best is None or score > item.best[0]):
            item.best = (score, answer.value, answer.engine)
        _revise(item, answer, " / ".join(reasons))


def _settle(engine: Engine, item: _Item, repetition: Repetition, standard: Standard) -> None:
    """After the last round: the best that critics let fall, else what was only repeated, else the embedded engine's, else nothing."""
    kept: tuple[Any, str] | None = (item.best[1], item.best[2]) if item.best is not None else item.spare
    if kept is None and standard.fallback == "embedded" and isinstance(engine, Router):
        for _ in range(ROUNDS):
            item.call = item.call.again("", "")
            answer = engine.embedded.ask([item.call])[0]
            if answer.value is not None and not item.call.check(answer.value):
                kept = (answer.value, answer.engine)
                break
    if kept is not None:
        repetition.keep(_prints(kept[0]))
        item.keep(kept[0], kept[1], False)
    else:
        item.keep(None, "", False)
