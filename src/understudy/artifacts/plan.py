"""The plan of a week: decided before anything is written, which artifact reveals what to whom, what is noise, what touches the news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from understudy.artifacts.cast import Cast
from understudy.artifacts.invitations import plan_changes
from understudy.artifacts.orders import plan_following
from understudy.artifacts.plan_daily import Daily
from understudy.artifacts.plan_events import plan_trace, sorted_traces
from understudy.artifacts.plan_pocket import Pocket
from understudy.artifacts.plan_talk import Talk
from understudy.language.phrasebook import module_words
from understudy.model.briefs import Brief
from understudy.model.clock import DAY
from understudy.model.records import Event, Organization, Place, Reveal, Visit
from understudy.model.traces import Trace
from understudy.ontology.who import Traits
from understudy.rng import stream

SESSIONS = ("message", "chat", "purchase")
"""The kinds whose share of noise is the dial (PersonaBench: conversations, assistant chats, purchases)."""


THREADS = (1, 1, 1, 2, 2, 2, 2, 3, 3, 4)
"""How many mails a private thread comes to (our estimate; most get an answer, few a third)."""


class Planner:
    """Plans one community week by week; keeps what has been told, and hands out artifact ids in the order of time."""

    def __init__(
        self, cast: Cast, traces: Sequence[Trace], events: Mapping[str, Event], places: Mapping[str, Place], traits: Mapping[str, Traits],
        organizations: Sequence[Organization], news: Sequence[Mapping[str, Any]], noise: float, news_share: float, density: float, openness: Mapping[str, float],
    ):  # fmt: skip
        self.cast, self.events, self.places, self.noise, self.density = cast, events, places, noise, density
        self.seed = cast.community.seed
        self.traces = sorted_traces(traces)
        self.at = 0
        self.talk = Talk(cast, self.seed, news, news_share, openness)
        self.daily = Daily(cast, self.seed, traits, organizations, density)
        self.pocket = Pocket(cast, self.seed, traits, organizations, density)
        self.count = 0

    def week(self, first: int, last: int, visits: Mapping[str, Sequence[Visit]]) -> list[Brief]:
        """Every brief of the days [first, last), in the order of time, with its artifact ids."""
        briefs = self._talked(first, last)
        briefs += self.daily.week(first, last, visits, self.places)
        briefs += self.pocket.week(first, last, visits, self.places)
        sessions = sum(b.kind in SESSIONS and not b.noise for b in briefs)
        forced = sum(b.kind in SESSIONS and b.noise for b in briefs)
        wanted = sessions * self.noise / (1 - self.noise) - forced
        briefs += self._noise(first, last, int(wanted + stream(self.seed, f"{self.cast.community.prefix}/dial/{first}").random()))
        end = self.cast.community.days * DAY
        briefs = [b for b in briefs if 0 < b.minute < end - 1]
        briefs.sort(key=lambda b: (b.minute, b.kind, b.author, b.people))
        prefix = self.cast.community.prefix
        for brief in briefs:
            letter = brief.kind == "email" and brief.spoken.get("letter") is not None and brief.minute < end - 1800
            size = stream(self.seed, f"{brief.author}/{brief.minute}/thread").pick(THREADS) if letter else 1
            brief.ids = [f"{prefix}.a{self.count + i:06d}" for i in range(size)]
            self.count += size
            more = self._more(brief, end)
            brief.more = [f"{prefix}.a{self.count + i:06d}" for i in range(more)]
            self.count += more
            if brief.kind in ("message", "email"):
                brief.thread = _thread(brief)
            if brief.noise:
                brief.rank = stream(self.seed, f"{brief.ids[0]}/rank").whole(0, 999_999)
        return briefs

    def _more(self, brief: Brief, end: int) -> int:
        """How many artifacts come with this one of themselves: a purchase's entry at the bank and its mails, a mail's attachment."""
        if brief.kind == "purchase":
            return plan_following(self.cast, brief, self.seed, self.daily.by_kind, end)
        if brief.kind == "calendar":
            return plan_changes(brief, self.seed, end)
        return int(brief.kind == "email" and bool(brief.module) and "attachment" in module_words(brief.module, brief.say))

    def _talked(self, first: int, last: int) -> list[Brief]:
        """Events' traces and persona sessions, taken in the order of time so that nobody tells what they cannot know yet."""
        briefs: list[Brief] = []
        sittings = self.talk.sittings(first, last, self.density)
        others = self._chats_and_letters(first, last)
        queue: list[tuple[int, int, Any]] = [(m, 1, (a, b)) for m, a, b in sittings] + [(m, 2, x) for m, x in others]
        while self.at < len(self.traces) and self.traces[self.at].minute < last * DAY:
            queue.append((self.traces[self.at].minute, 0, self.traces[self.at]))
            self.at += 1
        queue.sort(key=lambda item: (item[0], item[1], str(item[2])))
        for minute, sort, what in queue:
            if sort == 0:
                brief = plan_trace(self.cast, what, self.events, self.places, self.talk.known)
                if brief is not None:
                    self.talk.remember(brief)
            elif sort == 1:
                brief = self.talk.persona(minute, *what) or self._spare(minute, what)
            else:
                brief = self._personal(minute, what)
            if brief is not None:
                briefs.append(brief)
        return briefs

    def note(self, reveals: Sequence[Reveal], people: Sequence[str]) -> None:
        """Learn from what an event's artifact turned out to reveal (its words may or may not use a fact)."""
        for fact in sorted({r.fact for r in reveals if r.fact}):
            self.talk.learn(fact, people)

    def _spare(self, minute: int, pair: tuple[str, str]) -> Brief | None:
        return self.talk.noise(minute, pair[0], [pair[1]], stream(self.seed, f"{pair[0]}>{pair[1]}/spare/{minute}"))

    def _personal(self, minute: int, what: tuple[str, ...]) -> Brief | None:
        rng = stream(self.seed, f"{'>'.join(what)}/{minute}")
        return self.talk.chat(minute, what[1], rng) if what[0] == "chat" else self.talk.letter(minute, what[1], what[2], rng)

    def _chats_and_letters(self, first: int, last: int) -> list[tuple[int, tuple[str, ...]]]:
        found: list[tuple[int, tuple[str, ...]]] = []
        cast = self.cast
        for person in cast.people:
            if cast.age[person] < 10:
                continue
            rng = stream(self.seed, f"{person}/week/{first}")
            habit = stream(self.seed, f"{person}/assistant").between(0.3, 1.8)
            for _ in range(rng.poisson(6.2 * habit * self.density * (last - first) / 7)):
                found.append((cast.awake_minute(rng.whole(first, last - 1), [person], rng), ("chat", person)))
            known = [b for b in cast.people if f"{person}>{b}" in cast.tie and cast.age[b] >= 13]
            if cast.age[person] >= 13 and known:
                for _ in range(rng.poisson(3.6 * self.density * (last - first) / 7)):
                    found.append((cast.awake_minute(rng.whole(first, last - 1), [person], rng), ("letter", person, rng.pick(known))))
        return found

    def _noise(self, first: int, last: int, count: int) -> list[Brief]:
        """Noise sessions from their own streams, so that the persona sessions never depend on the dial."""
        found = []
        cast = self.cast
        grown = [p for p in cast.people if cast.age[p] >= 10]
        for number in range(max(0, count)):
            rng = stream(self.seed, f"{cast.community.prefix}/noise/{first}/{number}")
            sort = rng.random()
            brief = None
            if sort < 0.62 and self.talk.pairs:
                a, b, _ = rng.weighted(self.talk.pairs, [p[2] for p in self.talk.pairs])
                people = self._group(a, b, rng) if rng.chance(0.22) else [a, b]
                brief = self.talk.noise(cast.awake_minute(rng.whole(first, last - 1), people, rng), people[0], people[1:], rng)
            elif sort < 0.86 and grown:
                person = rng.pick(grown)
                brief = self.talk.noise_chat(cast.awake_minute(rng.whole(first, last - 1), [person], rng), person, rng)
            elif grown:
                person = rng.pick(grown)
                if cast.age[person] >= 14:
                    brief = self.daily.noise_purchase(person, cast.awake_minute(rng.whole(first, last - 1), [person], rng), rng)
            if brief is not None:
                found.append(brief)
        return found

    def _group(self, a: str, b: str, rng: Any) -> list[str]:
        cast = self.cast
        both = [p for p in cast.people if p not in (a, b) and cast.age[p] >= 8 and f"{a}>{p}" in cast.tie and f"{b}>{p}" in cast.tie]
        return [a, b, *rng.some(both, rng.whole(1, 3))]


def _thread(brief: Brief) -> str | None:
    """Sittings of the same people are one thread; so are a mail and its answers."""
    people = sorted(p for p, _ in brief.people)
    if brief.kind == "message":
        return "t." + ".".join(p.split(".")[-1] for p in people) + "@" + people[0].split(".")[0]
    return f"t.{brief.ids[0]}"
