"""A sitting of turns between people: an opening, what there is to tell, small talk in between, and sometimes an end."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.engine.grammar import Mark, Rule
from understudy.language import phrasebook
from understudy.language.scribe import Scribe
from understudy.model.briefs import Brief, Draft, Found, Part, Speaker, Tell, Turn
from understudy.rng import Stream

GREETING = {"partner": 0.05, "friend": 0.2, "sibling": 0.15, "parent": 0.25, "child": 0.15, "colleague": 0.25, "manager": 0.45, "neighbor": 0.45,
            "classmate": 0.2, "clubmate": 0.3, "provider": 0.6, "client": 0.5, "teacher": 0.6, "student": 0.4, "ex": 0.3, "grandparent": 0.4,
            "grandchild": 0.35, "kin": 0.3, "report": 0.3}  # fmt: skip
"""How often the first turn greets, by how the listener stands to the speaker; 15 to 27 % over all, as in DailyDialog and real chat."""

PAUSES = (0, 0, 1, 1, 1, 2, 3, 5)
"""Minutes between turns, as long as the sitting flows (our estimate)."""
Said = tuple[int, str, list[Mark], str]  # speaker's index, text, marks, how


class Sitting:
    """Collects what the speakers say, in order, and joins it into turns."""

    def __init__(self, brief: Brief, rng: Stream):
        self.brief, self.rng = brief, rng
        self.people: Sequence[Speaker] = brief.speakers
        used: set[int] = set()
        first = brief.speakers[0]
        others = brief.speakers[1:] or [first]
        self.scribes = [Scribe(brief, s, others[0] if i == 0 else first, rng, "text", used) for i, s in enumerate(brief.speakers)]
        self.said: list[Said] = []
        self.moves = phrasebook.moves()

    def by(self, index: int, spoken: tuple[str, list[Mark]] | None, how: str = "stated") -> bool:
        """Let a speaker say something; False if there was nothing to say."""
        if spoken is None:
            return False
        self.said.append((index % len(self.scribes), spoken[0], spoken[1], how))
        return True

    def move(self, index: int, name: str) -> bool:
        """Let a speaker make a move of any conversation."""
        index %= len(self.scribes)
        return self.by(index, self.scribes[index].move(self.moves, name))

    def rule(self, index: int, rule: Rule, how: str = "stated") -> bool:
        """Let a speaker say a line of a rule."""
        index %= len(self.scribes)
        spoken = self.scribes[index].say(rule)
        if spoken is None:
            return False
        self.said.append((index, spoken[0], spoken[1], how))
        return True

    def answerer(self, index: int) -> int:
        """Somebody else than this speaker: the other of two, anyone of a group."""
        count = len(self.scribes)
        return (index + 1) % count if count == 2 else (index + self.rng.whole(1, max(1, count - 1))) % count


def compose(brief: Brief, rng: Stream) -> Draft:
    """Write one sitting as its brief asks."""
    sitting = Sitting(brief, rng)
    first, second = brief.speakers[0], brief.speakers[1] if len(brief.speakers) > 1 else brief.speakers[0]
    tie = brief.tie.get(f"{first.id}>{second.id}", "friend")
    if rng.chance(GREETING.get(tie, 0.25) * (1.0 if brief.event else 1.4)):
        sitting.move(0, "greet")
        if rng.chance(0.3) and not brief.event:
            sitting.move(1, "greet")
            if rng.chance(0.5):
                sitting.move(0, "ask_how") and sitting.move(1, "answer_how")
    elif rng.chance(0.18):
        sitting.move(0, "open_plain")
    if brief.event:
        _event(sitting)
    blocks: list[tuple[str, Tell | None]] = [("", t) for t in brief.tells]
    for topic in brief.topics:
        blocks.insert(rng.whole(0, len(blocks)), (topic, None))
    if brief.news:
        blocks.insert(rng.whole(0, len(blocks)), ("", None))
    for number, (topic, tell) in enumerate(blocks):
        turning = bool(number or brief.event) and rng.chance(0.5)
        if tell is not None:
            _tell(sitting, tell, turning)
        else:
            if turning:
                sitting.move(0, "bridge")
            _topic(sitting, topic) if topic else _news(sitting)
    if rng.chance(0.4):
        ender = rng.whole(0, len(sitting.scribes) - 1)
        if sitting.move(ender, "close") and rng.chance(0.55):
            sitting.move(sitting.answerer(ender), "close_back")
    return joined(brief, sitting, rng)


def _index(sitting: Sitting, person: str) -> int:
    return next((i for i, s in enumerate(sitting.people) if s.id == person), 0)


def _event(sitting: Sitting) -> None:
    """The teller's news in the module's words; the others answer, ask, and the teller ends."""
    brief, rng = sitting.brief, sitting.rng
    words = phrasebook.module_words(brief.module, brief.say)
    path = (brief.module, brief.say)
    sitting.rule(0, phrasebook.rule_of(*path, "open"))
    if "more" in words and rng.chance(0.45):
        sitting.rule(0, phrasebook.rule_of(*path, "more"))
    other = sitting.answerer(0)
    sitting.rule(other, phrasebook.rule_of(*path, "reply"))
    count = len(words.get("qa", ()))
    for number in rng.some(range(count), rng.pick((0, 1, 1, 2)) if count else 0):
        asker = sitting.answerer(0)
        if sitting.rule(asker, phrasebook.rule_of(*path, "qa", str(number), "0")):
            sitting.rule(0, phrasebook.rule_of(*path, "qa", str(number), "1"))
    if "more" in words and rng.chance(0.5):
        sitting.rule(0, phrasebook.rule_of(*path, "more"))
        if rng.chance(0.6):
            mood = {"good": "react_good", "bad": "react_bad"}.get(brief.mood, "react_flat")
            sitting.move(sitting.answerer(0), mood)
    if len(sitting.people) > 2 and rng.chance(0.7):
        sitting.move(sitting.answerer(other), "ack")
    if "end" in words and rng.chance(0.6):
        sitting.rule(0, phrasebook.rule_of(*path, "end"))


def _tell(sitting: Sitting, tell: Tell, turning: bool) -> None:
    """One fact in passing: asked for or not, said, and taken up; who speaks first turns the talk to it."""
    rng, saying = sitting.rng, phrasebook.sayings()[tell.key]
    speaker = _index(sitting, tell.speaker)
    other = sitting.answerer(speaker)
    asked = tell.how in ("stated", "implied") and tell.polarity == "positive" and rng.chance(0.35)
    if turning:
        sitting.move(other if asked else speaker, "bridge")
    if asked:
        sitting.rule(other, saying.ask)
    if not sitting.by(speaker, sitting.scribes[speaker].tell(tell), tell.how):
        return
    point = rng.random()
    if point < 0.45 and tell.how != "told" and tell.polarity == "positive":
        sitting.rule(other, saying.react)
    elif point < 0.85:
        sitting.move(other, "react_flat" if tell.polarity == "negative" or point < 0.6 else "ack")


def _topic(sitting: Sitting, name: str) -> None:
    """Small talk: the topic's turns by the speakers in turn, sometimes broken off."""
    turns = phrasebook.topics()[name].turns
    last = len(turns) if sitting.rng.chance(0.75) else sitting.rng.whole(2, len(turns))
    speaker = 0
    for turn in turns[:last]:
        sitting.rule(speaker, turn)
        speaker = sitting.answerer(speaker)


def _news(sitting: Sitting) -> None:
    spoken = sitting.brief.spoken
    teller = 0
    if sitting.rule(teller, phrasebook.lines(spoken["talk"])):
        sitting.rule(sitting.answerer(teller), phrasebook.lines(spoken["reply"]))


def joined(brief: Brief, sitting: Sitting, rng: Stream) -> Draft:
    """Turns with their times; lines of one speaker in a row are often one turn."""
    turns: list[Turn] = []
    found: list[Found] = []
    after, last, so_far = 0, -1, ""
    for speaker, text, marks, how in sitting.said:
        offset = 0
        if speaker == last and (rng.random() < 0.65 or len(so_far) < 25):
            joint = _joint(so_far, sitting.scribes[speaker].style.lower)
            if so_far[-1:] in ",:" and not any(m.start == 0 for m in marks) and not text.startswith(("I ", "I'")):
                text = text[:1].lower() + text[1:]
            offset = len(so_far) + len(joint)
            so_far += joint + text
            turns[-1].text = so_far
        else:
            if turns:
                after += PAUSES[int(rng.random() * len(PAUSES))] if rng.random() < 0.93 else rng.whole(8, 55)
            turns.append(Turn(speaker=sitting.people[speaker].id, after=after, text=text))
            last, so_far = speaker, text
        for mark in marks:
            manner = how if mark.source[0] == "fact" else "stated"
            found.append(Found(mark.source, 0, len(turns) - 1, offset + mark.start, offset + mark.end, manner, turns[-1].speaker))
    return Draft(parts=[Part(author=brief.author, turns=turns)], found=found)


def _joint(before: str, lower: bool) -> str:
    """What stands between two lines of one turn: a space after a mark, else the stop that the voice had dropped."""
    last = before[-1:]
    return " " if not last.isalnum() else ", " if lower else ". "
