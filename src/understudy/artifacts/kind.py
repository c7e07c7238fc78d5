"""A kind of artifact: its name and the Call that writes it. What we ship goes through the same door as what a user brings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from understudy.artifacts import draft_wire
from understudy.artifacts.brief_data import brief_data, names
from understudy.artifacts.matter import notes
from understudy.critics.checks import check
from understudy.critics.outside import outside
from understudy.engine.call import Call
from understudy.model.briefs import Brief, Draft, Found, Part, Problem
from understudy.model.clock import Clock
from understudy.model.records import Artifact, Party, Reveal


class Writing(Call[Draft]):
    """Ask for one artifact of a kind that renders its brief and reveals what the brief says, and nothing else."""

    file: str = ""
    __slots__ = ()

    @property
    def prompt(self) -> str:  # type: ignore[override]
        """The kind's prompt file, or the one that asks for a document with nothing planned."""
        return "artifacts/direct" if self.brief.direct else self.file

    def check(self, answer: Draft) -> list[Problem]:
        """What a deterministic reader can prove wrong with the draft; a model's draft is looked at for what came in from outside, too."""
        problems = check(self.brief, answer)
        return problems + outside(self.brief, answer, notes(self.brief)) if answer.read else problems

    def data(self) -> dict[str, Any]:
        """The brief as plain data."""
        return brief_data(self.brief)

    def shape(self) -> dict[str, Any]:
        """The shape of a model's answer."""
        return draft_wire.shape(self.brief)

    def read(self, wire: Any) -> Draft:
        """The draft in a model's answer."""
        return draft_wire.read(self.brief, wire)

    def shown(self, answer: Draft) -> str:
        """The draft as a critic or a reader sees it."""
        return shown(self.brief, answer)

    def wire(self, answer: Draft) -> Any:
        """A draft as a model would have sent it."""
        return draft_wire.wire(self.brief, answer)


def shown(brief: Brief, draft: Draft) -> str:
    """A draft as it would lie before somebody: names before turns, subjects before mails."""
    called = {**names(brief), "assistant": "Assistant"}
    found = []
    for part in draft.parts:
        if part.turns:
            found += [f"{called.get(t.speaker, 'User')}: {t.text}" for t in part.turns]
        else:
            author = called.get(part.author, brief.organization)
            found.append(f"[{author}] {part.title}\n{part.text}" if part.title and part.title != part.text else part.text)
    return "\n".join(found) if draft.parts and draft.parts[0].turns else "\n\n".join(found)


class Kind(NamedTuple):
    """One sort of artifact: its name, the call that writes it, and what its payload holds beside the text."""

    name: str
    call: type[Writing]
    payload: Callable[[Brief, Part, Clock], dict[str, Any]]
    follow: Callable[[Brief, Draft], tuple[list[Part], list[Found]]] | None = None  # what goes with it of itself: forms, never a writer's


def keep(kind: Kind, brief: Brief, draft: Draft, clock: Clock, engine: str, passed: bool) -> tuple[list[Artifact], list[Reveal]]:
    """The artifacts and reveals of a draft that is kept; a mail thread gives several artifacts."""
    artifacts, reveals = [], []
    follow, shown_there = kind.follow(brief, draft) if kind.follow and brief.more else ([], [])
    ids = [*brief.ids[: len(draft.parts)], *brief.more]
    parts = [*draft.parts, *follow]
    for number, part in enumerate(parts):
        ident = ids[number]
        text = part.text or _spoken(brief, part)
        people = part.people or (brief.people if part.author == brief.author else _turned(brief.people, part.author))
        answers: dict[str, str] = brief.spoken.get("answers", {}) if kind.name == "calendar" else {}
        artifacts.append(
            Artifact(
                id=ident, kind=part.kind or kind.name, time=clock.utc(brief.minute + part.after), author=part.author,
                people=[Party(person=p, role=r, answer=answers.get(p, "")) for p, r in people], thread=brief.thread,
                reply_to=brief.ids[number - 1] if number and not part.kind else None, event=brief.event, noise=brief.noise, rank=brief.rank, news=brief.news,
                engine="embedded" if part.kind else engine, passed=passed or bool(part.kind), title=part.title, text=text,
                payload=_payload(kind, brief, part, clock),
            )
        )  # fmt: skip
    for found in [*draft.found, *shown_there]:
        fact = found.source[1] if found.source[0] == "fact" else None
        reveals.append(
            Reveal(
                artifact=ids[found.part], fact=fact, event=None if fact else found.source[1], detail=None if fact else found.source[2], how=found.how,
                by=found.by, speaker=found.speaker, turn=None if found.turn < 0 else found.turn, span=[found.start, found.end],
            )
        )  # fmt: skip
    return artifacts, reveals


def _payload(kind: Kind, brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """A part's payload; one that only follows says what it follows."""
    found = kind.payload(brief, part, clock) if part.kind in ("", kind.name) else dict(part.payload)
    return {**found, "of": brief.ids[0]} if part.kind else found


def _spoken(brief: Brief, part: Part) -> str:
    names = {s.id: s.given for s in brief.speakers}
    return "\n".join(f"{names.get(t.speaker, 'Assistant')}: {t.text}" for t in part.turns)


def _turned(people: list[tuple[str, str]], author: str) -> list[tuple[str, str]]:
    """A reply's parties: who answers is the author, the author of the first mail is the receiver."""
    return [(p, "author" if p == author else "to") for p, _ in people]


def nothing(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """A payload of what the part itself says."""
    return dict(part.payload)


def turns_payload(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """The turns with their UTC times."""
    first = clock.utc(brief.minute)
    return {"turns": [{"speaker": t.speaker, "time": first + timedelta(minutes=t.after) if t.after else first, "text": t.text} for t in part.turns]}
