"""Modules of one's own in a recipe: laid beside ours, part of the identity, refused with a sentence before anything is made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from understudy.errors import ContentError, InputError
from understudy.language.phrasebook import rule_of, slots_of
from understudy.language.soundness import bring_own
from understudy.making import make, open_world
from understudy.ontology.modules import bring, modules, shipped
from understudy.recipe import Recipe

KITE = Path(__file__).parent / "kite_day.yaml"


@pytest.fixture
def folder(tmp_path: Path):  # type: ignore[no-untyped-def]
    own = tmp_path / "mine"
    own.mkdir()
    shutil.copy(KITE, own / "kite_day.yaml")
    yield own
    bring({})


def test_laid_beside_ours_and_gone_again(folder: Path) -> None:
    bring_own(folder)
    assert set(modules()) == {*shipped(), "kite_day"}
    bring_own(None)
    assert "kite_day" not in modules()


def test_the_same_name_replaces_ours_with_its_words(folder: Path) -> None:
    """Trap: words compiled once by name, so that the package's would be spoken in the user's events."""
    name = "flat_tire"
    before = rule_of(name, next(iter(shipped()[name].words)), "open")
    (folder / "kite_day.yaml").rename(folder / f"{name}.yaml")
    say = next(iter(shipped()[name].words))
    text = (
        (folder / f"{name}.yaml")
        .read_text()
        .replace("module: kite_day", f"module: {name}")
        .replace("say: after", f"say: {say}")
        .replace("  after:", f"  {say}:")
    )
    (folder / f"{name}.yaml").write_text(text)
    ours = slots_of(name, say)
    bring_own(folder)
    assert rule_of(name, say, "open") is not before
    assert slots_of(name, say) == {"kite", "day"} != ours
    bring_own(None)
    assert rule_of(name, say, "open") is before


def test_part_of_the_identity(folder: Path) -> None:
    """Trap: an edited module, and a town that goes on as if nothing had happened."""
    recipe = Recipe.build({"inputs": {"modules": str(folder)}})
    first = recipe.identity()
    assert first != Recipe.build({}).identity()
    (folder / "notes.txt").write_text("not a module")
    assert recipe.identity() == first
    (folder / "kite_day.yaml").write_text(KITE.read_text() + "# more wind\n")
    assert recipe.identity() != first


def test_refused_before_anything_is_made(folder: Path, tmp_path: Path) -> None:
    path = folder / "kite_day.yaml"
    path.write_text(KITE.read_text().replace("total: cost", "total: price"))
    recipe = Recipe.build({"people": 10, "days": 3, "inputs": {"modules": str(folder)}})
    with pytest.raises(ContentError, match=r"kite_day.yaml, line 40: words.bill.total: price is no detail of money; add `price"):
        make(recipe, tmp_path / "town")
    assert not (tmp_path / "town").exists()
    path.unlink()
    with pytest.raises(InputError, match="holds no modules"):
        make(recipe, tmp_path / "town")
    with pytest.raises(InputError, match="there is no file"):
        make(Recipe.build({"inputs": {"modules": str(tmp_path / "nowhere")}}), tmp_path / "town")


def test_lived_and_known_when_the_world_is_opened(folder: Path, tmp_path: Path) -> None:
    """Trap: a world whose own modules are unknown to whoever opens it, once the folder has gone."""
    text = KITE.read_text().replace("rate: 1", "rate: 40")
    (folder / "kite_day.yaml").write_text(text)
    make(Recipe.build({"people": 10, "days": 12, "density": 0.1, "until": "life", "inputs": {"modules": str(folder)}}), tmp_path / "town", jobs=1)
    shutil.rmtree(folder)
    bring({})
    world = open_world(tmp_path / "town")
    assert world.sql("SELECT count(*) FROM events WHERE module = 'kite_day'")[1][0][0] > 0
    assert "kite_day" in modules()
