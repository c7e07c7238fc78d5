"""A web of ties under construction: every tie both ways, at most one for a pair of people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from understudy import assets
from understudy.model.community import Community, age_on
from understudy.model.records import Person, Tie
from understudy.rng import Stream

CLOSENESS = {
    "partner": (0.8, 1.0), "mother": (0.5, 0.95), "father": (0.45, 0.9), "daughter": (0.5, 0.95), "son": (0.5, 0.95), "sister": (0.4, 0.9),
    "brother": (0.35, 0.85), "grandparent": (0.4, 0.8), "grandchild": (0.4, 0.8), "cousin": (0.15, 0.6), "relative": (0.2, 0.6), "friend": (0.4, 0.95),
    "colleague": (0.2, 0.65), "manager": (0.2, 0.5), "report": (0.2, 0.5), "neighbor": (0.1, 0.5), "classmate": (0.2, 0.7), "teacher": (0.1, 0.35),
    "student": (0.1, 0.35), "clubmate": (0.2, 0.6), "provider": (0.05, 0.3), "client": (0.05, 0.3), "ex": (0.05, 0.3),
}  # fmt: skip
"""The range of closeness by kind (our estimate)."""
MOTHER_AGES = (15, 46)
FATHER_AGES = (16, 58)


class Web:
    """Ties being knit: asks like "who are a's parents" are answered from what is there."""

    def __init__(self, community: Community, rng: Stream):
        self.community, self.rng = community, rng
        self.people: dict[str, Person] = {p.id: p for p in community.people}
        self.ties: dict[tuple[str, str], Tie] = {}
        self.stories: dict[str, list[str]] = assets.data("data/catalogues/tie_stories.yaml")["stories"]

    def has(self, a: str, b: str) -> bool:
        """Whether the two are tied at all."""
        return a == b or (a, b) in self.ties

    def kind(self, a: str, b: str) -> str:
        """How b stands to a, or ""."""
        tie = self.ties.get((a, b))
        return tie.kind if tie else ""

    def of(self, a: str, *kinds: str) -> list[str]:
        """Those who stand to a in one of these ways."""
        return [b for (x, b), tie in self.ties.items() if x == a and tie.kind in kinds]

    def parents_of(self, a: str) -> list[str]:
        """a's mother and father, as far as they live here."""
        return self.of(a, "mother", "father")

    def children_of(self, a: str) -> list[str]:
        """a's daughters and sons who live here."""
        return self.of(a, "daughter", "son")

    def related(self, a: str, b: str) -> bool:
        """Whether the two share an ancestor or one descends from the other."""
        return bool(({a} | self.ancestors(a)) & ({b} | self.ancestors(b)))

    def ancestors(self, a: str) -> set[str]:
        """Everyone a descends from."""
        found: set[str] = set()
        queue = self.parents_of(a)
        while queue:
            at = queue.pop()
            if at not in found:
                found.add(at)
                queue += self.parents_of(at)
        return found

    def descendants(self, a: str) -> set[str]:
        """Everyone who descends from a."""
        found: set[str] = set()
        queue = self.children_of(a)
        while queue:
            at = queue.pop()
            if at not in found:
                found.add(at)
                queue += self.children_of(at)
        return found

    def could_be_parent(self, parent: str, child: str) -> bool:
        """Whether the ages allow it."""
        older, younger = self.people[parent], self.people[child]
        low, high = MOTHER_AGES if older.sex == "female" else FATHER_AGES
        return older.birth_date < younger.birth_date and low <= age_on(older.birth_date, younger.birth_date) <= high

    def parent(self, parent: str, child: str) -> None:
        """Make one the parent of the other."""
        older, younger = self.people[parent], self.people[child]
        kind = "mother" if older.sex == "female" else "father"
        inverse = "daughter" if younger.sex == "female" else "son"
        if not self.has(child, parent):
            self.tie(child, parent, kind, inverse)

    def tie(self, a: str, b: str, kind: str, inverse: str, closeness: float | None = None, **story: Any) -> None:
        """Tie two people both ways: b is a's `kind`, a is b's `inverse`."""
        low, high = CLOSENESS[kind]
        near = round(self.rng.between(low, high) if closeness is None else closeness, 2)
        since = self._since(a, b, kind)
        text = self._story(self._stage(a, b, kind, since), since, story)
        self.ties[a, b] = Tie(a=a, b=b, kind=kind, inverse=inverse, since=since, closeness=near, story=text)
        self.ties[b, a] = Tie(a=b, b=a, kind=inverse, inverse=kind, since=since, closeness=near, story=text)

    def _since(self, a: str, b: str, kind: str) -> date:
        """When it began: kin at the younger one's birth, the others some years ago, after both were five."""
        start = self.community.start
        younger = max(self.people[a].birth_date, self.people[b].birth_date)
        if kind in ("mother", "father", "daughter", "son", "sister", "brother", "grandparent", "grandchild", "cousin", "relative"):
            return younger
        grown = 17 if kind == "partner" else 15 if kind in ("colleague", "manager", "report", "ex") else 5
        years = max(0.2, min((start - younger).days / 365.25 - grown, {"partner": 40, "classmate": 5, "colleague": 12, "ex": 15}.get(kind, 20)))
        return start - timedelta(days=int(365.25 * years * max(0.03, self.rng.random() ** 1.4)))

    def _stage(self, a: str, b: str, kind: str, since: date) -> str:
        """Which stories fit: those of children, of grown-ups, or those that fit any age."""
        births = sorted((self.people[a].birth_date, self.people[b].birth_date))
        if kind == "friend":
            elder, younger = age_on(births[0], since), age_on(births[1], since)
            return "friend_young" if elder < 18 else "friend_grown" if younger >= 18 else "friend"
        if kind in ("mother", "father", "daughter", "son") and age_on(births[1], self.community.start) < 16:
            return "child_young"
        return kind

    def _story(self, stage: str, since: date, slots: dict[str, Any]) -> str:
        kind = stage
        if stage == "friend_grown":
            lines = self.stories["friend"] + self.stories["friend_grown"]
        else:
            lines = self.stories.get(kind) or self.stories.get({"report": "manager", "student": "teacher", "client": "provider"}.get(kind, ""), [])
        town, street = self.community.town.city, self.rng.pick(self.community.places).address.split(",")[0].lstrip("0123456789 ")
        able = [line for line in lines if "{what}" not in line or slots.get("what")]
        if not able:
            return ""
        return str(self.rng.pick(able)).format(year=since.year, town=town, street=street, what=slots.get("what", ""))

    def all(self) -> list[Tie]:
        """Every tie, both directions, in the order of ids."""
        return [self.ties[pair] for pair in sorted(self.ties)]
