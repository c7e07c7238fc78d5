"""What the tests of towns by models share: the recipes, the town that was made undisturbed, the command line in this process, a look into a journal."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from understudy import Recipe, World, make
from understudy.asking import Asking
from understudy.cli.main import main
from understudy.engine.journal import Journal
from understudy.model.records import Artifact

from .model_server import ModelServer
from .stand_in import Known, at, stand_in

TOWN = Recipe.build({"people": 5, "days": 2, "density": 0.3, "seed": 7, "models": "mock/m", "tree": {"depth": 1}})
"""Every role on the stand-in: about 100 calls."""
MIXED = TOWN.model_copy(update={"models": Recipe.build({"models": {"writer": "mock/m"}}).models})
"""Embedded lives, a model as writer, an embedded critic."""
TWO = Recipe.build({"people": 24, "days": 1, "density": 0.05, "seed": 22, "models": "mock/m", "until": "artifacts", "tree": {"seeds": 0}})
"""Two communities, of 14 people (its natural size) and of 10."""
NOBODY = "http://127.0.0.1:9/v1"
"""Where no server is: batches and estimates need none."""
FEW = 16
"""Calls in flight at most."""

FORM = "kind IN ('notification', 'pass', 'transaction', 'document') OR payload->>'of' IS NOT NULL OR (kind = 'call' AND text = title)"
"""What nobody composes, in SQL: whichever engine a town has, the clerk fills these in."""


def form(artifact: Artifact) -> bool:
    """Whether an artifact is a form."""
    forms = ("notification", "pass", "transaction", "document")
    return artifact.kind in forms or "of" in artifact.payload or (artifact.kind == "call" and artifact.text == artifact.title)


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


class Made(NamedTuple):
    """A world that was made undisturbed, and what its server had counted by then."""

    world: World
    server: ModelServer
    stats: dict[str, Any]


@cache
def made_in(folder: Path) -> Made:
    """The town, made at once; its server stays up until the process ends, for every file of tests."""
    server = stand_in(TOWN).__enter__()
    world = make(at(TOWN, server), folder / "town", asking=Asking(parallel=FEW))
    return Made(world, server, server.stats())


def run_main(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], words: tuple[str | Path, ...]) -> Said:
    """The command line in this process."""
    monkeypatch.setattr(sys, "argv", ["understudy", *map(str, words)])
    code: Any = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code or 0
    return Said(code, *capfd.readouterr())


def written(recipe: Recipe, folder: Path) -> Path:
    """The recipe as a file."""
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe.model_dump(mode="json", exclude={"inputs"})))
    return path


def rows(world: Path, where: str = "1", values: tuple[Any, ...] = ()) -> list[Any]:
    """Rows of a world's journal."""
    journal = Journal(world / "calls.sqlite")
    try:
        return list(journal.rows(where, values))
    finally:
        journal.close()


def asked_of(server: ModelServer) -> Counter[str]:
    """How often each of the table's requests was asked since the last reset; the probe is not one of them."""
    assert isinstance(server.answer, Known)
    known = server.answer.answers
    return Counter({key: count for key, count in server.stats()["asked"].items() if key in known})


def totals(world: Path) -> list[Any]:
    """The journal's sums by role."""
    journal = Journal(world / "calls.sqlite")
    try:
        return list(journal.totals())
    finally:
        journal.close()


def without_progress(err: str) -> list[str]:
    """The lines of the error stream that do not tell how far a run is."""
    return [line for line in err.splitlines() if " after " not in line or not line.lstrip()[:1].isdigit()]


def refused(said: Said, *words: str) -> None:
    """It was refused in one sentence that holds these words."""
    assert said.code == 2, said
    lines = without_progress(said.err)
    assert len(lines) == 1, said.err
    assert lines[0].startswith("understudy: ")
    for word in words:
        assert word in lines[0]
