"""A brief as plain data, for prompts: who, when, what about, what has to come out and how. Names in it are aliases of this brief only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from understudy.artifacts.matter import notes
from understudy.language import phrasebook
from understudy.language.voice_words import described
from understudy.model.briefs import Brief, Speaker, Tell
from understudy.model.clock import MONTHS, SEASONS, WEEKDAYS, hour_text
from understudy.ontology.attributes import attributes

MEDIUM = {"message": "text", "chat": "text", "email": "mail"}
TIES = {"parent": "parent", "child": "child", "sibling": "brother or sister", "kin": "relative", "report": "report at work", "manager": "manager at work"}
QUIET = ("day", "when", "town", "self")
"""Slots that are given in other words already."""


def names(brief: Brief) -> dict[str, str]:
    """What each speaker is called in this brief: the given name, with the family name where two share it."""
    givens = [s.given for s in brief.speakers]
    found: dict[str, str] = {}
    for s in brief.speakers:
        called = s.given if givens.count(s.given) == 1 else f"{s.given} {s.family}"
        found[s.id] = called if called not in found.values() else f"{called} ({s.age})"
    return found


def told(brief: Brief) -> list[tuple[str, Tell]]:
    """The facts that have to come out, under their aliases f1, f2, ..."""
    return [(f"f{number}", tell) for number, tell in enumerate(brief.tells, 1)]


def details(brief: Brief) -> list[tuple[str, str, str]]:
    """The event's details that may come out: alias d1, d2, ..., name, value."""
    found: list[tuple[str, str, str]] = []
    used = phrasebook.slots_of(brief.module, brief.say) if brief.module else None
    for name, value in brief.slots.items():
        if name.endswith("_name") or (used is not None and name not in used):
            continue
        if value.source is not None and value.text and name not in QUIET and value.text not in [v for _, _, v in found]:
            named = brief.slots.get(f"{name}_name")  # a told event's details bring their names along
            found.append((f"d{len(found) + 1}", named.text if named else name.replace("_", " ").removesuffix(".first"), value.text))
    return found


def label(key: str) -> str:
    """An attribute's key in words."""
    known = attributes().get(key)
    return known.label.lower() if known else key.split(".")[-1].replace("_", " ")


def brief_data(brief: Brief) -> dict[str, Any]:
    """Everything that a writer's prompt may use."""
    called = names(brief)
    medium = MEDIUM.get(brief.kind, "jot")
    return {
        "kind": brief.kind,
        "when": f"{WEEKDAYS[brief.weekday]}, {hour_text(brief.minute)}, {SEASONS[brief.month - 1]} ({MONTHS[brief.month - 1]})",
        "speakers": [{"name": called[s.id], "about": described(s, medium)} for s in brief.speakers],
        "reader": _person(brief.reader) if brief.reader else "",
        "organization": brief.organization,
        "ties": _ties(brief, called),
        "story": brief.story if len(brief.speakers) == 2 else "",
        "event": brief.title,
        "mood": {"good": "good", "bad": "low"}.get(brief.mood, "even"),
        "notes": notes(brief),
        "details": [{"alias": alias, "name": name, "value": value} for alias, name, value in details(brief)],
        "when_event": brief.slots["when"].text if "when" in brief.slots else "",
        "tells": [{"alias": alias, "task": task(brief, tell, called)} for alias, tell in told(brief)],
        "replies": len(brief.ids) > 1,
        "recall": _recall(brief),
        "unanswered": brief.unanswered,
        "noise": brief.noise,
        "merchant": brief.spoken.get("merchant_name", "") or brief.spoken.get("location", ""),
        "total": f"${brief.spoken['total'] / 100:,.2f}" if brief.spoken.get("total") else "",
        "starts": "",
    }


def _recall(brief: Brief) -> str:
    """What somebody comes back to, in words: only what has a name; the rest cannot be told to a writer who was not there."""
    recall = brief.recall
    if recall is None or (recall.kind != "unanswered" and not recall.label):
        return ""
    when = "earlier" if recall.days < 1 else "yesterday" if recall.days == 1 else f"{recall.days} days ago"
    if recall.kind == "unanswered":
        return f"a message of {when} went unanswered, by {'the author' if recall.person == brief.author else 'the other'}; it is made good in passing"
    return f"{recall.label}, of which they spoke {when}, comes up again at the beginning"


def task(brief: Brief, tell: Tell, called: Mapping[str, str]) -> str:
    """One fact as a task: who says what, in which manner."""
    who, what = called.get(tell.speaker, "the author"), label(tell.key)
    value = json.dumps(tell.value, ensure_ascii=False)  # a height ends with a quotation mark of its own
    if tell.how == "told":
        return f"{who} mentions of {tell.about_given}, who is not here: {what}: {value} (these very words have to be there)"
    if tell.polarity == "negative":
        return f"{who} makes it plain to dislike, avoid or not have, as to {what}: {value} (these very words have to be there)"
    if tell.how == "past":
        return f"{who} speaks of what is over: {what} was {value} and is no longer (these very words have to be there)"
    if tell.how == "stated":
        return f"{who} says in passing: {what}: {value} (these very words have to be there)"
    return (
        f"whoever reads closely can tell from what {who} says: {what}: {value}. It is never announced; it shows in something that {who} does, plans or complains of. "
        f"The words {value} may be there, or everything but"
    )


def _person(speaker: Speaker) -> str:
    return f"{speaker.given} {speaker.family}, {speaker.age}"


def _ties(brief: Brief, called: Mapping[str, str]) -> list[str]:
    found = []
    done = set()
    for pair, kind in brief.tie.items():
        a, _, b = pair.partition(">")
        if (b, a) in done:
            continue
        done.add((a, b))
        if a in called and b in called and (a == brief.author or len(called) > 2):
            found.append(f"{called[b]} is {called[a]}'s {TIES.get(kind, kind)}")
    return found[:6]
