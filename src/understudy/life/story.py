"""From a told tree to a module of the same kind as those on disk: its events are admitted, drawn and traced by the same code as all others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from understudy.life.telling import NOBODY, Growth, Sprout
from understudy.model.community import Community
from understudy.ontology.modules import Leaf, Module, Node, When, story

MONEY = re.compile(r"^\$\s?(\d{1,3}(?:,\d{3})*|\d+)(?:\.(\d\d))?$")
NEAR = {"message": (-90, 300), "email": (-600, 900), "notice": (-1440, 600), "calendar": (-4320, -240), "reminder": (-600, -60), "note": (-600, 300), "chat": (-900, 300),
        "purchase": (5, 60)}  # fmt: skip
"""When an event's traces are left, in minutes from its start."""

BEFORE, AFTER = "before", "after"
"""How the last part of a told event's name begins: it leads up to what stands above it, or follows from it."""


def module_of(growth: Growth) -> Module:
    """The module of one told tree; its words are those of `data/story.yaml`."""
    nodes: dict[str, Node] = {}
    details: dict[str, dict[str, Any]] = {}
    offices: list[str] = []
    _add(growth, "root", None, nodes, details, offices)
    for number, kind in enumerate(dict.fromkeys(offices)):
        details[f"org{number}"] = {"org": kind}
    return msgspec.structs.replace(story(), events=nodes, details=details)


def _add(growth: Growth, name: str, parent: str | None, nodes: dict[str, Node], details: dict[str, dict[str, Any]], offices: list[str]) -> None:
    event = growth.event
    for number, (what, value) in enumerate(event.details, 1):
        money = MONEY.match(value)
        if money and f"{name}/price" not in details:
            cents = int(money[1].replace(",", "")) * 100 + int(money[2] or 0)
            details[f"{name}/price"] = {"cents": [cents, cents]}
        else:
            details[f"{name}/detail{number}_name"], details[f"{name}/detail{number}"] = {"pick": [what]}, {"pick": [value]}
    nodes[name] = Node(
        title=event.title.translate(str.maketrans("{}[]<>|", "()()()/")), when=_when(event, parent is None), lasts=(event.minutes, event.minutes) if event.minutes else None,
        place=None if event.where == "nowhere" or not event.minutes or (event.where == "other_home" and event.company == NOBODY) else event.where, people=["self", *(["friend"] if event.company != NOBODY else [])],
        mood=event.mood, parent=parent, leaves=_leaves(event, offices),
    )  # fmt: skip
    for number, child in enumerate(growth.below):
        place = BEFORE if child.event.day < 0 else AFTER
        _add(child, f"{name}.{place}{number}", name, nodes, details, offices)


def _when(event: Sprout, root: bool) -> When:
    """The hour that was told first; the hours around it where somebody is busy then."""
    return When(hour=(max(6.5, event.hour - 3), min(21.5, event.hour + 4)), day=(0, 0) if root else (event.day, event.day))


def _leaves(event: Sprout, offices: list[str]) -> list[Leaf]:
    found = []
    office = ""
    if event.office not in ("", NOBODY):
        offices.append(event.office)
        office = f"org{list(dict.fromkeys(offices)).index(event.office)}"
    for kind in event.leaves:
        low, high = NEAR[kind]
        if not event.planned:  # nobody writes of it before
            low, high = max(5, low), max(90, high)
        together = kind == "message" and event.company != NOBODY
        if kind == "notice" and office:
            found.append(Leaf(kind="email", say="notice", by=office, to="self", at=(low, high)))
        elif kind == "message":
            say = "message_together" if together else {"good": "message_good", "bad": "message_bad"}.get(event.mood, "message")
            found.append(Leaf(kind=kind, say=say, to="friend" if together else "near", at=(low, high)))
        elif kind == "email":
            found.append(Leaf(kind=kind, say=kind, to="near", at=(low, high)))
        elif kind == "purchase" and (office or event.where not in ("nowhere", "home", "other_home")):
            found.append(Leaf(kind=kind, say=kind, at=(low, high), source=office or None))
        elif kind in ("reminder", "note", "chat") or (kind == "calendar" and event.planned):
            found.append(Leaf(kind=kind, say=kind, at=(low, high)))
    return found


def companion(community: Community, person: str, growth: Growth) -> Mapping[str, str]:
    """The role that the company of a tree plays: the first companion named in it, as a person."""
    names = {p.given_name: p.id for p in reversed(community.people)}
    around = {t.b for t in community.ties if t.a == person}
    by_name = {name: ident for name, ident in names.items() if ident in around}
    for told in _walk(growth):
        if told.company in by_name:
            return {"friend": by_name[told.company]}
    return {}


def _walk(growth: Growth) -> list[Sprout]:
    return [growth.event, *[s for child in growth.below for s in _walk(child)]]
