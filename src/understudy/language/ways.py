"""Ways of putting small things: "a bit" or "kind of", "I think" or "I guess", "do not" or "don't"; each person has their own.

A piece of a grammar's own words is cut once a process at the phrases that have equivalents; each person's style then joins it
with the forms that the person prefers. Values never pass through here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from zlib import crc32

from understudy import assets
from understudy.engine.grammar import Rule
from understudy.errors import ContentError
from understudy.rng import stream

KEYS = frozenset({"find", "use", "next", "but", "after", "not_after", "habit", "share", "often", "medium"})
_WORD = re.compile(r"[A-Za-z][A-Za-z']*")


class Way(NamedTuple):
    """One thing that can be put differently: its forms, whose habit it is, how many people have a form of their own, how often they use it."""

    name: str
    forms: Rule
    habit: str
    share: float
    often: float
    medium: str


class Piece(NamedTuple):
    """A phrase in a literal: which way it is, and the phrase as it stands."""

    way: int
    found: str
    opens: bool  # stands where a sentence begins


class _Find(NamedTuple):
    way: int
    tail: str  # the phrase behind its first letter: looked for before the pattern is tried
    pattern: re.Pattern[str]
    after: frozenset[str]
    not_after: frozenset[str]


def _pattern(phrase: str, spec: Mapping[str, Any]) -> re.Pattern[str]:
    first = f"[{phrase[0].lower()}{phrase[0].upper()}]" if phrase[0].isalpha() else re.escape(phrase[0])
    text = first + re.escape(phrase[1:]) + r"(?![A-Za-z0-9'])"
    if spec.get("next"):
        text += "(?=" + "|".join(f" {re.escape(w)}(?![a-z'])" if w[0].isalnum() else re.escape(w) for w in spec["next"]) + ")"
    if spec.get("but"):
        text += "(?!" + "|".join(f" {re.escape(w)}(?![a-z'])" if w[0].isalnum() else re.escape(w) for w in spec["but"]) + ")"
    return re.compile(text)


@cache
def ways() -> tuple[Way, ...]:
    """Everything that people put in their own way, in the order of the file."""
    return _table()[0]


@cache
def _table() -> tuple[tuple[Way, ...], dict[str, list[_Find]]]:
    found: list[Way] = []
    starts: dict[str, list[_Find]] = {}
    for number, (name, spec) in enumerate(assets.data("grammars/acts/equivalents.yaml")["equivalents"].items()):
        if set(spec) - KEYS or not spec.get("find") or not spec.get("use"):
            raise ContentError(f"equivalents.yaml, {name}: needs `find` and `use`, and knows only {', '.join(sorted(KEYS))}")
        found.append(Way(name, Rule(spec["use"]), spec.get("habit", ""), float(spec.get("share", 0.5)), float(spec.get("often", 0.75)), spec.get("medium", "")))
        for phrase in sorted(spec["find"], key=len, reverse=True):
            finder = _Find(number, phrase[1:], _pattern(phrase, spec), frozenset(spec.get("after", ())), frozenset(spec.get("not_after", ())))
            starts.setdefault(_WORD.match(phrase).group().lower(), []).append(finder)  # type: ignore[union-attr]
    return tuple(found), starts


_PIECES: dict[str, tuple[int, tuple[str | Piece, ...]] | None] = {}


def pieces(literal: str) -> tuple[int, tuple[str | Piece, ...]] | None:
    """A literal's checksum, and the literal cut at the phrases that can be put differently; None where there are none. Kept for all people."""
    try:
        return _PIECES[literal]
    except KeyError:
        if len(_PIECES) > 300_000:
            _PIECES.clear()
        cut = _cut(literal)
        known = _PIECES[literal] = (crc32(literal.encode()), cut) if any(type(part) is not str for part in cut) else None
        return known


def _cut(literal: str) -> tuple[str | Piece, ...]:
    starts = _table()[1]
    out: list[str | Piece] = []
    at, before, end = 0, "^", 0
    for word in _WORD.finditer(literal):
        start = word.start()
        if start and literal[end] in ".!?:":
            before = "^"
        low, end = word.group().lower(), word.end()
        for find in starts.get(low, ()) if start >= at else ():
            if not literal.startswith(find.tail, start + 1) or before in find.not_after or (find.after and before not in find.after):
                continue
            hit = find.pattern.match(literal, start)
            if hit is None:
                continue
            if start > at:
                out.append(literal[at:start])
            opens = not literal[:start].strip(" \"'(") or literal[:start].rstrip(" ")[-1:] in ".!?"
            out.append(Piece(find.way, hit.group(), opens))
            at = hit.end()
            break
        before = low
    if at < len(literal) or not out:
        out.append(literal[at:])
    return tuple(out)


def chosen(voice: Mapping[str, Any], medium: str, context: Mapping[str, str]) -> dict[int, tuple[str, int]]:
    """A person's own forms: number of the way -> form and in how many of 64 places it is used. Drawn from the voice's number `ways`."""
    number = voice.get("ways")
    if number is None:
        return {}
    found: dict[int, tuple[str, int]] = {}
    habits: Mapping[str, float] = voice.get("habits", {})
    rng = stream(int(number), "ways")
    for index, way in enumerate(ways()):
        mine = rng.chance(way.share)
        if way.medium and way.medium != medium:
            continue
        often = habits.get(way.habit, 0.0) if way.habit else way.often
        if often <= 0.0 or not (mine or way.habit):
            continue
        line = way.forms.take(context, {}, rng)
        if line is not None and line.text != "=":
            found[index] = (line.text, int(often * 64))
    return found


def _cased(form: str, found: str, opens: bool) -> str:
    """A form with the capital of what it stands for: kept at the beginning, lost in the middle, but for "I" and abbreviations."""
    if opens and found[:1].isupper():
        return form[:1].upper() + form[1:]
    word = form.split(" ", 1)[0].split("'", 1)[0]
    return form if not found[:1].islower() or word == "I" or word.isupper() else form[:1].lower() + form[1:]


def put(literal: str, forms: Mapping[int, tuple[str, int]], salt: int) -> str:
    """A literal with a person's own forms; the same literal always comes out the same for the same person."""
    known = pieces(literal)
    if known is None:
        return literal
    out: list[str] = []
    point = known[0] ^ salt
    for part in known[1]:
        if isinstance(part, str):
            out.append(part)
            continue
        way, found, opens = part
        own = forms.get(way)
        point = point * 1103515245 + 12345 & 0x7FFFFFFF
        if own is None or (point >> 16) % 64 >= own[1]:
            out.append(found)
        else:
            out.append(_cased(own[0], found, opens))
    return "".join(out)
