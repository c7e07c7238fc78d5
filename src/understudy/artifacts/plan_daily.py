"""Plans what every day leaves: shopping where the person was, newsletters and notices, reminders, notes, calendar entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from understudy.artifacts.cast import Cast
from understudy.artifacts.everyday import slots_of, who_of
from understudy.language import phrasebook
from understudy.model.briefs import Brief, Value
from understudy.model.clock import DAY
from understudy.model.records import Organization, Place, Visit
from understudy.ontology.who import Traits, fits
from understudy.rng import Stream, stream

JOTS = (("reminders", "reminder", 11.5), ("notes", "note", 4.5), ("calendar", "calendar", 8.0), ("purchases", "purchase", 5.4))
"""Parts of the daily content, the kind that each becomes, and how many a week a grown-up leaves (our estimate)."""
MAIL = 2.0
"""How many times its own rate a feed writes: people have several senders of a sort (our estimate; about 30 a week in all)."""
BUYS = {"grocery": 0.95, "shop": 0.6, "restaurant": 0.75, "cafe": 0.85, "bar": 0.8, "pharmacy": 0.8, "services": 0.35, "entertainment": 0.6}
"""How often a visit to such a place ends with a purchase of one's own (our estimate)."""


class Daily:
    """A community's background of everyday artifacts; none of them tells anything lasting."""

    def __init__(self, cast: Cast, seed: int, traits: Mapping[str, Traits], organizations: Sequence[Organization], density: float):
        self.cast, self.seed, self.traits, self.density = cast, seed, traits, density
        self.by_kind: dict[str, list[Organization]] = {}
        for organization in organizations:
            self.by_kind.setdefault(organization.kind, []).append(organization)
        content = phrasebook.daily()
        self.things = {part: [{**e, "who": who_of(e)} for e in content.get(part, ())] for part in ("purchases", "reminders", "notes", "calendar")}
        self.feeds = [{**e, "who": who_of(e), "number": i} for i, e in enumerate(phrasebook.feeds())]
        self.subscribed = {p: self._subscriptions(p) for p in cast.people}
        self.fitting = {(part, p): [e for e in entries if fits(e["who"], traits[p])] for part, entries in self.things.items() for p in cast.people}

    def _subscriptions(self, person: str) -> list[tuple[dict[str, Any], Organization]]:
        """The feeds a person gets, each from one sender who stays the same."""
        rng = stream(self.seed, f"{person}/feeds")
        found = []
        for feed in self.feeds:
            senders = self.by_kind.get(feed["org"])
            if senders and fits(feed["who"], self.traits[person]) and self.cast.age[person] >= 13 and rng.chance(0.72):
                found.append((feed, rng.pick(senders)))
        return found

    def week(self, first: int, last: int, visits: Mapping[str, Sequence[Visit]], places: Mapping[str, Place]) -> list[Brief]:
        """Everyday briefs of the days [first, last), person by person."""
        found: list[Brief] = []
        for person in self.cast.people:
            rng = stream(self.seed, f"{person}/daily/{first}")
            found += self._mail(person, first, last, rng)
            if self.cast.age[person] >= 8:
                found += self._bought_there(person, visits.get(person, ()), places, rng)
                found += self._jottings(person, first, last, rng)
        return found

    def _mail(self, person: str, first: int, last: int, rng: Stream) -> list[Brief]:
        found = []
        for feed, sender in self.subscribed[person]:
            for _ in range(rng.poisson(float(feed["per_month"]) * MAIL * self.density * (last - first) / 30)):
                minute = rng.whole(first, last - 1) * DAY + int(60 * rng.between(5.5, 21.5))
                brief = self.cast.brief("email", minute, sender.id, [])
                brief.speakers, brief.reader, brief.organization = [], self.cast.speaker[person], sender.name
                brief.people = [(sender.id, "author"), (person, "to")]
                brief.spoken = {"feed": feed["number"]}
                brief.slots = slots_of(feed, self.cast, minute, rng)
                found.append(brief)
        return found

    def _bought_there(self, person: str, visits: Sequence[Visit], places: Mapping[str, Place], rng: Stream) -> list[Brief]:
        """A purchase at the end of visits to shops and the like, from the place's own organization."""
        found = []
        for visit in visits:
            share = BUYS.get(visit.category, 0.0)
            if visit.event is not None or not share or not rng.chance(share) or self.cast.age[person] < 12:
                continue
            place = places[visit.place]
            able = [e for e in self.fitting["purchases", person] if e.get("place") == visit.category and _of(e, self.cast.organizations, place)]
            if not able or place.organization is None:
                continue
            minute = self.cast.clock.minute(visit.ends) - rng.whole(0, 4)
            bought = self._purchase(person, minute, rng.pick(able), place.organization)
            bought.spoken["there"] = True  # carried home, not sent
            found.append(bought)
        return found

    def _purchase(self, person: str, minute: int, entry: Mapping[str, Any], merchant: str) -> Brief:
        brief = self.cast.brief("purchase", minute, person, [])
        brief.people = [(person, "owner"), (merchant, "merchant")]
        brief.spoken = {
            "merchant": merchant, "merchant_name": self.cast.organizations[merchant].name, "items": entry["items"], "count": entry.get("count", [1, 1]),
            "category": entry.get("category", []),
        }  # fmt: skip
        return brief

    def noise_purchase(self, person: str, minute: int, rng: Stream) -> Brief | None:
        """A purchase made for noise alone: online or on the way, of things that say nothing."""
        able = [e for e in self.fitting["purchases", person] if e["org"] in self.by_kind]
        if not able:
            return None
        entry = rng.pick(able)
        brief = self._purchase(person, minute, entry, rng.pick(self.by_kind[entry["org"]]).id)
        brief.noise, brief.silent = True, self.cast.silent([person])
        return brief

    def _jottings(self, person: str, first: int, last: int, rng: Stream) -> list[Brief]:
        found = []
        days = last - first
        share = self.density * (0.55 if self.cast.age[person] < 16 else 1.0)
        habits = stream(self.seed, f"{person}/jots")
        jotter = habits.between(0.5, 1.6) * share
        for part, kind, rate in JOTS:
            able = self.fitting[part, person]
            if kind == "purchase":
                able = [e for e in able if e["org"] in self.by_kind and (e.get("place") in (None, "home", "online") or self.by_kind[e["org"]][0].national)]
            if not able or (kind == "purchase" and self.cast.age[person] < 14):
                continue
            weights = [float(e.get("per_week", e.get("per_month", 1.0) / 4.3)) for e in able]
            for _ in range(rng.poisson(rate * jotter * days / 7)):
                brief = self._jot(person, kind, rng.weighted(able, weights), rng.whole(first, last - 1), rng)
                if brief is not None:
                    found.append(brief)
        return found

    def _jot(self, person: str, kind: str, entry: Mapping[str, Any], day: int, rng: Stream) -> Brief | None:
        low, high = entry.get("hour", (8, 21))
        minute = day * DAY + int(60 * rng.between(float(low), float(high)))
        wake, bed = self.cast.awake[person]
        minute = day * DAY + min(max(minute % DAY, wake + 5), max(bed, wake + 60))
        if kind == "purchase":
            return self._purchase(person, minute, entry, rng.pick(self.by_kind[entry["org"]]).id)
        brief = self.cast.brief(kind, minute, person, [])
        brief.people = [(person, "owner")]
        brief.slots = {"town": Value(self.cast.community.town.city)}
        if kind == "reminder":
            brief.spoken = {"text": entry["text"], "due": minute + rng.pick((30, 60, 120, 240, 600, 1440))}
        elif kind == "note":
            brief.spoken = {"title": entry["title"], "lines": entry["lines"], "take": entry.get("take", (3, 6))}
        else:
            start = minute // 15 * 15 + rng.whole(1, 6) * DAY
            lasts = entry.get("lasts", (30, 60))
            length = rng.whole(int(lasts[0]), int(lasts[1])) // 15 * 15 if isinstance(lasts, (list, tuple)) else int(lasts)
            brief.spoken = {"title": entry["title"], "starts": start, "ends": start + max(15, length), "place": None, "location": ""}
            if entry.get("recurs") and rng.chance(0.5):
                brief.spoken["recurs"] = entry["recurs"]
            brief.people += [(p, "attendee") for p in self._with(person, str(entry.get("with", "none")), rng)]
        return brief

    def _with(self, person: str, whom: str, rng: Stream) -> list[str]:
        cast = self.cast
        if whom == "household":
            return [p for p in cast.people if p != person and cast.people[p].household == cast.people[person].household and cast.age[p] >= 10]
        if whom in ("colleague", "friend"):
            known = sorted(p for p in cast.people if cast.tie.get(f"{person}>{p}") == whom and cast.age[p] >= 10)
            return [rng.pick(known)] if known else []
        return []


def _of(entry: Mapping[str, Any], organizations: Mapping[str, Organization], place: Place) -> bool:
    """Whether this purchase is made at this place: its organization's kind, or any shop of the category."""
    owner = organizations.get(place.organization or "")
    kind = owner.kind if owner else ""
    return entry["org"] == kind or place.category in ("restaurant", "cafe", "bar", "grocery", "pharmacy")
