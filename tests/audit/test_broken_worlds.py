"""Every way of breaking a world is found by the rule that promises it, and the rule names what was changed."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import broken_documents  # noqa: F401 (registers its ways)
import pytest
from damage import Damage
from ways import WAYS, way

from understudy import UnderstudyError, World, open_world
from understudy.audit.rules import audit_world
from understudy.ontology.attributes import attributes
from understudy.ontology.values import entries, rules_on

NOBODY = "c0000.zz99"


@pytest.fixture
def damage(small: World, tmp_path: Path) -> Damage:
    """A copy of the small world."""
    return Damage(Path(shutil.copytree(small.path, tmp_path / "world")))


def found(damage: Damage) -> dict[str, list[str]]:
    """What the audit holds against the broken copy, by rule."""
    return {f.rule: f.offending for f in audit_world(open_world(damage.path)) if f.offending}


# --------------------------------------------------------------------------------------------------------- ties and kin


@way("ties stand both ways with their inverses")
def tie_without_its_mirror(d: Damage) -> str:
    a, b = d.row("SELECT a, b FROM ties ORDER BY a, b")
    d.change("ties", "DELETE FROM ties WHERE a = ? AND b = ?", [b, a])
    return f"{a}>{b}"


@way("kinds of ties are true inverses and fit the sex")
def tie_with_a_wrong_inverse(d: Damage) -> str:
    """Both directions agree with each other, but a friend's other side is no neighbor."""
    a, b = d.row("SELECT a, b FROM ties WHERE kind = 'friend' ORDER BY a, b")
    d.change("ties", "UPDATE ties SET inverse = 'neighbor' WHERE a = ? AND b = ? AND kind = 'friend'", [a, b])
    d.change("ties", "UPDATE ties SET kind = 'neighbor' WHERE a = ? AND b = ? AND kind = 'friend'", [b, a])
    return f"{a}>{b}"


@way("kinds of ties are true inverses and fit the sex")
def mother_who_is_a_man(d: Damage) -> str:
    a, b = d.row("SELECT a, b FROM ties WHERE kind = 'mother' ORDER BY a, b")
    d.set("people", b, sex="male")
    return f"{a}>{b}"


@way("kin ages are possible")
def mother_too_young(d: Damage) -> str:
    a, b, born = d.row("SELECT t.a, t.b, p.birth_date FROM ties t JOIN people p ON p.id = t.a WHERE kind = 'mother' ORDER BY t.a, t.b")
    d.set("people", b, birth_date=born - timedelta(days=12 * 365))
    return f"{a}>{b}"


@way("kin ages are possible")
def partner_of_two(d: Damage) -> str:
    a, b = d.row("SELECT a, b FROM ties WHERE kind = 'partner' ORDER BY a, b")
    other = d.one(f"SELECT id FROM people WHERE id NOT IN ('{a}', '{b}') AND birth_date < DATE '1995-01-01' ORDER BY id DESC")
    d.untie(a, other)
    d.tie(a, other, "partner", "partner")
    return str(a)


@way("communities are connected and of 10 to 60")
def isolated_person(d: Damage) -> str:
    lonely = d.one("SELECT max(id) FROM people")
    d.change("ties", "DELETE FROM ties WHERE a = ? OR b = ?", [lonely, lonely])
    return str(lonely)


# -------------------------------------------------------------------------------------------------- homes, work, school


@way("households and their members agree")
def member_in_the_wrong_household(d: Damage) -> str:
    person, other = d.row("SELECT p.id, h.id FROM people p JOIN households h ON h.id <> p.household ORDER BY p.id, h.id")
    return d.set("people", person, household=other)


@way("households and their members agree")
def person_of_two_households(d: Damage) -> str:
    person, other = d.row("SELECT p.id, h.id FROM people p JOIN households h ON h.id <> p.household ORDER BY p.id, h.id")
    d.change("households", "UPDATE households SET members = list_append(members, ?) WHERE id = ?", [person, other])
    return str(person)


@way("work places belong to the employer")
def employer_disagrees_with_the_work_place(d: Damage) -> str:
    person, other = d.row("SELECT p.id, o.id FROM people p JOIN organizations o ON o.id <> p.employer WHERE p.work IS NOT NULL ORDER BY p.id, o.id")
    return d.set("people", person, employer=other)


@way("work places belong to the employer")
def colleague_of_another_firm(d: Damage) -> str:
    a, b = d.row("SELECT x.id, y.id FROM people x JOIN people y ON x.employer <> y.employer ORDER BY x.id, y.id")
    d.tie(a, b, "colleague", "colleague")
    return str(a)


@way("schools fit age, and classmates and teachers share one")
def classmate_of_another_school(d: Damage) -> str:
    a, b = d.row("SELECT x.id, y.id FROM people x JOIN people y ON x.id < y.id AND x.school IS NULL AND y.school IS NULL ORDER BY x.id, y.id")
    d.set("people", a, school=d.one("SELECT id FROM places WHERE category = 'school' ORDER BY id"))
    d.tie(a, b, "classmate", "classmate")
    return str(a)


@way("schools fit age, and classmates and teachers share one")
def classmates_without_a_school(d: Damage) -> str:
    """Nothing is the same as nothing: two people without a school share none."""
    a, b = d.row("SELECT x.id, y.id FROM people x JOIN people y ON x.id < y.id AND x.school IS NULL AND y.school IS NULL ORDER BY x.id, y.id")
    d.tie(a, b, "classmate", "classmate")
    return str(a)


# ---------------------------------------------------------------------------------------------------------------- facts


@way("facts are sound and replace each other without a gap")
def fact_with_an_unknown_key(d: Damage) -> str:
    ident = d.one("SELECT id FROM facts WHERE because = 'persona' ORDER BY id")
    return d.set("facts", ident, key="background.identity.shoe", tier="background", category="identity", entity="shoe")


@way("facts are sound and replace each other without a gap")
def fact_that_ends_before_it_begins(d: Damage) -> str:
    ident, begins = d.row("SELECT id, valid_from FROM facts WHERE valid_to IS NULL ORDER BY id DESC")
    return d.set("facts", ident, valid_to=begins - timedelta(minutes=1))


@way("facts are sound and replace each other without a gap")
def replacement_with_a_gap(d: Damage) -> str:
    ident, begins = d.row("SELECT id, valid_from FROM facts WHERE because = 'persona' AND valid_to IS NULL ORDER BY id")
    d.set("facts", ident, valid_to=begins + timedelta(days=2))
    return d.copy("facts", ident, id="c0000.f99999", valid_from=begins + timedelta(days=3), replaces=ident, because="c0000.e00000")


@way("ages, jobs, employers and relations agree with the ledger")
def wrong_age(d: Damage) -> str:
    return d.set("facts", d.one("SELECT id FROM facts WHERE key = 'background.identity.age' ORDER BY id"), value="3")


@way("ages, jobs, employers and relations agree with the ledger")
def wrong_employer(d: Damage) -> str:
    return d.set("facts", d.one("SELECT id FROM facts WHERE key = 'career.job.employer' AND because <> 'profile' ORDER BY id"), value="Nowhere & Sons")


@way("ages, jobs, employers and relations agree with the ledger")
def relation_to_a_stranger(d: Damage) -> str:
    return d.set("facts", d.one("SELECT id FROM facts WHERE contains(because, '>') ORDER BY id"), value="Nemo Outis")


@way("no liked thing is ruled out by another fact")
def vegan_who_likes_meat(d: Damage) -> str:
    """The eating habit comes from an event, so that it is not itself among the liked things."""
    key = "interests.food.dish"
    banned = {tag for condition, tags, _ in rules_on(key) if "vegan" in condition.get("behaviors.diet.eating_habit", ()) for tag in tags}
    meat = next(e["v"] for e in entries(attributes()[key].source.catalogue or "") if e["tags"] & banned)
    dish = d.one(f"SELECT id FROM facts WHERE key = '{key}' AND polarity = 'positive' AND because = 'persona' ORDER BY id")
    d.copy(
        "facts", dish, id="c0000.f99999", key="behaviors.diet.eating_habit", tier="behaviors", category="diet", entity="eating_habit", value="vegan", because="c0000.e00000"
    )  # fmt: skip
    return d.set("facts", dish, value=meat)


# ----------------------------------------------------------------------------------------------------- visits and events

LATER = "SELECT id, starts, ends FROM visits WHERE starts > (SELECT min(starts) + INTERVAL 2 DAY FROM visits) AND category = 'home' ORDER BY person, starts"


@way("no two visits of a person overlap")
def overlapping_visits(d: Damage) -> str:
    ident, starts, _ = d.row(LATER)
    return d.set("visits", ident, starts=starts - timedelta(minutes=10))


@way("nobody travels faster than is possible")
def teleport(d: Damage) -> str:
    ident, lat = d.row("SELECT id, lat FROM visits WHERE id = (SELECT id FROM visits WHERE category NOT IN ('home') ORDER BY id LIMIT 1)")
    return d.set("visits", ident, lat=lat + 5.0)


@way("visits are where their places are")
def visit_away_from_its_place(d: Damage) -> str:
    ident, lat = d.row("SELECT id, lat FROM visits ORDER BY id DESC")
    return d.set("visits", ident, lat=lat + 0.0001)


@way("weekdays and slots are local")
def wrong_weekday(d: Damage) -> str:
    ident, weekday = d.row("SELECT id, weekday FROM visits ORDER BY id DESC")
    return d.set("visits", ident, weekday=(weekday + 1) % 7)


@way("weekdays and slots are local")
def slot_of_another_zone(d: Damage) -> str:
    ident, slot = d.row("SELECT id, slot FROM visits WHERE slot > 4 ORDER BY id DESC")
    return d.set("visits", ident, slot=slot - 2)


@way("home is one's own home, another's is not")
def at_home_at_the_neighbors(d: Damage) -> str:
    ident, place, lat, lon = d.row(
        "SELECT v.id, l.id, l.lat, l.lon FROM visits v JOIN people p ON p.id = v.person JOIN places l ON l.category = 'home' AND l.id <> p.home WHERE v.category = 'home' ORDER BY v.id, l.id"
    )
    return d.set("visits", ident, place=place, lat=lat, lon=lon)


@way("everyone sleeps, at home or where a trip has led")
def somebody_who_never_sleeps(d: Damage) -> str:
    person = d.one("SELECT max(id) FROM people")
    d.change("visits", "DELETE FROM visits WHERE person = ? AND intent = 'sleep'", [person])
    return str(person)


@way("who visits for an event takes part in it, then and there")
def visit_for_an_event_of_others(d: Damage) -> str:
    ident, event = d.row("SELECT v.id, e.id FROM visits v JOIN events e ON NOT list_contains(e.people, v.person) ORDER BY v.id, e.id")
    return d.set("visits", ident, event=event)


@way("event trees are trees, and their times run forward")
def event_with_a_wrong_depth(d: Damage) -> str:
    ident, depth = d.row("SELECT id, depth FROM events WHERE parent IS NOT NULL ORDER BY id")
    return d.set("events", ident, depth=depth + 1)


@way("what follows an event comes after it")
def event_before_what_led_to_it(d: Damage) -> str:
    ident, starts = d.row("SELECT e.id, p.starts FROM events e JOIN events p ON p.id = e.parent ORDER BY e.id")
    return d.set("events", ident, starts=starts - timedelta(days=2))


@way("everything happens within the window")
def artifact_outside_the_window(d: Damage) -> str:
    ident, time = d.row("SELECT id, time FROM artifacts ORDER BY id DESC")
    return d.set("artifacts", ident, time=time + timedelta(days=400))


@way("no newer fact contradicts an answer, and no question holds it")
def question_that_holds_its_answer(d: Damage) -> str:
    ident, text, answers = d.row("SELECT id, text, answers FROM questions ORDER BY id")
    return d.set("questions", ident, text=f"{text} Is it {answers[0].upper()}?")


@way("no newer fact contradicts an answer, and no question holds it")
def answer_that_no_longer_holds(d: Damage) -> str:
    ident, fact, as_of = d.row("SELECT id, facts[1], as_of FROM questions ORDER BY id")
    d.set("facts", fact, valid_to=as_of - timedelta(minutes=1))
    return str(ident)


@pytest.mark.parametrize("name", WAYS)
def test_what_is_broken_is_named(name: str, damage: Damage) -> None:
    """Trap: an audit that looks at the rows and finds nothing, or finds it and names something else."""
    rule, breaks = WAYS[name]
    changed = breaks(damage)
    problems = found(damage)
    assert "checksums hold" not in problems
    assert rule in problems, f"{name} is not found by the rule; broken are {problems}"
    assert any(changed in offending for offending in problems[rule]), f"{changed} is not among {problems[rule]}"


# ----------------------------------------------------------------------------------------------------------- references

DANGLING = {
    "people": {"household": "?", "home": "?", "work": "?", "school": "?", "employer": "?"},
    "households": {"home": "?", "members": "list_append(members, ?)"},
    "places": {"organization": "?"},
    "facts": {"person": "?", "replaces": "?"},
    "events": {"parent": "?", "root": "?", "place": "?", "people": "list_append(people, ?)"},
    "visits": {"person": "?", "place": "?", "event": "?"},
    "artifacts": {"event": "?", "reply_to": "?", "author": "?", "people": "list_append(people, {'person': ?, 'role': 'to', 'answer': ''})"},
    "reveals": {"artifact": "?", "fact": "?", "event": "?"},
    "questions": {"person": "?", "facts": "list_append(facts, ?)", "evidence": "list_append(evidence, [[?]])"},
    "ties": {"a": "?", "b": "?"},
}
"""Every reference of every table, and how it is made to name nobody."""


@pytest.mark.parametrize("table", DANGLING)
def test_what_names_nothing_is_named(table: str, damage: Damage) -> None:
    """Trap: one id that resolves to nothing brings the whole audit down, or slips through because a join drops it."""
    for column, expression in DANGLING[table].items():
        damage.change(table, f"UPDATE {table} SET {column} = {expression} WHERE rowid % 3 = 0", [NOBODY])
    problems = found(damage)
    for column in DANGLING[table]:
        assert any(f"({table}.{column} {NOBODY})" in p for p in problems["ids resolve"]), f"{table}.{column} is not among {problems['ids resolve']}"


def test_another_community_is_out_of_reach(damage: Damage) -> None:
    """Trap: an id that exists, but in another community, which may not be made yet (a community needs nothing from any other)."""
    stranger = damage.copy("people", damage.one("SELECT max(id) FROM people"), id="c0001.p00")
    visit = damage.set("visits", damage.one("SELECT max(id) FROM visits"), person=stranger)
    assert any(visit in problem and stranger in problem for problem in found(damage)["ids resolve"])


def test_an_id_that_stands_twice_is_named(damage: Damage) -> None:
    """Trap: joins double what refers to an id that stands twice, and counts are silently wrong."""
    ident = damage.one("SELECT max(id) FROM events")
    damage.change("events", "INSERT INTO events SELECT * FROM events WHERE id = ?", [ident])
    assert ident in found(damage)["ids are unique"]


# ---------------------------------------------------------------------------------------------------------- real people

REAL = (
    "See https://news.ycombinator.com/ for more", "go to www.weather.gov", "write to jane.doe@gmail.com", "call me at 212-736-5000", "(212) 736-5000 works too", "it is 212.736.5000",
    "+1 212 736 5000", "at 2127365000 maybe", "my other one is 212 555 0123, this one 212 736 5000", "all on weather.com, apparently", "jane@weather.example.com",
)  # fmt: skip
"""Texts that could hit somebody."""
INVENTED = (
    "write to jane.doe@mill-lane.example",
    "call me at 212-555-0142",
    "(212) 555-0142",
    "order 116-6519589 of 2025-01-09",
    "$39.53, 3.5 miles at 6.30 pm.Then home",
    "INV-824663-4410",
)
"""Texts that could not."""


def test_texts_that_could_hit_somebody_are_named(damage: Damage) -> None:
    """Trap: a link without a scheme, a number with dots or none at all, a real number after an invented one, a link in a title."""
    idents = damage.one("SELECT list(id ORDER BY id) FROM (SELECT id FROM artifacts WHERE kind = 'email' ORDER BY id LIMIT 40)")
    texts = [f" {text}" for text in (*REAL, *INVENTED)]
    added = "(SELECT UNNEST(?) AS changed, UNNEST(?) AS added)"
    damage.change("artifacts", f"UPDATE artifacts SET text = text || added FROM {added} WHERE id = changed", [idents[: len(texts)], texts])
    damage.set("artifacts", idents[39], title="www.weather.gov")
    named = {problem.split(" ")[0] for problem in found(damage)["no text holds what could hit somebody"]}
    assert named == {*idents[: len(REAL)], idents[39]}


# ---------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("table", ["people", "visits", "artifacts"])
def test_a_changed_byte_is_named(table: str, damage: Damage) -> None:
    """Trap: the changed byte makes the file unreadable, and the audit ends with the reader's complaint instead of the file's name."""
    content = bytearray(damage.file(table).read_bytes())
    content[len(content) // 3] ^= 0xFF
    damage.file(table).write_bytes(bytes(content))
    assert f"{table}/0000.parquet has changed" in found(damage)["checksums hold"]


def test_a_missing_file_is_named(damage: Damage) -> None:
    """Trap: a table without its file reads as an empty one."""
    damage.file("reveals").unlink()
    assert found(damage) == {"checksums hold": ["reveals/0000.parquet is missing"]}


def test_missing_shared_organizations_are_named(damage: Damage) -> None:
    """Trap: organizations/world.parquet belongs to no part, so that no part's checksum misses it."""
    (damage.path / "organizations" / "world.parquet").unlink()
    assert "organizations/world.parquet is missing" in found(damage)["checksums hold"]


def test_a_wrong_count_is_named(damage: Damage) -> None:
    """Trap: the counts that `show` and the summary print come from the part file, and nobody compares them."""
    part = damage.path / "parts" / "0000.json"
    content = json.loads(part.read_text())
    content["tables"]["events"]["rows"] += 1
    part.write_text(json.dumps(content))
    assert any(problem.startswith("events/0000.parquet") for problem in found(damage)["checksums hold"])


def test_an_unfinished_world_is_no_clean_world(damage: Damage) -> None:
    """Trap: the communities that are missing break no rule."""
    manifest = json.loads((damage.path / "world.json").read_text())
    manifest["communities"].append([10, True, "questions"])
    (damage.path / "world.json").write_text(json.dumps(manifest))
    assert "not whole" in found(damage)["checksums hold"][0]
    (damage.path / "parts" / "0000.json").unlink()
    with pytest.raises(UnderstudyError, match="no finished community"):
        audit_world(open_world(damage.path))
