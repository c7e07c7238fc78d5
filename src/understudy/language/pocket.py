"""What a phone keeps beside talk: searches, captions, posts, calls, passes in the wallet, what lights up the screen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from understudy import assets
from understudy.engine.grammar import Rule, Writer
from understudy.language import phrasebook
from understudy.language.jot import rules_of
from understudy.language.mail import Sheet
from understudy.language.scribe import Scribe, fact_slots
from understudy.model.briefs import Brief, Draft, Part
from understudy.model.clock import MONTHS, SEASONS, WEEKDAYS
from understudy.rng import Stream

PARTS = ("searches", "photos", "posts", "calls", "notifications", "passes")
"""The lists of everyday things, a file each in `grammars/artifacts/pocket/`."""


@cache
def things() -> dict[str, list[dict[str, Any]]]:
    """Everyday entries by part, from every file of the folder."""
    found: dict[str, list[dict[str, Any]]] = {part: [] for part in PARTS}
    for path in assets.folder("grammars/artifacts/pocket"):
        content = assets.data(f"grammars/artifacts/pocket/{path.name}")
        for part in PARTS:
            found[part] += content.get(part, [])
    return found


@cache
def fact_searches() -> dict[str, Rule]:
    """What people who hold a fact type into a search box, by the fact's key."""
    return {key: Rule(lines) for key, lines in assets.data("grammars/artifacts/fact_searches.yaml").items()}


def _hand(brief: Brief, rng: Stream) -> Scribe:
    return Scribe(brief, brief.speakers[0], None, rng, "mail", set())


def _line(sheet: Sheet, scribe: Scribe, rule: Rule, joint: str = " ", how: str = "stated", bare: bool = True) -> bool:
    """Add one line of a rule, without its full stop where the thing has none."""
    found = scribe.say(rule)
    if found is None:
        return False
    text = found[0].rstrip(".") if bare else found[0]
    return sheet.add((text, [m for m in found[1] if m.end <= len(text)]), how, joint)


def compose_search(brief: Brief, rng: Stream) -> Draft:
    """One to three queries, as typed: lower case, no stop, a line each; the pages then opened stand in the payload."""
    scribe, sheet = _hand(brief, rng), Sheet()
    if brief.tells:
        scribe.writer.slots.update(fact_slots(brief.tells[0]))
        _line(sheet, scribe, fact_searches()[brief.tells[0].key], "\n", "implied")
    else:
        rule = rules_of(brief, "queries")
        for _ in range(min(rng.pick((1, 1, 1, 2, 2, 3)), len(rule.lines)) if brief.module else 1):  # an event's questions hang together, idle ones do not
            _line(sheet, scribe, rule, "\n", "implied")
    low = sheet.text.lower()
    text = low if len(low) == len(sheet.text) else sheet.text
    payload = {"pages": _pages(brief, scribe, rng)}
    return Draft(parts=[Part(author=brief.author, text=text, payload=payload)], found=sheet.found(0, brief.author))


def _pages(brief: Brief, scribe: Scribe, rng: Stream) -> list[str]:
    """Titles of the pages that were read after searching; half the time nobody opens one."""
    words: Mapping[str, Any] = phrasebook.module_words(brief.module, brief.say) if brief.module else brief.spoken
    if not words.get("pages") or rng.chance(0.4):
        return []
    writer = Writer(None, {k: getattr(v, "text", v) for k, v in scribe.writer.slots.items()}, scribe.writer.context, rng)
    line = writer.line(rules_of(brief, "pages"))
    return [line[0].rstrip(".")] if line and line[0] else []


def compose_photo(brief: Brief, rng: Stream) -> Draft:
    """A photo's caption; where, when and with whom come from the ledger."""
    scribe, sheet = _hand(brief, rng), Sheet()
    _line(sheet, scribe, rules_of(brief, "caption"))
    return Draft(parts=[Part(author=brief.author, text=sheet.text)], found=sheet.found(0, brief.author))


def compose_post(brief: Brief, rng: Stream) -> Draft:
    """A post on a social network, and what those around write under it."""
    scribe, sheet = Scribe(brief, brief.speakers[0], None, rng, "text", set()), Sheet()
    _line(sheet, scribe, rules_of(brief, "text"), bare=False)
    words: Mapping[str, Any] = phrasebook.module_words(brief.module, brief.say) if brief.module else brief.spoken
    replies = []
    for reader in brief.speakers[1:] if words.get("replies") else ():
        said = Scribe(brief, reader, brief.speakers[0], rng, "text", set()).say(rules_of(brief, "replies"))
        if said is not None and not any(m.source for m in said[1]):
            replies.append({"person": reader.id, "text": said[0]})
    return Draft(parts=[Part(author=brief.author, text=sheet.text, payload={"replies": replies})], found=sheet.found(0, brief.author))


def compose_call(brief: Brief, rng: Stream) -> Draft:
    """A call in the log; where nobody picked up, what was left on the voicemail."""
    spoken, sheet = brief.spoken, Sheet()
    words: Mapping[str, Any] = phrasebook.module_words(brief.module, brief.say) if brief.module else spoken
    left = bool(spoken.get("missed")) and bool(words.get("voicemail"))
    if left and brief.organization:
        sheet.add(_capital(_clerk(brief, rng).line(rules_of(brief, "voicemail"))))
    elif left:
        scribe = Scribe(brief, brief.speakers[0], brief.speakers[1] if len(brief.speakers) > 1 else None, rng, "mail", set())
        for _ in range(rng.pick((1, 1, 2)) if len(words["voicemail"]) > 1 else 1):
            _line(sheet, scribe, rules_of(brief, "voicemail"), bare=False)
    log = "Missed call" if spoken.get("missed") else f"Call, {spoken.get('minutes', 1)} min"
    return Draft(parts=[Part(author=brief.author, title=log, text=sheet.text or log)], found=sheet.found(0, brief.author))


def compose_notification(brief: Brief, rng: Stream) -> Draft:
    """One line on the screen, in an app's or a firm's name."""
    sheet = Sheet()
    sheet.add(_capital(_clerk(brief, rng).line(rules_of(brief, "text"))))
    return Draft(parts=[Part(author=brief.author, title=brief.organization, text=sheet.text)], found=sheet.found(0, brief.author))


def compose_pass(brief: Brief, rng: Stream) -> Draft:
    """A pass in the wallet: its title, and its fields a line each."""
    words: Mapping[str, Any] = phrasebook.module_words(brief.module, brief.say) if brief.module else brief.spoken
    writer, title, sheet = _clerk(brief, rng), Sheet(), Sheet()
    title.add(_capital(writer.line(rules_of(brief, "title"))))
    fields = {}
    for name, text in words["fields"].items():
        found = writer.line(phrasebook.lines(text))
        if found is None or not found[0]:
            continue
        start = f"{name}: "
        sheet.add((start + found[0], [m._replace(start=m.start + len(start), end=m.end + len(start)) for m in found[1]]), joint="\n")
        fields[str(name)] = found[0]
    payload = {"type": words.get("type", "ticket"), "fields": fields, "issuer": brief.spoken.get("issuer", "")}
    return Draft(parts=[Part(author=brief.author, title=title.text, text=sheet.text, payload=payload)], found=sheet.found(0, brief.author))


def compose_attachment(brief: Brief, words: Mapping[str, Any], rng: Stream) -> tuple[Part, Sheet]:
    """The document that a mail carries: its file name and its text, laid out as such papers are."""
    writer, name, sheet = _clerk(brief, rng), Sheet(), Sheet()
    name.add(writer.line(phrasebook.lines(words["name"])))
    for paragraph in words["body"]:
        sheet.add(_capital(writer.line(phrasebook.lines(paragraph))), joint="\n\n")
    return Part(kind="document", author=brief.author, people=list(brief.people), title=name.text, text=sheet.text or name.text), sheet


def _clerk(brief: Brief, rng: Stream) -> Writer:
    """Plain words without a voice: what firms, apps and forms write."""
    slots: dict[str, Any] = dict(brief.slots)
    slots["org"] = brief.organization
    slots["weekday"], slots["month"], slots["season"] = WEEKDAYS[brief.weekday], MONTHS[brief.month - 1], SEASONS[brief.month - 1]
    reader = brief.reader or (brief.speakers[0] if brief.speakers else None)
    if reader is not None:
        slots["given"], slots["you"], slots["me"] = reader.given, reader.given, reader.given
    days = "weekend" if brief.weekday >= 5 else "weekday"
    return Writer(None, slots, {"season": SEASONS[brief.month - 1], "days": days, "part": brief.part, "register": "high", "mood": brief.mood}, rng)


def _capital(spoken: Any) -> Any:
    return None if spoken is None else (spoken[0][:1].upper() + spoken[0][1:], spoken[1])
