"""Audit of the ledger: ids, ties, kin, ages, employers, households and facts agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from understudy.audit.finding import Finding, by_sql, every
from understudy.model.community import age_on
from understudy.ontology.attributes import attributes
from understudy.ontology.values import forbidden
from understudy.ontology.who import Traits
from understudy.store.world import World

REFERENCES = (
    ("people.household", "SELECT id, household AS ref FROM people", "households"),
    ("people.home", "SELECT id, home AS ref FROM people", "places"),
    ("people.work", "SELECT id, work AS ref FROM people WHERE work IS NOT NULL", "places"),
    ("people.school", "SELECT id, school AS ref FROM people WHERE school IS NOT NULL", "places"),
    ("people.employer", "SELECT id, employer AS ref FROM people WHERE employer IS NOT NULL", "organizations"),
    ("households.home", "SELECT id, home AS ref FROM households", "places"),
    ("households.members", "SELECT id, UNNEST(members) AS ref FROM households", "people"),
    ("places.organization", "SELECT id, organization AS ref FROM places WHERE organization IS NOT NULL", "organizations"),
    ("ties.a", "SELECT a || '>' || b AS id, a AS ref FROM ties", "people"),
    ("ties.b", "SELECT a || '>' || b AS id, b AS ref FROM ties", "people"),
    ("facts.person", "SELECT id, person AS ref FROM facts", "people"),
    ("facts.replaces", "SELECT id, replaces AS ref FROM facts WHERE replaces IS NOT NULL", "facts"),
    ("events.parent", "SELECT id, parent AS ref FROM events WHERE parent IS NOT NULL", "events"),
    ("events.root", "SELECT id, root AS ref FROM events", "events"),
    ("events.place", "SELECT id, place AS ref FROM events WHERE place IS NOT NULL", "places"),
    ("events.people", "SELECT id, UNNEST(people) AS ref FROM events", "people"),
    ("visits.person", "SELECT id, person AS ref FROM visits", "people"),
    ("visits.place", "SELECT id, place AS ref FROM visits", "places"),
    ("visits.event", "SELECT id, event AS ref FROM visits WHERE event IS NOT NULL", "events"),
    ("artifacts.event", "SELECT id, event AS ref FROM artifacts WHERE event IS NOT NULL", "events"),
    ("artifacts.reply_to", "SELECT id, reply_to AS ref FROM artifacts WHERE reply_to IS NOT NULL", "artifacts"),
    ("artifacts.author", "SELECT id, author AS ref FROM artifacts", "people_or_organizations"),
    ("artifacts.people", "SELECT id, UNNEST(people).person AS ref FROM artifacts", "people_or_organizations"),
    ("reveals.artifact", "SELECT artifact AS id, artifact AS ref FROM reveals", "artifacts"),
    ("reveals.fact", "SELECT artifact AS id, fact AS ref FROM reveals WHERE fact IS NOT NULL", "facts"),
    ("reveals.event", "SELECT artifact AS id, event AS ref FROM reveals WHERE event IS NOT NULL", "events"),
    ("questions.person", "SELECT id, person AS ref FROM questions", "people"),
    ("questions.facts", "SELECT id, UNNEST(facts) AS ref FROM questions", "facts"),
    ("questions.evidence", "SELECT id, UNNEST(flatten(flatten(evidence))) AS ref FROM questions", "artifacts"),
)
INVERSE = {
    "partner": "partner", "sister": "sister brother", "brother": "sister brother", "mother": "daughter son", "father": "daughter son", "daughter": "mother father",
    "son": "mother father", "grandparent": "grandchild", "grandchild": "grandparent", "cousin": "cousin", "relative": "relative", "friend": "friend",
    "colleague": "colleague", "manager": "report", "report": "manager", "neighbor": "neighbor", "classmate": "classmate", "teacher": "student",
    "student": "teacher", "clubmate": "clubmate", "provider": "client", "client": "provider", "ex": "ex",
}  # fmt: skip
SEXED = {"mother": "female", "father": "male", "sister": "female", "brother": "male", "daughter": "female", "son": "male"}


def ledger_rules(world: World) -> Iterator[Finding]:
    """Every rule about who exists and what is true of them."""
    yield ids_unique(world)
    yield ids_resolve(world)
    yield ties_symmetric(world)
    yield ties_true(world)
    yield kin_ages(world)
    yield households_agree(world)
    yield by_sql(
        world, "work places belong to the employer",
        "SELECT count(*) FROM people WHERE employer IS NOT NULL",
        "SELECT p.id FROM people p JOIN places l ON l.id = p.work WHERE p.employer IS NOT NULL AND l.organization IS DISTINCT FROM p.employer "
        "UNION ALL SELECT id FROM people WHERE employer IS NOT NULL AND (work IS NULL OR occupation = '') "
        "UNION ALL SELECT t.a FROM ties t JOIN people x ON x.id = t.a JOIN people y ON y.id = t.b WHERE t.kind IN ('colleague', 'manager', 'report') AND x.employer IS DISTINCT FROM y.employer",
    )  # fmt: skip
    yield by_sql(
        world, "schools fit age, and classmates and teachers share one",
        "SELECT count(*) FROM people WHERE school IS NOT NULL",
        "SELECT p.id FROM people p JOIN places l ON l.id = p.school WHERE l.category NOT IN ('school', 'university') "
        "UNION ALL SELECT t.a FROM ties t JOIN people x ON x.id = t.a JOIN people y ON y.id = t.b WHERE t.kind = 'classmate' AND (x.school IS NULL OR x.school IS DISTINCT FROM y.school) "
        "UNION ALL SELECT t.a FROM ties t JOIN people x ON x.id = t.a JOIN people y ON y.id = t.b WHERE t.kind = 'teacher' AND (x.school IS NULL OR x.school IS DISTINCT FROM y.work)",
    )  # fmt: skip
    yield connected(world)
    yield facts_sound(world)
    yield facts_agree(world)
    yield nothing_forbidden(world)


def ids_unique(world: World) -> Finding:
    """No id stands twice in a table."""
    tables = ("people", "households", "places", "organizations", "facts", "events", "visits", "artifacts", "questions")
    total = sum(int(world.sql(f"SELECT count(*) FROM {t}")[1][0][0]) for t in tables)
    twice = [str(r[0]) for t in tables for r in world.sql(f"SELECT id FROM {t} GROUP BY id HAVING count(*) > 1 LIMIT 5")[1]]
    return every("ids are unique", total, twice)


def ids_resolve(world: World) -> Finding:
    """Every reference names a row that exists, in the same community or shared by all."""
    rows, broken = 0, []
    for name, query, table in REFERENCES:
        known = "SELECT id FROM people UNION ALL SELECT id FROM organizations" if table == "people_or_organizations" else f"SELECT id FROM {table}"
        rows += int(world.sql(f"SELECT count(*) FROM ({query})")[1][0][0])
        away = "NOT starts_with(ref, 'org.') AND split_part(split_part(id, '>', 1), '.', 1) <> split_part(ref, '.', 1)"
        found = world.sql(f"SELECT id, ref FROM ({query}) q WHERE ref NOT IN ({known}) OR ({away} AND NOT starts_with(id, 'org.')) LIMIT 5")[1]
        broken += [f"{ident} ({name} {ref})" for ident, ref in found]
    return every("ids resolve", rows, broken)


def ties_symmetric(world: World) -> Finding:
    """Every tie stands the other way round too, with kind and inverse swapped and the rest the same."""
    return by_sql(
        world, "ties stand both ways with their inverses", "SELECT count(*) FROM ties",
        "SELECT t.a || '>' || t.b FROM ties t LEFT JOIN ties u ON u.a = t.b AND u.b = t.a AND u.kind = t.inverse AND u.inverse = t.kind "
        "AND u.since = t.since AND u.closeness = t.closeness WHERE u.a IS NULL OR t.a = t.b",
    )  # fmt: skip


def ties_true(world: World) -> Finding:
    """Kinds and inverses are a true pair, and sexed kinds fit the person's sex."""
    sex = {p.id: p.sex for p in world.rows("people")}  # type: ignore[attr-defined]
    rows, broken = 0, []
    for a, b, kind, inverse in world.sql("SELECT a, b, kind, inverse FROM ties")[1]:
        rows += 1
        if inverse not in INVERSE.get(kind, "").split() or sex.get(b) != SEXED.get(kind, sex.get(b)):
            broken.append(f"{a}>{b} ({kind}/{inverse})")
    return every("kinds of ties are true inverses and fit the sex", rows, broken)


def kin_ages(world: World) -> Finding:
    """Parents are 14 to 60 years older than their children, grandparents at least 28; partners are grown and have only each other."""
    born = {p.id: p.birth_date for p in world.rows("people")}  # type: ignore[attr-defined]
    start = date.fromisoformat(world.manifest["recipe"]["start"])
    rows, broken, partnered = 0, [], set()
    for a, b, kind in world.sql("SELECT a, b, kind FROM ties WHERE kind IN ('mother', 'father', 'grandparent', 'partner')")[1]:
        rows += 1
        if a not in born or b not in born:
            continue  # "ids resolve" has named it
        gap = (born[a] - born[b]).days / 365.25
        if kind in ("mother", "father") and not 14 <= gap <= 61:
            broken.append(f"{a}>{b} ({kind}, {gap:.0f} years)")
        if kind == "grandparent" and gap < 28:
            broken.append(f"{a}>{b} ({kind}, {gap:.0f} years)")
        if kind == "partner" and (age_on(born[a], start) < 16 or a in partnered):
            broken.append(f"{a}>{b} (partner)")
        partnered |= {a} if kind == "partner" else set()
    return every("kin ages are possible", rows, broken)


def households_agree(world: World) -> Finding:
    """Who is a household's member says so, and lives in its home."""
    return by_sql(
        world, "households and their members agree", "SELECT count(*) FROM people",
        "SELECT p.id FROM people p LEFT JOIN (SELECT id, home, UNNEST(members) AS member FROM households) h ON h.member = p.id "
        "WHERE h.id IS NULL OR h.id <> p.household OR h.home <> p.home OR p.community <> CAST(substr(p.id, 2, 4) AS BIGINT)",
    )  # fmt: skip


def connected(world: World) -> Finding:
    """The ties of a community join everyone, and it has 10 to 60 people unless it is the last one."""
    rows, broken = 0, []
    for index in world.parts():
        people = [str(r[0]) for r in world.sql(f"SELECT id FROM people WHERE community = {index}")[1]]
        rows += len(people)
        if not people:
            continue
        around: dict[str, list[str]] = {p: [] for p in people}
        for a, b in world.sql(f"SELECT a, b FROM ties WHERE a LIKE 'c{index:04d}.%'")[1]:
            around.get(a, []).append(b)
        seen, queue = {people[0]}, [people[0]]
        while queue:
            for b in around.get(queue.pop(), ()):
                if b not in seen:
                    seen.add(b)
                    queue.append(b)
        broken += [p for p in people if p not in seen][:3]
        if len(people) > 60 or (len(people) < 10 and index != max(world.parts())):
            broken.append(f"c{index:04d} has {len(people)} people")
    return every("communities are connected and of 10 to 60", rows, broken)


def facts_sound(world: World) -> Finding:
    """Facts have known keys whose parts agree, end after they begin, and take over exactly when what they replace ends."""
    known = ", ".join(f"'{k}'" for k in [*attributes(), *world.manifest.get("attributes", ()), "background.identity.persona"])
    return by_sql(
        world, "facts are sound and replace each other without a gap", "SELECT count(*) FROM facts",
        f"SELECT id FROM facts WHERE key NOT IN ({known}) OR key <> tier || '.' || category || '.' || entity OR valid_to <= valid_from OR trim(value) = '' "
        "OR intensity NOT BETWEEN 0 AND 1 OR polarity NOT IN ('positive', 'negative') "
        "UNION ALL SELECT f.id FROM facts f JOIN facts o ON o.id = f.replaces WHERE o.person <> f.person OR o.key <> f.key OR o.valid_to IS DISTINCT FROM f.valid_from",
    )  # fmt: skip


def facts_agree(world: World) -> Finding:
    """Ages follow from birth dates, jobs and employers from the person, relations from the ties."""
    start = date.fromisoformat(world.manifest["recipe"]["start"])
    people = {p.id: p for p in world.rows("people")}  # type: ignore[attr-defined]
    names = {o.id: o.name for o in world.rows("organizations")}  # type: ignore[attr-defined]
    tied = {f"{a}>{b}" for a, b in world.sql("SELECT a, b FROM ties")[1]}
    by_name: dict[tuple[int, str], list[str]] = {}
    for p in people.values():
        by_name.setdefault((p.community, f"{p.given_name} {p.family_name}"), []).append(p.id)  # type: ignore[attr-defined]
    rows, broken = 0, []
    query = "SELECT id, person, key, value, because FROM facts WHERE replaces IS NULL AND because NOT IN ('profile', 'persona') AND valid_from <= (SELECT min(valid_from) FROM facts)"
    for ident, person_id, key, value, because in world.sql(query)[1]:
        owner: Any = people.get(person_id)
        rows += 1
        if owner is None:
            continue  # "ids resolve" has named it
        wrong = (
            (key == "background.identity.age" and value != str(age_on(owner.birth_date, start)))
            or (key == "career.job.profession" and value != owner.occupation)
            or (key == "career.job.employer" and value != names.get(owner.employer or ""))
            or (">" in (because or "") and (because not in tied or because.split(">")[1] not in by_name.get((owner.community, value), ())))
        )
        if wrong:
            broken.append(f"{ident} ({key} {value})")
    return every("ages, jobs, employers and relations agree with the ledger", rows, broken)


def nothing_forbidden(world: World) -> Finding:
    """No liked value is of a kind that the person's other facts rule out (a vegan with a favorite steakhouse)."""
    start = date.fromisoformat(world.manifest["recipe"]["start"])
    held: dict[str, dict[str, list[str]]] = {}
    liked: list[tuple[str, str, str, str]] = []
    for ident, person, key, value, because in world.sql("SELECT id, person, key, value, because FROM facts WHERE polarity = 'positive'")[1]:
        held.setdefault(person, {}).setdefault(key, []).append(value)
        if because == "persona":
            liked.append((ident, person, key, value))
    people = {}
    for p in world.rows("people"):
        who: Any = p
        people[who.id] = Traits(
            age=age_on(who.birth_date, start), sex=who.sex, status=who.status, household="", consumption=who.consumption, region="",
            race=who.race_ethnicity, birth_year=who.birth_date.year, facts=held.get(who.id, {}),
        )  # fmt: skip
    tags = _tags()
    broken = []
    for ident, person, key, value in liked:
        if person not in people:
            continue  # "ids resolve" has named it
        banned, values = forbidden(people[person], key)
        if tags.get((key, value), frozenset()) & banned or value in values:
            broken.append(f"{ident} ({key} {value})")
    return every("no liked thing is ruled out by another fact", len(liked), broken)


def _tags() -> dict[tuple[str, str], frozenset[str]]:
    from understudy.ontology.values import entries

    found = {}
    for key, attribute in attributes().items():
        if attribute.source.catalogue:
            for entry in entries(attribute.source.catalogue):
                found[key, entry["v"]] = entry["tags"]
    return found
