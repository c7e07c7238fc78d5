"""What follows a purchase of itself, to the cent: the bank's entry, and for what was ordered the shop's mails, the carrier's word, now and then a refund."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from understudy import assets
from understudy.artifacts.cast import Cast
from understudy.engine.grammar import Rule, Writer
from understudy.language import phrasebook
from understudy.language.mail import Sheet
from understudy.model.briefs import Brief, Draft, Found, Part
from understudy.model.clock import DAY, WEEKDAYS
from understudy.model.records import Organization
from understudy.rng import Stream, stream

SENDS = ("online_store", "retail_chain", "subscription_box", "bookstore", "electronics_store", "clothing_store", "toy_store")
"""Kinds of shops that send what is ordered from them."""
CASH = 0.09
"""The share of payments in a shop that leave no entry at the bank (our estimate; cash is about one payment in seven, most of them small)."""
RETURNED = 0.06
"""The share of sent goods that go back (our estimate for all goods; clothes come back more often)."""


@cache
def _rules() -> dict[str, Any]:
    """The sentences, compiled: a rule a name, a list of rules for a body."""
    content = assets.data("grammars/artifacts/orders.yaml")
    return {name: [Rule(p) for p in lines] if name.endswith("_body") else Rule(lines) for name, lines in content.items()}


def bank_of(seed: int, household: str, banks: list[Organization]) -> Organization | None:
    """The household's bank, the same that its modules draw (`life/details.py`)."""
    return stream(seed, f"{household}/faithful/bank").pick(banks) if banks else None


def plan_following(cast: Cast, brief: Brief, seed: int, by_kind: Mapping[str, list[Organization]], end: int) -> int:
    """Decide what follows a purchase, into `spoken["follows"]`: kind, minutes after, author, what is said. How many that is."""
    person = brief.author
    rng = stream(seed, f"{person}/{brief.minute}/{brief.spoken.get('merchant', '')}/follows")
    merchant = cast.organizations.get(brief.spoken.get("merchant", ""))
    bank = bank_of(seed, cast.people[person].household, by_kind.get("bank", []))
    if merchant is None or bank is None or cast.age[person] < 14:
        return 0
    sent = not brief.module and merchant.kind in SENDS and not brief.spoken.get("there")
    rows: list[tuple[str, int, str, str]] = []
    if sent or brief.module or not rng.chance(CASH):
        rows.append(("transaction", rng.whole(0, 3), bank.id, "paid"))
    carrier = rng.pick(by_kind.get("parcel_carrier") or [merchant])
    ships, arrives = rng.whole(300, 2200), rng.whole(2, 6) * DAY
    arrival = brief.minute + arrives
    arrives += 10 * 60 + rng.whole(0, 480) - arrival % DAY  # carriers come by day
    if sent:
        rows += [
            ("email", rng.whole(1, 4), merchant.id, "confirmed"),
            ("email", ships, merchant.id, "shipped"),
            ("notification", arrives, carrier.id, "delivered"),
        ]
        if rng.chance(RETURNED):
            back = arrives + rng.whole(5, 16) * DAY
            rows += [("email", back, merchant.id, "refunded"), ("transaction", back + rng.whole(600, 3000), bank.id, "refund")]
    brief.spoken["follows"] = [row for row in rows if brief.minute + row[1] < end - 2]
    brief.spoken["bank"] = {
        "carrier": carrier.name, "card": str(stream(seed, f"{person}/card").whole(1000, 9999)), "city": cast.community.town.city.upper(),
        "state": cast.community.town.state, "arrives": WEEKDAYS[cast.clock.weekday(brief.minute + arrives)], "owner": person, "given": cast.people[person].given_name,
    }  # fmt: skip
    return len(brief.spoken["follows"])


def following(brief: Brief, draft: Draft) -> tuple[list[Part], list[Found]]:
    """The parts that were planned, with the amount that the purchase came to. They are forms: nothing in them is revealed that the purchase does not."""
    payload, about = draft.parts[0].payload, brief.spoken["bank"]
    total, items = int(payload["total_cents"]), payload["items"]
    rng = stream(0, f"{brief.ids[0]}/follows")
    order = "".join(rng.pick("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(2)) + f"-{rng.whole(100000, 999999)}"
    slots = {
        "order": order, "item": _short(items[0]["title"]) if items else "your order", "total": f"${total / 100:,.2f}", "carrier": about["carrier"],
        "given": about["given"], "card": about["card"], "day": about["arrives"], "org": brief.spoken.get("merchant_name", ""),
    }  # fmt: skip
    parts = []
    for kind, after, author, say in brief.spoken["follows"]:
        people = [(author, "author"), (about["owner"], "to")]
        if kind == "transaction":
            parts += [entry(brief, author, after, total if say == "refund" else -total, say)] if total else []  # what was free is on no statement
            continue
        writer, title, sheet = Writer(None, dict(slots), {"register": "high"}, rng), Sheet(), Sheet()
        rules = _rules()
        if kind == "email":
            title.add(_line(writer, rules[f"{say}_subject"]))
            for rule in rules[f"{say}_body"]:
                sheet.add(_line(writer, rule), joint="\n\n")
            sheet.add((slots["org"], []), joint="\n\n")
        else:
            title.add((about["carrier"], []))
            sheet.add(_line(writer, rules[say]))
        parts.append(Part(kind=kind, author=author, people=people, after=after, title=title.text, text=sheet.text, payload={"order": order, "step": say}))
    return parts, []


def entry(brief: Brief, bank: str, after: int, cents: int, step: str) -> Part:
    """One line of a bank statement: whose name stands there, how much (negative: paid), from which card."""
    about, merchant = brief.spoken["bank"], brief.spoken.get("merchant", "")
    descriptor = f"{brief.spoken.get('merchant_name', '').upper()} {about['city']} {about['state']}"
    sign = "-" if cents < 0 else "+"
    people = [(about["owner"], "owner"), (bank, "bank"), *([(merchant, "merchant")] if merchant else [])]
    payload = {
        "amount_cents": cents, "descriptor": descriptor, "card": about["card"], "merchant": merchant, "category": list(brief.spoken.get("category", ()))[:1], "step": step,
    }  # fmt: skip
    return Part(
        kind="transaction", author=bank, people=people, after=after, title=descriptor, text=f"{descriptor} {sign}${abs(cents) / 100:,.2f}", payload=payload
    )


def _line(writer: Writer, rule: Rule) -> tuple[str, list[Any]] | None:
    found = writer.line(rule)
    return None if found is None else (found[0][:1].upper() + found[0][1:], [])


def _short(title: str) -> str:
    """An item's title without its size, as a mail would name it."""
    return title.split(",")[0]


def compose_deposit(brief: Brief, rng: Stream) -> Draft:
    """A line of a statement that an event leaves: pay that comes in, a bill that goes out."""
    words = phrasebook.module_words(brief.module, brief.say)
    cents = int(brief.spoken["amount"]) * (1 if words.get("direction") == "in" else -1)
    line = Writer(None, {k: v.text for k, v in brief.slots.items()}, {}, rng).line(phrasebook.lines(words["descriptor"]))
    descriptor = (line[0] if line else "deposit").upper()
    sign = "-" if cents < 0 else "+"
    payload = {"amount_cents": cents, "descriptor": descriptor, "card": "", "merchant": "", "category": [], "step": "paid"}
    return Draft(parts=[Part(author=brief.author, title=descriptor, text=f"{descriptor} {sign}${abs(cents) / 100:,.2f}", payload=payload)])
