"""What an audit's rule found: how many rows it looked at, and the ids that break it."""

from __future__ import annotations

from typing import Any, NamedTuple

from understudy.store.world import World

KEPT = 20
"""Offending ids kept for a rule."""


class Finding(NamedTuple):
    """One rule's outcome; `offending` holds the first ids that break it, empty where it holds."""

    rule: str
    rows: int
    offending: list[str]


def by_sql(world: World, rule: str, counted: str, broken: str) -> Finding:
    """A rule as two queries: a count of what it looks at, and one column that names what breaks it."""
    rows = int(world.sql(counted)[1][0][0])
    offending = [str(row[0]) for row in world.sql(f"SELECT * FROM ({broken}) LIMIT {KEPT}")[1]]
    return Finding(rule, rows, offending)


def every(rule: str, rows: int, offending: list[Any]) -> Finding:
    """A rule that was checked in Python."""
    return Finding(rule, rows, [str(o) for o in offending[:KEPT]])
