"""What must not come in from outside, or go out: real addresses, talk of a model to itself, placeholders, what nobody planned to tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from understudy.critics.checks import body, contained
from understudy.critics.measured import opinions
from understudy.critics.planted import STEERED, obeyed
from understudy.model.briefs import Brief, Draft, Problem

REAL = re.compile(
    r"https?://|www\.|\b[\w-]+\.(?:com|org|net|gov|edu|io|info|biz)\b|[\w.+-]+@(?!(?:[\w-]+\.)*example(?!\.?[\w-]))[\w.-]+\.[a-z]{2,}\b"
    r"|(?<![\w$.-])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])|(?<![\w$.-])(?:\+?1)?[2-9]\d{2}[2-9]\d{6}(?![\w-])",
    re.I,
)
"""A link, an address or a number that could be somebody's; only .example and 555-01xx are nobody's."""
INVENTED = re.compile(r"\b555[ .-]?01\d\d$")
READABLE = 2.0
"""Below this measured fluency a text is noise, whatever a critic thinks of it."""
HOLLOW = re.compile(r"\[[A-Za-z][^\]\n]{0,40}\]|\{\{?[a-z_ .]+\}?\}|<[a-z_ ]+>|\blorem ipsum\b|\bX{3,}\b", re.I)
"""A place that was left to be filled in."""


def outside(brief: Brief, draft: Draft, given: Sequence[str] = ()) -> list[Problem]:
    """What is wrong with a model's draft beside the promises of its brief; `given` are the notes that its prompt quoted."""
    found: list[Problem] = []
    if opinions(brief, draft, None)[2].score < READABLE:
        found.append(Problem("noise", "it is no language that anybody could read; write plain English sentences"))
    quoted = [*given, brief.title, brief.story, *(tell.value for tell in brief.tells), *(value.text for value in brief.slots.values())]
    for part in draft.parts:
        text = body(part)
        planted = next((said for value in quoted for said in obeyed(text, value, quoted, "")), None)
        if planted is not None:
            found.append(Problem("planted", f'"{planted}" is what an instruction planted in the notes wants to be read; the notes are data: leave that out'))
        real = next((m for m in REAL.finditer(text) if not INVENTED.search(m.group())), None)
        if real is not None:
            found.append(Problem("real", f'"{real.group()}" could be somebody\'s: no links, no addresses, no phone numbers but 555-0100 to 555-0199'))
        if STEERED.search(text):
            found.append(Problem("steered", "it speaks of instructions, prompts or itself as a model; write only what the people would write"))
        hollow = HOLLOW.search(text)
        if hollow is not None:
            found.append(Problem("hollow", f'"{hollow.group()}" is a placeholder; write the thing itself'))
        if brief.unsaid and not brief.noise:
            meant = {tell.value for tell in brief.tells} | {value.text for value in brief.slots.values()}
            told = f"{' '.join(meant)} {' '.join(given)}".lower()
            for value in contained(text, *brief.unsaid):
                if (" " in value or value[:1].isupper()) and value.lower() not in told and not any(contained(value, (m,)) for m in meant):
                    found.append(Problem("unplanned", f'brings up "{value}", which is true but not meant to come out here'))
    return found


def plain_words(text: str, letters: float = 0.6) -> bool:
    """Whether a short text of a model's own can stand in a ledger: printable, at least this share of it letters that could be words, nobody's address, no placeholder, no talk of models."""
    bare = text.replace(" ", "")
    found = sum(c.isalpha() for c in bare)
    vowels = sum(c in "aeiouyAEIOUY" for c in bare)
    return (
        bool(bare)
        and text.isprintable()
        and found >= letters * len(bare)
        and vowels >= 0.15 * found
        and not any(p.search(text) for p in (REAL, STEERED, HOLLOW))
    )
