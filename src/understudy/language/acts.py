"""What people do with each other in one sitting, decided before a word is written: open, ask, tell, react, tease, plan, thank, misread, drift, close."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from understudy.engine.grammar import Rule
from understudy.language import phrasebook
from understudy.language.voice import age_band
from understudy.model.briefs import Brief, Tell
from understudy.rng import Stream

EVEN = frozenset(("partner", "friend", "sibling", "colleague", "neighbor", "classmate", "clubmate", "kin", "ex"))
"""Ties that are the same both ways: either may begin."""


class Act(NamedTuple):
    """One thing that one speaker does: a line of a rule, a move by its name, or a fact to tell."""

    name: str
    by: int
    rule: Rule | None = None
    tell: Tell | None = None
    only: bool = False  # an answer: only if the act before it was done
    wait: str = ""  # "" as the sitting flows, "soon": a message of its own at once, "long": after half an hour or hours


def plan(brief: Brief, rng: Stream) -> list[Act]:
    """The acts of one sitting, in order."""
    rates: dict[str, Any] = phrasebook.sittings()
    tie = _tie(brief)
    if brief.unanswered:
        return _unanswered(brief, rates, rng)
    acts = _opening(brief, tie, rates, rng)
    blocks = _blocks(brief, tie, rates, rng)
    if brief.event:
        acts += _event(brief, rng)
    point = rng.random()
    if point < rates["exchange"]["share"] * (1.0 if brief.tells or brief.event else 1.3):
        blocks.insert(rng.whole(0, len(blocks)), _exchange(brief, tie, rng))
    for number, block in enumerate(blocks):
        later = bool(number or brief.event) and bool(block)
        if later and rng.random() < rates["bridge"]:
            acts.append(Act("bridge", block[0].by, wait="soon"))
        elif later:
            block[0] = block[0]._replace(wait="soon")  # another matter is a message of its own
        acts += block
    return acts + _ending(brief, acts[-1].by if acts else 1, rates["closes"].get(tie, 0.3), rng)


def other(brief: Brief, by: int, rng: Stream) -> int:
    """Somebody else than this speaker: the other of two, anyone of a group."""
    count = len(brief.speakers)
    return (by + 1) % count if count <= 2 else (by + rng.whole(1, count - 1)) % count


def _tie(brief: Brief) -> str:
    people = brief.speakers
    return brief.tie.get(f"{people[0].id}>{people[1].id}", "friend") if len(people) > 1 else "friend"


def _index(brief: Brief, person: str) -> int:
    for place, speaker in enumerate(brief.speakers):
        if speaker.id == person:
            return place
    return 0


@cache
def _sorts(tie: str) -> tuple[list[tuple[str, ...]], list[float]]:
    """The exchanges that fit a tie, as their moves, and their weights."""
    able = [e for e in phrasebook.sittings()["exchange"]["sorts"] if not e.get("ties") or tie in e["ties"]]
    return [tuple(e["moves"]) for e in able], [float(e["w"]) for e in able]


def _opening(brief: Brief, tie: str, rates: dict[str, Any], rng: Stream) -> list[Act]:
    """A greeting as rarely as in life, a word of warning, or nothing; and what somebody comes back to."""
    acts = []
    if brief.recall is not None and brief.recall.kind == "unanswered":
        acts.append(Act("late" if brief.recall.person == brief.author else "again", 0))
    elif rng.chance(rates["greets"].get(tie, 0.25) * (0.9 if brief.event else 1.15)):
        acts.append(Act("greet", 0))
        if rng.chance(0.15) and not brief.event:
            back = other(brief, 0, rng)
            acts.append(Act("greet", back, only=True))
            if rng.chance(0.4):
                acts += [Act("ask_how", 0), Act("answer_how", back, only=True)]
    elif rng.chance(rates["opens"]):
        acts.append(Act("open_plain", 0))
    if brief.recall is not None and brief.recall.kind in ("event", "topic"):
        acts += _callback(brief, rng)
    return acts


def _callback(brief: Brief, rng: Stream) -> list[Act]:
    """Back to something from days ago: asked after by whoever heard it, or brought up by whose it was."""
    recall = brief.recall
    assert recall is not None
    end = "_it" if recall.label else "_that"
    back = other(brief, 0, rng)
    if recall.kind == "event" and recall.person == brief.author:
        return [Act("update" + end, 0), Act("update_taken", back, only=True)]
    if recall.kind == "event":
        back = _index(brief, recall.person) or back
    acts = [
        Act(("after" if recall.kind == "event" else "recall") + end, 0),
        Act("after_answer" if recall.kind == "event" else "recall_answer", back, only=True),
    ]
    if rng.chance(0.2):
        acts.append(Act("ack", 0))
    return acts


def _blocks(brief: Brief, tie: str, rates: dict[str, Any], rng: Stream) -> list[list[Act]]:
    """Runs of acts that belong together: facts, topics (two of them at once, now and then), news."""
    topics = [_topic(brief, name, number, tie, rates, rng) for number, name in enumerate(brief.topics)]
    if len(topics) == 2 and len(brief.speakers) == 2 and rng.chance(rates["interleave"]):
        topics = _interleaved(*topics)
    blocks = []
    for tell in brief.tells:
        told = _tell(brief, tell, rng)
        host = topics[-1] if topics and told[0].tell is tell else []
        able = [i + 1 for i, act in enumerate(host[:-1]) if act.by == told[0].by and act.name == "topic"]
        if able and rng.chance(rates["aside"]):
            where = rng.pick(able)
            host[where:where] = told
        else:
            blocks.append(told)
    for topic in topics:
        blocks.insert(rng.whole(0, len(blocks)), topic)
    if brief.news:
        teller = 0
        news = [
            Act("news", teller, phrasebook.lines(brief.spoken["talk"])),
            Act("news", other(brief, teller, rng), phrasebook.lines(brief.spoken["reply"]), only=True),
        ]
        blocks.insert(rng.whole(0, len(blocks)), news)
    return blocks


def _topic(brief: Brief, name: str, number: int, tie: str, rates: dict[str, Any], rng: Stream) -> list[Act]:
    """Small talk: a topic's turns by the speakers in turn, sometimes dropped in the middle, sometimes misread first."""
    turns = phrasebook.topics()[name].turns
    last = len(turns) if rng.chance(1.0 - rates["drift"]) else rng.whole(2, len(turns))
    swap = number > 0 and len(brief.speakers) == 2 and tie in EVEN and age_band(brief.speakers[0].age) == age_band(brief.speakers[1].age) and rng.chance(0.4)
    by = 1 if swap else 0
    pair = len(brief.speakers) == 2
    acts: list[Act] = []
    for turn in turns[:last]:
        acts.append(Act("topic", by, turn))
        by = 1 - by if pair else other(brief, by, rng)
    if last > 1 and rng.chance(rates["misread"]):
        acts[1:1] = [Act("misread", acts[1].by), Act("repair", acts[0].by, only=True)]
    return acts


def _interleaved(one: list[Act], two: list[Act]) -> list[list[Act]]:
    """Two topics at once: the second begins in a turn of its speaker before the first has ended, and from then on each turn answers both."""
    start = next((i for i, act in enumerate(one) if i and act.by == two[0].by), 0) if all(act.name == "topic" for act in one + two) else 0
    if not start:
        return [one, two]
    acts, rest = one[:start], one[start:]
    for place in range(max(len(rest), len(two))):
        acts += rest[place : place + 1] + two[place : place + 1]
    return [acts]


def _tell(brief: Brief, tell: Tell, rng: Stream) -> list[Act]:
    """One fact in passing: asked for or not, said, and taken up or let pass."""
    saying = phrasebook.sayings()[tell.key]
    speaker = _index(brief, tell.speaker)
    back = other(brief, speaker, rng)
    asked = tell.how in ("stated", "implied") and tell.polarity == "positive" and rng.chance(0.25)
    acts = [Act("ask", back, saying.ask)] if asked else []
    acts.append(Act("tell", speaker, tell=tell))
    point = rng.random()
    if point < 0.42 and tell.how != "told" and tell.polarity == "positive":
        acts.append(Act("react", back, saying.react, only=True))
    elif point < 0.58:
        acts.append(Act("react_flat" if tell.polarity == "negative" or point < 0.52 else "ack", back, only=True))
    return acts


def _event(brief: Brief, rng: Stream) -> list[Act]:
    """The teller's news in the module's words; the others answer, ask, and the teller ends."""
    path = (brief.module, brief.say)
    words = phrasebook.module_words(*path)
    rule = phrasebook.rule_of
    acts = [Act("event", 0, rule(*path, "open"))]
    if "more" in words and rng.chance(0.6):
        acts.append(Act("event", 0, rule(*path, "more")))
    back = other(brief, 0, rng)
    acts.append(Act("event", back, rule(*path, "reply")))
    count = len(words.get("qa", ()))
    for number in rng.some(range(count), rng.pick((0, 1, 1, 2))) if count else ():
        acts += [Act("event", other(brief, 0, rng), rule(*path, "qa", str(number), "0")), Act("event", 0, rule(*path, "qa", str(number), "1"), only=True)]
    if "more" in words and rng.chance(0.5):
        acts.append(Act("event", 0, rule(*path, "more")))
        if rng.chance(0.6):
            acts.append(Act({"good": "react_good", "bad": "react_bad"}.get(brief.mood, "react_flat"), other(brief, 0, rng)))
    if len(brief.speakers) > 2 and rng.chance(0.7):
        acts.append(Act("ack", other(brief, back, rng)))
    if "end" in words and rng.chance(0.6):
        acts.append(Act("event", 0, rule(*path, "end")))
    return acts


def _exchange(brief: Brief, tie: str, rng: Stream) -> list[Act]:
    """A small exchange that needs no topic: a plan half made, a favor, a tease, how somebody is."""
    if len(brief.speakers) < 2:
        return []
    moves = rng.weighted(*_sorts(tie))
    by = 0 if tie not in EVEN or rng.chance(0.6) else 1
    back = other(brief, by, rng)
    acts: list[Act] = []
    for place, name in enumerate(moves):
        if name.endswith("?"):
            if not rng.chance(0.5):
                break
            name = name[:-1]
        acts.append(Act(name, back if place % 2 else by, only=place > 0))
    return acts


def _unanswered(brief: Brief, rates: dict[str, Any], rng: Stream) -> list[Act]:
    """Only the author writes: what there was to say, perhaps a second message minutes later, and nothing comes back."""
    acts = [Act("greet", 0)] if rng.chance(0.2) else []
    acts += [Act("tell", 0, tell=tell) for tell in brief.tells if tell.speaker == brief.author]
    if brief.topics:
        acts.insert(rng.whole(0, len(acts)), Act("topic", 0, phrasebook.topics()[brief.topics[0]].turns[0]))
    if rng.chance(rates["nudge"]):
        acts.append(Act("nudge", 0, wait="long"))
    return acts


def _ending(brief: Brief, last: int, closes: float, rng: Stream) -> list[Act]:
    """An end, if there is one: most sittings just stop, or fade with a word of whoever did not speak last."""
    if rng.random() >= closes:
        return [Act("fade", other(brief, last, rng))] if rng.chance(phrasebook.sittings()["fades"]) else []
    ender = rng.whole(0, len(brief.speakers) - 1)
    acts = [Act("close", ender, wait="soon")]
    if rng.chance(0.5):
        acts.append(Act("close_back", other(brief, ender, rng), only=True))
    return acts
