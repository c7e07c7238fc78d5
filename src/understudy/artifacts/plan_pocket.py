"""Plans what a phone gathers day by day: searches, photos where somebody is, posts, calls, notifications, passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from understudy.artifacts.cast import MAILS, WRITES, Cast
from understudy.artifacts.everyday import slots_of, who_of
from understudy.artifacts.plan_events import PHONES, network_of
from understudy.language import pocket
from understudy.model.briefs import Brief, Tell, Value
from understudy.model.clock import DAY, SEASONS
from understudy.model.records import Organization, Place, Visit
from understudy.ontology.who import Traits, fits
from understudy.rng import Stream, stream

RATES = {"searches": 2.2, "photos": 0.6, "posts": 0.1, "calls": 0.4, "notifications": 2.1, "passes": 0.012}
"""How many of each a grown-up leaves a day, before habits (our estimates: people search three or four times a day, take a photo or two of which one is kept, get
some fifty notifications of which we keep those that say something)."""
LEAST = {"searches": PHONES["search"], "photos": PHONES["photo"], "posts": PHONES["post"], "calls": WRITES, "notifications": 12, "passes": PHONES["pass"]}
"""The age from which somebody leaves such things."""
OWN = 0.4
"""The share of searches that come out of what the person likes, has or wants: they give the fact away without anybody saying it."""
MISSED = 0.38
"""The share of calls that nobody picks up."""
CALLS = {"partner": 6.0, "parent": 4.0, "child": 4.0, "sibling": 2.0, "friend": 2.0, "grandparent": 3.0, "grandchild": 2.5, "kin": 1.0, "neighbor": 0.4, "colleague": 0.7,
         "manager": 0.4, "report": 0.4, "clubmate": 0.5, "provider": 0.4, "client": 0.4}  # fmt: skip
"""How often people call each other, against one another (our estimate)."""


class Pocket:
    """A community's phones; what they gather tells nothing lasting but what a search is planned to tell."""

    def __init__(self, cast: Cast, seed: int, traits: Mapping[str, Traits], organizations: Sequence[Organization], density: float):
        self.cast, self.seed, self.density = cast, seed, density
        self.by_kind: dict[str, list[Organization]] = {}
        for organization in organizations:
            self.by_kind.setdefault(organization.kind, []).append(organization)
        named = {part: [{**e, "who": who_of(e)} for e in found] for part, found in pocket.things().items()}
        able = {part: [e for e in found if not e.get("org") or e["org"] in self.by_kind] for part, found in named.items()}
        self.fitting = {(part, p): [e for e in found if fits(e["who"], traits[p])] for part, found in able.items() for p in cast.people}
        self.keys = frozenset(pocket.fact_searches())
        self.asked: dict[str, int] = {}

    def week(self, first: int, last: int, visits: Mapping[str, Sequence[Visit]], places: Mapping[str, Place]) -> list[Brief]:
        """The briefs of the days [first, last), person by person."""
        found: list[Brief] = []
        for person in self.cast.people:
            rng = stream(self.seed, f"{person}/pocket/{first}")
            for part, rate in RATES.items():
                if self.cast.age[person] < LEAST[part]:
                    continue
                habit = stream(self.seed, f"{person}/habit/{part}").between(0.4, 1.6) * _age_factor(part, self.cast.age[person])
                for _ in range(rng.poisson(rate * habit * self.density * (last - first))):
                    brief = self._one(part, person, first, last, visits.get(person, ()), places, rng)
                    if brief is not None:
                        found.append(brief)
        return found

    def _one(self, part: str, person: str, first: int, last: int, visits: Sequence[Visit], places: Mapping[str, Place], rng: Stream) -> Brief | None:
        if part == "photos":
            return self._photo(person, visits, places, rng)
        minute = self.cast.awake_minute(rng.whole(first, last - 1), [person], rng)
        if part == "searches":
            return (self._own(person, minute, rng) if rng.chance(OWN) else None) or self._search(person, minute, rng)
        if part == "calls":
            return self._call(person, minute, rng)
        if part == "posts":
            return self._post(person, minute, rng)
        return self._form(part, person, minute, rng)

    def _entry(self, part: str, person: str, minute: int, rng: Stream) -> dict[str, Any] | None:
        """An entry by its weight; one whose hours do not hold is tried at another time or not at all."""
        able = self.fitting[part, person]
        if not able:
            return None
        season, hour = SEASONS[self.cast.clock.month(minute) - 1], minute % DAY / 60
        for _ in range(4):
            entry = rng.weighted(able, [float(e.get("per_week", 0.3)) for e in able])
            low, high = entry.get("hour", (0, 24))
            if low <= hour <= high and (not entry.get("season") or season in entry["season"]):
                return entry
        return None

    def _search(self, person: str, minute: int, rng: Stream) -> Brief | None:
        entry = self._entry("searches", person, minute, rng)
        if entry is None:
            return None
        brief = self._own_brief("search", minute, person)
        brief.spoken = {"queries": entry["queries"], "pages": entry.get("pages", []), "site": self._name(entry.get("org"), person)}
        return brief

    def _own(self, person: str, minute: int, rng: Stream) -> Brief | None:
        """A search that a fact of the person's own leads to; what was looked up least comes first."""
        moment = self.cast.clock.utc(minute)
        able = []
        for fact in rng.some(self.cast.by_person[person], 12):
            holds = fact.valid_from <= moment and (fact.valid_to is None or moment < fact.valid_to)
            if holds and fact.key in self.keys and fact.polarity == "positive":
                able.append((self.asked.get(fact.id, 0), fact.id))
        if not able:
            return None
        fact = self.cast.timeline.facts[min(able)[1]]
        self.asked[fact.id] = self.asked.get(fact.id, 0) + 1
        brief = self._own_brief("search", minute, person)
        brief.tells = [Tell(fact=fact.id, key=fact.key, value=fact.value, polarity=fact.polarity, how="implied", speaker=person, about=person)]
        return brief

    def _own_brief(self, kind: str, minute: int, person: str) -> Brief:
        brief = self.cast.brief(kind, minute, person, [])
        brief.people = [(person, "owner")]
        brief.slots = {"town": Value(self.cast.community.town.city)}
        return brief

    def _name(self, kind: str | None, person: str) -> str:
        known = self.by_kind.get(kind or "")
        return stream(self.seed, f"{person}/site/{kind}").pick(known).name if known else ""

    def _photo(self, person: str, visits: Sequence[Visit], places: Mapping[str, Place], rng: Stream) -> Brief | None:
        """A photo at some time of a visit awake: what fits the place."""
        able = [v for v in visits if v.intent not in ("sleep", "travel", "personal_care")]
        if not able:
            return None
        visit = rng.pick(able)
        length = int((visit.ends - visit.starts).total_seconds()) // 60
        minute = self.cast.clock.minute(visit.starts) + rng.whole(0, max(1, length - 1))
        fitting = [e for e in self.fitting["photos", person] if visit.category in e.get("place", (visit.category,))]
        if not fitting:
            return None
        entry = rng.weighted(fitting, [float(e.get("per_week", 0.3)) for e in fitting])
        season = SEASONS[self.cast.clock.month(minute) - 1]
        if entry.get("season") and season not in entry["season"]:
            return None
        brief = self._own_brief("photo", minute, person)
        place = places[visit.place]
        brief.spoken = {"caption": entry["caption"], "place": place.id, "location": "" if place.category == "home" else place.name}
        return brief

    def _post(self, person: str, minute: int, rng: Stream) -> Brief | None:
        entry = self._entry("posts", person, minute, rng)
        if entry is None:
            return None
        brief = self.cast.brief("post", minute, person, self._friends(person, rng))
        brief.people = [(person, "author"), *[(p, "reader") for p, _ in brief.people[1:]]]
        brief.spoken = {"text": entry["text"], "replies": entry.get("replies", []), "network": network_of(self.cast, person), "likes": rng.whole(0, 14)}
        return brief

    def _friends(self, person: str, rng: Stream) -> list[str]:
        """Up to three of those around who see it and might answer."""
        cast = self.cast
        known = sorted(p for p in cast.people if f"{person}>{p}" in cast.tie and cast.age[p] >= MAILS)
        return rng.some(known, min(len(known), rng.pick((0, 1, 1, 2, 3))))

    def _call(self, person: str, minute: int, rng: Stream) -> Brief | None:
        """A call to somebody around, or (one in five) from a firm."""
        cast = self.cast
        if rng.chance(0.2):
            entry = self._entry("calls", person, minute, rng) if 8 * 60 <= minute % DAY < 19 * 60 and cast.age[person] >= 16 else None
            return self._firm(entry, person, minute, rng) if entry is not None and entry.get("org") else None
        known = sorted(p for p in cast.people if f"{person}>{p}" in cast.tie and cast.age[p] >= WRITES)
        known = [p for p in known if cast.people[p].household != cast.people[person].household or rng.chance(0.4)]
        weights = [CALLS.get(cast.tie[f"{person}>{p}"], 0.1) for p in known]
        if not known:
            return None
        other = rng.weighted(known, weights)
        minute = cast.awake_minute(minute // DAY, [person, other], rng)
        tie = cast.tie[f"{person}>{other}"]
        fitting = [e for e in self.fitting["calls", person] if not e.get("org") and (not e.get("ties") or tie in e["ties"])]
        brief = cast.brief("call", minute, person, [other])
        brief.people = [(person, "caller"), (other, "callee")]
        self._how(brief, rng.pick(fitting) if fitting else {}, rng)
        return brief

    def _firm(self, entry: Mapping[str, Any], person: str, minute: int, rng: Stream) -> Brief:
        caller = stream(self.seed, f"{person}/calls/{entry['org']}").pick(self.by_kind[entry["org"]])
        brief = self.cast.brief("call", minute, caller.id, [])
        brief.speakers, brief.reader, brief.organization = [], self.cast.speaker[person], caller.name
        brief.people = [(caller.id, "caller"), (person, "callee")]
        self._how(brief, entry, rng)
        return brief

    def _how(self, brief: Brief, entry: Mapping[str, Any], rng: Stream) -> None:
        missed = rng.chance(MISSED)
        low, high = entry.get("lasts", (1, 22))
        left = missed and bool(entry.get("voicemail")) and rng.chance(0.55)
        brief.spoken = {"missed": missed, "left": left, "minutes": rng.whole(int(low), int(high)), "voicemail": entry.get("voicemail", []) if left else []}

    def _form(self, part: str, person: str, minute: int, rng: Stream) -> Brief | None:
        """A notification or a pass, in a firm's name."""
        entry = self._entry(part, person, minute, rng)
        if entry is None:
            return None
        sender = stream(self.seed, f"{person}/{part}/{entry['org']}").pick(self.by_kind[entry["org"]])
        kind = "notification" if part == "notifications" else "pass"
        author = sender.id if kind == "notification" else person
        brief = self.cast.brief(kind, minute, author, [])
        brief.organization = sender.name
        brief.speakers, brief.reader = [], self.cast.speaker[person]
        brief.slots = slots_of(entry, self.cast, minute, rng)
        if kind == "notification":
            brief.people, brief.spoken = [(sender.id, "author"), (person, "to")], {"text": entry["text"]}
        else:
            brief.people = [(person, "owner"), (sender.id, "issuer")]
            brief.spoken = {"title": entry["title"], "fields": entry["fields"], "type": entry.get("type", "membership"), "issuer": sender.id}
        return brief


def _age_factor(part: str, age: int) -> float:
    """The young post and search more, the old call more."""
    if part in ("posts", "photos", "searches", "notifications"):
        return 0.7 if age < 13 else 1.15 if age < 40 else 1.0 if age < 60 else 0.75
    return 0.5 if age < 18 else 1.0 if age < 60 else 1.5
