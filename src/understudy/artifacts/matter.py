"""What a text is about, as notes for a writer who reads: a line or two from the module, the topic, the letter, with its slots filled in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from understudy.engine.grammar import Rule, Writer
from understudy.language import phrasebook
from understudy.model.briefs import Brief
from understudy.model.clock import MONTHS, SEASONS, WEEKDAYS
from understudy.rng import stream


def notes(brief: Brief) -> list[str]:
    """Notes on the matter, in the order in which it would come up; the same for the same brief."""
    draw = stream(0, f"{brief.ids[0]}/notes")
    slots: dict[str, Any] = {name: value.text for name, value in brief.slots.items()}
    first = brief.speakers[0].given if brief.speakers else brief.organization
    slots.update(
        me=first, you=_reader(brief), org=brief.organization, weekday=WEEKDAYS[brief.weekday], month=MONTHS[brief.month - 1], season=SEASONS[brief.month - 1]
    )
    context = {
        "part": brief.part,
        "days": "weekend" if brief.weekday >= 5 else "weekday",
        "season": SEASONS[brief.month - 1],
        "mood": brief.mood,
        "register": "mid",
    }
    writer = Writer(None, slots, context, draw)
    found = []
    for rule in _rules(brief):
        line = writer.line(rule)
        if line is not None and line[0].strip():
            found.append(line[0].strip())
    return list(dict.fromkeys(found))


def _reader(brief: Brief) -> str:
    if brief.reader is not None:
        return brief.reader.given
    return brief.speakers[1].given if len(brief.speakers) > 1 else "everyone"


def _rules(brief: Brief) -> Iterable[Rule]:
    spoken = brief.spoken
    if brief.module and brief.module != phrasebook.STORY:
        yield from _module_rules(brief)
    if brief.kind == "email" and spoken.get("letter") is not None:
        entry = phrasebook.letters()[spoken["letter"]]
        yield entry["subject"]
        yield from entry["body"][:2]
        if len(brief.ids) > 1:
            yield from entry["reply"][:1]
    elif brief.kind == "email" and spoken.get("feed") is not None:
        entry = phrasebook.feeds()[spoken["feed"]]
        yield from (entry["subject"], *entry["body"])
    elif brief.kind == "message":
        for name in brief.topics:
            yield from phrasebook.topics()[name].turns[:2]
        if brief.news:
            yield phrasebook.lines(spoken["talk"])
    elif brief.kind == "chat":
        for name in brief.topics:
            yield from phrasebook.assistant()[0][int(name)]["turns"][:3:2]
    elif not brief.module:
        yield from _daily_rules(brief)


def _module_rules(brief: Brief) -> Iterable[Rule]:
    words, path = phrasebook.module_words(brief.module, brief.say), (brief.module, brief.say)
    for name in ("subject", "title", "open", "text", "queries", "caption", "voicemail"):
        if name in words:
            yield phrasebook.rule_of(*path, name)
    for _ in range(2 if "more" in words else 0):
        yield phrasebook.rule_of(*path, "more")
    for name, step in (("body", 1), ("turns", 2)):
        for number in range(0, len(words.get(name, ())), step):
            yield phrasebook.rule_of(*path, name, str(number))
    for number in range(len(words.get("items", ())) if brief.kind == "purchase" else 0):
        yield phrasebook.rule_of(*path, "items", str(number))
    for _ in range(3 if "lines" in words else 0):
        yield phrasebook.rule_of(*path, "lines")


def _daily_rules(brief: Brief) -> Iterable[Rule]:
    spoken = brief.spoken
    for name in ("title", "text", "queries", "caption", "voicemail"):
        if spoken.get(name):
            yield phrasebook.lines(spoken[name])
    if spoken.get("lines"):
        for _ in range(3):
            yield phrasebook.lines(spoken["lines"])
    if spoken.get("items"):
        draw = stream(0, f"{brief.ids[0]}/items")
        low, high = spoken.get("count", (1, 1))
        for item, _ in draw.some(spoken["items"], draw.whole(int(low), int(high))):
            yield phrasebook.lines(item)
