"""A real server that nobody here wrote, with a model that knows nothing: a town with every role on it passes its audit, and says how much of it is the model's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.servers.tiny_llm import make_model, serving
from tests.servers.town import FORM
from understudy import assets
from understudy.asking import Asking
from understudy.audit.rules import audit_world
from understudy.making import make
from understudy.recipe import Recipe
from understudy.store.world import World

NOT_TEXT = ("community", "life", "behavior", "critic", "reader")
"""Roles whose answers are choices, ties, times and scores."""


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """What the tokenizer learns its pieces from: our own prompts, moves and values, so that prompts are short in its tokens."""
    found = [path.read_text() for path in sorted((assets.HERE / "prompts").rglob("*.md"))]
    return [*found, *found, *(path.read_text() for name in ("grammars/acts", "data/catalogues", "data/ontology/attributes") for path in assets.folder(name))]


def recipe(url: str, **fields: Any) -> Recipe:
    """A small town with every role on the tiny model; critics under another name, without the preset, for their texts never end where they are not bounded."""
    asked = {
        "people": 2, "days": 2, "density": 0.15, "seed": 3, "models": {"all": {"model": "llamacpp/tiny", "base_url": url, "max_tokens": 1200}, "critic": {"model": "bounded", "base_url": url}},
        "quality": {"rounds": 1}, "tree": {"seeds": 3.5, "depth": 1, "branching": 1},
    }  # fmt: skip
    return Recipe.build({**asked, **fields})


def test_a_town_of_noise(tmp_path: Path, texts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One town from ties to texts, and the three traps in it (one test, lest every worker make a town of its own)."""
    with serving(make_model(tmp_path / "tiny.gguf", texts)) as url:
        town = make(recipe(url), tmp_path / "town", asking=Asking(parallel=2))
    _keeps_every_promise(town)
    _choices_are_the_models_own(town, capsys)
    _texts_are_kept_or_replaced_and_marked(town)


def _keeps_every_promise(town: World) -> None:
    """Trap: a wrong answer that gets into the ledger because a model gave it."""
    broken = [finding for finding in audit_world(town) if finding.offending]
    assert not broken, broken


def _choices_are_the_models_own(town: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Trap: a model that is asked, paid, and quietly replaced by tables."""
    own: dict[str, list[int]] = town.part(0)["own"]
    with capsys.disabled():
        print("\nthe random model's own share by role: " + ", ".join(f"{role} {kept}/{whole}" for role, (kept, whole) in sorted(own.items())))
    kept, whole = (sum(own.get(role, [0, 0])[i] for role in NOT_TEXT) for i in (0, 1))
    assert {"community", "life", "behavior", "critic"} <= set(own)
    assert whole >= 5, "how many there are differs from run to run: critics read only the noise that passes the checks"
    assert whole - kept <= max(1, 0.2 * whole), "one miss among so few is no trend"
    assert own["persona"][0] >= 0.8 * own["persona"][1] - 1


def _texts_are_kept_or_replaced_and_marked(town: World) -> None:
    """Trap: a replaced text that passes for a model's."""
    rows = town.sql(f"SELECT engine, passed, count(*) FROM artifacts WHERE NOT ({FORM}) GROUP BY ALL")[1]
    engines = {engine for engine, _, _ in rows}
    assert engines <= {"embedded", "llamacpp/tiny"}
    assert not any(passed for engine, passed, _ in rows if engine == "embedded"), "what replaces a model's text is marked"
    assert town.sql("SELECT count(*) FROM verdicts")[1][0][0] > 0


def test_broken_bytes_and_errors_end_in_a_town(tmp_path: Path, texts: list[str]) -> None:
    """Trap: invalid UTF-8 or HTTP 500 out of a real server ends the run. Without its bias the model emits both."""
    with serving(make_model(tmp_path / "wild.gguf", texts, biased=False)) as url:
        wild = recipe(
            url, people=4, days=1, models={"writer": {"model": "llamacpp/wild", "base_url": url, "max_tokens": 160}}, quality={"rounds": 1, "critics": "none"}
        )
        world = make(wild, tmp_path / "town", asking=Asking(parallel=2))
    assert not [f for f in audit_world(world) if f.offending]
    assert world.counts()["artifacts"] > 3
