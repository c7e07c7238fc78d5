"""Fills every day with visits that follow one another in place and time: sleep, home, duty, events, outings, and the ways between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from understudy import assets
from understudy.life.agenda import Block
from understudy.life.grow import Grower
from understudy.model.clock import DAY
from understudy.model.community import age_on
from understudy.model.geo import travel_minutes
from understudy.model.records import Person, Place, Visit
from understudy.rng import Stream, stream

LEAST = 15
"""Minutes that a stay at home between two errands must have to be worth the way."""


class Stay(NamedTuple):
    """One stretch of time in one place."""

    start: int
    end: int
    place: str
    category: str
    intent: str
    event: str | None


class DayBook:
    """Turns agendas into visits, day after day, for everyone of a community."""

    def __init__(self, grower: Grower):
        self.g = grower
        about: Mapping[str, Any] = assets.data("data/ontology/home_hours.yaml")
        self.hours: Mapping[int, Mapping[str, int]] = {int(h): w for h, w in about["hours"].items()}
        self.leisure: Mapping[str, int] = about["leisure"]
        self.known: dict[tuple[int, bool, str], tuple[list[str], list[float]]] = {}
        self.spells: dict[str, list[int]] = about["spells"]
        self.until: dict[str, int] = {}  # where each person's last stay ended
        self.at: dict[str, Place] = {}
        self.count = 0
        self.young = {p.household for p in grower.community.people if age_on(p.birth_date, grower.community.start) < 11}
        self.grown = {p.id: age_on(p.birth_date, grower.community.start) >= 13 for p in grower.community.people}
        self.ways: dict[tuple[str, str], int] = {}

    def way(self, a: Place, b: Place) -> int:
        """Minutes from a to b, rounded up to five."""
        found = self.ways.get((a.id, b.id))
        if found is None:
            found = self.ways[a.id, b.id] = -(-travel_minutes(a, b) // 5) * 5
        return found

    def day(self, person: Person, day: int) -> list[Visit]:
        """The visits that begin with a person's waking on a day (the first day also holds the night before) and end with the night."""
        rng = stream(self.g.community.seed, f"{person.id}/day/{day}")
        frame = self.g.frames[person.id]
        weekend = self.g.clock.weekday(day * DAY) >= 5
        duty = self.g.hours(person.id, day)
        late = rng.whole(0, 75) if weekend and duty is None else 0
        wake = day * DAY + frame.wake + late + rng.whole(-3, 3) * 5
        if duty and duty[0] < day * DAY + 12 * 60:
            wake = min(wake, duty[0] - 45)
        base = self.at.get(person.id) or self.base(person, wake)  # the night is spent where the evening ended
        stays: list[Stay] = []
        start = self.until.get(person.id, day * DAY)
        blocks = self.blocks(person, day, duty)
        if blocks and blocks[0].start < wake + 30:
            wake = max(start + 60, blocks[0].start - 45)
        if day > 0:
            wake = min(wake, start + (600 if self.grown[person.id] else 690))  # nobody sleeps round the clock
        if start < wake:
            stays.append(Stay(start, wake, base.id, self._home_category(base, person), "sleep", None))
            start = wake
        self._fill(person, stays, blocks, start, day, frame.bed, rng)
        self.until[person.id], self.at[person.id] = stays[-1].end, self.g.places[stays[-1].place]
        return self.visits(person, stays)

    def base(self, person: Person, minute: int) -> Place:
        """Where the person's nights are: home, or the hotel of a trip."""
        return self.g.places[self.g.agenda.away(person.id, minute) or person.home]

    def blocks(self, person: Person, day: int, duty: tuple[int, int] | None) -> list[Block]:
        """A day's events and outings with duty around them, in order, none overlapping."""
        found = list(self.g.agenda.of_day(person.id, day))
        if duty is None or self.g.agenda.away(person.id, duty[0]):
            return found
        kind = self.g.frames[person.id].kind
        where = person.work if kind == "work" else person.school
        place = self.g.places[where] if where else None
        if place is None:
            return found
        intent, category = ("work", "work" if place.category != "home" else "home") if kind == "work" else ("study", place.category)
        free = [duty]
        for block in found:
            gap = self.way(place, self.g.places[block.place])
            free = [piece for a, b in free for piece in ((a, min(b, block.start - gap)), (max(a, block.end + gap), b)) if piece[1] - piece[0] >= 30]
        duties = [Block(a, b, place.id, category, intent, None, "") for a, b in free]
        return sorted([*found, *duties])

    def _fill(self, person: Person, stays: list[Stay], blocks: list[Block], start: int, day: int, bed: int, rng: Stream) -> None:
        """Walk through the day's blocks; be at home wherever there is time for the ways, and go to bed at the end."""
        cursor = start
        here = self.g.places[stays[-1].place] if stays else self.at.get(person.id) or self.base(person, start)
        first = True
        for block in blocks:
            place = self.g.places[block.place]
            base = self.base(person, cursor)
            leave = block.start - self.way(base, place)
            arrive = cursor + self.way(here, base)
            if leave - arrive >= LEAST:
                self._home(person, stays, base, arrive, leave, first, rng)
                cursor, here, first = leave, base, False
            begin = max(block.start, cursor + self.way(here, place))
            if begin >= block.end - 4:
                continue  # the way here takes longer than what was left of it
            self._block(stays, block, begin, rng)
            cursor, here, first = block.end, place, False
        night = day * DAY + bed + rng.whole(-4, 5) * 5
        base = self.base(person, max(cursor, night))
        arrive = cursor + self.way(here, base)
        night = max(night, arrive + 10)
        self._home(person, stays, base, arrive, night, first, rng)

    def _block(self, stays: list[Stay], block: Block, begin: int, rng: Stream) -> None:
        """A block as one stay, or a long working day with its meal in the middle."""
        if block.event is None and block.intent in ("work", "study") and block.end - begin >= 330:
            noon = begin + (block.end - begin) // 2 + rng.whole(-4, 4) * 5
            meal = rng.pick((25, 30, 30, 40, 45))
            stays.append(Stay(begin, noon, block.place, block.category, block.intent, None))
            stays.append(Stay(noon, noon + meal, block.place, block.category, "meal", None))
            stays.append(Stay(noon + meal, block.end, block.place, block.category, block.intent, None))
        else:
            stays.append(Stay(begin, block.end, block.place, block.category, block.intent, block.event))

    def _home(self, person: Person, stays: list[Stay], base: Place, start: int, end: int, first: bool, rng: Stream) -> None:
        """Time at home in spells of one intent each, by the hour of the day."""
        category = self._home_category(base, person)
        cursor, before = start, ""
        if first and end - cursor >= 25 and rng.chance(0.6):
            length = min(rng.whole(2, 5) * 5, end - cursor)
            stays.append(Stay(cursor, cursor + length, base.id, category, "personal_care", None))
            cursor, before = cursor + length, "personal_care"
        while end - cursor >= 10:
            intent = rng.weighted(*self._at_home(cursor % DAY // 60, person.household in self.young, self.g.frames[person.id].kind))
            if intent == before:
                intent = "media" if before != "media" else "reading_hobby"
            low, high = self.spells[intent]
            length = rng.whole(low, high) // 5 * 5
            if end - cursor - length < 20:
                length = end - cursor
            stays.append(Stay(cursor, cursor + length, base.id, category, intent, None))
            cursor, before = cursor + length, intent
        if cursor < end and stays and stays[-1].end == cursor:
            stays[-1] = stays[-1]._replace(end=end)

    def _at_home(self, hour: int, young: bool, kind: str) -> tuple[list[str], list[float]]:
        """What is done at home at an hour, and how likely: children where there are some, work or study for those who have it."""
        known = self.known.get((hour, young, kind))
        if known is None:
            found: dict[str, float] = {}
            whole = sum(self.leisure.values())
            for name, weight in self.hours[hour].items():
                if name == "leisure":
                    found.update({intent: weight * part / whole for intent, part in self.leisure.items()})
                elif name == "duty":
                    found.update({"work" if kind == "work" else "study": float(weight)} if kind in ("work", "school", "university") else {})
                elif name != "childcare" or young:
                    found[name] = float(weight)
            known = self.known[hour, young, kind] = (list(found), list(found.values()))
        return known

    def _home_category(self, base: Place, person: Person) -> str:
        return "home" if base.id == person.home else base.category

    def visits(self, person: Person, stays: list[Stay]) -> list[Visit]:
        """Stays as records in UTC; one that lies wholly within the hour that spring skips never was."""
        clock = self.g.clock
        found = []
        for stay in stays:
            starts, ends = clock.utc(stay.start), clock.utc(stay.end)
            if ends <= starts:
                continue
            place = self.g.places[stay.place]
            found.append(
                Visit(
                    id=f"{self.g.community.prefix}.v{self.count:06d}", person=person.id, starts=starts, ends=ends,
                    weekday=clock.weekday(stay.start), slot=stay.start % DAY // 30, category=stay.category, place=stay.place, lat=place.lat, lon=place.lon,
                    intent=stay.intent, event=stay.event,
                )
            )  # fmt: skip
            self.count += 1
        return found
