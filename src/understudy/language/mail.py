"""Mail: letters between people in their own hand, and what organizations send."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.engine.grammar import Mark, Rule, Writer
from understudy.language import phrasebook
from understudy.language.scribe import Scribe
from understudy.model.briefs import Brief, Draft, Found, Part
from understudy.model.clock import DAY, MONTHS, SEASONS, WEEKDAYS, part_of_day
from understudy.rng import Stream


class Sheet:
    """A text under the pen: pieces are appended, and their marks keep their places."""

    def __init__(self) -> None:
        self.text = ""
        self.marks: list[tuple[Mark, str]] = []

    def add(self, spoken: tuple[str, list[Mark]] | None, how: str = "stated", joint: str = " ") -> bool:
        """Append a piece after a joint; False if there is none."""
        if spoken is None or not spoken[0]:
            return False
        if self.text:
            self.text += joint
        offset = len(self.text)
        self.text += spoken[0]
        self.marks += [(Mark(m.source, m.start + offset, m.end + offset), how) for m in spoken[1]]
        return True

    def found(self, part: int, speaker: str) -> list[Found]:
        """The marks as reveals of one part."""
        return [Found(m.source, part, -1, m.start, m.end, how if m.source[0] == "fact" else "stated", speaker) for m, how in self.marks]


WORK = ("colleague", "manager", "report", "client", "provider", "teacher", "student")
"""Ties between which a mail goes straight to its matter."""


def compose_person(brief: Brief, rng: Stream) -> Draft:
    """A mail (or a thread of up to as many as the brief has ids) from one person to others: about an event, from a letter, with facts in passing."""
    author = brief.speakers[0]
    reader = brief.speakers[1] if len(brief.speakers) > 1 else None
    scribe = Scribe(brief, author, reader, rng, "mail", set())
    frames = phrasebook.frames()
    sheet, subject = Sheet(), Sheet()
    work = reader is not None and brief.tie.get(f"{author.id}>{reader.id}", "friend") in WORK
    letter = brief.spoken.get("letter")
    passed_on = letter is not None and not brief.tells and rng.chance(0.08)
    _salute(sheet, scribe)
    if brief.event and brief.module:
        words = phrasebook.module_words(brief.module, brief.say)
        subject.add(scribe.say(phrasebook.rule_of(brief.module, brief.say, "subject")))
        for number in range(len(words["body"])):
            sheet.add(scribe.say(phrasebook.rule_of(brief.module, brief.say, "body", str(number))), joint="\n\n")
    elif letter is not None and not passed_on:
        _letter(sheet, subject, scribe, letter, bool(brief.tells), work)
    for tell in brief.tells:
        opened = sheet.add(scribe.move(frames, "glue", last=False), joint="\n\n") if rng.chance(0.4) else False
        sheet.add(scribe.tell(tell, last=False), tell.how, " " if opened else "\n\n")
    if passed_on:
        sheet.add(scribe.move(frames, "forward_note", last=False), joint="\n\n")
    elif rng.chance(0.3):
        sheet.add(scribe.move(frames, "closer", last=False), joint="\n\n")
    _sign(sheet, scribe)
    if not work and not passed_on and rng.chance(0.07):
        sheet.add(scribe.move(frames, "ps", last=False), joint="\n\n")
    if letter is not None and passed_on:
        _forwarded(sheet, subject, scribe, letter)
    title = ("Fwd: " if passed_on else "") + subject.text.rstrip(".")
    draft = Draft(parts=[Part(author=author.id, title=title, text=sheet.text)], found=sheet.found(0, author.id))
    if len(brief.ids) > 1 and reader is not None and letter is not None:
        _thread(draft, brief, [frames.rules["forward_back"]] if passed_on else phrasebook.letters()[letter]["reply"], title, rng)
    return draft


def _letter(sheet: Sheet, subject: Sheet, scribe: Scribe, letter: int, tells: bool, work: bool) -> None:
    """A letter's paragraphs; with facts to tell sometimes only its first."""
    entry, rng = phrasebook.letters()[letter], scribe.rng
    subject.add(scribe.say(entry["subject"]))
    whole = not tells or rng.chance(0.5)
    if rng.chance(0.05 if work else 0.16 if whole else 0.6):
        sheet.add(scribe.move(phrasebook.frames(), "opener", last=False), joint="\n\n")
    for number, paragraph in enumerate(entry["body"] if whole else entry["body"][:1]):
        if number == 0 or rng.chance(0.85):
            sheet.add(scribe.say(paragraph, last=False), joint="\n\n" if number == 0 or rng.chance(0.8) else " ")


def _forwarded(sheet: Sheet, subject: Sheet, scribe: Scribe, letter: int) -> None:
    """Somebody else's mail under one's own note: nobody's voice, nobody's facts."""
    entry = phrasebook.letters()[letter]
    writer = Writer(None, {**scribe.writer.slots, "me": "", "you": "all"}, scribe.writer.context, scribe.rng)
    subject.add(_capital(writer.line(entry["subject"])))
    sheet.add(scribe.move(phrasebook.frames(), "forward_line", last=False), joint="\n\n")
    for paragraph in entry["body"][:2]:
        sheet.add(_capital(writer.line(paragraph)), joint="\n\n")


def _salute(sheet: Sheet, scribe: Scribe) -> None:
    found = scribe.move(phrasebook.frames(), "salutation", last=False)
    if found is not None and found[0].strip() and scribe.rng.chance(0.28):
        sheet.add((found[0].rstrip("."), found[1]))


def _sign(sheet: Sheet, scribe: Scribe) -> None:
    own = scribe.speaker.voice.get("signoff")
    point = scribe.rng.random()
    if own and point < 0.5:
        sheet.add((f"{own},\n{scribe.speaker.given}", []), joint="\n\n")
    elif point < 0.9:
        found = scribe.move(phrasebook.frames(), "signoff", last=False)
        sheet.add(found and (found[0].rstrip("."), found[1]), joint="\n\n")


def _thread(draft: Draft, brief: Brief, reply: list[Rule], title: str, rng: Stream) -> None:
    """The answers of a thread: the reader's, and, as long as there are ids, a word back and a last one. All within a day or so."""
    frames, pair, after = phrasebook.frames(), brief.speakers[:2], 0
    title = title if title.startswith("Re: ") else f"Re: {title.removeprefix('Fwd: ')}"
    for number in range(1, len(brief.ids)):
        after += rng.whole(12, 1300 if number == 1 else 120)
        day, hour = (brief.minute + after) // DAY - brief.minute // DAY, part_of_day(brief.minute + after)
        author, reader = pair[number % 2], pair[(number + 1) % 2]
        scribe = Scribe(msgspec.structs.replace(brief, part=hour, weekday=(brief.weekday + day) % 7), author, reader, rng, "mail", set())
        sheet = Sheet()
        if rng.chance(0.45 if number == 1 else 0.15):
            _salute(sheet, scribe)
        rules = reply if number == 1 else [frames.rules["thread_back" if number == 2 else "thread_last"]]
        for place, paragraph in enumerate(rules):
            if place == 0 or rng.chance(0.6):
                sheet.add(scribe.say(paragraph, last=False), joint="\n\n")
        short = number == 1 and len(rules) == 1
        if rng.chance(0.85 if short else 0.0 if number == 1 else 0.45):
            sheet.add(scribe.move(frames, "closer", last=False), joint=rng.pick((" ", "\n\n")))
        if rng.chance(0.88 if short else 0.55 if number == 1 else 0.6):
            _sign(sheet, scribe)
        if not sheet.text:
            return
        draft.parts.append(Part(author=author.id, after=after, title=title, text=sheet.text))
        draft.found += sheet.found(number, author.id)


def compose_organization(brief: Brief, rng: Stream) -> Draft:
    """A receipt, notice or newsletter: plain, in the organization's name."""
    slots: dict[str, Any] = dict(brief.slots)
    slots["org"], slots["me"] = brief.organization, brief.organization
    slots["weekday"], slots["month"], slots["season"] = WEEKDAYS[brief.weekday], MONTHS[brief.month - 1], SEASONS[brief.month - 1]
    if brief.reader is not None:
        slots["given"], slots["you"] = brief.reader.given, brief.reader.given
    context = {
        "season": SEASONS[brief.month - 1],
        "days": "weekend" if brief.weekday >= 5 else "weekday",
        "part": brief.part,
        "register": "high",
        "mood": brief.mood,
    }
    writer = Writer(None, slots, context, rng)
    feed = brief.spoken.get("feed")
    if feed is not None:
        entry = phrasebook.feeds()[feed]
        rules: list[Rule] = [entry["subject"], *entry["body"]]
    else:
        words = phrasebook.module_words(brief.module, brief.say)
        rules = [phrasebook.rule_of(brief.module, brief.say, "subject")]
        rules += [phrasebook.rule_of(brief.module, brief.say, "body", str(n)) for n in range(len(words["body"]))]
    subject, sheet = Sheet(), Sheet()
    subject.add(_capital(writer.line(rules[0])))
    if brief.reader is not None and rng.chance(0.4):
        sheet.add(
            (
                rng.pick(
                    (f"Hello {brief.reader.given},", f"Dear {brief.reader.given} {brief.reader.family},", f"Hi {brief.reader.given},", f"{brief.reader.given},")
                ),
                [],
            )
        )
    for rule in rules[1:]:
        sheet.add(_capital(writer.line(rule)), joint="\n\n")
    if rng.chance(0.7) and brief.organization not in sheet.text.rsplit("\n\n", 1)[-1]:
        sheet.add(
            (rng.pick((brief.organization, f"The team at {brief.organization}", f"Your {brief.organization}")), []),
            joint="\n\n",
        )
    return Draft(parts=[Part(author=brief.author, title=subject.text, text=sheet.text)], found=sheet.found(0, brief.author))


def _capital(spoken: tuple[str, list[Mark]] | None) -> tuple[str, list[Mark]] | None:
    return None if spoken is None else (spoken[0][:1].upper() + spoken[0][1:], spoken[1])
