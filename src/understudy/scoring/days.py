"""A world's days beside real ones: time use, hours, what follows what, how many visits, and whether a week ever differs from the last."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from understudy import assets
from understudy.metrics import fidelity
from understudy.store.world import World

YOUNGEST = 15
"""The diaries are of people of fifteen or older, so ours are too."""
MINUTES = "date_diff('minute', v.starts, v.ends)"
AT = "v.slot * 30 + minute(v.starts) % 30"
"""The local minute of the day at which a visit begins: no zone is off by other than whole half hours."""


class Days(NamedTuple):
    """What the visits of everyone of fifteen or older come to."""

    people: int
    person_days: float
    presence: dict[str, Any]  # activity group -> how often each of 1,440 minutes is spent so
    real: dict[str, Any]  # the same of the tempogram, as shares
    visits_a_day: float
    episodes_a_day: float  # visits and the journeys between them
    travel_hours: float
    following: dict[str, dict[str, float]]
    weekdays: list[float]  # visits a day by weekday, Monday first
    work_hours: list[float]  # hours of work and study a day by weekday
    unvaried: list[str]  # people with a weekday that is always the same

    def hour_distances(self) -> dict[str, float]:
        """Total variation over the hours of the day, of each group but sleep and travel."""
        return {g: fidelity.hour_distance(self.presence[g], r) for g, r in self.real.items() if g not in ("Sleep", "Travel") and g in self.presence}

    def hour_mean(self) -> float:
        """Those distances, each counting by the real time that its group takes; a group that we never have counts as 1."""
        far = self.hour_distances()
        share = {g: float(r.sum()) for g, r in self.real.items() if g not in ("Sleep", "Travel")}
        return sum(far.get(g, 1.0) * s for g, s in share.items()) / sum(share.values())

    def awake_distance(self) -> float:
        """Total variation of the hours of all awake time at one place, whatever is done."""
        awake = [g for g in self.real if g not in ("Sleep", "Travel")]
        return fidelity.hour_distance(sum(self.presence.get(g, np.zeros(fidelity.DAY)) for g in awake), sum(self.real[g] for g in awake))

    def use(self) -> tuple[dict[str, float], dict[str, float]]:
        """Hours a day by group, ours and the tempogram's, asleep and awake, without journeys."""
        ours = {g: float(self.presence[g].sum()) / 60 / self.person_days if g in self.presence else 0.0 for g in self.real if g != "Travel"}
        return ours, {g: float(r.sum()) / 60 for g, r in self.real.items() if g != "Travel"}

    def use_distance(self) -> float:
        """Total variation of awake time by group."""
        ours, real = self.use()
        return fidelity.total_variation({g: v for g, v in ours.items() if g != "Sleep"}, {g: v for g, v in real.items() if g != "Sleep"})

    def following_mean(self, top: dict[str, dict[str, float]]) -> float:
        """The mean distance of what follows each activity of the diaries."""
        far = fidelity.following_distance(self.following, top)
        return sum(far.values()) / len(far)


def days_of(world: World) -> Days | None:
    """Count; None for a world without visits."""
    reference = assets.data("data/reference/real_life.yaml")
    start = world.manifest["recipe"]["start"]
    scored = (
        f"(SELECT v.person, v.starts, v.ends, v.weekday, v.intent, v.place, {AT} AS began, {MINUTES} AS minutes FROM visits v JOIN people p ON p.id = v.person "
        f"WHERE p.birth_date + INTERVAL {YOUNGEST} YEAR <= DATE '{start}')"
    )
    people = world.sql(f"SELECT count(DISTINCT person), count(*) FROM {scored}")[1][0]
    if not people[1]:
        return None
    length = people[0] * float(world.manifest["recipe"]["days"])
    spells: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for intent, began, minutes, times in world.sql(f"SELECT intent, began, minutes, count(*) FROM {scored} GROUP BY ALL")[1]:
        group = spells[reference["groups"].get(intent, "Leisure")]
        group[0].extend([began] * times)
        group[1].extend([minutes] * times)
    real = {g: fidelity.curve(reference["tempogram"]["minutes"], shares) for g, shares in reference["tempogram"]["share"].items()}
    weekly = dict(world.sql(f"SELECT weekday, count(*) FROM {scored} GROUP BY ALL")[1])
    working = dict(world.sql(f"SELECT weekday, sum(minutes) / 60 FROM {scored} WHERE intent IN ('work', 'study') GROUP BY ALL")[1])
    each = _weekday_counts(world)
    sequences, journeys, minutes = _sequences(world, scored, reference["following"]["intents"])
    return Days(
        people=people[0],
        person_days=length,
        presence={g: fidelity.presence(*s) for g, s in spells.items()},
        real=real,
        visits_a_day=people[1] / length,
        episodes_a_day=(people[1] + journeys) / length,
        travel_hours=minutes / 60 / length,
        following=fidelity.following(sequences),
        weekdays=[weekly.get(d, 0) / max(1, each[d] * people[0]) for d in range(7)],
        work_hours=[float(working.get(d, 0)) / max(1, each[d] * people[0]) for d in range(7)],
        unvaried=unvaried(world),
    )


def _weekday_counts(world: World) -> list[int]:
    """How many Mondays, Tuesdays and so on the window has."""
    recipe = world.manifest["recipe"]
    first, days = date.fromisoformat(recipe["start"]).weekday(), recipe["days"]
    return [len(range((d - first) % 7, days, 7)) for d in range(7)]


def _sequences(world: World, scored: str, names: dict[str, str]) -> tuple[list[list[str]], int, float]:
    """Everyone's activities in order, with journeys between places; how many journeys; and their minutes (a gap of two hours or more is no journey)."""
    found: list[list[str]] = []
    journeys, spent = 0, 0.0
    before: tuple[Any, ...] = (None,) * 4
    for row in world.sql(f"SELECT person, starts, ends, place, intent FROM {scored} ORDER BY person, starts")[1]:
        person, starts, ends, place, intent = row
        if person != before[0]:
            found.append([])
        elif place != before[2]:
            journeys += 1
            gap = (starts - before[1]).total_seconds() / 60
            spent += gap if gap < 120 else 0.0
            found[-1].append("Travel")
        found[-1].append(names.get(intent, "Leisure"))
        before = (person, ends, place, intent)
    return found, journeys, spent


def unvaried(world: World) -> list[str]:
    """Who has a weekday (of three or more in the window) whose days are all the same: the same things at the same places from the same half hours on."""
    query = (
        f"WITH d AS (SELECT person, weekday, date_trunc('hour', v.starts - to_minutes({AT})) AS day, "  # the local midnight
        "string_agg(slot || intent || place, ' ' ORDER BY starts) AS told FROM visits v WHERE intent <> 'sleep' GROUP BY person, weekday, day) "
        "SELECT DISTINCT person FROM (SELECT person, weekday, count(*) AS days, count(DISTINCT told) AS kinds FROM d GROUP BY person, weekday) "
        "WHERE days >= 3 AND kinds = 1 ORDER BY person"
    )
    return [row[0] for row in world.sql(query)[1]]


class Volume(NamedTuple):
    """Rows a person-year: what exists once counts once (`artifacts`, `events`); `held` counts a thing for each person who has it in a mailbox, phone or calendar."""

    events_visits: float
    visits: float
    events: float
    artifacts: float
    correspondence: float  # mails, messages and chats written by or to a person, the median over people
    kinds: dict[str, float]  # artifacts a person-year by kind
    held: float


def volume(world: World) -> Volume:
    """Count rows, and of mails, messages and chats those by or to each person."""
    years = world.manifest["recipe"]["days"] / 365.0
    people = [row[0] for row in world.sql("SELECT id FROM people ORDER BY id")[1]]
    scale = 1 / (max(1, len(people)) * years)
    visits = world.sql("SELECT count(*) FROM visits")[1][0][0] * scale
    events = world.sql("SELECT count(*) FROM events")[1][0][0] * scale
    each = "SELECT DISTINCT a.id, a.kind, p.person AS person FROM artifacts a, UNNEST(a.people) AS u(p) WHERE p.person LIKE 'c%.p%'"
    kinds = {kind: n * scale for kind, n in world.sql("SELECT kind, count(*) FROM artifacts GROUP BY kind ORDER BY kind")[1]}
    held = world.sql(f"SELECT count(*) FROM ({each})")[1][0][0] * scale
    written = dict(world.sql(f"SELECT person, count(*) FROM ({each}) WHERE kind IN ('email', 'message', 'direct', 'chat') GROUP BY person")[1])
    median_written = median(written.get(p, 0) / years for p in people) if people else 0.0
    return Volume(visits + events, visits, events, sum(kinds.values()), median_written, kinds, held)
