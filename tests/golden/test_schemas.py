"""A small world of every released schema still opens: missing columns take their defaults, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy import open_world
from understudy.model.records import TABLES

WORLDS = sorted(p for p in Path(__file__).parent.iterdir() if (p / "world.json").exists())


@pytest.mark.parametrize("path", WORLDS, ids=lambda p: p.name)
def test_opens(path: Path) -> None:
    world = open_world(path)
    assert WORLDS
    counts = world.counts()
    assert all(counts[table] > 0 for table in TABLES if table not in ("verdicts",))
    for table in TABLES:
        shared = 1 if table == "organizations" else 0
        rows = list(world.rows(table))
        assert len(rows) >= counts[table]
        assert shared or len(rows) == counts[table]
    assert world.sql("SELECT count(*) FROM timeline")[1][0][0] > 0
