"""A voice in words, for a writer who reads instead of computing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.model.briefs import Speaker


def described(speaker: Speaker, medium: str) -> str:
    """How somebody writes in a medium (text, mail, jot), in one line: "34, woman; casual; all lower case; ..."."""
    voice: Mapping[str, Any] = speaker.voice
    if medium == "jot":
        return f"{speaker.age}, {_sex(speaker)}{'; all lower case' if voice.get('lower') else ''}"
    formality, wordiness = float(voice.get("formality", 0.5)), float(voice.get("wordiness", 0.5))
    said = [f"{speaker.age}, {_sex(speaker)}", "formal" if formality > 0.7 else "casual" if formality < 0.35 else "plain"]
    said.append("few words" if wordiness < 0.35 else "talks at length" if wordiness > 0.65 else "a usual length")
    if medium == "text":
        if voice.get("lower"):
            said.append("all lower case")
        if voice.get("drop_stops"):
            said.append("no full stop at the end of a message")
        if not voice.get("apostrophes", True):
            said.append("leaves out apostrophes")
        rate = float(voice.get("emoji_rate", 0.0))
        said.append(f"an emoji now and then ({' '.join(voice.get('emoji', ())[:2])})" if rate > 0.04 and voice.get("emoji") else "no emoji")
    said.append("exclaims sometimes" if float(voice.get("exclaim_rate", 0.0)) > 0.15 else "hardly any exclamation marks")
    if voice.get("slips"):
        said.append("a misspelled word in one text of five")
    if voice.get("pet") and medium == "text":
        said.append(f'says "{voice["pet"][0]}" now and then')
    if medium == "text":
        said += _habits(voice)
    if medium == "mail" and voice.get("signoff"):
        said.append(f'signs off with "{voice["signoff"]}"')
    return "; ".join(said)


def _habits(voice: Mapping[str, Any]) -> list[str]:
    """The habits of a writer of messages, those that a reader would notice."""
    said = []
    habits = voice.get("habits", {})
    if voice.get("openers"):
        said.append(f'often begins with "{str(voice["openers"][0]).rstrip(",")}"')
    said += [words for name, words in _HABITS if name in habits]
    if not voice.get("asks", True):
        said.append("mostly leaves out question marks")
    if float(voice.get("joins", 0.65)) < 0.5:
        said.append("sends two short messages rather than a long one")
    return said


_HABITS = (
    ("expand", 'writes "do not" rather than "don\'t"'),
    ("digits", "writes numbers in digits"),
    ("stretch", 'stretches words now and then ("sooo")'),
    ("amp", 'writes "&" for "and"'),
)


def _sex(speaker: Speaker) -> str:
    if speaker.age < 18:
        return "girl" if speaker.sex == "female" else "boy"
    return "woman" if speaker.sex == "female" else "man"
