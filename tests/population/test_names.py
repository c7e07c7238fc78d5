"""Names fit the decade, the sex and the family's background."""

from __future__ import annotations

from collections import Counter
from datetime import date

from understudy.population.draw import draw_households
from understudy.population.names import GROUPS, names
from understudy.population.pool import load_pool
from understudy.rng import stream


def many(sex: str, born: int, race: str, count: int = 3000) -> Counter[str]:
    rng = stream(1, f"{sex}/{born}/{race}")
    return Counter(names().given(rng, sex, born, race) for _ in range(count))


def test_names_fit_the_decade() -> None:
    old, young = many("female", 1938, "white"), many("female", 2012, "white")
    assert old["Barbara"] > 20 * max(1, young["Barbara"])
    assert young["Emma"] > 5 * max(1, old["Emma"])


def test_names_fit_the_sex() -> None:
    assert not {"Linda", "Jennifer", "Emma"} & set(many("male", 1985, "white"))


def test_names_lean_to_a_background() -> None:
    hispanic, white = many("male", 1985, "hispanic"), many("male", 1985, "white")
    assert hispanic["Jose"] + hispanic["Luis"] + hispanic["Juan"] > 20 * (white["Jose"] + white["Luis"] + 1)
    assert white["Scott"] > hispanic["Scott"]


def test_an_asian_family_name_tells_an_origin() -> None:
    rng = stream(1, "origin")
    given = [names().given(rng, "female", 1950, "asian", "Nguyen") for _ in range(400)]
    listed = names().leanings["more"]
    assert sum(g in listed["vietnamese"]["f"] for g in given) > 100
    assert not any(g in ("Priya", "Lakshmi", "Keiko") for g in given)


def test_family_names_by_race() -> None:
    rng = stream(1, "families")
    drawn = {race: Counter(names().family(rng, race) for _ in range(3000)) for race in GROUPS}
    assert drawn["hispanic"]["Garcia"] > 40
    assert drawn["asian"]["Nguyen"] > 40
    assert drawn["white"]["Miller"] > 15
    assert any(name.startswith("Mc") and name[2].isupper() for name in drawn["white"])


def test_partners_and_children_mostly_share_the_family_name() -> None:
    homes = draw_households(load_pool(), stream(2, "kin"), 1500, date(2024, 1, 1))
    wed = [h for h in homes if any(m.role == "spouse" for m in h.members)]
    shared = sum(len({m.family_name for m in h.members[:1] + [m for m in h.members if m.role == "spouse"]}) == 1 for h in wed)
    assert 0.6 < shared / len(wed) < 0.9
    children = [(h, m) for h in wed for m in h.members if m.role == "child"]
    assert all(m.family_name in {p.family_name for p in h.members if p.role in ("householder", "spouse")} for h, m in children)


def test_nobody_shares_a_given_name_under_one_roof() -> None:
    homes = draw_households(load_pool(), stream(3, "roof"), 1500, date(2024, 1, 1))
    assert all(len({m.given_name for m in h.members}) == len(h.members) for h in homes)
