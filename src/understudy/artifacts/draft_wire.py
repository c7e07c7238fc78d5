"""A model's answer and a draft: the shape that each kind asks for, the draft read out of an answer with its reveals found in the text, and the way back."""

from __future__ import annotations

import re
from typing import Any

from understudy.artifacts.brief_data import details, names, told
from understudy.engine.call import Unfit
from understudy.engine.shape import Shape, choice, listed, record, text, whole
from understudy.model.briefs import Brief, Draft, Found, Part, Tell, Turn
from understudy.model.clock import WEEKDAYS

ASSISTANT = "assistant"
USER = "user"
LENGTHS = {"calendar": 110, "post": 400, "call": 500}
"""The most characters of what is one text and nothing else, where it is not a line of 160."""
DISTINCT = 5
"""A detail of so many characters that stands in a text was put there from the brief."""


def voices(brief: Brief) -> dict[str, str]:
    """Who may take a turn: what they are called on the wire -> speaker id."""
    if brief.kind == "chat":
        return {USER: brief.speakers[0].id, ASSISTANT: ASSISTANT}
    return {called: ident for ident, called in names(brief).items()}


def quotes(brief: Brief) -> dict[str, Shape]:
    """The field in which a model names what it reveals, where there is anything to reveal."""
    aliases = [alias for alias, _ in told(brief)] + [alias for alias, _, _ in details(brief)]
    if not aliases:
        return {}
    return {"reveals": listed(record({"what": choice(aliases), "quote": text(240)}), len(brief.tells), len(aliases) + 2)}


def shape(brief: Brief) -> Shape:
    """The shape of an answer for a brief of any kind."""
    kind = brief.kind
    if kind in ("message", "chat"):
        turn = {"who": choice(list(voices(brief))), "pause": whole(0, 55), "text": text(1400 if kind == "chat" else 500)}
        return record({"turns": listed(record(turn), 1 if brief.unanswered else 2, 3 if brief.unanswered else 18), **quotes(brief)})
    if kind == "email":
        reply = {"reply": text(1200), "reply_after_minutes": whole(10, 1400)} if len(brief.ids) > 1 else {}
        return record({"subject": text(120), "body": text(2400, 12), **reply, **quotes(brief)})
    if kind == "note":
        return record({"title": text(80), "lines": listed(text(160), 1, 12), **quotes(brief)})
    if kind == "search":
        return record({"queries": listed(text(110), 1, 3), **quotes(brief)})
    if kind == "purchase":
        return record({"items": listed(record({"title": text(90), "cents": whole(25, 400_000)}), 1, 14), **quotes(brief)})
    return record({"title" if kind == "calendar" else "text": text(LENGTHS.get(kind, 160)), **quotes(brief)})


def read(brief: Brief, wire: dict[str, Any]) -> Draft:
    """The draft that an answer holds; `Unfit` where it cannot be one."""
    draft = Draft(parts=_parts(brief, wire), read=True)
    draft.found = reveals(brief, draft, wire.get("reveals", []))
    return draft


def _parts(brief: Brief, wire: dict[str, Any]) -> list[Part]:
    kind = brief.kind
    if kind in ("message", "chat"):
        speakers, after, turns = voices(brief), 0, list[Turn]()
        for number, turn in enumerate(wire["turns"]):
            after += turn["pause"] if number else 0
            turns.append(Turn(speaker=speakers[turn["who"]], after=after, text=" ".join(turn["text"].split()) if kind == "message" else turn["text"]))
        if len({t.speaker for t in turns}) < 2 and not brief.unanswered:
            raise Unfit("only one side speaks; both have to")
        return [Part(author=brief.author, turns=turns)]
    if kind == "email":
        parts = [Part(author=brief.author, title=_line(wire["subject"]), text=wire["body"])]
        if len(brief.ids) > 1:
            parts.append(Part(author=brief.speakers[1].id, after=wire["reply_after_minutes"], title=f"Re: {parts[0].title}", text=wire["reply"]))
        return parts
    if kind == "note":
        return [Part(author=brief.author, title=_line(wire["title"]), text="\n".join(_line(line) for line in wire["lines"]))]
    if kind == "purchase":
        return [_purchase(brief, wire["items"])]
    if kind == "search":
        return [Part(author=brief.author, text="\n".join(_line(query).rstrip(".") for query in wire["queries"]))]
    title = _line(wire["title"] if kind == "calendar" else wire["text"])
    return [Part(author=brief.author, title=title if kind == "calendar" else "Missed call" if kind == "call" else "", text=title)]


def _line(said: str) -> str:
    return " ".join(said.split())


def _purchase(brief: Brief, items: list[dict[str, Any]]) -> Part:
    """Items whose prices add up to what the ledger says, shared out as the model did."""
    cents = [int(item["cents"]) for item in items]
    total = brief.spoken.get("total")
    if total is not None:
        whole_sum = sum(cents)
        cents = [total * c // whole_sum for c in cents]
        cents[-1] += total - sum(cents)
    listed_items = [{"title": _line(item["title"]), "cents": c} for item, c in zip(items, cents, strict=True)]
    payload = {
        "merchant": brief.spoken.get("merchant", ""), "items": listed_items, "total_cents": sum(cents), "category": list(brief.spoken.get("category", ())),
    }  # fmt: skip
    return Part(author=brief.author, title=brief.spoken.get("merchant_name", ""), text="\n".join(str(i["title"]) for i in listed_items), payload=payload)


class Texts:
    """The texts of a draft one by one: part, turn (-1: none), speaker, text."""

    def __init__(self, brief: Brief, draft: Draft):
        self.rows: list[tuple[int, int, str, str]] = []
        for number, part in enumerate(draft.parts):
            if part.turns:
                self.rows += [
                    (number, i, brief.author if brief.kind == "chat" and t.speaker != ASSISTANT else t.speaker, t.text) for i, t in enumerate(part.turns)
                ]
            else:
                self.rows.append((number, -1, part.author, part.text))

    def of(self, value: str, speaker: str | None) -> tuple[int, int, str, int, int] | None:
        """Where a value stands first, as a whole, said by this speaker (or by anyone)."""
        pattern = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.I)
        for part, turn, who, said in self.rows:
            match = pattern.search(said) if speaker in (None, who) else None
            if match:
                return part, turn, who, match.start(), match.end()
        return None

    def quote(self, quoted: str, speaker: str) -> tuple[int, int, str, int, int] | None:
        """Where a quotation stands (spaces and quotation marks forgiven), said by this speaker."""
        bare = quoted.strip().strip("\"'“”‘’").strip()
        if len(bare) < 3:
            return None
        pattern = re.compile(r"\s+".join(re.escape(w) for w in bare.split()), re.I)
        for part, turn, who, said in self.rows:
            match = pattern.search(said) if who == speaker else None
            if match:
                return part, turn, who, match.start(), match.end()
        return None


def reveals(brief: Brief, draft: Draft, named: list[dict[str, str]]) -> list[Found]:
    """Every reveal of a model's draft: values that stand in the text word for word, and quotations for what is only implied."""
    texts = Texts(brief, draft)
    found = []
    for alias, tell in told(brief):
        place = texts.of(tell.value, tell.speaker)
        if place is not None:
            found.append(Found(("fact", tell.fact), place[0], place[1], place[3], place[4], tell.how, tell.speaker, "quotation"))
        elif tell.how == "implied":
            found += _implied(tell, [n["quote"] for n in named if n["what"] == alias], texts)
    for alias, name, value in details(brief):
        if (len(value) < DISTINCT and not any(n["what"] == alias for n in named)) or value in WEEKDAYS:
            continue
        place = texts.of(value, None)
        source = next(v.source for v in brief.slots.values() if v.text == value and v.source)
        if place is not None and name and (source[0] != "fact" or place[2] == brief.author):
            found.append(Found(source, place[0], place[1], place[3], place[4], "stated", place[2], "quotation"))
    return found


def _implied(tell: Tell, quoted: list[str], texts: Texts) -> list[Found]:
    for quote in quoted:
        place = texts.quote(quote, tell.speaker)
        if place is not None:
            return [Found(("fact", tell.fact), place[0], place[1], place[3], place[4], "implied", tell.speaker, "critic")]
    return []


def wire(brief: Brief, draft: Draft) -> dict[str, Any]:
    """A draft as a model would have sent it."""
    kind, part = brief.kind, draft.parts[0]
    found: dict[str, Any]
    if kind in ("message", "chat"):
        called = {ident: name for name, ident in voices(brief).items()}
        rows, last = [], 0
        for turn in part.turns:
            rows.append({"who": called.get(turn.speaker, USER), "pause": min(55, turn.after - last), "text": turn.text})
            last = turn.after
        found = {"turns": rows}
    elif kind == "email":
        found = {"subject": part.title or "-", "body": part.text}
        if len(brief.ids) > 1:
            found.update(reply=draft.parts[-1].text, reply_after_minutes=min(1400, max(10, draft.parts[-1].after)))
    elif kind == "note":
        found = {"title": part.title or "-", "lines": part.text.split("\n")}
    elif kind == "search":
        found = {"queries": part.text.split("\n")}
    elif kind == "purchase":
        found = {"items": [{"title": i["title"], "cents": max(25, i["cents"])} for i in part.payload["items"]]}
    else:
        found = {"title" if kind == "calendar" else "text": part.text}
    if quotes(brief):
        found["reveals"] = _named(brief, draft)
    return found


def _named(brief: Brief, draft: Draft) -> list[dict[str, str]]:
    aliases: dict[tuple[str, ...], str] = {("fact", tell.fact): alias for alias, tell in told(brief)}
    values = {value: alias for alias, _, value in details(brief)}
    rows: list[dict[str, str]] = []
    for f in draft.found:
        said = draft.parts[f.part].text if f.turn < 0 else draft.parts[f.part].turns[f.turn].text
        alias = aliases.get(f.source) or next((a for v, a in values.items() if v.lower() == said[f.start : f.end].lower()), None)
        if alias and alias not in [r["what"] for r in rows]:
            rows.append({"what": alias, "quote": said[f.start : f.end]})
    return rows
