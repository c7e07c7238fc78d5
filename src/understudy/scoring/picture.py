"""A scoring as one page: the table, lengths and hours beside their references, some days as strips, and maps of the texts and of the interests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from understudy import assets
from understudy.metrics import diversity, fidelity
from understudy.metrics.texts import words
from understudy.report import charts
from understudy.report.page import note, paragraph, section, table
from understudy.report.page import page as whole_page
from understudy.scoring.days import AT, MINUTES, days_of
from understudy.scoring.samples import turns
from understudy.scoring.score import Given
from understudy.scoring.table import Scores
from understudy.store.world import World

MAPPED = 700
"""Points of a set on the map at most."""
STRIPS = (6, 7)
"""People and days drawn as strips."""
HINT = 80


def page(scores: Scores, sets: Sequence[Given], against: Given | None, embed: Callable[[Sequence[str]], Any]) -> str:
    """The page's HTML; `embed` makes vectors of interests, which are in no set."""
    shown = [*sets, against._replace(texts=against.texts._replace(name=f"{against.texts.name} (given)"))] if against else list(sets)
    parts = [*(note(said) for said in scores.notes), section("All measures", measures(scores)), *lengths(shown), text_map(shown)]
    for given in sets:
        if given.world is not None:
            parts += [*life(given.world), *interests(given.world, embed)]
    return whole_page(f"What it is worth: {', '.join(scores.sets)}", parts)


def measures(scores: Scores) -> str:
    """The table, in its groups."""
    rows: list[Sequence[str | tuple[str, str]]] = []
    for group in scores.groups():
        rows.append([group])
        for line in scores.rows:
            if line.group == group:
                cells = [("", "") if c is None else (c.shown, f"{c.low:.3f} to {c.high:.3f}" if c.low is not None else "") for c in line.cells]
                rows.append([line.name, *cells, line.better, line.reference])
    return table(["measure", *scores.sets, "better", "reference"], rows, said=(len(scores.sets) + 1, len(scores.sets) + 2))


def lengths(sets: Sequence[Given]) -> list[str]:
    """How long turns and texts are, a curve a set."""
    found = []
    spoken = {g.texts.name: [len(words(t.text)) for t in turns(g.texts.pieces)] for g in sets}
    spoken = {name: each for name, each in spoken.items() if each}
    if spoken:
        real = assets.data("data/reference/real_life.yaml")["chat"]["sms_words"]
        marks = {real["p25"]: "1/4", real["median"]: "1/2", real["p75"]: "3/4"}
        about = f"Real SMS (US): half have {real['p25']:g} to {real['p75']:g} words, the median is {real['median']:g} (upright lines)."
        found.append(
            section(
                "Words a turn",
                paragraph(about),
                charts.lines(_shares(spoken, 31), {n: str(n) for n in range(0, 31, 5)}, "Share of turns by words", marks=marks),
            )
        )
    plain = {g.texts.name: [len(words(p.text)) for p in g.texts.pieces if not p.turns] for g in sets}
    plain = {name: each for name, each in plain.items() if each}
    if plain:
        drawn = charts.lines(
            _shares({n: [v // 10 for v in each] for n, each in plain.items()}, 31), {n: str(n * 10) for n in range(0, 31, 5)}, "Share of texts by words"
        )
        found.append(section("Words a text without turns", drawn))
    return found


def _shares(given: dict[str, list[int]], most: int) -> dict[str, list[float]]:
    counts = {name: Counter(min(v, most - 1) for v in each) for name, each in given.items()}
    return {name: [c[n] / sum(c.values()) for n in range(most)] for name, c in counts.items()}


def text_map(sets: Sequence[Given]) -> str:
    """The sampled texts of all sets on the first two principal components of all of them."""
    import numpy as np

    few = [(g.vectors[:MAPPED], g.sampled[:MAPPED]) for g in sets]
    places = diversity.principal_components(np.vstack([v for v, _ in few]))
    which = [(number, said) for number, (_, given) in enumerate(few) for said in given]
    points = [(float(x), float(y), number, said[:HINT]) for (x, y), (number, said) in zip(places, which, strict=True)]
    drawn = charts.dots(points, [g.texts.name for g in sets], "Map of the texts")
    about = "The first two principal components of all sets together; the entropy of one set is taken over such a grid on its own components."
    return section("Map of the texts", paragraph(about), drawn)


def life(world: World) -> list[str]:
    """Days, time use, and interests of one world."""
    seen = days_of(world)
    found = []
    if seen is not None:
        ours, real = seen.use()
        names = [world.path.name, "diaries"]
        use = charts.bars([(g, [ours[g], real[g]]) for g in sorted(real, key=lambda g: -real[g])], names, "Hours a day by activity")
        hours = []
        for group in [g for g in sorted(real, key=lambda g: -real[g]) if g in seen.presence and seen.presence[g].sum()]:
            a, b = fidelity.hours(seen.presence[group]), fidelity.hours(seen.real[group])
            curve = {world.path.name: (a / a.sum()).tolist(), "diaries": (b / b.sum()).tolist()}
            hours.append(f"<h3>{group}</h3>" + charts.lines(curve, {n: f"{n}:00" for n in range(0, 24, 4)}, f"When: {group}", ["diaries"], 110))
        about = "Of people of fifteen or older; journeys are the gaps between visits and are left out on both sides."
        found += [section(f"Hours a day: {world.path.name}", paragraph(about), use), section(f"When in the day: {world.path.name}", *hours)]
        found.append(section(f"Some days of {world.path.name}", day_strips(world)))
    return found


def day_strips(world: World) -> str:
    """The first week of a few people, a strip a day."""
    groups = assets.data("data/reference/real_life.yaml")["groups"]
    names = list(dict.fromkeys(g for g in groups.values() if g != "Travel"))[:10]
    people = [row[0] for row in world.sql(f"SELECT DISTINCT person FROM visits ORDER BY person LIMIT {STRIPS[0]}")[1]]
    rows = []
    for person in people:
        query = (
            f"SELECT weekday, {AT}, {MINUTES}, intent, category, dense_rank() OVER (ORDER BY date_trunc('day', v.starts - to_minutes(({AT}) :: BIGINT))) AS day "
            f"FROM visits v WHERE person = '{person}' QUALIFY day <= {STRIPS[1] + 1} ORDER BY v.starts"
        )
        days: dict[int, list[tuple[float, float, int, str]]] = {}
        weekdays: dict[int, int] = {}
        for weekday, begins, minutes, intent, category, day in world.sql(query)[1]:
            which = names.index(groups.get(intent, "Leisure")) if groups.get(intent, "Leisure") in names else len(names) - 1
            weekdays.setdefault(day, weekday)
            end = begins + minutes
            said = f"{begins // 60:02}:{begins % 60:02} {intent} ({category})"
            days.setdefault(day, []).append((begins / 60, min(end, 1440) / 60, which, said))
            if end > 1440:
                days.setdefault(day + 1, []).append((0.0, (end - 1440) / 60, which, said))
        rows += [(f"{person.rsplit('.', 1)[-1]} {_day(weekdays.get(d, 0))}", days[d]) for d in sorted(days)[: STRIPS[1]]]
    return charts.strips(rows, names, "Days as strips")


def _day(weekday: int) -> str:
    return ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[weekday]


def interests(world: World, embed: Callable[[Sequence[str]], Any]) -> list[str]:
    """How often each of the broad interests is somebody's anchor, and a map of what people care about."""
    paths = [path for (path,) in world.sql("SELECT UNNEST(anchors) FROM people ORDER BY id")[1]]
    counts = Counter(path.split(" > ")[0] for path in paths)
    if not counts:
        return []
    top = [name for name, _ in counts.most_common(9)]
    leaves = list(dict.fromkeys(paths))[:MAPPED]
    places = diversity.principal_components(embed([path.split(" > ")[-1] for path in leaves]))
    which = [top.index(p.split(" > ")[0]) if p.split(" > ")[0] in top else 9 for p in leaves]
    points = [(float(x), float(y), number, path) for (x, y), number, path in zip(places, which, leaves, strict=True)]
    about = "Each dot is an interest that somebody cares about, placed by meaning; colours are the broad interests."
    drawn = charts.dots(points, [*top, "others"], "Map of the interests", grid=1)
    rows: list[tuple[str, Any]] = [(name, [float(n)]) for name, n in counts.most_common()]
    return [section(f"Interests of {world.path.name}", charts.bars(rows, ["people who care"], "Interests", "{:.0f}"), paragraph(about), drawn)]
