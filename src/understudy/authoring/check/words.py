"""Words that would be read as a machine's, or never: too few alternatives, lists that always begin alike, exclamation marks, numbers that could be somebody's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from understudy.critics.outside import INVENTED, REAL
from understudy.engine.grammar import compile_line
from understudy.errors import ContentError
from understudy.language.soundness import UNSPOKEN, Flaw, placed_lines
from understudy.ontology.modules import Leaf, Module
from understudy.ontology.reading import Step

ENOUGH: dict[str, dict[str, int]] = {
    "message": {"open": 4, "more": 3, "reply": 4, "qa": 2, "end": 2},
    "email": {"subject": 2},
    "calendar": {"title": 2},
    "reminder": {"text": 3},
    "note": {"title": 2, "lines": 4},
    "search": {"queries": 3},
    "photo": {"caption": 3},
    "post": {"text": 3},
    "call": {"about": 2},
    "notification": {"text": 3},
}
"""How many alternatives docs/authoring/modules.md asks for."""
ALIKE = 0.4
"""The share of a list's lines that may begin with the same two words."""
FEW = 4
"""Lists shorter than this say nothing about openings."""
LOUD = 1 / 12
"""Lines with an exclamation mark among a module's."""
EMOJI = re.compile("[\U0001f300-\U0001faff☀-➿]")
_SLOT = re.compile(r"\{[^{}]*\}")
_CHOICE = re.compile(r"\[([^\[\]|]*)(?:\|[^\[\]]*)?\]")


def plain(line: Any) -> str:
    """A line's text."""
    return str(line["t"] if isinstance(line, dict) else line)


def opening(text: str) -> str:
    """The first two words of a line as they would mostly come out; a slot is a word that differs."""
    while _CHOICE.search(text):
        text = _CHOICE.sub(r"\1", text)
    return " ".join(re.findall(r"\{[^{}]*\}|[\w'’$.-]+", text.lower())[:2])


def word_flaws(module: Module) -> Iterator[Flaw]:
    """What is wrong with the words, with those that must be mended first."""
    yield from _real(module)
    said: dict[str, list[Leaf]] = {}
    for node in module.events.values():
        for leaf in node.leaves:
            said.setdefault(leaf.say, []).append(leaf)
    for say, leaves in said.items():
        words = module.words.get(say)
        if words is None:
            continue
        yield from _silent(module, say, words, leaves)
        yield from _few(say, words, leaves[0].kind)
    yield from _openings(module)
    yield from _loud(module)


def _real(module: Module) -> Iterator[Flaw]:
    """Numbers, links and addresses that could be somebody's; signs that a voice adds by itself."""
    texts: list[tuple[tuple[Step, ...], str]] = [(("events", name, "title"), node.title) for name, node in module.events.items()]
    texts += [(("details", name, "pick", n), str(p)) for name, draw in module.details.items() for n, p in enumerate(draw.get("pick") or ())]
    texts += [(p, plain(line)) for p, line in placed_lines(module.words, ("words",))]
    for path, text in texts:
        found = next((m for m in REAL.finditer(_SLOT.sub(" ", text)) if not INVENTED.search(m.group())), None)
        if found is not None:
            yield Flaw(path, f"\"{found.group().strip()}\" could be somebody's; leave it out, or take an organization's name (a detail with `org`)")
        if EMOJI.search(text):
            yield Flaw(path, "no emoji: a writer's voice adds its own", grave=False)


def lists_of(words: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], list[Any]]]:
    """The lists of alternatives within an entry of words."""
    if isinstance(words, dict):
        for part, value in words.items():
            if part not in UNSPOKEN:
                yield from lists_of(value, (*path, part))
    elif isinstance(words, list) and path[-1] != "qa":
        if words and all(isinstance(w, str) or (isinstance(w, dict) and "t" in w) for w in words):
            yield path, words
        else:
            for number, inner in enumerate(words):
                yield from lists_of(inner, (*path, number))


def _silent(module: Module, say: str, words: Mapping[str, Any], leaves: Sequence[Leaf]) -> Iterator[Flaw]:
    """Lists of which no line can be filled, or none without a person who may be missing."""
    missing = {role for role, spec in module.cast.items() if not spec.need and not all(role in (leaf.by, leaf.to) for leaf in leaves)}
    nodes = [node for node in module.events.values() for leaf in node.leaves if leaf.say == say]
    unplaced = all(node.place is None or node.place == "home" or node.place.startswith("home:") for node in nodes)
    for path, lines in lists_of(words, ("words", say)):
        needs = [needs_of(line) for line in lines]
        if unplaced and all("place" in need for need in needs):
            yield Flaw(path, "every line uses {place}, but the event has no place with a name, so none ever fires; write lines without it")
        if missing and all(need & missing for need in needs):
            roles = sorted({role for need in needs for role in need & missing})
            yield Flaw(
                path,
                f"every line uses {', '.join('{' + r + '}' for r in roles)}, who may be missing, and then nothing is said; write lines without",
                grave=False,
            )


def needs_of(line: Any) -> set[str]:
    """The slots that a line needs, without their forms."""
    try:
        return {need.split(".")[0] for need in compile_line(line).needs}
    except ContentError:
        return set()


def _few(say: str, words: Mapping[str, Any], kind: str) -> Iterator[Flaw]:
    """Fewer alternatives than the notation asks for."""
    for part, least in ENOUGH.get(kind, {}).items():
        count = len(words[part]) if isinstance(words.get(part), list) else int(part in words)
        if count < least:
            yield Flaw(("words", say, part), f"only {count} of at least {least} for a {kind}; write more", grave=False)
    for number, lines in enumerate(words.get("body", ()) if kind == "email" else ()):
        if not isinstance(lines, list) or len(lines) < 2:
            yield Flaw(("words", say, "body", number), "only one way to say this paragraph; write 2 or more", grave=False)
    for number, lines in enumerate(words.get("turns", ()) if kind == "chat" else ()):
        if not isinstance(lines, list) or len(lines) < 3:
            yield Flaw(("words", say, "turns", number), "fewer than 3 ways to say this turn; write more", grave=False)
    if kind == "chat" and not 2 <= len(words.get("turns", ())) <= 6:
        yield Flaw(("words", say, "turns"), f"a chat has 2 to 6 turns, not {len(words.get('turns', ()))}", grave=False)


def _openings(module: Module) -> Iterator[Flaw]:
    """Lists whose lines begin alike, and lines that stand twice."""
    everywhere: dict[str, tuple[Step, ...]] = {}
    for path, lines in lists_of(module.words, ("words",)):
        if path[-1] not in ("title", "subject") and path[-2:-1] != ("items",) and len(lines) >= FEW:
            first, count = Counter(opening(plain(line)) for line in lines).most_common(1)[0]
            if count > ALIKE * len(lines) and count > 1:
                yield Flaw(path, f'{count} of {len(lines)} lines begin with "{first}"; begin some otherwise', grave=False)
        for number, line in enumerate(lines):
            text = plain(line).strip().lower()
            if text in everywhere and len(text.split()) > 3:
                yield Flaw((*path, number), f'"{plain(line)}" stands twice; write another', grave=False)
            everywhere[text] = (*path, number)


def _loud(module: Module) -> Iterator[Flaw]:
    lines = [(path, plain(line)) for path, line in placed_lines(module.words, ("words",))]
    loud = [path for path, text in lines if "!" in text]
    if len(loud) > LOUD * len(lines) and len(loud) > 2:
        yield Flaw(loud[0], f"{len(loud)} of {len(lines)} lines have an exclamation mark; keep it under one in twelve", grave=False)
