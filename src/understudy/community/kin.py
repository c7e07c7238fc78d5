"""Who is family: ties within households, and parents, siblings, grandparents and cousins across them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.community.ties import Web
from understudy.model.community import Community, age_on
from understudy.model.records import Person
from understudy.model.seeds import HouseholdSeed
from understudy.rng import Stream

CHILD_IN_TOWN = 0.45
"""Share of younger households with a parent in the same community, where an older household could be it (our estimate:
Pew Research 2022 finds 55 % of US adults within an hour's drive of extended family)."""


def parent_kind(person: Person) -> str:
    """mother or father."""
    return "mother" if person.sex == "female" else "father"


def child_kind(person: Person) -> str:
    """daughter or son."""
    return "daughter" if person.sex == "female" else "son"


def sibling_kind(person: Person) -> str:
    """sister or brother."""
    return "sister" if person.sex == "female" else "brother"


def knit_kin(community: Community, seeds: Sequence[HouseholdSeed], web: Web, rng: Stream) -> None:
    """Add every family tie; may give a household its parents' family name, so run it before addresses are given."""
    families = _households(community, seeds, web)
    _across(community, families, web, rng)
    _derive(web)


def _households(community: Community, seeds: Sequence[HouseholdSeed], web: Web) -> list[tuple[list[str], list[str]]]:
    """Ties under one roof; returns for each household its heads and the heads' children."""
    families = []
    for household, seed in zip(community.households, seeds, strict=True):
        roles: dict[str, list[str]] = {}
        for person, member in zip(household.members, seed.members, strict=True):
            roles.setdefault("spouse" if member.role in ("spouse", "partner") else member.role, []).append(person)
        head = roles["householder"][0]
        heads = [head, *roles.get("spouse", [])[:1]]
        if len(heads) == 2:
            web.tie(heads[0], heads[1], "partner", "partner")
        for child in roles.get("child", []):
            for parent in heads:
                if web.could_be_parent(parent, child):
                    web.parent(parent, child)
        for parent in roles.get("parent", []):
            web.parent(parent, head) if web.could_be_parent(parent, head) else web.tie(head, parent, "relative", "relative")
        for other in roles.get("sibling", []):
            web.tie(head, other, sibling_kind(web.people[other]), sibling_kind(web.people[head]))
        for grandchild in roles.get("grandchild", []):
            web.tie(head, grandchild, "grandchild", "grandparent")
        for other in roles.get("relative", []):
            web.tie(head, other, "relative", "relative")
        for other in roles.get("roommate", []):
            web.tie(head, other, "friend", "friend", closeness=0.5)
        families.append((heads, roles.get("child", [])))
    return families


def _across(community: Community, families: list[tuple[list[str], list[str]]], web: Web, rng: Stream) -> None:
    """Make some heads the grown children of heads of other households, where the ages allow it."""
    for young_heads, _ in families:
        for head in young_heads[:1] if rng.chance(0.7) else young_heads[1:]:
            if web.parents_of(head) or not rng.chance(CHILD_IN_TOWN):
                continue
            able = [heads for heads, _ in families if head not in heads and _parents_fit(web, heads, head)]
            if able:
                parents = rng.pick(able)
                for parent in parents:
                    if web.could_be_parent(parent, head):
                        web.parent(parent, head)
                _take_name(community, web, parents[0], head)


def _parents_fit(web: Web, heads: Sequence[str], child: str) -> bool:
    """Ages possible, same origin, not already kin, no loop of descent, and at most four children in town."""
    first = web.people[heads[0]]
    if first.race_ethnicity != web.people[child].race_ethnicity or not all(web.could_be_parent(h, child) for h in heads):
        return False
    if any(web.related(h, child) for h in heads) or len(web.children_of(heads[0])) >= 4:
        return False
    return not (web.descendants(child) & web.ancestors(heads[0]))


def _take_name(community: Community, web: Web, parent: str, child: str) -> None:
    """Sons and the unmarried carry the parent's family name, and so do those of their household who shared the old one."""
    person = web.people[child]
    if person.sex == "female" and person.marital != "never married":
        return
    old, new = person.family_name, web.people[parent].family_name
    for other in community.people:
        if other.household == person.household and other.family_name == old:
            web.people[other.id] = msgspec.structs.replace(other, family_name=new)
    community.people[:] = [web.people[p.id] for p in community.people]


def _derive(web: Web) -> None:
    """Siblings, grandparents, cousins and in-laws follow from parents; nothing is drawn."""
    everyone = list(web.people)
    for a in everyone:
        mine = web.parents_of(a)
        for b in everyone:
            if a >= b or web.has(a, b):
                continue
            theirs = web.parents_of(b)
            if any(p in theirs for p in mine):
                web.tie(a, b, sibling_kind(web.people[b]), sibling_kind(web.people[a]))
    for a in everyone:
        for parent in web.parents_of(a):
            for grand in web.parents_of(parent):
                if not web.has(a, grand):
                    web.tie(a, grand, "grandparent", "grandchild")
    for a in everyone:
        for b in everyone:
            if a >= b or web.has(a, b):
                continue
            if any(web.kind(p, q) in ("sister", "brother") for p in web.parents_of(a) for q in web.parents_of(b)):
                web.tie(a, b, "cousin", "cousin")
    for a in everyone:
        for parent in web.parents_of(a):
            for aunt in [x for x in everyone if web.kind(parent, x) in ("sister", "brother")]:
                if not web.has(a, aunt):
                    web.tie(a, aunt, "relative", "relative")
            for partner in [x for x in everyone if web.kind(a, x) == "partner"]:
                if not web.has(partner, parent):
                    web.tie(partner, parent, "relative", "relative")


def kin_age_problem(web_kind: str, a: Person, b: Person) -> str | None:
    """Why `b` cannot be `a`'s kin of this kind by their ages, or None."""
    gap = age_on(b.birth_date, max(a.birth_date, b.birth_date)) if b.birth_date < a.birth_date else -age_on(a.birth_date, b.birth_date)
    if web_kind in ("mother", "father") and gap < 14:
        return f"{b.id} is only {gap} years older than the child {a.id}"
    if web_kind == "grandparent" and gap < 28:
        return f"{b.id} is only {gap} years older than the grandchild {a.id}"
    return None
