"""Modules lead to others: later, in the same life, with what they hand on, and never in a ring for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy import Recipe, World, make
from understudy.ontology.modules import modules


def leads() -> list[tuple[str, str, str, dict[str, str]]]:
    """Every lead of the package: module, event, where to, what is handed on."""
    return [(name, node, lead.module, lead.hand) for name, m in modules().items() for node, event in m.events.items() for lead in event.leads]


def test_every_lead_goes_somewhere_and_hands_on_what_is_wanted() -> None:
    """Trap: a chain whose second half was never written, or has another word for the thing."""
    known = modules()
    assert len(leads()) >= 30
    for name, node, there, hand in leads():
        assert there in known, f"{name}.{node} leads to {there}, which does not exist"
        wanted = {*known[there].details, *known[there].cast}
        assert set(hand) <= wanted, f"{name}.{node} hands {sorted(set(hand) - wanted)} to {there}, which has no such detail or role"
        assert set(hand.values()) <= {*known[name].details, *known[name].cast, *known[name].uses}, f"{name}.{node} hands on what it does not have"


def test_what_only_follows_can_be_reached() -> None:
    """Trap: a module of rate 0 to which nothing leads."""
    reached = {there for _, _, there, _ in leads()}
    assert {name for name, m in modules().items() if m.rate == 0} <= reached


@pytest.fixture(scope="module")
def half_year(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Half a year of twelve lives, without texts."""
    return make(Recipe(people=12, days=180, seed=4, until="life"), tmp_path_factory.mktemp("worlds") / "lives", jobs=1)


def test_what_follows_comes_later_in_the_same_life(half_year: World) -> None:
    """Trap: a consequence before its cause, or somebody else's."""
    rows = half_year.sql(
        "SELECT a.module, b.module, a.ends, b.starts, list_contains(b.people, a.people[1]) OR list_has_any(a.people, b.people) FROM events a "
        "JOIN events b ON b.because = a.id WHERE b.parent IS NULL"
    )[1]
    assert rows, "in half a year something leads to something"
    declared = {(name, there) for name, _, there, _ in leads()}
    for before, after, ended, begins, shared in rows:
        assert (before, after) in declared
        assert begins > ended
        assert shared


def test_lives_vary_over_the_year(half_year: World) -> None:
    """Trap: the same five modules over and over."""
    count, kinds = half_year.sql("SELECT count(*), count(DISTINCT module) FROM events WHERE parent IS NULL")[1][0]
    assert kinds >= 60
    assert half_year.sql("SELECT max(n) FROM (SELECT count(*) AS n FROM events WHERE parent IS NULL GROUP BY module)")[1][0][0] < 0.25 * count


def test_a_ring_of_modules_ends(tmp_path: Path) -> None:
    """Trap: two modules that lead to each other for sure, in one night, without end."""
    folder = tmp_path / "modules"
    folder.mkdir()
    for name, other in (("ping", "pong"), ("pong", "ping")):
        (folder / f"{name}.yaml").write_text(
            f"module: {name}\nlabel: {name}\ntopic: home\nrate: {6 if name == 'ping' else 0}\nsource: our test\nevents:\n  it:\n    title: It\n"
            f"    leads: [{{module: {other}, day: [0, 0]}}]\n"
        )
    world = make(Recipe.build({"people": 10, "days": 30, "seed": 2, "until": "life", "inputs": {"modules": folder}}), tmp_path / "town", jobs=1)
    rows = world.sql("SELECT module, count(*) FROM events WHERE module IN ('ping', 'pong') GROUP BY 1")[1]
    assert 0 < sum(n for _, n in rows) < 500
