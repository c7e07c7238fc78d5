"""Search over one's own documents (PersonaTrace, section 4.3): queries, the documents that answer them, and hard negatives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from understudy import assets
from understudy.datasets.home import Home, local, name
from understudy.datasets.nearness import Index, index_of, nearest
from understudy.datasets.rows import Row
from understudy.datasets.shown import shown
from understudy.datasets.splits import Split
from understudy.engine.embed import words
from understudy.engine.grammar import Rule, Writer
from understudy.model.clock import MONTHS
from understudy.model.records import Event, Fact
from understudy.ontology.attributes import attributes
from understudy.ontology.modules import modules
from understudy.rng import Stream, stream

EACH = 24
"""Queries a person and kind of query at most."""
NEGATIVES = 5
MANY = 20
"""A query that more documents answer is no search."""


class Wish(NamedTuple):
    """What somebody may look for: the kind of query, the slots of its words, and the documents that answer."""

    kind: str
    slots: dict[str, str]
    answers: frozenset[str]


@cache
def grammar() -> dict[str, Rule]:
    """The queries' grammar, a rule for each kind."""
    content = assets.data("data/datasets/queries.yaml")
    return {kind: Rule(content[kind]) for kind in ("mine", "others", "event", "detail", "mail")}


def rows(home: Home, split: Split, seed: int, documents: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Row]]:
    """Queries of everybody in a community, each once; what can be searched is added to `documents`, by artifact."""
    index = index_of(home)
    for artifact in home.artifacts.values():
        owners = sorted({p.person for p in artifact.people if p.person in home.people})
        documents[artifact.id] = {"title": artifact.title, "text": shown(home, artifact), "owners": owners, "kind": artifact.kind,
                                  "noise": artifact.noise, "split": split.of(home, artifact.id)}  # fmt: skip
    for person in home.people:
        where = split.people.get(person) or split.communities[home.number]
        mine = {a for a in home.reach.get(person, ()) if documents[a]["split"] == where}
        own = sorted(mine)
        rng = stream(seed, f"datasets/search/{person}")
        found: dict[str, list[Wish]] = {}
        for wish in wishes(home, person, mine):
            found.setdefault(wish.kind, []).append(wish)
        said: set[str] = set()
        for listed in found.values():
            for wish in rng.some(listed, EACH):
                row = _row(home, person, wish, mine, own, index, rng, len(said))
                if row is not None and row.meta["query"] not in said:
                    said.add(row.meta["query"])
                    yield where, row


def wishes(home: Home, person: str, mine: set[str]) -> Iterator[Wish]:
    """Everything that a person's documents answer by the ledger: facts of their own and of others, events, details, single mails."""
    told: dict[tuple[str, str, str], set[str]] = {}
    values: dict[tuple[str, str, str], Fact] = {}
    details: dict[tuple[str, str], set[str]] = {}
    events: dict[str, set[str]] = {}
    for ident in home.reach.get(person, ()):
        artifact = home.artifacts[ident]
        if ident not in mine:
            continue
        if artifact.event in home.events:
            events.setdefault(str(artifact.event), set()).add(ident)
        for reveal in home.reveals.get(ident, ()):
            if reveal.fact and reveal.how != "past":
                fact = home.facts[reveal.fact]
                told.setdefault((fact.person, fact.key, fact.polarity), set()).add(ident)
                values[fact.person, fact.key, fact.polarity] = fact
            elif reveal.event and reveal.detail:
                details.setdefault((reveal.event, reveal.detail), set()).add(ident)
        if artifact.kind == "email" and artifact.author != person and len(words(artifact.title)) > 1:
            subject = " ".join(words(artifact.title)[-4:])
            yield Wish("mail", {"author": name(home, artifact.author), "subject": subject, "month": _month(home, artifact.time)}, frozenset([ident]))
    for key, answers in told.items():
        fact = values[key]
        known = attributes().get(fact.key)
        label = known.label.lower() if known else fact.key.split(".")[-1].replace("_", " ")
        if fact.polarity == "positive" and fact.person in home.people and " they " not in label:  # "thing they want to do" is nothing that anybody types
            given = home.people[fact.person].given_name
            yield Wish("mine" if fact.person == person else "others", {"label": label, "value": fact.value, "given": given}, frozenset(answers))
    yield from _happened(home, events, details)


def _happened(home: Home, events: Mapping[str, set[str]], details: Mapping[tuple[str, str], set[str]]) -> Iterator[Wish]:
    """Wishes for events and their details. Events of one title are one wish, for nobody can tell which is meant; so are the same details of them."""
    spoken = assets.data("data/datasets/queries.yaml")["details"]
    titles = Counter(home.events[ident].module for ident in events)
    by_title: dict[tuple[str, str, str], tuple[Event, set[str]]] = {}
    for ident, detail, answers in [*((e, "", a) for e, a in events.items()), *((e, d, a) for (e, d), a in details.items() if d in spoken)]:
        if ident in home.events:
            event = home.events[ident]
            by_title.setdefault((event.module, event.title.lower(), detail), (event, set()))[1].update(answers)
    months: dict[tuple[str, str, str], set[str]] = {}
    for ident in events:
        event = home.events[ident]
        months.setdefault((event.module, event.title.lower(), ""), set()).add(_month(home, event.starts))
    for key, (event, answers) in by_title.items():
        module, title, detail = key
        slots = {"title": title}
        if len(months.get((module, title, ""), ())) == 1:
            slots["month"] = _month(home, event.starts)
        about = modules().get(module)
        if about and titles[module] == 1:
            slots["about"] = about.label
        yield Wish("detail", {**slots, "detail": detail}, frozenset(answers)) if detail else Wish("event", slots, frozenset(answers))


def _month(home: Home, moment: Any) -> str:
    return MONTHS[local(home, moment).month - 1]


def _row(home: Home, person: str, wish: Wish, mine: set[str], listed: list[str], index: Index, rng: Stream, number: int) -> Row | None:
    """One query, or None where too many documents answer it or no words come out."""
    slots = dict(wish.slots)
    if "detail" in slots:
        slots["what"] = rng.pick(_spoken(slots.pop("detail")))
    line = Writer(None, slots, {}, rng).line(grammar()[wish.kind])
    if not line or len(wish.answers) > MANY:
        return None
    query = " ".join(line[0].split())
    kinds = {home.artifacts[a].kind for a in wish.answers}

    def wrong(artifact: str) -> bool:
        return artifact not in wish.answers and home.artifacts[artifact].kind in kinds and not _also(home, wish, artifact)

    near = [a for a in nearest(index, words(query), mine, 8 * NEGATIVES) if wrong(a)]
    drawn = [a for a in rng.some(listed, 4 * NEGATIVES) if wrong(a) and a not in near]
    negatives = [*near, *drawn][:NEGATIVES]
    meta = {
        "id": f"{person}.s{number:03d}", "label": wish.kind, "owner": person, "query": query, "text": f"{person} {query}", "answers": sorted(wish.answers),
        "negatives": negatives, "noise": False,
    }  # fmt: skip
    return Row([], meta)


def _also(home: Home, wish: Wish, artifact: str) -> bool:
    """Whether a document is of the same event, or one with the same title: too near to be called wrong."""
    event = home.events.get(home.artifacts[artifact].event or "")
    return "title" in wish.slots and event is not None and event.title.lower() == wish.slots["title"]


def _spoken(detail: str) -> Sequence[str]:
    listed: Mapping[str, Sequence[str]] = assets.data("data/datasets/queries.yaml")["details"]
    return listed[detail]
