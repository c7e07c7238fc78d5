"""The Event Agent: seed events out of a memory of lives, each grown into a tree with times, people and details (PersonaTrace, section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from understudy.critics.outside import HOLLOW, REAL, plain_words
from understudy.critics.planted import STEERED
from understudy.engine.call import Call, Engine
from understudy.engine.minhash import distinct
from understudy.engine.router import rescue
from understudy.engine.shape import Shape, choice, listed, record, text, whole
from understudy.life.memory import own_memory
from understudy.model.clock import WEEKDAYS, date_text
from understudy.model.community import Community, age_on
from understudy.model.records import Person
from understudy.recipe import Tree
from understudy.rng import Stream, stream

PLACES = ("home", "work", "school", "other_home", "grocery", "shop", "restaurant", "cafe", "bar", "gym", "park", "outdoors", "clinic", "pharmacy", "bank",
          "library", "worship", "entertainment", "services", "civic", "nowhere")  # fmt: skip
"""Where an event can take place; "nowhere" is a moment that takes no one anywhere."""
LEAVES = ("message", "email", "notice", "calendar", "reminder", "note", "chat", "purchase")
"""What an event can leave behind."""
NOBODY = "nobody"
PLANNED, UNFORESEEN = "planned", "unforeseen"
YOUNGEST = 13
REMEMBERED = 5
"""Lines of the event memory that are shown for one person."""
ALIKE = 0.6
"""Titles more alike than this (estimated Jaccard) are one event."""


class Sprout(NamedTuple):
    """One event as the agent tells it; times are relative: days from the window's start (a seed) or from its parent's day (a child)."""

    title: str
    day: int
    hour: int
    minutes: int
    where: str
    company: str  # given name, or nobody
    mood: str
    details: tuple[tuple[str, str], ...] = ()
    leaves: tuple[str, ...] = ()
    office: str = ""
    planned: bool = True  # what nobody could foresee leaves its traces afterwards only


class Ground(NamedTuple):
    """What the Event Agent knows: the person, those around, the window, and what it grows from."""

    about: Mapping[str, Any]
    companions: tuple[str, ...]
    offices: tuple[str, ...]
    days: int
    most: int
    weekday: int = 0  # of the first day
    chain: tuple[Sprout, ...] = ()
    memory: tuple[str, ...] = ()


def _plain(said: str) -> str:
    return " ".join(said.translate(str.maketrans("{}[]<>|", "()()()/")).split()).strip(" .")


def tellable(title: str) -> bool:
    """Whether a title can stand in a ledger: words, nobody's address, no talk of models."""
    return len(title) > 3 and plain_words(title)


class Told(Call[list[Sprout]]):
    """Asks for events; a subclass says which."""

    role = "life"
    __slots__ = ()

    def data(self) -> dict[str, Any]:
        """The person, the window, the chain of events that led here."""
        g = self.brief
        chain, day = [], 0
        for sprout in g.chain:
            day += sprout.day
            chain.append({**sprout._asdict(), "on": f"{WEEKDAYS[(g.weekday + day) % 7]}, day {day} of the window"})
        return {**g.about, "companions": list(g.companions), "days": g.days, "most": g.most, "memory": list(g.memory), "chain": chain}

    def _event(self, low: int, high: int) -> dict[str, Shape]:
        return {
            "title": text(70, 4), "day": whole(low, high), "hour": whole(6, 21), "minutes": whole(0, 240), "where": choice(PLACES),
            "with": choice([*self.brief.companions, NOBODY]), "mood": choice(("good", "flat", "bad")), "sort": choice((PLANNED, UNFORESEEN)),
        }  # fmt: skip

    def compose(self, rng: Stream) -> list[Sprout]:
        """Nothing: the embedded engine's events are its modules."""
        return []


class Seeds(Told):
    """Ask for the few events that a person's weeks will turn on."""

    prompt = "life/events"
    __slots__ = ()

    def shape(self) -> Shape:
        """Up to `most` events in the window."""
        return record({"events": listed(record(self._event(0, self.brief.days - 1)), 0, self.brief.most)})

    def read(self, wire: Any) -> list[Sprout]:
        """The events whose titles can be kept."""
        rows = [
            Sprout(_plain(r["title"]), r["day"], r["hour"], r["minutes"], r["where"], r["with"], r["mood"], planned=r["sort"] == PLANNED)
            for r in wire["events"]
        ]
        return [s for s in rows if tellable(s.title)]

    def wire(self, answer: list[Sprout]) -> Any:
        """Events as a model would have sent them."""
        return {"events": [_wired(s) for s in answer]}

    def guess(self, rng: Stream) -> list[Sprout]:
        """As many events as were asked for, of a usual length."""
        return [
            Sprout(f"something that takes {rng.whole(1, 9)} hours in week {n}", rng.whole(0, self.brief.days - 1), 10, 60, "shop", NOBODY, "flat")
            for n in range(self.brief.most)
        ]


class Expand(Told):
    """Ask what comes before and after one event, with details and what each leaves behind; nothing, where it needs no more."""

    prompt = "life/expand"
    __slots__ = ()

    def shape(self) -> Shape:
        """Up to `most` events, details and leaves, and the event's own."""
        detail = listed(record({"name": text(24, 2), "value": text(40, 1)}), 0, 2)
        offices = [*self.brief.offices, NOBODY]
        event = {**self._event(-14, 14), "details": detail, "leaves": listed(choice(LEAVES), 0, 2), "office": choice(offices)}
        own = {"details": detail, "leaves": listed(choice(LEAVES), 0, 3), "office": choice(offices)} if len(self.brief.chain) == 1 else {}
        return record({**own, "events": listed(record(event), 0, self.brief.most)})  # below the seed, the level above has told them

    def read(self, wire: Any) -> list[Sprout]:
        """The event itself with its details, then those below it."""
        own = self.brief.chain[-1]
        if "leaves" in wire:
            own = own._replace(details=_details(wire["details"]), leaves=tuple(dict.fromkeys(wire["leaves"])), office=wire["office"])
        rows = [
            Sprout(
                _plain(r["title"]), r["day"], r["hour"], r["minutes"], r["where"], r["with"], r["mood"], _details(r["details"]), tuple(dict.fromkeys(r["leaves"])),
                r["office"], r["sort"] == PLANNED,
            )
            for r in wire["events"]
        ]  # fmt: skip
        return [own, *[s for s in rows if tellable(s.title)]]

    def guess(self, rng: Stream) -> list[Sprout]:
        """Half of the places taken."""
        return _guessed(self.brief, rng)

    def wire(self, answer: list[Sprout]) -> Any:
        """A tree's level as a model would have sent it."""
        own = answer[0] if answer else self.brief.chain[-1]
        given = {"details": _named(own), "leaves": list(own.leaves), "office": own.office or NOBODY} if len(self.brief.chain) == 1 else {}
        rows = [{**_wired(s), "details": _named(s), "leaves": list(s.leaves), "office": s.office or NOBODY} for s in answer[1:]]
        return {**given, "events": rows}


def _named(s: Sprout) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in s.details]


def _guessed(ground: Ground, rng: Stream) -> list[Sprout]:
    """A level of usual length: half of the places taken, a detail and a trace each."""
    own = ground.chain[-1]._replace(details=(("price", "$18.50"),), leaves=("message",))
    rows = [
        Sprout(f"what belongs to it, number {n} of {rng.whole(2, 9)}", 1, 11, 45, "shop", NOBODY, "flat", (("what", "the small one"),), (rng.pick(LEAVES),))
        for n in range((ground.most + 1) // 2)
    ]
    return [own, *rows]


def _wired(s: Sprout) -> dict[str, Any]:
    return {
        "title": s.title,
        "day": s.day,
        "hour": s.hour,
        "minutes": s.minutes,
        "where": s.where,
        "with": s.company,
        "mood": s.mood,
        "sort": PLANNED if s.planned else UNFORESEEN,
    }


def _details(rows: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    kept = [(_plain(r["name"]).lower(), _plain(r["value"])) for r in rows]
    return tuple((n, v) for n, v in kept if n and v and not any(p.search(f"{n} {v}") for p in (REAL, STEERED, HOLLOW)))


class Growth(NamedTuple):
    """A tree as told: the event and those below it."""

    event: Sprout
    below: tuple[Growth, ...] = ()


def tell(community: Community, engine: Engine, tree: Tree, offices: Sequence[str]) -> dict[str, list[Growth]]:
    """Ask for seed events of everyone who is old enough, drop near-duplicates, and grow each level of all trees together; person id -> trees."""
    people = [p for p in community.people if age_on(p.birth_date, community.start) >= YOUNGEST]
    most = max(1, round(tree.seeds * community.days / 7)) if tree.seeds else 0
    if not most:
        return {}
    grounds = {p.id: _ground(community, p, most, offices) for p in people}
    calls: list[Told] = [Seeds(f"{p.id}/events", grounds[p.id]) for p in people]
    seeds: dict[str, list[Sprout]] = {}
    for person, answer in zip(people, rescue(engine, calls), strict=True):
        found = list(answer.value)
        seeds[person.id] = [found[i] for i in distinct([s.title for s in found], ALIKE)]
    return _grow(seeds, grounds, engine, tree)


def _grow(seeds: dict[str, list[Sprout]], grounds: Mapping[str, Ground], engine: Engine, tree: Tree) -> dict[str, list[Growth]]:
    """Level by level, all trees of the community in one list; an event too short, or at the last level, is not asked about again."""
    below: dict[str, list[tuple[str, Sprout]]] = {}  # path -> children's paths and events
    own: dict[str, Sprout] = {}
    level: list[tuple[str, tuple[Sprout, ...]]] = [(f"{person}/{n}", (sprout,)) for person, found in seeds.items() for n, sprout in enumerate(found)]
    own.update({path: chain[-1] for path, chain in level})
    for depth in range(tree.depth):
        asked = [(path, chain) for path, chain in level if depth == 0 or chain[-1].minutes >= tree.smallest]
        calls = [
            Expand(f"{path.split('/')[0]}/expand/{path}", grounds[path.split("/")[0]]._replace(chain=chain, most=tree.branching, memory=()))
            for path, chain in asked
        ]
        level = []
        for (path, chain), answer in zip(asked, rescue(engine, calls), strict=True):
            if not answer.value:
                continue
            own[path] = answer.value[0]
            titles = [s.title for s in (*chain, *answer.value[1:])]
            fresh = [i for i in distinct(titles, ALIKE) if i >= len(chain)]
            children = [(f"{path}.{n}", answer.value[1 + i - len(chain)]) for n, i in enumerate(fresh)]
            below[path] = children
            own.update(children)
            level += [(child, (*chain[:-1], own[path], sprout)) for child, sprout in children]

    def grown(path: str) -> Growth:
        return Growth(own[path], tuple(grown(child) for child, _ in below.get(path, ())))

    return {person: [grown(f"{person}/{n}") for n in range(len(found))] for person, found in seeds.items()}


def _ground(community: Community, person: Person, most: int, offices: Sequence[str]) -> Ground:
    names = {p.id: p.given_name for p in community.people}
    ties = sorted((t for t in community.ties if t.a == person.id), key=lambda t: (-t.closeness, t.b))[:8]
    companions = tuple(n for n in dict.fromkeys(names[t.b] for t in ties) if n != person.given_name)
    clock = community.clock()
    draw = stream(community.seed, f"{person.id}/memory")
    near = own_memory().near(f"{person.persona} {person.summary}", REMEMBERED + 1, draw)
    memory = tuple(line for line in near if line != person.persona)[:REMEMBERED]
    about = {
        "name": person.given_name, "summary": person.summary, "town": f"{community.town.city}, {community.town.state}",
        "interests": [" > ".join(a.split(" > ")[-2:]) for a in person.anchors], "hours": community.shifts.get(person.id, ""),
        "ties": [f"{names[t.b]} ({t.kind})" for t in ties], "first": f"{WEEKDAYS[clock.weekday(0)]}, {date_text(clock.date(0))}",
    }  # fmt: skip
    return Ground(about, companions, tuple(offices), community.days, most, clock.weekday(0), (), memory)
