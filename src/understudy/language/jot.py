"""The shortest writing: titles, reminders, lists and the items of a purchase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from understudy.engine.grammar import Rule
from understudy.language import phrasebook
from understudy.language.mail import Sheet
from understudy.language.scribe import Scribe
from understudy.model.briefs import Brief, Draft, Part
from understudy.rng import Stream


def rules_of(brief: Brief, part: str) -> Rule:
    """The rule of a part of the brief's words: the module's, or those that came with it."""
    if brief.module:
        return phrasebook.rule_of(brief.module, brief.say, part)
    return phrasebook.lines(brief.spoken[part])


def _scribe(brief: Brief, rng: Stream) -> Scribe:
    return Scribe(brief, brief.speakers[0], None, rng, "mail", set())


def _one(brief: Brief, rng: Stream, part: str) -> Sheet:
    sheet = Sheet()
    found = _scribe(brief, rng).say(rules_of(brief, part), last=True)
    if found is not None:
        sheet.add((found[0].rstrip("."), [m for m in found[1] if m.end <= len(found[0].rstrip("."))]))
    return sheet


def compose_calendar(brief: Brief, rng: Stream) -> Draft:
    """A calendar entry: its title is its text."""
    sheet = _one(brief, rng, "title")
    return Draft(parts=[Part(author=brief.author, title=sheet.text, text=sheet.text)], found=sheet.found(0, brief.author))


def compose_reminder(brief: Brief, rng: Stream) -> Draft:
    """A reminder: one line."""
    sheet = _one(brief, rng, "text")
    return Draft(parts=[Part(author=brief.author, text=sheet.text)], found=sheet.found(0, brief.author))


def compose_note(brief: Brief, rng: Stream) -> Draft:
    """A note: a title, and some of its lines or a fact or two."""
    scribe = _scribe(brief, rng)
    title, sheet = Sheet(), Sheet()
    found = scribe.say(rules_of(brief, "title"))
    title.add(found and (found[0].rstrip("."), found[1]))
    rule = rules_of(brief, "lines")
    low, high = brief.spoken.get("take", (3, 6))
    for _ in range(min(rng.whole(int(low), int(high)), len(rule.lines))):
        line = scribe.say(rule)
        if line is not None:
            bare = line[0].rstrip(".")
            sheet.add((bare, [m for m in line[1] if m.end <= len(bare)]), joint="\n")
    return Draft(parts=[Part(author=brief.author, title=title.text, text=sheet.text)], found=sheet.found(0, brief.author))


def compose_purchase(brief: Brief, rng: Stream) -> Draft:
    """The items of a purchase: their titles as lines of text, prices in cents in the payload."""
    scribe = _scribe(brief, rng)
    sheet = Sheet()
    items: list[dict[str, Any]] = []
    for title, cents in _items(brief, rng):
        found = scribe.say(title)
        if found is None:
            continue
        bare = found[0].rstrip(".")
        sheet.add((bare, [m for m in found[1] if m.end <= len(bare)]), brief.spoken.get("how", "implied"), joint="\n")
        items.append({"title": bare, "cents": cents})
    total = sum(item["cents"] for item in items)
    wanted = brief.spoken.get("total")
    if wanted is not None and items:
        items[-1]["cents"] += wanted - total
        total = wanted
    payload = {"merchant": brief.spoken.get("merchant", ""), "items": items, "total_cents": total, "category": list(brief.spoken.get("category", ()))}
    return Draft(
        parts=[Part(author=brief.author, title=brief.spoken.get("merchant_name", ""), text=sheet.text, payload=payload)], found=sheet.found(0, brief.author)
    )


def _items(brief: Brief, rng: Stream) -> Sequence[tuple[Rule, int]]:
    """Item rules with prices: of a module (whose money detail is shared out), of a fact's purchase, or of a daily list."""
    spoken = brief.spoken
    if brief.module:
        words = phrasebook.module_words(brief.module, brief.say)
        count = len(words["items"])
        prices = words.get("prices") or [[100, 900]] * count
        rules = [phrasebook.rule_of(brief.module, brief.say, "items", str(n)) for n in range(count)]
        if spoken.get("total") is not None:
            total, shares = int(spoken["total"]), [rng.between(0.4, 1.0) for _ in range(count)]
            cents = [int(total * share / sum(shares)) for share in shares]
            return list(zip(rules, cents, strict=True))
        return [(rule, rng.whole(int(low), int(high))) for rule, (low, high) in zip(rules, prices, strict=False)]
    listed = spoken["items"]
    low, high = spoken.get("count", (1, 1))
    chosen = rng.some(listed, rng.whole(int(low), int(high)))
    return [(phrasebook.lines(text), rng.whole(int(price[0]), int(price[1]))) for text, price in chosen]
