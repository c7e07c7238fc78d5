"""The local clock of a community: whole minutes since the window's first local midnight, and their UTC times.

Inside the stages time is one integer, so that comparing and adding cost nothing and never cross a zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAY = 1440
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
SEASONS = ("winter", "winter", "spring", "spring", "spring", "summer", "summer", "summer", "autumn", "autumn", "autumn", "winter")


class Clock:
    """Converts between local minutes of a window and UTC, and says what day it is."""

    def __init__(self, start: date, days: int, timezone: str):
        self.start, self.days, self.timezone = start, days, timezone
        self.first_weekday = start.weekday()
        self._days: dict[int, tuple[datetime, int, int]] = {}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone, from the tzdata package or the system."""
        return ZoneInfo(self.timezone)

    def _day(self, day: int) -> tuple[datetime, int, int]:
        """Naive UTC of local midnight, the minute at which the offset changes (or 9999), and by how many minutes."""
        found = self._days.get(day)
        if found is None:
            local = datetime.combine(self.start + timedelta(days=day), datetime.min.time())
            before, after = (self._offset(local), self._offset(local + timedelta(hours=12)))
            shift = int((after - before).total_seconds()) // 60
            found = self._days[day] = (local - before, 9999 if not shift else 120, shift)
        return found

    def _offset(self, local: datetime) -> timedelta:
        offset = local.replace(tzinfo=self.zone).utcoffset()
        return offset or timedelta()

    def utc(self, minute: int) -> datetime:
        """The naive UTC time of a local minute. The hour that spring skips is clamped, so that order is kept."""
        day, rest = divmod(minute, DAY)
        midnight, change, shift = self._day(day)
        if rest >= change:
            rest = max(change, rest - shift) if shift > 0 else rest - shift
        return midnight + timedelta(minutes=rest)

    def minute(self, moment: datetime) -> int:
        """The local minute of a naive UTC time."""
        local = moment.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)
        return int((local - datetime.combine(self.start, datetime.min.time())).total_seconds() // 60)

    def date(self, minute: int) -> date:
        """The local date."""
        return self.start + timedelta(days=minute // DAY)

    def weekday(self, minute: int) -> int:
        """0 is Monday."""
        return (self.first_weekday + minute // DAY) % 7

    def month(self, minute: int) -> int:
        """1 to 12."""
        return self.date(minute).month


def hour_text(minute: int) -> str:
    """A local minute as people write it: "6:30 pm", "7 am"."""
    hour, rest = divmod(minute % DAY, 60)
    half = "am" if hour < 12 else "pm"
    hour = hour % 12 or 12
    return f"{hour}:{rest:02d} {half}" if rest else f"{hour} {half}"


def date_text(day: date) -> str:
    """A date as people write it: "March 4"."""
    return f"{MONTHS[day.month - 1]} {day.day}"


def part_of_day(minute: int) -> str:
    """morning, noon, evening or night."""
    hour = minute % DAY // 60
    return "morning" if 5 <= hour < 11 else "noon" if 11 <= hour < 16 else "evening" if 16 <= hour < 22 else "night"


def relative(minute: int, other: int, clock: Clock) -> str:
    """How somebody writing at `minute` refers to the moment `other`: "tonight", "tomorrow morning", "on Friday", "last night"."""
    gap = other // DAY - minute // DAY
    part = part_of_day(other)
    if gap == 0 and part == "evening" and other % DAY < 17 * 60 + 30:
        part = "noon"  # nobody calls half past four tonight
    if gap == 0:
        if other >= minute:
            return {"morning": "this morning", "noon": "this afternoon", "evening": "tonight", "night": "tonight"}[part]
        return {"morning": "this morning", "noon": "earlier today", "evening": "earlier tonight", "night": "earlier"}[part]
    if gap == 1:
        return "tomorrow" if part in ("noon", "night") else f"tomorrow {'morning' if part == 'morning' else 'night'}"
    if gap == -1:
        return "last night" if part in ("evening", "night") else "yesterday"
    day = clock.date(other)
    if 2 <= gap <= 6:
        return f"on {WEEKDAYS[day.weekday()]}"
    if -6 <= gap <= -2:
        return f"on {WEEKDAYS[day.weekday()]}"
    return f"on {date_text(day)}"
