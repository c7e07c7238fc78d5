"""A good world audits clean, whatever its seed, and no rule holds only because it looked at nothing."""

from __future__ import annotations

import pytest

from understudy import Recipe, World, make
from understudy.audit.finding import Finding
from understudy.audit.rules import audit_world

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[Finding]]:
    """The findings of three towns of 24 people for two weeks, by seed."""
    folder = tmp_path_factory.mktemp("clean")
    return {seed: audit_world(make(Recipe(people=24, days=14, seed=seed), folder / str(seed), jobs=1)) for seed in SEEDS}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_good_world_audits_clean(audits: dict[int, list[Finding]], seed: int) -> None:
    """Trap: a stage breaks a promise for some seeds only (a stay at home that ran over the way to the next place was one)."""
    broken = [f"{f.rule}: {f.offending[:3]}" for f in audits[seed] if f.offending]
    assert not broken, "\n".join(broken)


def test_every_rule_looks_at_something(audits: dict[int, list[Finding]]) -> None:
    """Trap: a rule whose query finds no rows (a renamed kind, a wrong column) holds for ever without proving anything."""
    looked: dict[str, int] = {}
    for findings in audits.values():
        for finding in findings:
            looked[finding.rule] = looked.get(finding.rule, 0) + finding.rows
    assert not [rule for rule, rows in looked.items() if rows == 0]


def test_rules_stand_once_and_in_the_same_order(audits: dict[int, list[Finding]]) -> None:
    """Trap: two rules of one name, of which a reader sees one."""
    names = [[f.rule for f in findings] for findings in audits.values()]
    assert names[0] == names[1] == names[2]
    assert len(set(names[0])) == len(names[0])


def test_a_small_world_audits_clean(small: World) -> None:
    """Trap: the broken worlds of the neighboring file were broken before they were touched."""
    assert not [f for f in audit_world(small) if f.offending]
