"""Plans talk: who sits down with whom, which facts come out to whom and how, and which sittings are only noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from understudy.artifacts.cast import MAILS, WRITES, Cast
from understudy.critics.checks import contained
from understudy.language import phrasebook
from understudy.language.phrasebook import Topic
from understudy.language.voice import age_band
from understudy.model.briefs import Brief, Recall, Tell
from understudy.model.clock import DAY, SEASONS
from understudy.model.records import Fact
from understudy.ontology.attributes import attributes
from understudy.rng import Stream, stream

RATES = {"partner": 11.0, "parent": 3.8, "child": 3.8, "sibling": 2.5, "friend": 3.4, "colleague": 2.2, "manager": 1.2, "report": 1.2, "neighbor": 1.0,
         "classmate": 1.6, "clubmate": 1.0, "grandparent": 1.6, "grandchild": 1.6, "kin": 0.8, "provider": 0.25, "client": 0.25, "ex": 0.35,
         "teacher": 0.12, "student": 0.12}  # fmt: skip
"""Sittings a week that bring facts out, for a pair of middling closeness (our estimate)."""
OBVIOUS = ("background.identity.", "background.residence.", "background.appearance.", "background.origin.", "relationships.family.", "relationships.status.")
"""Keys that those under one roof and kin know without being told."""
LATELY = 14
"""How many topics and matters a pair keeps in mind: no topic comes again within these, and a callback reaches no further back."""
FAR = 21
"""Days after which nobody comes back to a thing any more."""
SECRET = 0.3
"""Facts below this openness are kept silent in whatever they are not meant for."""


class Talk:
    """The reveal plan: what has been told to whom so far, decided before anything is written."""

    def __init__(self, cast: Cast, seed: int, news: Sequence[Mapping[str, Any]], news_share: float, openness: Mapping[str, float]):
        self.cast, self.seed, self.news, self.news_share = cast, seed, list(news), news_share
        self.known: dict[str, set[str]] = {}
        self.heard: dict[str, list[str]] = {p: [] for p in cast.people}  # person -> facts about others they were told
        self.times: dict[str, int] = {}
        self.openness = {**{key: a.openness for key, a in attributes().items()}, **openness}
        sayings = phrasebook.sayings()
        self.closed = {p: tuple([v for i, v in cast.values[p] if self.openness.get(cast.timeline.facts[i].key, 1.0) < SECRET]) for p in cast.people}
        self.sayable = {key for key in sayings if sayings[key].manners}
        self.chattable = {key for key in sayings if sayings[key].chat}
        self.pairs = [
            (t.a, t.b, RATES.get(cast.tie[f"{t.a}>{t.b}"], 0.2) * (0.4 + 1.2 * t.closeness))
            for t in cast.community.ties
            if t.a < t.b and cast.age[t.a] >= WRITES and cast.age[t.b] >= WRITES
        ]
        self.topics = list(phrasebook.topics().values())
        self._fitting: dict[tuple[Any, ...], list[Topic]] = {}
        self.lately: dict[tuple[str, ...], list[str]] = {}  # people (and "noise") -> the topics they had last
        self.worn: tuple[dict[str, int], dict[str, int]] = (
            {},
            {},
        )  # topic -> how often it was had; noise counts apart, for persona sessions never depend on it
        self.past: dict[tuple[str, ...], list[tuple[int, str, str, str]]] = {}  # people -> minute, sort, label, whose: what can be come back to
        self.rates: dict[str, Any] = phrasebook.sittings()

    def sittings(self, first: int, last: int, density: float) -> list[tuple[int, str, str]]:
        """The persona sittings of the days [first, last): minute, author, listener, in the order of time."""
        found = []
        for a, b, rate in self.pairs:
            rng = stream(self.seed, f"{a}>{b}/talk/{first}")
            for _ in range(rng.poisson(rate * density * (last - first) / 7)):
                pair = (a, b) if rng.chance(0.5) else (b, a)
                found.append((self.cast.awake_minute(rng.whole(first, last - 1), pair, rng), *pair))
        return sorted(found)

    def persona(self, minute: int, author: str, listener: str) -> Brief | None:
        """A sitting in which one or two facts come out; None when there is nothing left to tell this listener."""
        rng = stream(self.seed, f"{author}>{listener}/persona/{minute}")
        tells = []
        for speaker, other in ((author, listener), (listener, author)) if rng.chance(0.4) else ((author, listener),):
            tell = self._third(minute, speaker, other, rng) if rng.chance(0.16) else None
            tell = tell or self._own(minute, speaker, other, rng)
            if tell is not None:
                tells.append(tell)
        if not tells:
            return None
        brief = self.cast.brief("message", minute, author, [listener])
        brief.people = [(author, "member"), (listener, "member")]
        brief.tells, brief.mood = tells, rng.pick(("good", "flat", "flat", "bad"))
        self._pad(brief, rng, 0.85)
        self._course(brief, rng)
        brief.silent = (self.closed[author], self.closed[listener])
        _discreet(brief)
        for tell in tells:
            self.learn(tell.fact, (author, listener))
        return brief

    def _course(self, brief: Brief, rng: Stream) -> None:
        """Whether anybody answers, and what is come back to; both people's later sittings may come back to this one."""
        key = _key(brief)
        author, listener = brief.speakers[0].id, brief.speakers[1].id
        tie = brief.tie.get(f"{author}>{listener}", "friend")
        past = self.past.get(key, ())
        open_end = past[-1] if past and past[-1][1] == "unanswered" and past[-1][0] < brief.minute <= past[-1][0] + 3 * DAY else None
        if open_end is not None:
            brief.recall = Recall("unanswered", "", brief.minute // DAY - open_end[0] // DAY, open_end[3]) if rng.chance(0.75) else None
            self._remember(key, (brief.minute, "answered", "", author))
        elif rng.chance(self.rates["recalls"]):
            brief.recall = self._recall(key, brief.minute, ("event", "topic"), rng)
        if brief.recall is None and all(t.speaker == author for t in brief.tells) and rng.chance(self.rates["unanswered"].get(tie, 0.07)):
            brief.unanswered = True
            brief.news, brief.topics = None, brief.topics[:1]
            self._remember(key, (brief.minute, "unanswered", "", listener))
            return
        for name in brief.topics:
            self._remember(key, (brief.minute, "topic", phrasebook.topics()[name].label, author))

    def remember(self, brief: Brief) -> None:
        """An event's sitting that people may come back to: its label, and whose it was."""
        if brief.kind == "message" and brief.event and len(brief.speakers) > 1:
            self._remember(_key(brief), (brief.minute, "event", phrasebook.module_label(brief.module), brief.author))

    def _remember(self, key: tuple[str, ...], what: tuple[int, str, str, str]) -> None:
        past = self.past.setdefault(key, [])
        past.append(what)
        del past[:-LATELY]

    def _recall(self, key: tuple[str, ...], minute: int, sorts: Sequence[str], rng: Stream) -> Recall | None:
        """Something of the last weeks that was not of today; a thing with a name rather than one without."""
        able = [w for w in self.past.get(key, ()) if w[1] in sorts and 0 < minute // DAY - w[0] // DAY <= FAR]
        able = [w for w in able if w[2]] or able
        if not able:
            return None
        when, sort, label, whose = rng.pick(able)
        return Recall(sort, label, minute // DAY - when // DAY, whose)

    def _pad(self, brief: Brief, rng: Stream, share: float) -> None:
        """Small talk around, and now and then a news item (PersonaBench: 20 % of conversations)."""
        self._topics(brief, (2 if rng.chance(share * 0.4) else 1) if rng.chance(share) else 0, rng)
        if self.news and rng.chance(self.news_share):
            item = self.pick_news(brief, rng)
            brief.news, brief.spoken = str(item["id"]), {**brief.spoken, "talk": item["talk"], "reply": item["reply"]}

    def pick_news(self, brief: Brief, rng: Stream) -> Mapping[str, Any]:
        """A news item that fits the season."""
        season = SEASONS[brief.month - 1]
        able = [n for n in self.news if not n.get("season") or season in n["season"]]
        return rng.pick(able or self.news)

    def _own(self, minute: int, speaker: str, listener: str, rng: Stream) -> Tell | None:
        """A fact of the speaker's own: what the listener does not have yet, the open and the rarely told first; else something old comes up again."""
        cast = self.cast
        near = cast.people[speaker].household == cast.people[listener].household or cast.tie.get(f"{speaker}>{listener}") in ("parent", "child", "sibling")
        moment = cast.clock.utc(minute)
        name = f"{cast.people[listener].given_name} {cast.people[listener].family_name}"
        best: tuple[float, Fact] | None = None
        facts = cast.by_person[speaker]
        if not facts:
            return None
        for _ in range(14):
            fact = rng.pick(facts)
            if fact.key not in self.sayable or fact.value == name or fact.valid_from > moment:
                continue
            if near and fact.key.startswith(OBVIOUS):
                continue
            score = self.openness.get(fact.key, 0.5) * rng.between(0.4, 1.0) / (1 + 1.5 * self.times.get(fact.id, 0))
            if listener in self.known.get(fact.id, ()):
                score *= 0.08
            if best is None or score > best[0]:
                best = (score, fact)
        if best is None or best[0] < 0.002:
            return None
        fact = best[1]
        over = fact.valid_to is not None and fact.valid_to <= moment
        if listener in self.known.get(fact.id, ()):
            return None if over else self.tell(fact, "implied", speaker)
        how = "past" if over else "implied" if rng.chance(0.62) else "stated"
        return self.tell(fact, how, speaker)

    def tell(self, fact: Fact, how: str, speaker: str) -> Tell | None:
        """A fact as a promise of a brief, in a manner that its grammar has; None where it cannot be said so."""
        ways = phrasebook.sayings()[fact.key].manners.get("dislike" if fact.polarity == "negative" else "like", {})
        if how not in ways:
            how = next((h for h in ("implied", "stated") if h in ways), "") if how in ("implied", "stated") else ""
        if not how:
            return None
        about = self.cast.people[fact.person]
        third = speaker != fact.person
        return Tell(
            fact=fact.id, key=fact.key, value=fact.value, polarity=fact.polarity, how=how, speaker=speaker, about=fact.person,
            about_given=about.given_name if third else "", about_sex=about.sex,
        )  # fmt: skip

    def _third(self, minute: int, speaker: str, listener: str, rng: Stream) -> Tell | None:
        """Something the speaker was told about somebody else, whom the listener knows too."""
        cast = self.cast
        moment = cast.clock.utc(minute)
        heard = self.heard[speaker]
        for _ in range(6 if heard else 0):
            fact = cast.timeline.facts[rng.pick(heard)]
            if fact.person == listener or listener in self.known.get(fact.id, ()) or self.openness.get(fact.key, 0.0) < 0.5:
                continue
            if f"{listener}>{fact.person}" not in cast.tie or (fact.valid_to is not None and fact.valid_to <= moment):
                continue
            if fact.value == f"{cast.people[listener].given_name} {cast.people[listener].family_name}":
                continue
            tell = self.tell(fact, "told", speaker)
            if tell is not None:
                return tell
        return None

    def learn(self, fact: str, people: Sequence[str]) -> None:
        """Note that these people were there when a fact came out."""
        known = self.known.setdefault(fact, set())
        owner = self.cast.timeline.facts[fact].person
        for person in people:
            if person not in known and person != owner and person in self.heard:
                self.heard[person].append(fact)
            known.add(person)
        self.times[fact] = self.times.get(fact, 0) + 1

    def topic(self, brief: Brief, rng: Stream) -> Topic | None:
        """A small-talk topic that fits the speakers, the hour and the season."""
        people = brief.speakers
        tie = brief.tie.get(f"{people[0].id}>{people[1].id}", "friend") if len(people) > 1 else "friend"
        season, days = SEASONS[brief.month - 1], "weekend" if brief.weekday >= 5 else "weekday"
        key = (tie, tuple(sorted(p.age // 5 for p in people)), brief.part, days, season, len(people) > 2)
        fitting = self._fitting.get(key)
        if fitting is None:
            context = {"part": brief.part, "days": days, "season": season, "age": age_band(people[0].age), "tie": tie}
            fitting = self._fitting[key] = [
                t
                for t in self.topics
                if (not t.ties or tie in t.ties) and all(t.age[0] <= p.age <= t.age[1] for p in people) and (len(people) < 3 or t.group)
                and all(context.get(f, "") in values for f, values in t.conditions.items())
            ]  # fmt: skip
        if not fitting:
            return None
        pair, worn = _key(brief), self.worn
        lately = {*self.lately.get(pair, ()), *(self.lately.get((*pair, "noise"), ()) if brief.noise else ())}
        drawn = [rng.pick(fitting) for _ in range(5)]
        return min(drawn, key=lambda t: (t.name in lately, worn[0].get(t.name, 0) + (worn[1].get(t.name, 0) if brief.noise else 0)))

    def _topics(self, brief: Brief, count: int, rng: Stream) -> None:
        """Give a brief up to so many different topics, which these people did not have lately and others not often."""
        found: list[str] = []
        lately = self.lately.setdefault((*_key(brief), "noise") if brief.noise else _key(brief), [])
        worn = self.worn[brief.noise]
        for _ in range(count):
            topic = self.topic(brief, rng)
            if topic is not None and topic.name not in found:
                found.append(topic.name)
                lately.append(topic.name)
                worn[topic.name] = worn.get(topic.name, 0) + 1
        del lately[:-LATELY]
        brief.topics = tuple(found)

    def noise(self, minute: int, author: str, others: Sequence[str], rng: Stream) -> Brief | None:
        """A sitting that reveals nothing of anyone."""
        brief = self.cast.brief("message", minute, author, others)
        brief.people, brief.noise, brief.mood = [(p, "member") for p, _ in brief.people], True, "flat"
        self._topics(brief, 2 if rng.chance(0.4) else 1, rng)
        if not brief.topics:
            return None
        if rng.chance(self.rates["recalls"]):
            brief.recall = self._recall(_key(brief), minute, ("topic",), rng)
        elif len(brief.speakers) == 2 and rng.chance(self.rates["unanswered"].get(brief.tie.get(f"{author}>{others[0]}", "friend"), 0.07)):
            brief.unanswered = True
        if not brief.unanswered and self.news and rng.chance(self.news_share):
            item = self.pick_news(brief, rng)
            brief.news, brief.spoken = str(item["id"]), {"talk": item["talk"], "reply": item["reply"]}
        brief.silent = self.cast.silent([author, *others])
        _discreet(brief)
        return brief

    def chat(self, minute: int, person: str, rng: Stream) -> Brief | None:
        """An assistant chat in which one of the person's facts comes up."""
        moment = self.cast.clock.utc(minute)
        facts = self.cast.by_person[person]
        able = []
        for fact in rng.some(facts, 10):
            holds = fact.valid_from <= moment and (fact.valid_to is None or moment < fact.valid_to)
            if holds and fact.key in self.chattable and fact.polarity == "positive":
                able.append((self.times.get(f"chat {fact.id}", 0), fact.id))
        if not able:
            return None
        fact = self.cast.timeline.facts[min(able)[1]]
        self.times[f"chat {fact.id}"] = self.times.get(f"chat {fact.id}", 0) + 1
        brief = self.cast.brief("chat", minute, person, [])
        brief.people = [(person, "owner")]
        brief.tells = [Tell(fact=fact.id, key=fact.key, value=fact.value, polarity=fact.polarity, how="implied", speaker=person, about=person)]
        self.learn(fact.id, (person,))
        return brief

    def noise_chat(self, minute: int, person: str, rng: Stream) -> Brief | None:
        """An assistant chat about nothing personal."""
        sessions, _ = phrasebook.assistant()
        able = [i for i, s in enumerate(sessions) if s.get("age", [8, 110])[0] <= self.cast.age[person] <= s.get("age", [8, 110])[1]]
        if not able:
            return None
        brief = self.cast.brief("chat", minute, person, [])
        brief.people, brief.topics, brief.noise = [(person, "owner")], (str(rng.pick(able)),), True
        brief.silent = self.cast.silent([person])
        return brief

    def letter(self, minute: int, author: str, reader: str, rng: Stream) -> Brief | None:
        """A mail between people: half of the private ones let a fact come out, work mail does not."""
        cast = self.cast
        if cast.age[author] < MAILS or cast.age[reader] < MAILS:
            return None
        tie = cast.tie.get(f"{author}>{reader}", "friend")
        able = [
            i for i, entry in enumerate(phrasebook.letters())
            if (not entry.get("ties") or tie in entry["ties"]) and entry.get("age", [0, 120])[0] <= cast.age[author] <= entry.get("age", [0, 120])[1]
        ]  # fmt: skip
        if not able:
            return None
        brief = cast.brief("email", minute, author, [reader])
        brief.spoken = {"letter": rng.pick(able)}
        tell = self._own(minute, author, reader, rng) if tie not in ("colleague", "manager", "report") and rng.chance(0.6) else None
        if tell is not None:
            brief.tells = [tell]
            self.learn(tell.fact, (author, reader))
        return brief


def _key(brief: Brief) -> tuple[str, ...]:
    """The people of a sitting, whoever began it."""
    return tuple(sorted(s.id for s in brief.speakers))


def _discreet(brief: Brief) -> None:
    """Come back to nothing whose very name would give somebody away."""
    if brief.recall is not None and brief.recall.label and contained(brief.recall.label, *brief.silent):
        brief.recall = None
