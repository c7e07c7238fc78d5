"""A module tried on a small town that has nothing else: how often it happens, which of its words fire, whether every promise still holds."""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from understudy import assets
from understudy.audit.rules import audit_world
from understudy.authoring.check.events import span
from understudy.language.soundness import lines_of
from understudy.life.almanac import named_days
from understudy.making import make
from understudy.model.clock import DAY
from understudy.ontology.modules import Module, Node, only
from understudy.recipe import VERSION, Recipe
from understudy.store.world import World

PEOPLE, DAYS = 20, 60
RATE = 18.0
"""Times a year at which a module under trial is planted: about three trees for each eligible person."""
OFTEN = 0.7
"""The least chance of its events and leaves under trial, so that each has its turn."""
TOWNS = ((1, 1.0), (2, 8.0), (3, 30.0))
"""Seeds of the towns that are tried one after another, and how many times oftener it is planted there, until it has happened often enough to judge."""
TREES = 12
"""Trees that are enough to judge a module."""
ENOUGH = 6
"""Times that an event must have happened before what it should have led to or left, and never did, counts against a module."""
LONGEST = 120
"""Days at most by which the window is made longer for a tree that takes its time."""
TEXTS = 3


class Trial(NamedTuple):
    """What came of a trial: the town, the trees, how often each event happened and each entry of words fired, promises broken, and some texts."""

    people: int
    days: int
    trees: int
    events: dict[str, int]
    said: dict[str, int]
    dead: list[str]
    broken: list[str]
    texts: list[tuple[str, str, str]]  # kind, title, text

    def problems(self) -> list[str]:
        """What the trial holds against the module, each a sentence."""
        if not self.trees:
            return [
                f"in a town of {self.people} people it never happened in {self.days} days; ask less of `who` and `cast`, or make place and hours more usual"
            ]
        return [*self.dead, *self.broken]


def forced(module: Module, times: float = 1.0) -> Module:
    """The module as it is planted in a trial: often, by everyone who can have it, each event and leaf likely."""
    events = {
        name: msgspec.structs.replace(
            node, chance=max(node.chance, OFTEN), leaves=[msgspec.structs.replace(leaf, chance=max(leaf.chance, OFTEN)) for leaf in node.leaves]
        )
        for name, node in module.events.items()
    }
    rate = module.rate if module.rate is None else max(RATE * times, module.rate)
    return msgspec.structs.replace(module, events=events, rate=rate, share=1.0)


def window(module: Module, days: int = DAYS) -> int:
    """The days of a trial: the tree's own length on top, so that what comes last has its turn."""
    return days + min(LONGEST, math.ceil(max(span(module, name)[1] for name in module.events) / DAY))


def first_day(module: Module) -> date:
    """A first day whose window holds what the root waits for: its date, holiday, weather, term, or the months in which it is likeliest."""
    when = module.events[module.root].when
    day = named_days(2025).get(when.holiday or "")
    if when.date and re.fullmatch(r"\d\d-\d\d", when.date):
        day = date.fromisoformat(f"{2024 if when.date == '02-29' else 2025}-{when.date}")
    if day is not None:
        return day - timedelta(days=DAYS // 2)
    if when.weather:
        month = 1 if {"snow", "cold"} & set(when.weather) else 7 if "heat" in when.weather else 4
        return date(2025, month, 1)
    if when.term == "break":
        return date(2025, 6, 16)
    best = max(range(1, 13), key=lambda month: module.season.get(month, 1.0))
    return date(2025, best, 6) if module.season else date(2025, 9, 2) if when.term else date(2025, 1, 6)


def try_out(module: Module, people: int = PEOPLE, days: int = DAYS) -> Trial:
    """Plant a module at a forced rate in a small town of its own, write what it leaves, and audit the town; where it was rare, again and oftener in another."""
    found: list[Trial] = []
    for seed, times in TOWNS:
        found.append(_town(module, seed, times, people, window(module, days)))
        if found[-1].trees >= TREES or found[-1].broken:
            break
    return max(found, key=lambda trial: (bool(trial.broken), trial.trees))


def _town(module: Module, seed: int, times: float, people: int, days: int) -> Trial:
    recipe = Recipe.build(
        {"people": people, "days": days, "seed": seed, "start": first_day(module), "density": 0.1, "noise": 0.0, "until": "artifacts", "stride": 30},
        "the trial",
    )
    name = module.module
    with tempfile.TemporaryDirectory() as folder, only({name: forced(module, times)}):
        world = make(recipe, Path(folder) / "town", jobs=1)  # in this process, where only the module is known
        return _seen(module, world, people, days)


def _seen(module: Module, world: World, people: int, days: int) -> Trial:
    """What a town shows of the one module that it has."""
    rows = world.sql(f"SELECT id, kind, parent FROM events WHERE module = '{module.module}'")[1]
    happened = Counter(kind for _, kind, _ in rows)
    node_of = {ident: kind for ident, kind, _ in rows}
    said: Counter[str] = Counter()
    texts: dict[str, tuple[str, str, str]] = {}
    pieces = {say: frozenset(_pieces(words)) for say, words in module.words.items()}
    for event, kind, title, text in world.sql("SELECT event, kind, title, text FROM artifacts WHERE event IS NOT NULL ORDER BY id")[1]:
        if event not in node_of:
            continue
        say = _say(module.events[node_of[event]], kind, f"{title}\n{text}", pieces)
        if say is not None:
            said[say] += 1
            texts.setdefault(kind, (kind, title, text))
    broken = [f"{f.rule}: broken by {', '.join(f.offending[:2])}" for f in audit_world(world) if f.offending]
    ordered = sorted(texts.values(), key=lambda t: (ORDER.index(t[0]) if t[0] in ORDER else len(ORDER), t[0]))
    dead = [
        f"event {name} never happened, though {node.parent or module.root} did {happened[node.parent or module.root]} times; all of its people must be free at the same time then, and the place open: ask for fewer people, more days or less time"
        for name, node in module.events.items() if not happened[name] and happened[node.parent or module.root] >= ENOUGH
    ]  # fmt: skip
    return Trial(
        people, days, sum(parent is None for _, _, parent in rows), {n: happened[n] for n in module.events},
        {say: said[say] for say in module.words}, dead, broken, ordered[:TEXTS],
    )  # fmt: skip


ORDER = ("message", "email", "chat", "note", "search", "post", "call", "photo")
"""Kinds in the order in which they are worth a look."""


def _pieces(words: Any) -> Iterator[str]:
    """The literal pieces of an entry's lines, by which a text can be recognized."""
    for line in lines_of(words):
        text = str(line["t"] if isinstance(line, Mapping) else line)
        yield from (piece.strip(" .,?!;:").lower() for piece in re.split(r"\{[^{}]*\}|[\[\]|]", text) if len(piece.strip()) >= 5)


def _say(node: Node, kind: str, text: str, pieces: Mapping[str, frozenset[str]]) -> str | None:
    """Which entry of words a text was written from: the only one of its kind at the event, or the one of which it holds most."""
    able = list(dict.fromkeys(leaf.say for leaf in node.leaves if leaf.kind == kind))
    low = text.lower()
    return max(able, key=lambda say: sum(piece in low for piece in pieces[say])) if able else None


def silent(module: Module, trial: Trial) -> list[str]:
    """Entries of words that never fired although their event happened often enough, and whoever writes and reads them was there."""
    sure = {
        "self",
        "household",
        "near",
        *(role for role, spec in module.cast.items() if spec.need),
        *(name for name, draw in module.details.items() if "org" in draw),
    }
    where = {
        leaf.say: trial.events.get(name, 0) for name, node in module.events.items() for leaf in node.leaves if {leaf.by, leaf.to or "self"} <= sure
    }  # fmt: skip
    return [say for say, count in trial.said.items() if not count and where.get(say, 0) >= ENOUGH]


def key_of(text: str) -> str:
    """What a trial of a module's text depends on: the text, every data file, and how it is tried."""
    parts = (VERSION.encode(), assets.content_hash().encode(), Path(__file__).read_bytes(), text.encode())
    return sha256(b"\n".join(parts)).hexdigest()[:24]
