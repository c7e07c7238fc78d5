"""The free time of a person-week as a Call: what somebody sets out to do, when and with whom; admitted by the same code as drawn outings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from understudy.engine.call import Call, Engine
from understudy.engine.router import rescue
from understudy.engine.shape import Shape, choice, listed, record, whole
from understudy.model.clock import WEEKDAYS, hour_text
from understudy.rng import Stream

ALONE = "nobody"
MOST = 14


class Outing(NamedTuple):
    """One plan: the day of the window, the hour, the category of place, the minutes there, and a companion's id ("" for nobody)."""

    day: int
    hour: int
    category: str
    minutes: int
    company: str


class Week(NamedTuple):
    """What is known of a person's week before free time is planned."""

    about: str
    busy: tuple[str, ...]  # a line a day: "Monday: work 9 am to 5 pm; 6 pm dentist"
    categories: tuple[str, ...]
    companions: tuple[tuple[str, str], ...]  # name, id
    first: int
    last: int
    weekday: int  # of the first day


class Leisure(Call[list[Outing]]):
    """Ask what somebody sets out to do in a week's free time."""

    prompt = "life/leisure"
    role = "behavior"
    __slots__ = ()

    def days(self) -> list[str]:
        """The days of this stretch, by name, with a number where a name comes twice."""
        names = [WEEKDAYS[(self.brief.weekday + i) % 7] for i in range(self.brief.last - self.brief.first)]
        return names if len(names) <= 7 else [f"{name} {i // 7 + 1}" for i, name in enumerate(names)]

    def data(self) -> dict[str, Any]:
        """The person, the week so far, where one can go and with whom."""
        b = self.brief
        return {
            "about": b.about,
            "busy": list(b.busy),
            "categories": list(b.categories),
            "companions": [name for name, _ in b.companions],
            "most": self._most(),
        }

    def _most(self) -> int:
        return min(40, max(2, MOST * len(self.days()) // 7))

    def shape(self) -> Shape:
        """Up to two outings a day."""
        row = {
            "day": choice(self.days()), "hour": whole(6, 22), "where": choice(self.brief.categories), "minutes": whole(15, 180),
            "with": choice([*(name for name, _ in self.brief.companions), ALONE]),
        }  # fmt: skip
        return record({"outings": listed(record(row), 0, self._most())})

    def read(self, wire: Any) -> list[Outing]:
        """The plans in the order of time."""
        days, ids = {name: i for i, name in enumerate(self.days())}, dict(self.brief.companions)
        rows = [Outing(self.brief.first + days[r["day"]], r["hour"], r["where"], r["minutes"], ids.get(r["with"], "")) for r in wire["outings"]]
        return sorted(rows)

    def wire(self, answer: list[Outing]) -> Any:
        """Plans as a model would have sent them."""
        days, names = self.days(), {ident: name for name, ident in self.brief.companions}
        return {"outings": [
            {"day": days[o.day - self.brief.first], "hour": o.hour, "where": o.category, "minutes": o.minutes, "with": names.get(o.company, ALONE)} for o in answer
        ]}  # fmt: skip

    def compose(self, rng: Stream) -> list[Outing]:
        """A walk, an errand, something with company: only used where a model failed or a run is estimated."""
        b, found = self.brief, []
        for day in range(b.first, b.last):
            if rng.chance(0.8):
                company = rng.pick(b.companions)[1] if b.companions and rng.chance(0.3) else ""
                found.append(Outing(day, rng.whole(9, 19), rng.pick(b.categories), rng.whole(4, 18) * 5, company))
        return found


def plans(weeks: Sequence[tuple[str, Week]], engine: Engine) -> Mapping[str, list[Outing]]:
    """Ask for everybody's week in one list; person id -> plans."""
    calls = [Leisure(f"{person}/leisure/{week.first}", week) for person, week in weeks]
    return {person: list(answer.value) for (person, _), answer in zip(weeks, rescue(engine, calls), strict=True)}


def busy_line(name: str, hours: tuple[int, int] | None, events: Sequence[tuple[int, str]]) -> str:
    """One day in a line."""
    parts = [f"duty {hour_text(hours[0])} to {hour_text(hours[1])}"] if hours else []
    parts += [f"{hour_text(minute)} {title}" for minute, title in events]
    return f"{name}: {'; '.join(parts) or 'free'}"
