"""Critics as Calls: one call for three verdicts, or three calls; and the blind reader, who knows nothing but the text."""

from __future__ import annotations

from typing import Any, NamedTuple

from understudy.critics.checks import contained
from understudy.critics.measured import Opinion, opinions
from understudy.critics.repetition import Repetition
from understudy.engine.call import Call
from understudy.engine.shape import Shape, choice, listed, record, text, whole
from understudy.model.briefs import Brief, Draft, Part
from understudy.rng import Stream

CRITICS = ("consistency", "realism", "fluency")
"""PersonaTrace's three (section 3)."""
NONE = "none of these"


class Critique(NamedTuple):
    """What critics are given: the task as its author got it, the text, and (for the embedded critics) the brief and the draft themselves."""

    task: str
    text: str
    critics: tuple[str, ...]
    brief: Any
    draft: Any
    repetition: Repetition | None = None
    criteria: tuple[str, ...] = ()  # a user's own, in place of the three


def _fenced(text: str) -> str:
    """A text that cannot end the fence it stands in."""
    return text.replace(">>>", "> > >").replace("<<<", "< < <")


class Judge(Call[list[Opinion]]):
    """Ask for a score of 1 to 5, with reasons, for each criterion."""

    role = "critic"
    __slots__ = ()

    @property
    def prompt(self) -> str:  # type: ignore[override]
        """One file for the three together, one for each alone, one for a user's own criteria."""
        if self.brief.criteria:
            return "critics/own"
        return "critics/combined" if len(self.brief.critics) > 1 else f"critics/{self.brief.critics[0]}"

    def data(self) -> dict[str, Any]:
        """The task, the text and the criteria."""
        return {"task": _fenced(self.brief.task), "text": _fenced(self.brief.text), "criteria": list(self.brief.criteria)}

    def shape(self) -> Shape:
        """A score and at most three reasons each."""
        return record({critic: record({"reasons": listed(text(240), 0, 3), "score": whole(1, 5)}) for critic in self.brief.critics})

    def read(self, wire: Any) -> list[Opinion]:
        """One opinion a criterion."""
        return [Opinion(critic, float(wire[critic]["score"]), list(wire[critic]["reasons"])) for critic in self.brief.critics]

    def wire(self, answer: list[Opinion]) -> Any:
        """Opinions as a model would have sent them."""
        return {o.critic: {"reasons": [r[:240] for r in o.reasons[:3]], "score": max(1, min(5, round(o.score)))} for o in answer}

    def compose(self, rng: Stream) -> list[Opinion]:
        """What can be computed."""
        given = self.brief
        brief, draft = given.brief, given.draft
        if not isinstance(draft, Draft):  # a row of somebody's data
            brief, draft = Brief(ids=["row"], kind="text", minute=720, author="row"), Draft(parts=[Part(author="row", text=given.text)])
        found = {o.critic: o for o in opinions(brief, draft, given.repetition)}
        if given.criteria:
            worst = min(found.values(), key=lambda o: o.score)
            return [Opinion(critic, worst.score, worst.reasons) for critic in given.critics]
        return [found[critic] for critic in given.critics]


class Reading(NamedTuple):
    """A question to a blind reader: what does this person say about that, among these."""

    text: str
    person: str
    about: str
    options: tuple[str, ...]
    right: str
    noise: bool = False  # then nobody should be able to tell
    alias: str = ""


class Read(Call[str]):
    """Ask a reader, who has only the text, which of five values it gives away, if any."""

    prompt = "critics/reader"
    role = "reader"
    __slots__ = ()

    def data(self) -> dict[str, Any]:
        """The text and the question; never the answer."""
        return {"text": _fenced(self.brief.text), "person": self.brief.person, "about": self.brief.about, "options": list(self.brief.options)}

    def shape(self) -> Shape:
        """One of the values, or none."""
        return record({"answer": choice([*self.brief.options, NONE])})

    def read(self, wire: Any) -> str:
        """The value picked."""
        return str(wire["answer"])

    def wire(self, answer: str) -> Any:
        """A pick as a model would have sent it."""
        return {"answer": answer}

    def compose(self, rng: Stream) -> str:
        """The value whose words stand in the text, one after another; else none: rules cannot read between lines."""
        found = contained(self.brief.text, tuple(self.brief.options))
        return found[0] if len(found) == 1 else NONE


def verdict_of(reading: Reading, picked: str) -> Opinion:
    """A reader's pick as an opinion: right where something is implied, none where it is noise."""
    if reading.noise:
        wrong = picked == reading.right
        return Opinion(
            "reader", 1.0 if wrong else 5.0, [f"a reader who knows nothing can tell {reading.person}'s {reading.about}; give nothing away"] if wrong else []
        )
    if picked == reading.right:
        return Opinion("reader", 5.0, [])
    guess = "nothing of the sort" if picked == NONE else f'"{picked}"'
    return Opinion("reader", 1.0, [f'{reading.alias}: a reader who knows nothing but the text takes it for {guess}; make "{reading.right}" easier to tell'])
