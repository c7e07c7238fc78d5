"""The graph agent: three people at a time, how are they connected, and since when (PersonaBench, section 3.1); symmetry and kin stay with the web."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations
from typing import Any, NamedTuple

import msgspec

from understudy.community.ties import Web
from understudy.critics.outside import plain_words
from understudy.engine.call import Call, Engine
from understudy.engine.router import rescue
from understudy.engine.shape import Shape, choice, record, text, whole
from understudy.model.briefs import Problem
from understudy.model.community import age_on
from understudy.model.records import Person
from understudy.rng import Stream

NONE = "none"
KIN = frozenset(("mother", "father", "daughter", "son", "sister", "brother", "grandparent", "grandchild", "cousin", "relative"))
YOUNGEST = 10


class Pair(NamedTuple):
    """Two people, how b stands to a so far ("" if not at all), the kinds that could be, and the most years they can have known each other."""

    a: str
    b: str
    kind: str
    able: tuple[str, ...]
    years: int
    since: int  # years, as the embedded graph has it
    closeness: float
    story: str


class Trio(NamedTuple):
    """What the graph agent is given: three lines, and the pairs among them."""

    lines: tuple[tuple[str, str, str], ...]  # id, name, line
    pairs: tuple[Pair, ...]
    town: str


class Link(NamedTuple):
    """One pair's answer."""

    kind: str
    closeness: float
    years: int
    story: str


class Connect(Call[list[Link]]):
    """Ask how three people are connected: for each pair a kind, how close, for how many years, and how it came about."""

    prompt = "community/connect"
    role = "community"
    __slots__ = ()

    def data(self) -> dict[str, Any]:
        """The people's lines and the pairs."""
        called = {ident: name for ident, name, _ in self.brief.lines}
        rows = [{"alias": f"p{n}", "a": called[p.a], "b": called[p.b], "kind": p.kind, "able": list(p.able)} for n, p in enumerate(self.brief.pairs, 1)]
        return {"people": [{"name": name, "line": line} for _, name, line in self.brief.lines], "pairs": rows, "town": self.brief.town}

    def shape(self) -> Shape:
        """For each pair a kind, closeness 1 to 10, years, a story."""
        return record({
            f"p{n}": record({"kind": choice(p.able), "closeness": whole(1, 10), "years": whole(0, p.years), "story": text(140, 0)})
            for n, p in enumerate(self.brief.pairs, 1)
        })  # fmt: skip

    def read(self, wire: Any) -> list[Link]:
        """A link for each pair."""
        rows = [wire[f"p{n}"] for n in range(1, len(self.brief.pairs) + 1)]
        return [Link(r["kind"], r["closeness"] / 10, r["years"], r["story"].strip().rstrip(".")) for r in rows]

    def wire(self, answer: list[Link]) -> Any:
        """Links as a model would have sent them."""
        return {
            f"p{n}": {"kind": k.kind, "closeness": max(1, min(10, round(k.closeness * 10))), "years": k.years, "story": k.story[:140]}
            for n, k in enumerate(answer, 1)
        }

    def compose(self, rng: Stream) -> list[Link]:
        """The graph as it is."""
        return [Link(p.kind or NONE, p.closeness or 0.1, min(p.years, p.since), p.story) for p in self.brief.pairs]

    def check(self, answer: list[Link]) -> list[Problem]:
        """Stories name no years (they are given beside), nobody real, and nothing but how two people met."""
        found = []
        for pair, link in zip(self.brief.pairs, answer, strict=True):
            if link.kind != NONE and not sound(link.story) and link.story != pair.story:
                found.append(
                    Problem(
                        "story",
                        f'the story "{link.story[:60]}" has a year, a number, an address or a placeholder in it, or is none; say in plain words how they met',
                    )
                )
        return found


def sound(story: str) -> bool:
    """Whether a story is words that can be kept."""
    return len(story.split()) > 2 and not any(c.isdigit() for c in story) and plain_words(story)


def reconnect(web: Web, people: Sequence[Person], lines: dict[str, str], engine: Engine, rng: Stream) -> None:
    """Ask about the people of a community, three at a time, and weave the answers into the web, both ways."""
    start = web.community.start
    grown = [p for p in people if age_on(p.birth_date, start) >= YOUNGEST]
    shuffled = rng.shuffled(grown)
    trios = [shuffled[i : i + 3] for i in range(0, len(shuffled), 3)]
    calls = []
    for number, trio in enumerate(trios):
        pairs = [_pair(web, a, b) for a, b in combinations(trio, 2)]
        if pairs:
            named = tuple((p.id, f"{p.given_name} {p.family_name}", lines[p.id]) for p in trio)
            calls.append(Connect(f"{web.community.prefix}/connect/{number}", Trio(named, tuple(pairs), web.community.town.city)))
    for call, answer in zip(calls, rescue(engine, calls), strict=True):
        for pair, link in zip(call.brief.pairs, answer.value, strict=True):
            _weave(web, pair, link)


def _pair(web: Web, a: Person, b: Person) -> Pair:
    start = web.community.start
    ages = sorted((age_on(a.birth_date, start), age_on(b.birth_date, start)))
    tie = web.ties.get((a.id, b.id))
    most = max(0, ages[0] - 5)
    if tie is not None:
        fixed = tie.kind in KIN
        since = (start - tie.since).days // 365
        return Pair(a.id, b.id, tie.kind, (tie.kind,), since if fixed else max(most, since), since, tie.closeness, tie.story)
    able = (NONE, "friend", "neighbor") if (ages[0] < 18) == (ages[1] < 18) else (NONE, "neighbor")
    return Pair(a.id, b.id, "", able if a.household != b.household else (NONE,), most, 0, 0.0, "")


def _weave(web: Web, pair: Pair, link: Link) -> None:
    """One answer into the web: a new tie, or what is told of an old one; kin keep their beginning."""
    if link.kind == NONE or (not pair.kind and web.has(pair.a, pair.b)):
        return
    if not pair.kind:
        web.tie(pair.a, pair.b, link.kind, link.kind, link.closeness)
    tie = web.ties[pair.a, pair.b]
    fixed = tie.kind in KIN or tie.kind == "partner"
    changes: dict[str, Any] = {"closeness": round(link.closeness, 2), "story": link.story or tie.story}
    if not fixed:
        changes["since"] = min(web.community.start - timedelta(days=30), web.community.start - timedelta(days=365 * link.years + 100))
        changes["since"] = max(changes["since"], web.people[pair.a].birth_date, web.people[pair.b].birth_date)
    for key in ((pair.a, pair.b), (pair.b, pair.a)):
        web.ties[key] = msgspec.structs.replace(web.ties[key], **changes)
