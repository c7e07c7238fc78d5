"""The short kinds that one line or a list makes: calendar entries, reminders, notes."""

from __future__ import annotations

from typing import Any

from understudy.artifacts.invitations import ROUNDS, changed
from understudy.artifacts.kind import Kind, Writing
from understudy.language.jot import compose_calendar, compose_note, compose_reminder
from understudy.model.briefs import Brief, Draft, Part
from understudy.model.clock import Clock
from understudy.rng import Stream


class WriteCalendar(Writing):
    """Ask for a calendar entry's title."""

    file = "artifacts/calendar"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """The title; time and place come from the ledger."""
        return compose_calendar(self.brief, rng)


class WriteReminder(Writing):
    """Ask for a reminder's line."""

    file = "artifacts/reminder"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """One line to oneself."""
        return compose_reminder(self.brief, rng)


class WriteNote(Writing):
    """Ask for a note."""

    file = "artifacts/note"
    __slots__ = ()

    def compose(self, rng: Stream) -> Draft:
        """A title and some lines."""
        return compose_note(self.brief, rng)


def calendar_payload(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """One UID for all who attend and all that becomes of it, start and end in UTC, the place's id and name, its number in the sequence, how it comes round."""
    spoken, own = brief.spoken, part.payload
    return {
        "uid": f"{brief.ids[0]}@calendar.example", "starts": clock.utc(own.get("starts", spoken["starts"])).isoformat(),
        "ends": clock.utc(own.get("ends", spoken["ends"])).isoformat(), "place": spoken.get("place"), "location": spoken.get("location", ""),
        "sequence": own.get("sequence", 0), "status": own.get("status", "CONFIRMED"), "rrule": ROUNDS.get(spoken.get("recurs", ""), ""),
    }  # fmt: skip


def reminder_payload(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """When it is due, in UTC."""
    return {"due": clock.utc(brief.spoken["due"]).isoformat()}


def note_payload(brief: Brief, part: Part, clock: Clock) -> dict[str, Any]:
    """The lines as a list."""
    return {"lines": part.text.split("\n")}


CALENDAR = Kind("calendar", WriteCalendar, calendar_payload, changed)
REMINDER = Kind("reminder", WriteReminder, reminder_payload)
NOTE = Kind("note", WriteNote, note_payload)
