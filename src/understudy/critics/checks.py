"""What a deterministic reader can prove wrong with a draft: a value that is not there, a secret that is, a speaker who is not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from understudy.model.briefs import Brief, Draft, Part, Problem

_WORD = re.compile(r"[a-z0-9]+")
COMMON = frozenset(
    "yes no single employed student retired man woman boy girl summer winter spring fall blue red green black white gray dog cat dogs cats coffee tea water home walking".split()
)
"""Values so common that the word alone gives nobody away."""


def words(text: str) -> list[str]:
    """A text's lower-case words."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=65536)
def value_words(value: str) -> tuple[str, ...]:
    """A value's words, as they are looked for in a text."""
    return tuple(_WORD.findall(value.lower()))


def gives_away(value: str) -> bool:
    """Whether reading this value in a text could give the fact away: two words, or one that is not common."""
    found = value_words(value)
    return bool(found) and (len(found) > 1 or (len(found[0]) > 3 and found[0] not in COMMON))


def contained(text: str, values: Iterable[str]) -> list[str]:
    """Those of the values whose words stand in the text, one after another."""
    stream = words(text)
    at: dict[str, list[int]] = {}
    for position, word in enumerate(stream):
        at.setdefault(word, []).append(position)
    found = []
    for value in values:
        sought = value_words(value)
        if sought and any(tuple(stream[p : p + len(sought)]) == sought for p in at.get(sought[0], ())):
            found.append(value)
    return found


def body(part: Part) -> str:
    """Everything in a part that can be read."""
    return f"{part.title}\n{part.text}\n" + "\n".join(turn.text for turn in part.turns)


def check(brief: Brief, draft: Draft) -> list[Problem]:
    """The problems of any draft against its brief."""
    problems: list[Problem] = []
    if not draft.parts:
        return [Problem("empty", "there is nothing in it")]
    promised = {tell.fact: tell for tell in brief.tells}
    told = set()
    for found in draft.found:
        part = draft.parts[found.part]
        text = part.text if found.turn < 0 else part.turns[found.turn].text
        said = text[found.start : found.end]
        if found.source[0] == "fact":
            told.add(found.source[1])
            tell = promised.get(found.source[1])
            if tell is None:
                if not any(v.source == found.source for v in brief.slots.values()):
                    problems.append(Problem("forbidden", f"reveals {found.source[1]}, which is not in the brief"))
            elif said.lower() not in tell.value.lower() or not said:
                problems.append(Problem("wrong", f'"{said}" is not the value "{tell.value}"'))
        else:
            value = next((v.text for v in brief.slots.values() if v.source == found.source), None)
            if value is None or said.lower() != value.lower():
                problems.append(Problem("wrong", f'"{said}" is not the detail "{value}"'))
    problems += [Problem("missing", f"does not reveal {fact}") for fact in promised if fact not in told]
    speakers = {s.id for s in brief.speakers} | {brief.author, "assistant"}
    for part in draft.parts:
        if not part.text and not part.turns:
            problems.append(Problem("empty", "a part has no text"))
        if any(turn.speaker not in speakers for turn in part.turns):
            problems.append(Problem("speaker", "somebody speaks who is not there"))
        if any(a.after > b.after for a, b in zip(part.turns, part.turns[1:], strict=False)):
            problems.append(Problem("time", "a turn comes before the one it answers"))
        if brief.silent:
            leaked = contained(body(part), brief.silent)
            problems += [Problem("leak", f'gives away "{value}"') for value in leaked]
    if brief.noise and draft.found:
        problems.append(Problem("leak", "a noise session reveals something"))
    return problems
