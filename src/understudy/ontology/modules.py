"""Life modules as typed data: what `data/modules/*.yaml` may say (the notation is in docs/authoring/modules.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from understudy import assets
from understudy.errors import ContentError, InputError
from understudy.ontology.who import Who

TOPICS = ("work", "study", "family", "health", "home", "money", "travel", "leisure", "community", "civic", "tech", "relationship", "shopping")
EVERY = {"day": 1, "weekdays": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 91, "year": 365}
"""The days between two turns of a standing thing."""
DRAWS = ("pick", "cents", "org", "code", "whole", "street", "city", "name", "fullname", "catalogue", "date", "sum", "once", "pay")

Pair = tuple[float, float]


class When(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The local time of an event: days after its parent's day, an hour, weekdays, or a calendar date."""

    hour: Pair = (8.0, 20.0)
    day: Pair = (0, 0)
    weekday: list[int] | None = None
    monthday: Pair | None = None
    date: str | None = None  # birthday, anniversary or MM-DD
    holiday: str | None = None  # a day of the United States' calendar by its name: "Thanksgiving Day"
    weather: list[str] = []  # only on days with such weather: rain, snow, storm, heat, cold, clear
    term: str | None = None  # school or break: only while schools teach, or only while they do not


class Leaf(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An artifact that an event tends to leave; `at` is minutes from the event's start."""

    kind: str
    say: str
    by: str = "self"
    to: str | None = None
    at: Pair = (5, 180)
    chance: float = 1.0
    source: str | None = msgspec.field(default=None, name="from")


class Change(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A fact that an event creates, or that replaces what held before."""

    key: str
    value: str
    replaces: bool = False
    polarity: str = "positive"


class Away(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A trip: nights away, and the detail that names the city."""

    nights: tuple[int, int]
    city: str


class Lead(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What may come of an event, days later: another module, with details handed on (`hand`: its detail or role -> ours)."""

    module: str
    chance: float = 1.0
    day: Pair = (1, 14)
    hand: dict[str, str] = {}


class Node(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One event of a module's tree."""

    title: str
    when: When = When()
    lasts: Pair | None = None
    place: str | None = None
    people: list[str] = msgspec.field(default_factory=lambda: ["self"])
    mood: str = "flat"
    leaves: list[Leaf] = []
    changes: list[Change] = []
    parent: str | None = None
    chance: float = 1.0
    away: Away | None = None
    leads: list[Lead] = []


class Role(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Someone among the person's ties who takes part."""

    tie: list[str]
    need: bool = False
    chance: float = 1.0


class Module(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One thing that happens in lives: who, how often, its tree of events, and the words for it."""

    module: str
    label: str
    topic: str
    events: dict[str, Node]
    words: dict[str, dict[str, Any]] = {}
    source: str = ""
    rate: float | None = None
    every: str | None = None
    share: float = 1.0
    season: dict[int, float] = {}
    who: Who = Who()
    cast: dict[str, Role] = {}
    uses: dict[str, str] = {}
    details: dict[str, dict[str, Any]] = {}
    per: str = "person"  # or household: one of its grown-ups has it for all

    @property
    def root(self) -> str:
        """The name of the root event."""
        return next(iter(self.events))

    def children(self, name: str) -> list[str]:
        """The events directly below one, in the order of the file."""
        root = self.root
        return [n for n, node in self.events.items() if n != root and (node.parent or root) == name]


def parse_module(content: Any, where: str) -> Module:
    """A module from parsed YAML; a `ContentError` says what is wrong and where."""
    try:
        module = msgspec.convert(content, Module)
    except msgspec.ValidationError as error:
        raise ContentError(f"{where}: {error}") from None
    if not module.events:
        raise ContentError(f"{where}: a module needs at least one event under `events`")
    if (module.rate is None) == (module.every is None):
        raise ContentError(f"{where}: say either `rate` (times a year) or `every`, not both or neither")
    if module.every is not None and module.every not in EVERY:
        raise ContentError(f"{where}: `every: {module.every}` is unknown; it is one of {', '.join(EVERY)}")
    if module.topic not in TOPICS:
        raise ContentError(f"{where}: the topic {module.topic} is unknown; it is one of {', '.join(TOPICS)}")
    return module


def load_module(path: Path) -> Module:
    """The module of one file."""
    return parse_module(assets.read_yaml(path), path.name)


@cache
def story() -> Module:
    """The module of events that a language model tells: no events of its own, the words for any."""
    return load_module(assets.HERE / "data" / "story.yaml")


@cache
def shipped() -> dict[str, Module]:
    """Every module of the package by name, in the order of the names."""
    return {path.stem: load_module(path) for path in assets.folder("data/modules")}


_HAND: dict[str, dict[str, Module]] = {}
"""What this process makes lives of, where that is not the package's modules alone: "brought" by a user, or "only" these for a while."""


def modules() -> dict[str, Module]:
    """The modules that lives are made of, by name in the order of the names: the package's, and those that a recipe brings (`bring`)."""
    return _HAND.get("only") or _HAND.get("brought") or shipped()


def bring(own: Mapping[str, Module]) -> None:
    """Lay a user's modules beside the package's in this process, in place of any that were brought before; one of the same name replaces ours."""
    _HAND["brought"] = dict(sorted({**shipped(), **own}.items())) if own else {}


@contextmanager
def only(some: Mapping[str, Module]) -> Iterator[None]:
    """While this holds, lives in this process are made of these modules and no others: for trials."""
    _HAND["only"] = dict(some)
    try:
        yield
    finally:
        del _HAND["only"]


def module_files(path: Path) -> list[Path]:
    """The module files of a user's folder in the order of their names (a single file is itself); `InputError` where there are none."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(f"there is no folder {path}; check the path of your modules")
    found = sorted(p for p in path.iterdir() if p.suffix in (".yaml", ".yml") and p.is_file())
    if not found:
        raise InputError(f"{path} holds no modules; lay YAML files there, one a module (docs/authoring/modules.md), or leave it out")
    return found
