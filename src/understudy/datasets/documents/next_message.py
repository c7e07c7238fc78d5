"""Next-message prediction (PersonaTrace, section 4): the last turns of a thread, and what its owner writes next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from understudy.datasets.home import Home, local, name, speaker, spoken_time, tie_between
from understudy.datasets.rows import Row, chat
from understudy.datasets.splits import Split
from understudy.language.voice_words import described
from understudy.model.records import Artifact
from understudy.rng import stream

CONTEXT = 8
"""Turns that are shown at most."""
EACH = 2
"""Turns of one sitting that are asked for at most, so that long sittings do not fill the set."""


def rows(home: Home, split: Split, seed: int) -> Iterator[tuple[str, Row]]:
    """Some turns of each sitting but its first, with what stood before them in the thread; the split is the sitting's."""
    before: dict[str, Artifact] = {}
    for sitting in home.artifacts.values():
        turns: list[dict[str, Any]] = sitting.payload.get("turns", []) if sitting.kind == "message" else []
        if len(turns) >= 2:
            where = split.of(home, sitting.id)
            earlier = before.get(sitting.thread or "")
            if earlier is not None and split.of(home, earlier.id) != where:
                earlier = None  # what another split owns is not shown
            for number in sorted(stream(seed, f"datasets/next_message/{sitting.id}").some(range(1, len(turns)), EACH)):
                yield where, _row(home, sitting, turns, number, earlier)
        if turns and sitting.thread:
            before[sitting.thread] = sitting


def _row(home: Home, sitting: Artifact, turns: list[dict[str, Any]], number: int, earlier: Artifact | None) -> Row:
    owner = turns[number]["speaker"]
    person = home.people[owner]
    others = [p for p in dict.fromkeys(p.person for p in sitting.people) if p != owner]
    ties = [f"{name(home, p)} ({tie_between(home, owner, p) or 'known'})" for p in others]
    voice = described(speaker(person, local(home, sitting.time)), "text")
    system = f"You write the next message of {name(home, owner)} to {', '.join(ties)}. How {person.given_name} writes: {voice}. Answer with the message alone."
    lines = []
    older = earlier.payload["turns"][-max(0, CONTEXT - number) :] if earlier is not None and number < CONTEXT else []
    if older and earlier is not None:
        lines += [f"[{spoken_time(home, earlier.time)}]", *_said(home, older)]
    lines += [f"[{spoken_time(home, sitting.time)}]", *_said(home, turns[max(0, number - CONTEXT) : number])]
    meta = {
        "id": f"{sitting.id}#{number}", "label": "group" if len(others) > 1 else tie_between(home, owner, others[0]) if others else "", "owner": owner,
        "thread": sitting.thread or "", "artifact": sitting.id, "turn": number, "context": "\n".join(lines), "next": turns[number]["text"],
        "event": sitting.event or "", "noise": sitting.noise,
    }  # fmt: skip
    return Row(chat(system, "\n".join(lines), turns[number]["text"]), meta)


def _said(home: Home, turns: list[dict[str, Any]]) -> list[str]:
    return [f"{name(home, t['speaker'])}: {t['text']}" for t in turns]
