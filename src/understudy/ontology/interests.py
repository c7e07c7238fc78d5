"""The interest taxonomy: 1,800 and more nodes in 25 and more top categories, read as root-to-leaf paths."""

from __future__ import annotations

from functools import cache
from typing import Any

from understudy import assets

SEPARATOR = " > "


@cache
def paths() -> tuple[tuple[str, ...], ...]:
    """Every root-to-leaf path, in the order of the files."""
    found: list[tuple[str, ...]] = []
    for path in assets.folder("data/ontology/interests"):
        found += walk(assets.data(f"data/ontology/interests/{path.name}"))
    return tuple(found)


def walk(node: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The root-to-leaf paths of a nested mapping whose leaves stand in lists (our YAML form)."""
    if node is None:
        return [above]
    if isinstance(node, dict):
        return [path for name, below in node.items() for path in walk(below, (*above, str(name)))]
    if isinstance(node, list):
        return [path for item in node for path in (walk(item, above) if isinstance(item, dict) else [(*above, str(item))])]
    return [(*above, str(node))]


def nodes(leaves: tuple[tuple[str, ...], ...] | None = None) -> list[tuple[str, ...]]:
    """Every node of the tree, once, each as its path from the root."""
    return sorted({path[: depth + 1] for path in (leaves or paths()) for depth in range(len(path))})


def from_iab(rows: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    """Root-to-leaf paths of an IAB taxonomy TSV: columns Unique ID, Parent ID, Name (then others), headers anywhere in the first rows."""
    names: dict[str, str] = {}
    parents: dict[str, str] = {}
    for row in rows:
        if len(row) >= 3 and row[0].strip() and row[0].strip().lower() not in ("unique id", "relational id system"):
            names[row[0].strip()] = next((cell.strip() for cell in row[2:] if cell.strip()), "")
            parents[row[0].strip()] = row[1].strip()
    with_children = set(parents.values())
    found = []
    for ident in names:
        if ident not in with_children and names[ident]:
            path, at, seen = [names[ident]], parents[ident], {ident}
            while at in names and at not in seen:
                seen.add(at)
                path.append(names[at])
                at = parents[at]
            found.append(tuple(reversed(path)))
    return tuple(found)
