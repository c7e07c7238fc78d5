"""Worlds in a terminal: the town, a person, a household, a day, an event tree, an artifact with what it reveals and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from understudy.errors import InputError
from understudy.model.clock import Clock, hour_text
from understudy.model.community import age_on
from understudy.model.records import Artifact, Event, Fact, Household, Person, Place, Tie, Visit
from understudy.store.world import World, index_of

console = Console(highlight=False)


def show_world(world: World, what: str | None) -> None:
    """Show what an id names, or the town."""
    if what is None:
        return _town(world)
    if "@" in what:
        return show_day(world, *what.split("@", 1))
    kind = what.split(".")[-1][:1] if "." in what else ""
    shows: dict[str, Any] = {"p": _person, "h": _household, "e": _event, "a": _artifact}
    tables = {"p": "people", "h": "households", "e": "events", "a": "artifacts"}
    index = index_of(what)
    if kind not in shows or index is None or index not in world.parts():
        raise InputError(f"{what} is nothing in {world.path}; ids look like c0000.p03, c0000.h01, c0000.p03@2025-01-09, c0000.e00012, c0000.a000345")
    record: Any = world.one(tables[kind], what)
    if record is None:
        raise InputError(
            f'there is no {tables[kind].rstrip("s")} {what} in {world.path}; `understudy sql {world.path} "select id from {tables[kind]} limit 5"` lists some'
        )
    shows[kind](world, record)
    return None


def print_rows(names: Sequence[str], rows: Sequence[Sequence[Any]], limit: int) -> None:
    """A query's result as a table."""
    table = Table()
    for name in names:
        table.add_column(escape(name), overflow="fold")
    for row in rows[:limit]:
        table.add_row(*[escape(str(cell)) if cell is not None else "" for cell in row])
    console.print(table)
    if len(rows) > limit:
        console.print(f"{len(rows) - limit:,} more rows; --limit {len(rows)} prints all")


def print_audit(findings: Sequence[Any]) -> None:
    """Every rule with the rows that it looked at, and the first that break it."""
    table = Table()
    for name in ("rule", "looked at", "broken", "first"):
        table.add_column(name, justify="right" if name in ("looked at", "broken") else "left")
    for finding in findings:
        table.add_row(finding.rule, f"{finding.rows:,}", str(len(finding.offending)), escape("; ".join(finding.offending[:3])))
    console.print(table)
    broken = sum(1 for f in findings if f.offending)
    console.print(f"{broken} of {len(findings)} rules are broken" if broken else f"all {len(findings)} rules hold")


def _clock(world: World, person: Person) -> Clock:
    recipe = world.manifest["recipe"]
    return Clock(date.fromisoformat(recipe["start"]), recipe["days"], person.timezone)


def _town(world: World) -> None:
    recipe, counts = world.manifest["recipe"], world.counts()
    console.print(f"[bold]{world.path}[/]: {counts['people']} people for {recipe['days']} days from {recipe['start']}, seed {recipe['seed']}")
    table = Table()
    for name in ("household", "where", "kind", "income", "members"):
        table.add_column(name)
    names = {p.id: f"{p.given_name} {p.family_name} ({age_on(p.birth_date, date.fromisoformat(recipe['start']))})" for p in _all(world, "people")}
    places = {p.id: p for p in _all(world, "places") if p.category == "home"}
    for number, household in enumerate(_all(world, "households")):
        if number == 60:
            console.print(f"the first 60 of {counts['households']} households")
            break
        table.add_row(household.id, places[household.home].address, household.kind, f"${household.income:,}", ", ".join(names[m] for m in household.members))
    console.print(table)
    console.print(f"next: understudy show {world.path} c0000.p00")


def _all(world: World, table: str) -> list[Any]:
    return list(world.rows(table))


def _person(world: World, person: Person) -> None:
    index = index_of(person.id)
    day = date.fromisoformat(world.manifest["recipe"]["start"])
    console.print(
        f"[bold]{person.given_name} {person.family_name}[/] ({person.id}), {age_on(person.birth_date, day)}, born {person.birth_date}, {person.email}, {person.phone}"
    )
    console.print(escape(person.summary))
    console.print(f"[dim]interests:[/] {escape('; '.join(person.anchors))}")
    names = {p.id: f"{p.given_name} {p.family_name}" for p in world.rows("people", index)}  # type: ignore[attr-defined]
    ties: list[Any] = [t for t in world.rows("ties", index) if isinstance(t, Tie) and t.a == person.id]
    table = Table(title="people around", title_justify="left")
    for name in ("who", "is their", "close", "since", "story"):
        table.add_column(name)
    for tie in sorted(ties, key=lambda t: -t.closeness):
        table.add_row(names[tie.b], tie.kind, f"{tie.closeness:.2f}", str(tie.since), escape(tie.story))
    console.print(table)
    facts: list[Any] = [f for f in world.rows("facts", index) if isinstance(f, Fact) and f.person == person.id]
    table = Table(title="facts", title_justify="left")
    for name in ("key", "value", "holds", "because"):
        table.add_column(name, overflow="fold")
    for fact in facts:
        value = fact.value if fact.polarity == "positive" else f"not {fact.value}"
        holds = (
            ""
            if fact.valid_to is None and fact.replaces is None
            else f"{fact.valid_from:%Y-%m-%d} to {f'{fact.valid_to:%Y-%m-%d}' if fact.valid_to else 'now'}"
        )
        table.add_row(fact.key, escape(value), holds, fact.because or "")
    console.print(table)
    console.print(f"next: understudy show {world.path} {person.id}@{day + timedelta(days=2)}")


def _household(world: World, household: Household) -> None:
    place: Any = world.one("places", household.home)
    console.print(f"[bold]{household.id}[/]: {household.kind}, {household.tenure}, {place.name} at {escape(place.address)}, ${household.income:,} a year")
    for member in household.members:
        person: Any = world.one("people", member)
        console.print(f"  {person.id} {escape(person.summary)}")


def show_day(world: World, ident: str, text: str) -> None:
    """One person's day in words: where they were, what happened, what it left behind."""
    person: Any = world.one("people", ident) if index_of(ident) in world.parts() else None
    if person is None:
        raise InputError(f"there is no person {ident} in {world.path}")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text} is no date; write it as 2025-01-09") from None
    clock, index = _clock(world, person), index_of(ident)
    begin = (day - clock.start).days * 1440
    if not 0 <= begin < clock.days * 1440:
        raise InputError(f"{day} is not in the window of {world.path}, {clock.start} and {clock.days} days")
    low, high = clock.utc(begin), clock.utc(begin + 1440)
    entries: list[tuple[datetime, str]] = []
    places = {p.id: p for p in world.rows("places", index) if isinstance(p, Place)}
    titles = {e.id: e.title for e in world.rows("events", index) if isinstance(e, Event)}
    for visit in world.rows("visits", index, "person = ? AND starts < ? AND ends > ?", (ident, high, low)):
        assert isinstance(visit, Visit)
        where = "at home" if visit.place == person.home else f"at {places[visit.place].name}"
        what = f": [bold]{escape(titles[visit.event])}[/]" if visit.event else ""
        entries.append((max(visit.starts, low), f"{_intent(visit.intent)} {escape(where)}{what}"))
    for artifact in world.rows("artifacts", index, "time >= ? AND time < ? AND len(list_filter(people, lambda x: x.person = ?)) > 0", (low, high, ident)):
        assert isinstance(artifact, Artifact)
        entries.append((artifact.time, f"[dim]{artifact.kind} {artifact.id}[/] {escape(_first(artifact))}"))
    console.print(f"[bold]{person.given_name} {person.family_name}, {day:%A %B} {day.day}, {day.year}[/]")
    for moment, line in sorted(entries):
        console.print(f"  {hour_text(clock.minute(moment)):>8}  {line}")


def _intent(intent: str) -> str:
    return {
        "personal_care": "getting ready",
        "reading_hobby": "reading or a hobby",
        "media": "watching or listening",
        "going_out": "out",
        "civic_worship": "service",
    }.get(intent, intent.replace("_", " "))


def _first(artifact: Artifact, width: int = 90) -> str:
    text = f"{artifact.title}: {artifact.text}" if artifact.title and artifact.kind not in ("calendar",) else artifact.text
    line = " / ".join(text.split("\n"))
    return line if len(line) <= width else line[: width - 1] + "…"


def _event(world: World, event: Event) -> None:
    index = index_of(event.id)
    tree = sorted((e for e in world.rows("events", index, "root = ?", (event.root,)) if isinstance(e, Event)), key=lambda e: (e.starts, e.id))
    names = {p.id: p.given_name for p in world.rows("people", index) if isinstance(p, Person)}
    left = [a for a in world.rows("artifacts", index) if isinstance(a, Artifact) and a.event in {e.id for e in tree}]
    root = next(e for e in tree if e.id == event.root)
    console.print(f"[bold]{escape(root.title)}[/] ({root.module}), because {root.because or 'of chance'}")
    console.print("  " + escape(", ".join(f"{k}: {v}" for k, v in root.details.items() if not k.endswith("_cents"))))
    for node in tree:
        mark = "→" if node.id == event.id else " "
        console.print(
            f"{mark} {'  ' * node.depth}{node.starts:%Y-%m-%d %H:%M} {escape(node.title)} [dim]{node.id} {', '.join(names[p] for p in node.people)}[/]"
        )
        for artifact in sorted((a for a in left if a.event == node.id), key=lambda a: a.time):
            console.print(f"    {'  ' * node.depth}[dim]{artifact.kind} {artifact.id}[/] {escape(_first(artifact, 70))}")


def _artifact(world: World, artifact: Artifact) -> None:
    index = index_of(artifact.id)
    names: dict[str, str] = {p.id: f"{p.given_name} {p.family_name}" for p in world.rows("people", index) if isinstance(p, Person)}
    names.update({o.id: o.name for o in world.rows("organizations", index)})  # type: ignore[attr-defined]
    console.print(
        f"[bold]{artifact.kind}[/] {artifact.id}, {artifact.time:%Y-%m-%d %H:%M} UTC, {', '.join(f'{names.get(p.person, p.person)} ({p.role})' for p in artifact.people)}"
    )
    if artifact.title:
        console.print(f"[bold]{escape(artifact.title)}[/]")
    console.print(escape(artifact.text))
    why = "noise: it gives nothing away" if artifact.noise else f"event {artifact.event}" if artifact.event else "an ordinary day"
    console.print(f"[dim]because of[/] {why}" + (f", touches the news {artifact.news}" if artifact.news else ""))
    reveals: list[Any] = list(world.rows("reveals", index, "artifact = ?", (artifact.id,)))
    for reveal in reveals:
        if reveal.fact:
            fact: Any = world.one("facts", reveal.fact)
            what = f"{names.get(fact.person, fact.person)}: {fact.key} = {fact.value}"
        else:
            what = f"{reveal.event} {reveal.detail}"
        text = artifact.text if reveal.turn is None else artifact.payload["turns"][reveal.turn]["text"]
        console.print(
            f"  [dim]{reveal.how} by {names.get(reveal.speaker, reveal.speaker)}:[/] {escape(what)} [dim]in[/] “{escape(text[reveal.span[0] : reveal.span[1]])}”"
        )
