"""Imports go down only, names on one line never import each other, and no module waits for another in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

import understudy

ROOT = Path(understudy.__file__).parent
LAYERS = [line.split() for line in """
cli
viewer exports benchmark behavior authoring scoring
audit datasets training
making refining
asking
pipeline
population community persona life artifacts questions
critics
language metrics
report store runner
engine
ontology
model recipe
assets rng
errors
""".strip().splitlines()]  # fmt: skip
LEVEL = {name: len(LAYERS) - number for number, names in enumerate(LAYERS) for name in names}


def imports(path: Path) -> list[tuple[str, int]]:
    """Every part of understudy that a file imports, with the line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "understudy":
            parts = node.module.split(".")[1:]
            found += [(parts[0], node.lineno)] if parts else [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [(a.name.split(".")[1], node.lineno) for a in node.names if a.name.startswith("understudy.")]
    return found


def test_layers() -> None:
    wrong = []
    for path in sorted(ROOT.rglob("*.py")):
        here = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if here in ("__init__",):
            continue
        assert here in LEVEL, f"{here} has no layer; give it one in ARCHITECTURE.md and here"
        for there, line in imports(path):
            if there != here and (there not in LEVEL or LEVEL[there] >= LEVEL[here]):
                wrong.append(f"{path.relative_to(ROOT)}:{line} ({here}) imports {there}")
    assert not wrong, "\n".join(wrong)


def test_no_cycles_between_files() -> None:
    graph: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        graph[name] = set()
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("understudy."):
                base = node.module.removeprefix("understudy.")
                graph[name] |= {base, *(f"{base}.{a.name}" for a in node.names)}
    state: dict[str, int] = {}

    def visit(name: str, path: list[str]) -> None:
        if state.get(name) == 2 or name not in graph:
            return
        assert state.get(name) != 1, " -> ".join([*path, name])
        state[name] = 1
        for other in sorted(graph[name]):
            visit(other, [*path, name])
        state[name] = 2

    for name in sorted(graph):
        visit(name, [])


def test_sizes() -> None:
    """No file over 500 lines, no function over 60: who must scroll does not understand."""
    long = []
    for path in ROOT.rglob("*.py"):
        text = path.read_text()
        if text.count("\n") > 500:
            long.append(f"{path.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno > 60:
                long.append(f"{path.name}:{node.lineno} {node.name}")
    assert not long, long


def test_documented() -> None:
    """Every module opens with a sentence, and every folder stands in the architecture's tree."""
    bare = [str(p) for p in ROOT.rglob("*.py") if p.name != "__init__.py" and not ast.get_docstring(ast.parse(p.read_text()))]
    assert not bare, bare
    architecture = (ROOT.parents[1] / "docs" / "ARCHITECTURE.md").read_text()
    missing = [p.name for p in sorted(ROOT.iterdir()) if p.is_dir() and p.name != "__pycache__" and f"{p.name}/" not in architecture]
    assert not missing, missing
