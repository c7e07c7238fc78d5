"""Audit of the days: visits follow one another in place and time, and events are where their people are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from understudy.audit.finding import Finding, by_sql, every
from understudy.model.clock import Clock
from understudy.ontology.modules import modules
from understudy.store.world import World

KM = "111.2 * sqrt(pow(lat - before_lat, 2) + pow((lon - before_lon) * cos(radians((lat + before_lat) / 2)), 2))"
"""The distance from the visit before, in km (equirectangular)."""
FASTEST = f"CASE WHEN {KM} < 500 THEN {KM} * 60 / 110 ELSE 60 + {KM} * 60 / 850 END"
"""The minutes that the way takes at the very least: 110 km/h on the ground, above 500 km by air."""
SEQUENCE = """SELECT id, person, starts, ends, lat, lon, lag(ends) OVER w AS before, lag(lat) OVER w AS before_lat, lag(lon) OVER w AS before_lon
    FROM visits WINDOW w AS (PARTITION BY person ORDER BY starts, ends)"""


def day_rules(world: World) -> Iterator[Finding]:
    """Every rule about visits and events."""
    yield by_sql(
        world, "no two visits of a person overlap", "SELECT count(*) FROM visits", f"SELECT id FROM ({SEQUENCE}) WHERE before > starts OR ends <= starts"
    )
    yield by_sql(
        world, "nobody travels faster than is possible", "SELECT count(*) FROM visits",
        f"SELECT id FROM ({SEQUENCE}) WHERE before IS NOT NULL AND date_diff('second', before, starts) / 60.0 + 0.5 < {FASTEST} AND {KM} > 0.05",
    )  # fmt: skip
    yield by_sql(
        world, "visits are where their places are", "SELECT count(*) FROM visits",
        "SELECT v.id FROM visits v JOIN places p ON p.id = v.place WHERE v.lat <> p.lat OR v.lon <> p.lon "
        "OR (v.category NOT IN (p.category, 'work', 'other_home') AND NOT (p.category = 'home' AND v.category = 'other_home'))",
    )  # fmt: skip
    yield local_times(world)
    yield by_sql(
        world, "home is one's own home, another's is not", "SELECT count(*) FROM visits WHERE category IN ('home', 'other_home')",
        "SELECT v.id FROM visits v JOIN people p ON p.id = v.person WHERE (v.category = 'home' AND v.place <> p.home) OR (v.category = 'other_home' AND v.place = p.home)",
    )  # fmt: skip
    yield by_sql(
        world, "everyone sleeps, at home or where a trip has led", "SELECT count(*) FROM people",
        "SELECT p.id FROM people p WHERE EXISTS (SELECT 1 FROM visits) AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.person = p.id AND v.intent = 'sleep') "
        "UNION ALL SELECT id FROM visits WHERE intent = 'sleep' AND category NOT IN ('home', 'hotel')",
    )  # fmt: skip
    yield by_sql(
        world, "who visits for an event takes part in it, then and there", "SELECT count(*) FROM visits WHERE event IS NOT NULL",
        "SELECT v.id FROM visits v JOIN events e ON e.id = v.event WHERE NOT list_contains(e.people, v.person) OR v.place <> e.place OR v.starts < e.starts OR v.ends > e.ends",
    )  # fmt: skip
    yield by_sql(
        world, "event trees are trees, and their times run forward", "SELECT count(*) FROM events",
        "SELECT e.id FROM events e LEFT JOIN events p ON p.id = e.parent WHERE e.ends <= e.starts OR len(e.people) = 0 "
        "OR (e.parent IS NULL AND (e.root <> e.id OR e.depth <> 0)) OR (e.parent IS NOT NULL AND (p.root <> e.root OR e.depth <> p.depth + 1))",
    )  # fmt: skip
    yield in_order(world)
    yield in_window(world)


def local_times(world: World) -> Finding:
    """Weekday and slot are those of the local time."""
    rows, broken = 0, []
    start, days = date.fromisoformat(world.manifest["recipe"]["start"]), world.manifest["recipe"]["days"]
    for index in world.parts():
        zone = world.sql(f"SELECT timezone FROM people WHERE community = {index} LIMIT 1")[1]
        if not zone:
            continue
        clock = Clock(start, days, zone[0][0])
        query = f"SELECT min(id), starts, weekday, slot FROM visits WHERE id LIKE 'c{index:04d}.%' GROUP BY starts, weekday, slot"
        for ident, starts, weekday, slot in world.sql(query)[1]:
            rows += 1
            minute = clock.minute(starts)
            shifted = abs(minute % 1440 // 30 - slot) in (0, 1, 2, 46, 47)  # an hour is skipped or doubled twice a year
            if clock.weekday(minute) != weekday or not (minute % 1440 // 30 == slot or (shifted and _change_day(clock, minute))):
                broken.append(ident)
    return every("weekdays and slots are local", rows, broken)


def _change_day(clock: Clock, minute: int) -> bool:
    return (clock.utc(minute // 1440 * 1440 + 1440) - clock.utc(minute // 1440 * 1440)).total_seconds() != 86400


def in_order(world: World) -> Finding:
    """What follows an event begins after it has begun, unless its module says that it comes before (a rehearsal, a booking)."""
    query = "SELECT e.id, e.module, e.kind FROM events e JOIN events p ON p.id = e.parent WHERE e.starts < p.starts"
    broken = []
    for ident, module, kind in world.sql(query)[1]:
        if module == "story" and kind.rsplit(".", 1)[-1].startswith("before"):
            continue  # told as leading up to it
        known = modules().get(module)
        if known is None or kind not in known.events or known.events[kind].when.day[0] >= 0:
            broken.append(ident)
    return every("what follows an event comes after it", int(world.sql("SELECT count(*) FROM events WHERE parent IS NOT NULL")[1][0][0]), broken)


def in_window(world: World) -> Finding:
    """Nothing begins before the window's first midnight or after its last one, local; nights at work and sleep may run over."""
    days, start = world.manifest["recipe"]["days"], world.manifest["recipe"]["start"]
    tables = (("visits", "starts", 26), ("artifacts", "time", 11), ("events", "starts", 11))  # hours: UTC is at most 10 ahead of Hawaii
    counted = "SELECT (SELECT count(*) FROM visits) + (SELECT count(*) FROM artifacts) + (SELECT count(*) FROM events)"
    broken = " UNION ALL ".join(
        f"SELECT id FROM {table} WHERE {column} < TIMESTAMP '{start}' OR {column} > TIMESTAMP '{start}' + INTERVAL {days * 24 + hours} HOUR"
        for table, column, hours in tables
    )
    return by_sql(world, "everything happens within the window", counted, broken)
