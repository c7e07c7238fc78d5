"""The stages in order: the only place that wires them, and the only writer of the ledger."""

from __future__ import annotations

import csv
import gc
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from understudy import assets
from understudy.artifacts.cast import Cast
from understudy.artifacts.kind import keep
from understudy.artifacts.kinds import KINDS
from understudy.artifacts.plan import Planner
from understudy.artifacts.readers import readings_for
from understudy.community.graph import connect
from understudy.community.town import national, settle
from understudy.critics.refine import Refined, Standard, refine
from understudy.critics.repetition import Repetition
from understudy.engine.call import Engine
from understudy.engine.embedded import Embedded
from understudy.errors import InputError
from understudy.language.phrasebook import say_plainly
from understudy.language.scribe import forget
from understudy.language.soundness import bring_own
from understudy.life.days import DayBook
from understudy.life.grow import Grower
from understudy.life.outings import plan_outings
from understudy.life.plant import live
from understudy.model.briefs import Problem
from understudy.model.community import Community
from understudy.model.records import Fact, Organization, Reveal, Verdict, Visit
from understudy.ontology.attributes import Attribute, read_attributes
from understudy.ontology.interests import from_iab, walk
from understudy.ontology.modules import modules
from understudy.ontology.who import Traits
from understudy.persona.facts import traits_of
from understudy.persona.people import profile
from understudy.population.guests import Guest, guests_of, own_guests, read_lines, read_profiles
from understudy.population.people import draw_community, open_pool
from understudy.population.sizes import Part, split
from understudy.questions.ask import ask_community
from understudy.recipe import Recipe
from understudy.rng import stream
from understudy.store.parts import PartWriter

ORDER = ("persona", "life", "artifacts", "questions")


class Told:
    """Which artifacts revealed which fact, and who could read them: all that questions need of what was written."""

    def __init__(self) -> None:
        self.reveals: dict[str, list[tuple[str, str]]] = {}
        self.reach: dict[str, set[str]] = {}
        self.heard: dict[str, set[str]] = {}  # fact -> who was there when it came out

    def founded(self, reveals: list[Reveal], facts: Mapping[str, Fact]) -> bool:
        """Whether everyone who tells of another was there when it had come out: what was planned to bring it out may not have been written."""
        out: set[str] = set()
        for reveal in sorted(reveals, key=lambda r: (r.artifact, r.turn or 0, r.span[0])):
            if reveal.fact and ".p" in reveal.speaker and reveal.fact not in out:
                if reveal.speaker != facts[reveal.fact].person and reveal.speaker not in self.heard.get(reveal.fact, ()):
                    return False
                out.add(reveal.fact)
        return True

    def note(self, people: list[str], artifact: str, reveals: list[Reveal]) -> None:
        """Remember one artifact that reveals facts."""
        for reveal in reveals:
            if reveal.fact and reveal.artifact == artifact:
                self.reveals.setdefault(reveal.fact, []).append((artifact, reveal.how))
                self.heard.setdefault(reveal.fact, set()).update(people)
                for person in people:
                    self.reach.setdefault(person, set()).add(artifact)


def communities(recipe: Recipe) -> list[Part]:
    """The communities that a recipe asks for."""
    bring_own(recipe.inputs.modules)
    pool, _ = open_pool(recipe.seed, tuple(recipe.inputs.pums), tuple(recipe.inputs.distributions))
    parts = split(pool, recipe.seed, recipe.people)
    taxonomy(recipe.inputs.interests)  # what is wrong with the user's files is said before anything is made
    news_items(recipe.inputs.news)
    further(recipe.inputs.attributes)
    brought = len(user_guests(recipe))
    if brought > 4 * len(parts):
        raise InputError(f"{brought} profiles and persona lines need more than {recipe.people} people to live among; ask for at least {brought * 10} people")
    return parts


def notes(recipe: Recipe) -> list[str]:
    """What has to be said about the user's files before anything is made."""
    return open_pool(recipe.seed, tuple(recipe.inputs.pums), tuple(recipe.inputs.distributions))[1]


@cache
def _guests(profiles: Path | None, personas: Path | None, start: date, stamp: tuple[Any, ...]) -> tuple[Guest, ...]:
    found = read_profiles(profiles, start) if profiles else []
    return tuple(found + (read_lines(personas) if personas else []))


def user_guests(recipe: Recipe) -> tuple[Guest, ...]:
    """The people whom the user brings: profiles first, then persona lines."""
    inputs = recipe.inputs
    return _guests(inputs.profiles, inputs.personas, recipe.start, assets.stamp(inputs.profiles, inputs.personas))


def taxonomy(path: Path | None) -> tuple[tuple[str, ...], ...] | None:
    """The user's own interest taxonomy, or None for ours."""
    return None if path is None else _taxonomy(path, assets.stamp(path))


@cache
def _taxonomy(path: Path, stamp: tuple[Any, ...]) -> tuple[tuple[str, ...], ...]:
    if path.suffix.lower() in (".tsv", ".txt"):
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                found = from_iab(list(csv.reader(file, delimiter="\t")))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"cannot read {path} ({error}); save it as UTF-8 text with tabs between its columns") from None
    else:
        content = assets.read_yaml(path)
        found = tuple(walk(content)) if isinstance(content, dict | list) else ()
    if not found:
        raise InputError(f"{path} holds no interests; it must be an IAB TSV (id, parent, name) or nested YAML")
    return found


def further(path: Path | None) -> tuple[Attribute, ...]:
    """The user's further attributes, if any."""
    return _further(path, assets.stamp(path)) if path else ()


@cache
def _further(path: Path, stamp: tuple[Any, ...]) -> tuple[Attribute, ...]:
    return tuple(read_attributes(path))


def news_items(path: Path | None) -> tuple[dict[str, Any], ...]:
    """The news: ours, or the user's with plain lines to bring an item up."""
    return tuple(assets.data("data/catalogues/news.yaml")["news"]) if path is None else _news_items(path, assets.stamp(path))


@cache
def _news_items(path: Path, stamp: tuple[Any, ...]) -> tuple[dict[str, Any], ...]:
    rows, bad = assets.read_jsonl(path)
    bad += [number for number, row in rows.items() if not str(row.get("title") or "").strip()]
    if bad:
        raise InputError(f"{path}: line {min(bad)} is no news item with a title ({len(bad)} such lines); mend or remove them")
    if not rows:
        raise InputError(f"{path} holds no news; give it a line for each item, or leave it out")
    return tuple(_user_news(number, row) for number, row in enumerate(rows.values(), 1))


def _user_news(number: int, row: dict[str, Any]) -> dict[str, Any]:
    title = " ".join(str(row["title"]).split()).rstrip(".").translate(str.maketrans("{}[]<>|", "()()()/"))
    talk = [f"Did you see? {title}.", f"Just read this: {title}.", f'"{title}." That was in the news.', f"{title}. What do you make of that?"]
    return {**row, "id": f"user{number:05d}", "talk": talk, "reply": ["I saw that.", "No, when was this?", "Huh.", "I only read the headline."]}


def make_community(
    recipe: Recipe, part: Part, writer: PartWriter, engine: Engine | None = None, progress: Callable[[float], None] = lambda share: None
) -> None:
    """Make one community: a pure function of (recipe, seed, index), written through the part's writer."""
    engine = engine or Embedded(recipe.seed)
    forget()
    bring_own(recipe.inputs.modules)
    say_plainly(further(recipe.inputs.attributes))
    pool, _ = open_pool(recipe.seed, tuple(recipe.inputs.pums), tuple(recipe.inputs.distributions))
    guests = guests_of(user_guests(recipe), part.number)
    if not recipe.inputs.personas:
        guests += own_guests(recipe.persona_share, part.people, stream(recipe.seed, f"c{part.number:04d}/lines"))
    seeds = draw_community(pool, recipe.seed, part, recipe.start, guests)
    settled = settle(recipe.seed, part.number, recipe.start, recipe.days, seeds)
    without = () if "agents" not in recipe.without else ("events", "profile")
    leave_out = {*recipe.without, *without}
    community = profile(
        connect(settled, seeds, engine), taxonomy(recipe.inputs.interests), further(recipe.inputs.attributes), engine, bare="profile" in leave_out
    )
    reached = ORDER.index(recipe.until)
    if reached == 0:
        _write_ledger(writer, community, community.facts)
        return
    traits = {p.id: _traits(community, p.id) for p in community.people}
    shared = {o.id: o for o in national()}
    grower = live(community, {} if "events" in leave_out else modules(), traits, shared, engine, recipe.tree)
    writer.add("events", grower.events)
    told = _weeks(recipe, community, grower, traits, shared, writer, engine, progress, write=reached >= 2)
    facts = grower.timeline.all()
    _write_ledger(writer, community, facts)
    if reached >= 3:
        end = community.clock().utc(recipe.days * 1440 - 1)
        writer.add(
            "questions",
            ask_community(
                community, facts, told.reveals, {p.id: frozenset(told.reach.get(p.id, ())) for p in community.people}, end, further(recipe.inputs.attributes)
            ),
        )


def _traits(community: Community, person: str) -> Traits:
    held: dict[str, list[str]] = {}
    for fact in community.facts:
        if fact.person == person and fact.polarity == "positive":
            held.setdefault(fact.key, []).append(fact.value)
    return traits_of(community, next(p for p in community.people if p.id == person), held)


def _write_ledger(writer: PartWriter, community: Community, facts: Any) -> None:
    """The tables that are complete once life has happened."""
    writer.add("people", community.people)
    writer.add("households", community.households)
    writer.add("places", community.places)
    writer.add("organizations", community.organizations)
    writer.add("ties", community.ties)
    writer.add("facts", facts)


def _weeks(
    recipe: Recipe, community: Community, grower: Grower, traits: dict[str, Traits], shared: dict[str, Organization], writer: PartWriter, engine: Engine,
    progress: Callable[[float], None], write: bool,
) -> Told:  # fmt: skip
    """Days and what they leave behind, a week at a time, so that memory does not grow with the window."""
    clock, told, repetition = community.clock(), Told(), Repetition()
    organizations = {**shared, **{o.id: o for o in community.organizations}}
    cast = Cast(community, grower.timeline, organizations, {p: (f.wake, f.bed) for p, f in grower.frames.items()})
    events = {e.id: e for e in grower.events}
    planner = Planner(
        cast, grower.traces, events, grower.places, traits, list(organizations.values()), news_items(recipe.inputs.news), recipe.noise, recipe.news_share,
        recipe.density, {a.key: a.openness for a in further(recipe.inputs.attributes)},
    ) if write else None  # fmt: skip
    days = DayBook(grower)
    standard, readings = standard_of(recipe), readings_for(cast) if "reader" in recipe.models.asked() or "writer" in recipe.models.asked() else None
    for first in range(0, recipe.days, recipe.stride):
        last = min(first + recipe.stride, recipe.days)
        plan_outings(grower, first, last, engine)
        visits: dict[str, list[Visit]] = {}
        for person in community.people:
            visits[person.id] = [visit for day in range(first, last) for visit in days.day(person, day)]
        writer.add("visits", (v for person in community.people for v in visits[person.id]))
        if planner is not None:
            if not recipe.models.asked():
                gc.disable()
            try:
                refined = refine(engine, _calls(planner, first, last, visits, "agents" in recipe.without), repetition, standard, readings)
                _keep_week(planner, refined, standard, clock, writer, told)
            finally:
                gc.enable()
        progress(last / recipe.days)
    return told


def standard_of(recipe: Recipe) -> Standard:
    """What drafts have to reach: critics by default only where a model writes or judges, for what the grammars write is built to pass."""
    asked, quality = recipe.models.asked(), recipe.quality
    critics = quality.critics if quality.critics != "auto" else "combined" if "writer" in asked or "critic" in asked else "none"
    if "critics" in recipe.without or "agents" in recipe.without:
        critics = "none"
    rounds = quality.rounds if "agents" not in recipe.without or "writer" not in asked else 1
    return Standard(critics, quality.pass_mark, rounds, quality.fallback if "writer" in asked else "drop")


def _calls(planner: Planner, first: int, last: int, visits: dict[str, list[Visit]], direct: bool) -> list[Any]:
    """Plan the days [first, last): one call for each text; `direct`: of the plan only who writes what to whom, and when."""
    briefs = planner.week(first, last, visits)
    for brief in briefs if direct else ():
        brief.direct, brief.tells = True, []
    return [KINDS[b.kind].call(b.ids[0], b) for b in briefs]


def _keep_week(planner: Planner, results: list[Refined], standard: Standard, clock: Any, writer: PartWriter, told: Told) -> None:
    """Keep what was written, with its reveals and verdicts. Nothing here makes cycles, so the collector rests meanwhile."""
    artifacts, reveals, verdicts = [], [], []
    untold: set[str] = set()  # promised this week and then not written: whoever would have passed it on cannot
    for refined in results:
        brief = refined.call.brief
        verdicts += [
            Verdict(artifact=brief.ids[0], critic=o.critic, round=n, passed=o.score >= standard.pass_mark, score=o.score, reasons=o.reasons)
            for n, o in refined.verdicts
        ]
        hollow = any(t.how == "told" and t.fact in untold for t in brief.tells)
        if refined.draft is None or hollow:
            untold.update(t.fact for t in brief.tells)
            verdicts.append(_verdict(brief.ids[0], refined.problems))
            continue
        found, shown = keep(KINDS[brief.kind], brief, refined.draft, clock, refined.engine, refined.passed)
        if not told.founded(shown, planner.cast.timeline.facts):
            verdicts.append(_verdict(brief.ids[0], [[Problem("unfounded", "somebody tells of another what they were never told")]]))
            continue
        if not refined.passed:
            verdicts.append(_verdict(brief.ids[0], refined.problems))
        artifacts += found
        reveals += shown
        for artifact in found:
            told.note([p.person for p in artifact.people], artifact.id, shown)
        if brief.event:
            planner.note(shown, [p for p, _ in brief.people])
    writer.add("artifacts", artifacts)
    writer.add("reveals", reveals)
    writer.add("verdicts", verdicts)


def _verdict(artifact: str, problems: list[Any]) -> Verdict:
    last = problems[-1] if problems else []
    return Verdict(artifact=artifact, critic="checks", round=len(problems), passed=False, reasons=[f"{p.code}: {p.text}" for p in last])
