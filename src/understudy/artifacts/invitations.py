"""What becomes of a calendar entry: who accepts, what is moved or called off, and what comes round again, all under one UID (RFC 5545)."""

from __future__ import annotations

from typing import Any

from understudy.language.phrasebook import slots_of
from understudy.model.briefs import Brief, Draft, Found, Part
from understudy.model.clock import DAY
from understudy.rng import Stream, stream

MOVED, CALLED_OFF = 0.07, 0.05
"""The shares of entries that are moved, and of everyday ones that are called off (our estimates)."""
ANSWERS = ("accepted",) * 16 + ("tentative",) * 2 + ("declined",) * 2
"""What those invited to an everyday thing answer; whoever took part in an event had accepted."""
TIMED = frozenset(("time", "day", "date", "when"))
"""Slots that would say the first time of an entry that is moved."""
ROUNDS = {"weekly": "FREQ=WEEKLY;COUNT=8", "monthly": "FREQ=MONTHLY;COUNT=6", "fortnightly": "FREQ=WEEKLY;INTERVAL=2;COUNT=6"}
"""How often a thing comes round, as a calendar file says it."""


def answer(brief: Brief, rng: Stream) -> None:
    """Let everybody invited answer."""
    brief.spoken["answers"] = {p: "accepted" if brief.event else rng.pick(ANSWERS) for p, role in brief.people if role == "attendee"}


def plan_changes(brief: Brief, seed: int, end: int) -> int:
    """Decide whether an entry is moved or called off later, into `spoken["changes"]`; the ledger's event is at the later time. How many entries follow."""
    rng = stream(seed, f"{brief.author}/{brief.minute}/{brief.title}/entry")
    answer(brief, rng)
    starts, ends = int(brief.spoken["starts"]), int(brief.spoken["ends"])
    shift = rng.pick((-120, -60, -30, 30, 60, 90, DAY, DAY))
    if starts - shift <= brief.minute + 30:
        shift = -abs(shift)  # it stood later at first
    room = min(starts, starts - shift) - brief.minute - 60
    if room < 120 or brief.spoken.get("recurs") or (brief.module and slots_of(brief.module, brief.say) & TIMED):
        return 0
    point, after = rng.random(), rng.whole(45, room)
    if brief.minute + after >= end - 2:
        return 0
    if point < MOVED:
        brief.spoken["changes"] = ("moved", after, starts, ends)
        brief.spoken["starts"], brief.spoken["ends"] = starts - shift, ends - shift
        return 1
    if point < MOVED + CALLED_OFF and not brief.event:
        brief.spoken["changes"] = ("cancelled", after, starts, ends)
        return 1
    return 0


def changed(brief: Brief, draft: Draft) -> tuple[list[Part], list[Found]]:
    """The entry as it stands after the change: the same UID, the next number in its sequence."""
    what, after, starts, ends = brief.spoken["changes"]
    first = draft.parts[0]
    title = f"{'Updated' if what == 'moved' else 'Canceled'}: {first.title}"
    payload: dict[str, Any] = {"starts": starts, "ends": ends, "sequence": 1, "status": "CONFIRMED" if what == "moved" else "CANCELLED"}
    return [Part(kind="calendar", author=brief.author, people=list(brief.people), after=after, title=title, text=title, payload=payload)], []
