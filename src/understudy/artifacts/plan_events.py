"""Plans what events leave behind: the traces of a week become briefs with the event's details as slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from understudy.artifacts.cast import MAILS, WRITES, Cast
from understudy.language.phrasebook import STORY, module_words
from understudy.model.briefs import Brief, Value
from understudy.model.clock import WEEKDAYS, date_text, hour_text, relative
from understudy.model.records import Event, Place
from understudy.model.traces import Trace
from understudy.rng import Stream, stream

PHONES = {"search": 10, "photo": 10, "post": 14, "pass": 12}
"""The age from which somebody leaves such things."""


def plan_trace(cast: Cast, trace: Trace, events: Mapping[str, Event], places: Mapping[str, Place], known: Mapping[str, set[str]]) -> Brief | None:
    """The brief of one trace, or None where it cannot be written: a child who does not write yet, a fact that no longer holds."""
    moment = cast.clock.utc(trace.minute)
    for fact_id in trace.facts.values():
        fact = cast.timeline.facts[fact_id]
        if moment < fact.valid_from or (fact.valid_to is not None and moment >= fact.valid_to):
            return None
        if trace.by in cast.people and trace.by != fact.person and trace.by not in known.get(fact_id, ()):
            return None
    event = events[trace.event]
    slots = _slots(cast, trace, event, events[trace.root], places)
    brief = _frame(cast, trace, event, places)
    if brief is None:
        return None
    brief.event, brief.module, brief.say, brief.mood, brief.slots = event.id, trace.module, trace.say, trace.mood, slots
    brief.title = event.title
    if brief.kind == "transaction":
        brief.spoken["amount"] = events[trace.root].details.get(f"{module_words(trace.module, trace.say).get('amount')}_cents", 0)
    if brief.kind == "purchase":
        _purchase(cast, brief, trace, event if trace.module == STORY else events[trace.root])
    return brief


def _slots(cast: Cast, trace: Trace, event: Event, root: Event, places: Mapping[str, Place]) -> dict[str, Value]:
    """Every slot of the module's words: details (sourced), the cast, the time as seen from the moment of writing."""
    clock = cast.clock
    start = clock.minute(event.starts)
    slots: dict[str, Value] = {}
    teller = event if trace.module == STORY else root  # where the details stand
    for name, text in teller.details.items():
        if isinstance(text, str):
            slots[name] = Value(text, ("detail", teller.id, name))
            slots[f"{name}.first"] = Value(text.split(" ")[0])
            slots[f"{name}.he"], slots[f"{name}.him"], slots[f"{name}.his"] = Value("they"), Value("them"), Value("their")
    for slot, fact in trace.facts.items():
        slots[slot] = Value(cast.timeline.facts[fact].value, ("fact", fact))
    for role, person in [*trace.roles.items(), ("self", trace.owner)]:
        slots[role] = Value(cast.people[person].given_name)
        female = cast.people[person].sex == "female"
        slots[f"{role}.he"], slots[f"{role}.him"], slots[f"{role}.his"] = map(Value, ("she", "her", "her") if female else ("he", "him", "his"))
    day = clock.date(start)
    slots["day"] = Value(WEEKDAYS[day.weekday()], ("detail", event.id, "day"))
    slots["date"] = Value(date_text(day), ("detail", event.id, "date"))
    slots["time"] = Value(hour_text(start), ("detail", event.id, "time"))
    slots["when"] = Value(relative(trace.minute, start, clock))
    if trace.module == STORY:
        slots["title"] = Value(event.title)
        if start > trace.minute:
            slots["ahead"] = Value("")  # lines that only hold before it, or after it, ask for one of these
        elif clock.minute(event.ends) <= trace.minute:
            slots["over"] = Value("")
    slots["town"] = Value(cast.community.town.city)
    if event.place and places[event.place].category != "home":
        slots["place"] = Value(places[event.place].name, ("detail", event.id, "place"))
    return slots


def _frame(cast: Cast, trace: Trace, event: Event, places: Mapping[str, Place]) -> Brief | None:
    """Who writes to whom, by kind."""
    if trace.by not in cast.people:
        return _from_organization(cast, trace)
    if cast.age[trace.by] < WRITES:
        return None
    if trace.kind in ("search", "photo", "post", "call", "pass"):
        return _from_phone(cast, trace, event, places)
    least = MAILS if trace.kind == "email" else WRITES
    others = [p for p in trace.to if cast.age.get(p, 0) >= least and p != trace.by]
    if trace.kind in ("message", "email") and (not others or cast.age[trace.by] < least):
        return None
    brief = cast.brief(trace.kind, trace.minute, trace.by, others if trace.kind in ("message", "email") else [])
    if trace.kind == "message":
        brief.people = [(p, "member") for p, _ in brief.people]
    elif trace.kind == "calendar":
        brief.people = [(trace.by, "owner"), *[(p, "attendee") for p in event.people if p != trace.by]]
        start = cast.clock.minute(event.starts)
        brief.spoken = {
            "starts": start, "ends": max(start + 15, cast.clock.minute(event.ends)), "place": event.place,
            "location": places[event.place].name if event.place else "",
        }  # fmt: skip
    elif trace.kind == "reminder":
        brief.people, brief.spoken = [(trace.by, "owner")], {"due": max(trace.minute, cast.clock.minute(event.starts))}
    else:
        brief.people = brief.people if trace.kind == "email" else [(trace.by, "owner")]
    return brief


def _from_phone(cast: Cast, trace: Trace, event: Event, places: Mapping[str, Place]) -> Brief | None:
    """What an event leaves on the phone of whoever has it."""
    kind, owner = trace.kind, trace.by
    if cast.age[owner] < PHONES.get(kind, WRITES):
        return None
    rng = stream(cast.community.seed, f"{trace.event}/{trace.say}/{trace.minute}")
    others = [p for p in trace.to if p != owner and cast.age.get(p, 0) >= WRITES] if kind == "call" else []
    if kind == "call" and not others:
        return None
    if kind == "post":
        known = sorted(p for p in cast.people if f"{owner}>{p}" in cast.tie and cast.age[p] >= MAILS)
        others = rng.some(known, min(len(known), rng.pick((0, 1, 2, 2, 3))))
    brief = cast.brief(kind, trace.minute, owner, others)
    roles = {"call": ("caller", "callee"), "post": ("author", "reader")}.get(kind, ("owner", ""))
    brief.people = [(owner, roles[0]), *[(p, roles[1]) for p, _ in brief.people[1:]]]
    if kind == "photo":
        here = places[event.place] if event.place else None
        location = here.name if here and here.category != "home" else ""
        brief.spoken = {"place": here.id if here else None, "location": location, "with": [p for p in event.people if p != owner]}
    elif kind == "call":
        brief.spoken = how_called(bool(module_words(trace.module, trace.say).get("voicemail")), rng)
    elif kind == "post":
        brief.spoken = {"network": network_of(cast, owner), "likes": rng.whole(2, 24)}
    elif kind == "pass":
        brief.organization = cast.organizations[trace.merchant].name if trace.merchant else ""
        brief.spoken = {"issuer": trace.merchant or ""}
    return brief


def how_called(voicemail: bool, rng: Stream) -> dict[str, Any]:
    """Whether a call is missed, whether something is left then, and how many minutes it lasts (our estimates)."""
    missed = rng.chance(0.9 if voicemail else 0.15)
    return {"missed": missed, "left": missed and voicemail, "minutes": rng.pick((1, 2, 3, 4, 6, 9, 14, 22, 35))}


def network_of(cast: Cast, person: str) -> str:
    """The social network on which a person posts."""
    known = sorted((o for o in cast.organizations.values() if o.kind == "social_network"), key=lambda o: o.id)
    return stream(cast.community.seed, f"{person}/network").pick(known).name if known else ""


def _from_organization(cast: Cast, trace: Trace) -> Brief | None:
    if trace.kind not in ("email", "notification", "call", "transaction") or trace.by not in cast.organizations:
        return None
    readers = [r for r in (cast.grown_up(p) for p in trace.to) if r]
    if not readers:
        return None
    if trace.kind == "call":
        readers = readers[:1]
    brief = cast.brief(trace.kind, trace.minute, trace.by, [])
    brief.speakers, brief.reader = [], cast.speaker[readers[0]]
    brief.organization = cast.organizations[trace.by].name
    roles = {"call": ("caller", "callee"), "transaction": ("bank", "owner")}.get(trace.kind, ("author", "to"))
    brief.people = [(trace.by, roles[0]), *[(r, roles[1]) for r in dict.fromkeys(readers)]]
    if trace.kind == "call":
        rng = stream(cast.community.seed, f"{trace.event}/{trace.say}/{trace.minute}")
        brief.spoken = how_called(bool(module_words(trace.module, trace.say).get("voicemail")), rng)
    return brief


def _purchase(cast: Cast, brief: Brief, trace: Trace, root: Event) -> None:
    words: Mapping[str, Any] = module_words(trace.module, trace.say)
    merchant = cast.organizations.get(trace.merchant or "")
    brief.spoken = {
        "merchant": merchant.id if merchant else "", "merchant_name": merchant.name if merchant else "", "category": words.get("category", []),
        "total": root.details.get(f"{words.get('total')}_cents"), "how": "implied",
    }  # fmt: skip
    if merchant:
        brief.people = [(brief.author, "owner"), (merchant.id, "merchant")]


def sorted_traces(traces: Iterable[Trace]) -> list[Trace]:
    """Traces in the order of time, ties broken by event and words."""
    return sorted(traces, key=lambda t: (t.minute, t.event, t.say, t.by))
