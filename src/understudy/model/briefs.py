"""What a writer is given and gives back: briefs, drafts, problems; plans and ledger only, never another writer's text."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec


class Value(NamedTuple):
    """What fills a slot, and where it comes from: ("fact", id) or ("detail", event id, name); None gives nothing away."""

    text: str
    source: tuple[str, ...] | None = None


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who writes in an artifact: names, age in years, sex, and the voice."""

    id: str
    given: str
    family: str
    sex: str
    age: int
    voice: dict[str, Any]


class Tell(msgspec.Struct, frozen=True, kw_only=True):
    """One fact that a draft must reveal, and how: stated, implied, told (of a third person) or past."""

    fact: str
    key: str
    value: str
    polarity: str
    how: str
    speaker: str
    about: str
    about_given: str = ""
    about_sex: str = ""


class Recall(NamedTuple):
    """Something between the same people that came earlier: what it was (event, topic, unanswered), its label ("" if it has none),
    how many days ago, and whose it was (for unanswered: who did not answer)."""

    kind: str
    label: str
    days: int
    person: str


class Brief(msgspec.Struct, kw_only=True):
    """Everything that one writer may know. Times are local minutes of the window; `ids` are the artifacts to be written."""

    ids: list[str]
    more: list[str] = []  # ids of what follows of itself: a bank entry, an order's mails, an attachment
    kind: str
    minute: int
    author: str  # person or organization
    speakers: list[Speaker] = []
    reader: Speaker | None = None  # whom an organization writes to
    organization: str = ""  # the writing organization's name
    tie: dict[str, str] = {}  # "a>b" -> how b stands to a, as grammars name it
    people: list[tuple[str, str]] = []  # everyone's part in the artifact: id, role
    weekday: int = 0
    month: int = 1
    part: str = "noon"
    event: str | None = None
    module: str = ""
    title: str = ""  # the event in a few words
    story: str = ""  # how author and first reader came to know each other
    say: str = ""
    mood: str = "flat"
    slots: dict[str, Value] = {}
    tells: list[Tell] = []
    silent: tuple[tuple[str, ...], ...] = ()  # values that must not be said, a group for each person
    unsaid: tuple[tuple[str, ...], ...] = ()  # everything else that is true of them: a model that brings it up tells what nobody planned
    noise: bool = False
    topics: tuple[str, ...] = ()
    news: str | None = None
    spoken: dict[str, Any] = {}  # words given with the brief: a news item's lines, a daily thing's spec
    thread: str | None = None
    rank: int | None = None
    recall: Recall | None = None  # what the author comes back to; plan, never another call's text
    unanswered: bool = False  # nobody answers: only the author writes
    direct: bool = False  # nothing is planned: one prompt a document (PersonaTrace's ablation of its agents)


class Turn(msgspec.Struct, kw_only=True):
    """One turn of a sitting: who, minutes after the first turn, the text."""

    speaker: str
    after: int
    text: str


class Found(NamedTuple):
    """A sourced value in a draft: in which part and turn (-1: no turns), [start, end), and how it is revealed."""

    source: tuple[str, ...]
    part: int
    turn: int
    start: int
    end: int
    how: str
    speaker: str
    by: str = "construction"  # construction | quotation | critic


class Part(msgspec.Struct, kw_only=True):
    """One artifact of a draft: a mail of a thread, or the whole of anything else."""

    author: str
    after: int = 0  # minutes after the brief's time
    title: str = ""
    text: str = ""
    turns: list[Turn] = []
    payload: dict[str, Any] = {}
    kind: str = ""  # where it is of another kind than its brief: a receipt's bank entry, a mail's attachment
    people: list[tuple[str, str]] = []  # likewise, where other people are in it


class Draft(msgspec.Struct, kw_only=True):
    """What a writer gives back: its parts and every reveal that it names."""

    parts: list[Part]
    found: list[Found] = []
    read: bool = False  # out of a model's answer: not built from the brief, so looked at twice


class Problem(NamedTuple):
    """What a deterministic reader can prove wrong with a draft."""

    code: str
    text: str
