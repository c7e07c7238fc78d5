"""A sitting of turns between people: its acts are planned (`acts.py`), performed one by one, and joined into turns with their times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from understudy.engine.grammar import Mark
from understudy.language import phrasebook
from understudy.language.acts import Act, plan
from understudy.language.scribe import Scribe
from understudy.language.voice import GOES_ON
from understudy.model.briefs import Brief, Draft, Found, Part, Recall, Speaker, Turn
from understudy.model.clock import DAY, WEEKDAYS
from understudy.rng import Stream

Said = tuple[int, str, list[Mark], str, str]  # speaker's index, text, marks, how, wait
LATEST = 23 * 60 + 40
"""The minute of the day by which a sitting that began earlier is over."""
_PLAIN = re.compile(r"\b[a-z]{5,9}\b")


class Sitting:
    """Collects what the speakers say, in order."""

    def __init__(self, brief: Brief, rng: Stream):
        self.brief, self.rng = brief, rng
        self.people: Sequence[Speaker] = brief.speakers
        used: set[int] = set()
        first = brief.speakers[0]
        others = brief.speakers[1:] or [first]
        self.scribes = [Scribe(brief, s, others[0] if i == 0 else first, rng, "text", used) for i, s in enumerate(brief.speakers)]
        if brief.recall is not None:
            for scribe in self.scribes:
                scribe.writer.slots.update(thing=brief.recall.label, ago=ago(brief.recall, brief.weekday))
        self.said: list[Said] = []

    def perform(self, act: Act) -> bool:
        """Let a speaker do one act; False if there was nothing to say."""
        name, by, rule, tell, _, wait = act
        scribe, how = self.scribes[by], "stated"
        if rule is not None:
            spoken = scribe.say(rule)
        elif tell is not None:
            spoken, how = scribe.tell(tell), tell.how
        else:
            spoken = scribe.move(phrasebook.moves(), name)
        if spoken is None:
            return False
        self.said.append((by, spoken[0], spoken[1], how, wait))
        return True

    def slip(self) -> None:
        """Two letters of the last line change places, and the next message puts the word right. No value is touched, no length changes."""
        by, text, marks, how, wait = self.said[-1]
        able = [w for w in _PLAIN.finditer(text) if not any(m.start < w.end() and w.start() < m.end for m in marks)]
        if not able:
            return
        word = self.rng.pick(able)
        at = word.start() + self.rng.whole(1, len(word.group()) - 2)
        if text[at] != text[at + 1]:
            self.said[-1] = (by, text[:at] + text[at + 1] + text[at] + text[at + 2 :], marks, how, wait)
            self.said.append((by, f"*{word.group()}", [], "stated", "soon"))


def ago(recall: Recall, weekday: int) -> str:
    """How one speaks of so many days ago: "yesterday", "on Friday", "last week"."""
    days = recall.days
    if days <= 1:
        return "yesterday" if days else "earlier"
    return f"on {WEEKDAYS[(weekday - days) % 7]}" if days <= 5 else "last week" if days <= 10 else "the other week"


def compose(brief: Brief, rng: Stream) -> Draft:
    """Write one sitting as its brief asks."""
    sitting = Sitting(brief, rng)
    done, typo = True, float(phrasebook.sittings()["typo"])
    for act in plan(brief, rng):
        if done or not act.only:
            done = sitting.perform(act)
            if done and rng.random() < typo:
                sitting.slip()
    return joined(brief, sitting, rng)


def _paces(brief: Brief, rng: Stream) -> tuple[Sequence[int], int]:
    """The minutes that this sitting's pauses are drawn from, and the minutes after which it has to flow: by tie and hour."""
    rates: dict[str, Any] = phrasebook.sittings()
    people = brief.speakers
    tie = brief.tie.get(f"{people[0].id}>{people[1].id}", "friend") if len(people) > 1 else "friend"
    weights = rates["pace"].get(tie, rates["pace"]["friend"])
    busy = brief.weekday < 5 and 9 * 60 <= brief.minute % DAY < 17 * 60
    point = rng.random() * (sum(weights) + (weights[2] if busy else 0))
    pace = "live" if point < weights[0] else "easy" if point < weights[0] + weights[1] else "slow"
    left = LATEST - brief.minute % DAY
    return rates["pauses"][pace], min(280, left) if left > 30 else 45


def joined(brief: Brief, sitting: Sitting, rng: Stream) -> Draft:
    """Turns with their times; lines of one speaker in a row are one turn or several, as the speaker writes."""
    turns: list[Turn] = []
    found: list[Found] = []
    pauses, limit = _paces(brief, rng)
    after, last, so_far = 0, -1, ""
    for speaker, text, marks, how, wait in sitting.said:
        style = sitting.scribes[speaker].style
        offset = 0
        if speaker == last and not wait and so_far[:1] != "*" and (_goes_on(so_far) or rng.random() < style.joins):
            joint = _joint(so_far, style.joint, style.lower)
            if joint in _SOFT and (_goes_on(so_far) or joint != " " or so_far[-1:].isalnum()):
                if any(m.start == 0 for m in marks) or text.split(" ", 1)[0].split("'", 1)[0].rstrip(",.?!") not in GOES_ON:
                    joint = joint if _goes_on(so_far) or style.lower else ". "
                else:
                    text = text[:1].lower() + text[1:]
            offset = len(so_far) + len(joint)
            so_far += joint + text
            turns[-1].text = so_far
        else:
            if turns:
                after += _pause(rng, pauses, limit - after, speaker == last, wait)
            turns.append(Turn(speaker=sitting.people[speaker].id, after=after, text=text))
            last, so_far = speaker, text
        for mark in marks:
            manner = how if mark.source[0] == "fact" else "stated"
            found.append(Found(mark.source, 0, len(turns) - 1, offset + mark.start, offset + mark.end, manner, turns[-1].speaker))
    return Draft(parts=[Part(author=brief.author, turns=turns)], found=found)


def _pause(rng: Stream, pauses: Sequence[int], left: int, same: bool, wait: str) -> int:
    """Minutes before a turn: as the sitting flows, seconds between two messages of one hand, now and then a lull; never past the limit."""
    point = rng.random()
    if wait == "long":
        minutes = 20 + int(point * 160)
    elif same:
        minutes = 0 if point < 0.75 else 1 if point < 0.93 else 2 + int((point - 0.93) * 150)
    elif point < 0.93:
        minutes = pauses[int(point / 0.93 * len(pauses))]
    else:
        minutes = 8 + int((point - 0.93) * 700)
    return minutes if minutes < left else int(point < 0.3)


_SOFT = (" ", ", ")


def _goes_on(before: str) -> bool:
    """Whether a line asks for another behind it: "By the way,", "Unrelated, but"."""
    return before[-1:] in ",:" or before.endswith((" but", " and"))


def _joint(before: str, own: str, lower: bool) -> str:
    """What stands between two lines of one turn: a space after a mark, else the stop that the voice had dropped, or the writer's own joint."""
    if _goes_on(before):
        return " "
    last = before[-1:]
    if own and (last.isalnum() or own == " "):
        return own
    return " " if not last.isalnum() else ", " if lower else ". "
