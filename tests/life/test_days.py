"""Lives hold together: shared events bring people together, weekends differ, drift is by events, trips have their nights away."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from understudy import Recipe, World, make
from understudy.life.days import DayBook, Stay
from understudy.model.clock import Clock


def test_people_of_an_event_are_in_the_same_place_at_the_same_time(month: World) -> None:
    rows = month.sql("SELECT event, count(DISTINCT place), count(DISTINCT person) FROM visits WHERE event IS NOT NULL GROUP BY event")[1]
    assert all(places == 1 for _, places, _ in rows)
    assert any(people > 1 for _, _, people in rows)


def test_weekends_differ_from_weekdays(month: World) -> None:
    """The trap: every day of a week the same."""
    hours = dict(
        month.sql(
            "SELECT weekday >= 5, sum(date_diff('minute', starts, ends)) FILTER (intent = 'work') / count(DISTINCT (person, weekday)) FROM visits GROUP BY 1"
        )[1]
    )
    assert hours[False] > 1.5 * hours[True]


def test_nobody_has_the_same_day_every_week(month: World) -> None:
    days: dict[tuple[str, int], Counter[tuple[int, ...]]] = {}
    for person, weekday, slots in month.sql("SELECT person, weekday, list(slot ORDER BY starts) FROM visits GROUP BY person, weekday, CAST(starts AS DATE)")[1]:
        days.setdefault((person, weekday), Counter())[tuple(slots)] += 1
    assert all(len(found) > 1 for found in days.values() if sum(found.values()) > 2)


def test_facts_change_by_events_only(month: World) -> None:
    changed = month.sql("SELECT because FROM facts WHERE replaces IS NOT NULL")[1]
    assert changed
    assert {because for (because,) in changed} <= {ident for (ident,) in month.sql("SELECT id FROM events")[1]}


def test_a_life_has_all_intents_that_a_month_should(month: World) -> None:
    intents = {intent for (intent,) in month.sql("SELECT DISTINCT intent FROM visits")[1]}
    assert {"sleep", "meal", "work", "study", "shopping", "media", "housework", "socializing", "exercise", "personal_care"} <= intents


def test_event_trees_reach_three_levels(month: World) -> None:
    assert month.sql("SELECT max(depth) FROM events")[1][0][0] >= 2


def test_a_stay_in_the_hour_that_spring_skips_never_was(tmp_path: Path) -> None:
    """Trap: a night worker's meal between two and half past two on the ninth of March, which ends when it begins."""
    world = make(Recipe(people=40, days=2, start=date(2025, 3, 8), seed=11, until="life"), tmp_path / "town", jobs=1)
    assert world.sql("SELECT count(*) FROM visits WHERE ends <= starts")[1][0][0] == 0
    book = DayBook.__new__(DayBook)
    book.count = 0
    book.g = SimpleNamespace(  # type: ignore[assignment]
        clock=Clock(date(2025, 3, 8), 2, "America/New_York"), community=SimpleNamespace(prefix="c0000"),
        places={"l": SimpleNamespace(lat=0.0, lon=0.0)},
    )  # fmt: skip
    night = 1440 + 120
    stays = [
        Stay(night - 60, night, "l", "work", "work", None),
        Stay(night, night + 30, "l", "work", "meal", None),
        Stay(night + 30, night + 300, "l", "work", "work", None),
    ]
    found = book.visits(SimpleNamespace(id="c0000.p00"), stays)  # type: ignore[arg-type]
    assert [v.intent for v in found] == ["work", "work"]
    assert all(v.starts < v.ends for v in found)
