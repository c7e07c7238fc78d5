"""Grows event trees: admits an event when its people are free, draws its details, and notes what it leaves and changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from understudy.engine.grammar import Writer, parse
from understudy.life.agenda import Agenda, Block
from understudy.life.almanac import allows, weather_of
from understudy.life.details import CITY_SPOTS, Drawer
from understudy.life.routine import Frame, duty
from understudy.model.clock import DAY, MONTHS, Clock, date_text, hour_text
from understudy.model.community import Community, age_on
from understudy.model.records import Event, Organization, Person, Place
from understudy.model.timeline import Timeline
from understudy.model.traces import Trace
from understudy.ontology.modules import Module, Node
from understudy.ontology.who import Traits
from understudy.rng import Stream, stream

INTENTS = {
    "work": "work", "school": "study", "university": "study", "grocery": "shopping", "shop": "shopping", "restaurant": "meal", "cafe": "meal",
    "bar": "going_out", "gym": "exercise", "park": "exercise", "outdoors": "exercise", "clinic": "health", "pharmacy": "errands", "bank": "errands",
    "library": "reading_hobby", "worship": "civic_worship", "entertainment": "going_out", "services": "errands", "travel_hub": "travel",
    "hotel": "travel", "civic": "civic_worship", "home": "socializing", "other_home": "socializing",
}  # fmt: skip
"""What people do in a category of place, unless more is known."""
NEAR = ("friend", "partner", "sibling", "parent", "child", "kin", "grandparent", "colleague", "clubmate", "neighbor")
"""Ties along which news of one's own travels."""
WORDS = {
    "mother": "parent", "father": "parent", "daughter": "child", "son": "child", "sister": "sibling", "brother": "sibling", "relative": "kin",
    "cousin": "kin",
}  # fmt: skip
"""The word by which modules and grammars know a kind of tie."""


def tie_word(kind: str) -> str:
    """A tie's kind as grammars and modules name it: parent, child, sibling, kin, or the kind itself."""
    return WORDS.get(kind, kind)


class Led(NamedTuple):
    """What an event leads to: a module in the same life from a day on, with details, organizations and roles handed on."""

    module: str
    person: str
    day: int
    because: str
    roles: Mapping[str, str]
    details: Mapping[str, Any]
    organizations: Mapping[str, str]


class Grower:
    """One community's life in the making: the agenda, the timeline of facts, and what has been admitted so far."""

    def __init__(self, community: Community, frames: Mapping[str, Frame], drawer: Drawer, timeline: Timeline):
        self.community, self.frames, self.drawer, self.timeline = community, frames, drawer, timeline
        self.clock: Clock = community.clock()
        self.people: dict[str, Person] = {p.id: p for p in community.people}
        self.places: dict[str, Place] = {p.id: p for p in community.places}
        self.by_category: dict[str, list[Place]] = {}
        for place in community.places:
            self.by_category.setdefault(place.category, []).append(place)
        self.around: dict[str, list[tuple[str, str, float]]] = {p.id: [] for p in community.people}
        for tie in community.ties:
            self.around[tie.a].append((tie.b, tie_word(tie.kind), tie.closeness))
        for known in self.around.values():
            known.sort(key=lambda t: (-t[2], t[0]))
        self.agenda = Agenda(self.people)
        self.events: list[Event] = []
        self.traces: list[Trace] = []
        self.leads: list[Led] = []
        self.weather = weather_of(community)
        self.organizations: dict[str, Organization] = {o.id: o for o in community.organizations}

    def close(self, person: str, words: list[str] | tuple[str, ...]) -> list[str]:
        """Those of these tie words around a person, closest first."""
        return [b for b, word, _ in self.around[person] if word in words]

    def take_leads(self) -> list[Led]:
        """What the tree admitted last leads to; asked for once."""
        found, self.leads = self.leads, []
        return found

    def root(
        self, module: Module, person: Person, traits: Traits, minute: int, name: str, given: Mapping[str, str] | None = None, led: Led | None = None
    ) -> bool:
        """Try to admit a module's root at a local minute, and then its tree; False if it cannot be. `given` are roles that are decided already, `led` is what
        the tree follows from."""
        rng = stream(self.community.seed, f"{self.community.prefix}/{name}")
        moment = self.clock.utc(minute)
        uses: dict[str, str] = {}
        for slot, key in module.uses.items():
            holding = self.timeline.holding(person.id, key, moment)
            if not holding:
                return False
            uses[slot] = rng.pick(holding).id
        roles: dict[str, str] = dict(given or {})
        for role, spec in module.cast.items():
            able = [b for b in self.close(person.id, spec.tie) if b not in roles.values()]
            if able and (spec.need or rng.chance(spec.chance)):
                roles[role] = able[min(int(rng.random() ** 2 * len(able)), len(able) - 1)]
            elif spec.need:
                return False
        details, organizations = self.drawer.draw(module, person, traits, minute, rng)
        if led is not None:
            details.update(led.details)
            organizations = {k: v for k, v in organizations.items() if k not in led.details} | dict(led.organizations)
        tree = Tree(self, module, person, roles, uses, details, organizations, rng, led.because if led else None)
        return tree.grow(module.root, minute, None, None)

    def young(self, person: str) -> bool:
        """Whether somebody is too young to be written to."""
        return age_on(self.people[person].birth_date, self.community.start) < 13

    def hours(self, person: str, day: int) -> tuple[int, int] | None:
        """The person's work or school on a day."""
        return duty(self.community, self.people[person], self.frames[person], day, self.clock)

    def idle(self, person: str, start: int, end: int) -> bool:
        """Whether neither duty nor sleep takes this time."""
        frame = self.frames[person]
        for day in (start // DAY - 1, start // DAY):
            hours = self.hours(person, day)
            if hours and hours[0] - 25 < end and start < hours[1] + 25:
                return False
        return frame.wake <= start % DAY and start % DAY + (end - start) <= max(frame.bed + 30, 1350)


class Tree:
    """One event tree while it grows: shares details, cast and the root's id among its events."""

    def __init__(self, grower: Grower, module: Module, person: Person, roles: dict[str, str], uses: dict[str, str], details: dict[str, Any],
                 organizations: dict[str, str], rng: Stream, because: str | None = None):  # fmt: skip
        self.g, self.module, self.person, self.rng, self.because = grower, module, person, rng, because
        self.roles, self.uses, self.details, self.organizations = roles, uses, details, organizations
        self.root_id = ""
        self.away: Place | None = None

    def grow(self, name: str, minute: int, parent: Event | None, after: int | None) -> bool:
        """Admit one node at about this minute, then its children."""
        node = self.module.events[name]
        group = self._group(node)
        place = self._place(node)
        if node.place and place is None:
            return False
        length = int(self.rng.between(*node.lasts)) // 5 * 5 if node.lasts else 0
        start = self._admit(node, minute // 5 * 5, length, group, place, after)
        if start is None:
            return False
        g = self.g
        ident = f"{g.community.prefix}.e{len(g.events):05d}"
        self.root_id = self.root_id or ident
        event = Event(
            id=ident, parent=parent.id if parent else None, root=self.root_id, depth=parent.depth + 1 if parent else 0, module=self.module.module,
            kind=name, title=self._title(node, start), starts=g.clock.utc(start), ends=g.clock.utc(start + max(length, 1)), place=place.id if place else None,
            people=group, details=self._details(name, parent is None),
            because=(self.because or next(iter(self.uses.values()), None)) if parent is None else parent.id,
        )  # fmt: skip
        g.events.append(event)
        self._occupy(node, event, start, length, place)
        self._changes(node, event)
        self._traces(node, event, start)
        self._leads(node, event, start)
        last = start + length
        for child in self.module.children(name):
            below = self.module.events[child]
            if self.rng.chance(below.chance):
                self.grow(child, self._when(below, start), event, last)
        return True

    def _leads(self, node: Node, event: Event, start: int) -> None:
        """Note what comes of an event: the details and roles that it hands on go by the names that the other module has for them."""
        for lead in node.leads:
            if not self.rng.chance(lead.chance):
                continue
            details: dict[str, Any] = {}
            for theirs, mine in lead.hand.items():
                details.update({theirs + tail: self.details[mine + tail] for tail in ("", "_cents") if mine + tail in self.details})
            roles = {theirs: self.roles[mine] for theirs, mine in lead.hand.items() if mine in self.roles}
            organizations = {theirs: self.organizations[mine] for theirs, mine in lead.hand.items() if mine in self.organizations}
            day = start // DAY + self.rng.whole(int(lead.day[0]), int(lead.day[1]))
            self.g.leads.append(Led(lead.module, self.person.id, day, event.id, roles, details, organizations))

    def _details(self, name: str, root: bool) -> dict[str, Any]:
        """A tree's details stand at its root; those named NODE/DETAIL stand at their own node."""
        own = {k.split("/", 1)[1]: v for k, v in self.details.items() if k.startswith(f"{name}/")}
        return {**{k: v for k, v in self.details.items() if "/" not in k}, **own} if root else own

    def _group(self, node: Node) -> list[str]:
        names = [self.person.id if name == "self" else self.roles.get(name) for name in node.people]
        return list(dict.fromkeys(n for n in names if n)) or [self.person.id]

    def _title(self, node: Node, start: int) -> str:
        slots = {**{k: str(v) for k, v in self.details.items()}, **{r: self.g.people[p].given_name for r, p in self.roles.items()}}
        slots.update({s: self.g.timeline.facts[f].value for s, f in self.uses.items()})
        slots.update(
            self=self.person.given_name,
            day=self.g.clock.date(start).strftime("%A"),
            time=hour_text(start),
            date=date_text(self.g.clock.date(start)),
            month=MONTHS[self.g.clock.month(start) - 1],
        )
        parts = parse(node.title)
        missing = [p.name for p in parts if hasattr(p, "form") and p.name not in slots]
        slots.update(dict.fromkeys(missing, "someone"))
        return Writer(None, slots, {}, self.rng).expand(parts)[0]

    def _place(self, node: Node) -> Place | None:
        where = node.place
        g = self.g
        if where is None:
            return None
        if node.away is not None:
            return self._travel_to(node)
        if where.startswith("org:"):
            site = g.drawer.site.get(self.organizations.get(where[4:], ""))
            if site is not None and self.away is None:
                return site
            where = "services" if site is None else site.category
        if where.startswith("home:"):
            host = self.roles.get(where[5:])
            return g.places[g.people[host].home] if host else None
        if self.away is not None:
            return self.away if where == "hotel" else self._far(where)
        if where == "home":
            return g.places[self.person.home]
        if where in ("work", "school"):
            found = self.person.work if where == "work" else self.person.school or self.person.work
            return g.places[found] if found else None
        if where == "other_home":
            friends = g.close(self.person.id, ("friend", "kin", "parent", "sibling"))
            return g.places[g.people[self.rng.pick(friends[:4])].home] if friends else None
        able = g.by_category.get(where, [])
        return self.rng.pick(able) if able else None

    def _travel_to(self, node: Node) -> Place | None:
        assert node.away is not None
        city = str(self.details.get(node.away.city, ""))
        if city not in CITY_SPOTS:
            return None
        hotel = next((self.details[n] for n, o in self.organizations.items() if "hotel" in n), "a hotel")
        self.away = self._far("hotel", f"{hotel}, {city}", city)
        return self.away

    def _far(self, category: str, name: str = "", city: str = "") -> Place:
        g = self.g
        city = city or str(self.details[self.module.events[self.module.root].away.city])  # type: ignore[union-attr]
        lat, lon = CITY_SPOTS[city]
        name = name or f"{category.replace('_', ' ')} in {city}"
        known = next((p for p in g.by_category.get(category, []) if p.name == name), None)
        if known is not None:
            return known
        spot = (round(lat + self.rng.between(-0.02, 0.02), 5), round(lon + self.rng.between(-0.02, 0.02), 5))
        place = Place(id=f"{g.community.prefix}.l{len(g.places):03d}", name=name, category=category, lat=spot[0], lon=spot[1], address=f"downtown, {city}")
        g.places[place.id] = place
        g.community.places.append(place)
        if category == "hotel":
            g.by_category.setdefault("hotel away", []).append(place)
        return place

    def _when(self, node: Node, parent: int) -> int:
        day = parent // DAY + self.rng.whole(int(node.when.day[0]), int(node.when.day[1]))
        if node.when.weekday:
            day += next(i for i in range(7) if self.g.clock.weekday((day + i) * DAY) in node.when.weekday)
        return day * DAY + int(60 * self.rng.between(*node.when.hour))

    def _admit(self, node: Node, minute: int, length: int, group: list[str], place: Place | None, after: int | None) -> int | None:
        """The minute at which everyone is free, or None. Moments (no place) are always possible within the window."""
        g = self.g
        last_day = g.community.days * DAY - 120
        if node.away is not None:
            end = minute + node.away.nights[1] * DAY + 12 * 60
            ok = minute > 6 * 60 and end < last_day and all(self._unplanned(p, minute - 300, end + 300) for p in group)
            return minute if ok else None
        later = after is not None and node.when.day[0] >= 0 and self.module.events[self.module.root].away is None
        if place is None:
            if later and after is not None and minute < after:
                minute = after + 5
            return minute if 0 <= minute < last_day else None
        root = self.root_id or "new"
        for attempt in range(9):
            start = minute
            if attempt:
                bound = attempt < 4 or bool(node.when.holiday or node.when.date)  # a holiday is kept on its day or not at all
                shift = 0 if bound else self.rng.whole(-2 if after is None or node.when.day[0] < 0 else 0, 3)  # never days before what led to it
                start = (minute // DAY + shift) * DAY + int(60 * self.rng.between(*node.when.hour)) // 5 * 5
                if node.when.weekday and g.clock.weekday(start) not in node.when.weekday:
                    continue
                if not self._allowed(node, start // DAY):
                    continue
            if later and after is not None and start < after + 45:
                start = after + 45  # nothing that follows begins before what it follows has ended
            if start < 5 * 60 or start + length > last_day or start % DAY + length > DAY + 90:
                continue
            if not all(g.agenda.free(p, start, start + length, root, place.id) for p in group):
                continue
            if self._fits(node, start, length, group, place, attempt):
                return start
        return None

    def _allowed(self, node: Node, day: int) -> bool:
        """Whether a day of the window has the weather and the term that an event asks for."""
        when, g = node.when, self.g
        return not (when.weather or when.term) or (0 <= day < g.community.days and allows(when, g.community, g.weather, day))

    def _fits(self, node: Node, start: int, length: int, group: list[str], place: Place, attempt: int) -> bool:
        g = self.g
        if self.away is not None:
            return True
        if node.place in ("work", "school"):
            hours = g.hours(self.person.id, start // DAY)
            return bool(hours and hours[0] <= start and start + length <= hours[1])
        if attempt >= 6 and self.module.topic in ("health", "family", "travel", "work", "study", "home", "money", "civic"):
            return all(g.frames[p].shift != "night" for p in group)
        return all(g.idle(p, start, start + length) for p in group)

    def _unplanned(self, person: str, start: int, end: int) -> bool:
        return self.g.agenda.free(person, start, end, "new")

    def _occupy(self, node: Node, event: Event, start: int, length: int, place: Place | None) -> None:
        g = self.g
        if node.away is not None and place is not None:
            end = start + self.rng.whole(*node.away.nights) * DAY + self.rng.whole(-120, 240)
            for person in event.people:
                g.agenda.trip(person, start, end, place.id, event.id)
            return
        if place is None or length == 0:
            return
        intent = "work" if self.module.topic == "work" and node.place != "home" else INTENTS.get(place.category, "errands")
        if place.category == "home":
            intent = "socializing" if len(event.people) > 1 else "reading_hobby" if self.module.topic == "leisure" else "housework"
        for person in event.people:
            category = "other_home" if place.category == "home" and place.id != g.people[person].home else place.category
            category = "work" if place.id == g.people[person].work and place.category != "home" else category
            g.agenda.add(person, Block(start, start + length, place.id, category, intent, event.id, self.root_id))

    def _changes(self, node: Node, event: Event) -> None:
        for change in node.changes:
            slots = {k: str(v) for k, v in self.details.items()}
            slots.update({s: self.g.timeline.facts[f].value for s, f in self.uses.items()})
            slots.update({r: self.g.people[p].given_name for r, p in self.roles.items()})
            parts = parse(change.value)
            if all(p.name in slots for p in parts if hasattr(p, "form")):
                value = Writer(None, slots, {}, self.rng).expand(parts)[0]
                self.g.timeline.change(self.person.id, change.key, value, event.ends, event.id, self.rng, change.replaces, change.polarity)

    def _traces(self, node: Node, event: Event, start: int) -> None:
        for leaf in node.leaves:
            if not self.rng.chance(leaf.chance):
                continue
            by = self._who(leaf.by)
            to = self._to(leaf.to, by) if leaf.to else []
            to = [p for p in to if by is None or by not in self.g.people or self._acquainted(by, p)]
            if by is None or (leaf.to and not to) or (leaf.kind == "message" and by in to):
                continue
            minute = start + int(self.rng.between(*leaf.at))
            minute = self._decent(minute, leaf.kind, by, start)
            if not 0 < minute < self.g.community.days * DAY - 5:
                continue
            merchant = self.organizations.get(leaf.source or "") or (self.g.places[event.place].organization if event.place else None)
            if leaf.kind == "purchase" and merchant is None:
                merchant = next(iter(self.organizations.values()), None)
            self.g.traces.append(
                Trace(
                    event=event.id, root=self.root_id, module=self.module.module, say=leaf.say, kind=leaf.kind, by=by, to=to, minute=minute, mood=node.mood,
                    owner=self.person.id, roles=self.roles, facts=self.uses, organizations=self.organizations, merchant=merchant,
                )
            )  # fmt: skip

    def _decent(self, minute: int, kind: str, by: str, start: int) -> int:
        """People write while they are awake; a purchase or a photo happens when it happens."""
        if by not in self.g.people or kind in ("purchase", "photo"):
            return minute
        frame = self.g.frames[by]
        rest = minute % DAY
        if frame.wake + 10 <= rest <= max(frame.bed, 1290):
            return minute
        if rest < frame.wake + 10:
            earlier = minute // DAY * DAY - self.rng.whole(90, 240)
            return earlier if minute < start else minute // DAY * DAY + frame.wake + self.rng.whole(10, 90)
        return (
            minute // DAY * DAY + min(frame.bed, 1320) - self.rng.whole(5, 60)
            if minute < start
            else (minute // DAY + 1) * DAY + frame.wake + self.rng.whole(15, 120)
        )

    def _acquainted(self, a: str, b: str) -> bool:
        """Whether two people know each other: a tie, or one roof."""
        people = self.g.people
        return b not in people or a == b or people[a].household == people[b].household or any(other == b for other, _, _ in self.g.around[a])

    def _who(self, name: str) -> str | None:
        return self.person.id if name == "self" else self.roles.get(name) or self.organizations.get(name)

    def _to(self, name: str, by: str | None) -> list[str]:
        g, me = self.g, self.person.id
        if name == "self":
            return [me]
        if name in self.roles:
            return [self.roles[name]]
        if name == "household":
            return [p.id for p in g.community.people if p.household == self.person.household and p.id != by and g.frames[p.id].bed > 1225]
        if name == "friends":
            return g.close(me, ("friend",))[:4]
        if name == "near":  # whoever is told of a thing that is nobody else's business
            known = [p for p in g.close(me, NEAR) if p != by and not g.young(p)]
            return known[:1]
        if name in self.module.cast:
            return []
        found = [p for p in g.close(me, (name,)) if p != by]
        return found[:1]
