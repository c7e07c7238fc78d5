"""Chats with an AI assistant: a request for help in which something personal may come up, and plain useful answers."""

from __future__ import annotations

from understudy.engine.grammar import Mark, Rule, Writer
from understudy.language import phrasebook
from understudy.language.scribe import Scribe, fact_slots
from understudy.model.briefs import Brief, Draft, Found, Part, Turn
from understudy.rng import Stream

ASSISTANT = "assistant"


def compose(brief: Brief, rng: Stream) -> Draft:
    """One session of the author with the assistant."""
    user = brief.speakers[0]
    scribe = Scribe(brief, user, None, rng, "text", set())
    writer = Writer(None, dict(scribe.writer.slots), scribe.writer.context, rng)
    turns: list[Turn] = []
    found: list[Found] = []
    sessions, grammar = phrasebook.assistant()

    def put(speaker: str, spoken: tuple[str, list[Mark]] | None, how: str = "stated") -> None:
        if spoken is None:
            return
        text, marks = spoken
        offset = 0
        if turns and turns[-1].speaker == speaker:
            offset = len(turns[-1].text) + 1
            turns[-1].text += " " + text
        else:
            turns.append(Turn(speaker=speaker, after=(turns[-1].after + rng.pick((0, 0, 1, 1, 2))) if turns else 0, text=text))
        for mark in marks:
            manner = how if mark.source[0] == "fact" else "stated"
            found.append(Found(mark.source, 0, len(turns) - 1, offset + mark.start, offset + mark.end, manner, user.id))

    def exchange(rules: list[Rule]) -> None:
        for number, rule in enumerate(rules):
            put(*((user.id, scribe.say(rule)) if number % 2 == 0 else (ASSISTANT, _plain(writer.line(rule)))))

    if brief.event and brief.module:
        words = phrasebook.module_words(brief.module, brief.say)
        exchange([phrasebook.rule_of(brief.module, brief.say, "turns", str(n)) for n in range(len(words["turns"]))])
    for tell in brief.tells:
        pairs = phrasebook.sayings()[tell.key].chat
        asked, answer = rng.pick(pairs)
        slots = fact_slots(tell)
        scribe.writer.slots.update(slots)
        writer.slots.update({name: getattr(v, "text", v) for name, v in slots.items()})
        if rng.chance(0.35):
            put(user.id, scribe.move(grammar, "user_open", last=False))
        put(user.id, scribe.say(asked), "implied")
        put(ASSISTANT, _plain(writer.line(answer)))
        if rng.chance(0.3):
            put(user.id, scribe.move(grammar, "user_follow"))
            writer.grammar = grammar
            put(ASSISTANT, _plain(writer.line(grammar.rules["assistant_follow"])))
    for topic in brief.topics:
        exchange(sessions[int(topic)]["turns"])
    if rng.chance(0.15):
        put(user.id, scribe.move(grammar, "user_end"))
    return Draft(parts=[Part(author=user.id, turns=turns)], found=found)


def _plain(spoken: tuple[str, list[Mark]] | None) -> tuple[str, list[Mark]] | None:
    return None if spoken is None else (spoken[0][:1].upper() + spoken[0][1:], spoken[1])
