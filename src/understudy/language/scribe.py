"""One author at work: a voice, a listener, the slots at hand, and the lines already used in this sitting."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from understudy.engine.grammar import Context, Mark, Rule, Writer
from understudy.language.phrasebook import Saying, sayings
from understudy.language.voice import Style, age_band, register
from understudy.model.briefs import Brief, Speaker, Tell, Value
from understudy.model.clock import MONTHS, SEASONS, WEEKDAYS
from understudy.rng import Stream

_STYLES: dict[tuple[str, str, str, bool], Style] = {}
_CONTEXTS: dict[tuple[Any, ...], Context] = {}
_MANNERS: dict[tuple[Any, ...], tuple[Style, Context]] = {}
_NUMBERS = count(1)
"""Numbers of contexts; taken in one step, so that threads never share one."""


def style_of(speaker: Speaker, medium: str, careful: bool = False) -> Style:
    """The speaker's style in a medium, careful or not, made once a process (voices of one id never change within a world)."""
    key = (speaker.id, speaker.given, medium, careful)
    found = _STYLES.get(key)
    if found is None or (found.voice is not speaker.voice and found.voice != speaker.voice):
        if len(_STYLES) > 800:
            _STYLES.clear()
        found = _STYLES[key] = Style(speaker.voice, medium, careful)
    found.voice = speaker.voice  # equal, and now the same: found at once from here on
    return found


def forget() -> None:
    """Drop the styles of one community's people (contexts are nobody's, and their numbers must stay)."""
    _STYLES.clear()
    _MANNERS.clear()


def _manner(brief: Brief, speaker: Speaker, tie: str, medium: str) -> tuple[Style, Context]:
    """The style and the features of conditions for a speaker, a tie and an hour."""
    level = register(speaker.voice, tie, medium)
    key = (tie, age_band(speaker.age), level, brief.mood, brief.part, brief.weekday >= 5, brief.month)
    context = _CONTEXTS.get(key)
    if context is None:
        features = {
            "tie": tie, "age": key[1], "register": level, "mood": brief.mood, "part": brief.part, "days": "weekend" if brief.weekday >= 5 else "weekday",
            "season": SEASONS[brief.month - 1],
        }  # fmt: skip
        context = _CONTEXTS[key] = Context(features, next(_NUMBERS))
    if len(_MANNERS) > 20000:
        _MANNERS.clear()
    return style_of(speaker, medium, level == "high"), context


class Scribe:
    """Writes lines as one speaker to one listener; every sourced value that is used comes back as a mark."""

    __slots__ = ("listener", "rng", "speaker", "style", "writer")

    def __init__(self, brief: Brief, speaker: Speaker, listener: Speaker | None, rng: Stream, medium: str, used: set[int]):
        self.speaker, self.listener, self.rng = speaker, listener, rng
        tie = brief.tie.get(f"{speaker.id}>{listener.id}", "friend") if listener else "friend"
        slots: dict[str, Any] = dict(brief.slots) if brief.slots else {}
        slots["me"], slots["you"] = speaker.given, listener.given if listener else "everyone"
        slots["weekday"], slots["month"] = WEEKDAYS[brief.weekday], MONTHS[brief.month - 1]
        key = (speaker.id, tie, medium, brief.mood, brief.part, brief.weekday >= 5, brief.month)
        manner = _MANNERS.get(key)
        if manner is None or manner[0].voice is not speaker.voice:
            manner = _MANNERS[key] = _manner(brief, speaker, tie, medium)
        self.style, context = manner
        self.writer = Writer(None, slots, context, rng, self.style.spell, self.style.cache)
        self.writer.used = used

    def say(self, rule: Rule, last: bool = True) -> tuple[str, list[Mark]] | None:
        """One line of a rule in the speaker's own hand; None where no line fits."""
        writer, style = self.writer, self.style
        line = rule.take(writer.context, writer.slots, writer.rng, writer.used, style.lean)
        if line is None:
            return None
        if line.plain is not None:
            text = style.cache.get(line.plain) or style.spell(line.plain)
            marks: list[Mark] = []
        else:
            text, marks = writer.expand(line.parts)
        if style.openers and last and self.rng.random() < style.opener_rate:
            text, marks = style.opened(text, marks, self.rng)
        return (style.finish(text, self.rng, last), marks) if text else None

    def move(self, grammar: Any, name: str, last: bool = True) -> tuple[str, list[Mark]] | None:
        """One line of a named rule of a grammar."""
        self.writer.grammar = grammar
        return self.say(grammar.rules[name], last) if name in grammar else None

    def tell(self, tell: Tell, last: bool = True) -> tuple[str, list[Mark]] | None:
        """One fact, said in its manner."""
        rule = manner(tell)
        if rule is None:
            return None
        self.writer.slots.update(fact_slots(tell))
        return self.say(rule, last)


def manner(tell: Tell) -> Rule | None:
    """The rule for a fact's polarity and manner, falling back to a plainer manner."""
    saying: Saying | None = sayings().get(tell.key)
    if saying is None:
        return None
    ways = saying.manners.get("dislike" if tell.polarity == "negative" else "like")
    if not ways:
        return None
    return ways.get(tell.how)


def fact_slots(tell: Tell) -> Mapping[str, Any]:
    """The slots that a fact's lines use: {value}, {value.first}, and for a third person {name} and pronouns."""
    source = ("fact", tell.fact)
    slots: dict[str, Any] = {"value": Value(tell.value, source), "value.first": Value(tell.value.split(" ")[0], source)}
    if tell.about_given:
        female = tell.about_sex == "female"
        slots["name"] = tell.about_given
        slots["name.he"], slots["name.him"], slots["name.his"] = ("she", "her", "her") if female else ("he", "him", "his")
    return slots
