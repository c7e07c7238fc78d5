"""Traps: towns that differ in more than what is left out, critics that find nothing because they are given nothing to hold texts against."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from understudy import Recipe, World
from understudy.critics.measured import opinions
from understudy.errors import RecipeError
from understudy.model.records import Artifact, Party
from understudy.training.ablation import WAYS, folder, recipes, written
from understudy.training.finished import _brief, _draft, _known, judged


def test_towns_differ_in_what_is_left_out_alone() -> None:
    found = recipes(Recipe(people=10, days=2, seed=5))
    whole = found["full"]
    assert whole.quality.critics == "combined"
    for way in WAYS[1:]:
        assert found[way].without == [way]
        assert found[way].model_copy(update={"without": []}) == whole
    assert found["held out"].seed == 6
    assert len({folder(Path("x"), way) for way in found}) == len(found)


def test_a_recipe_that_leaves_out_is_refused() -> None:
    with pytest.raises(RecipeError, match="without"):
        recipes(Recipe(without=["events"]))


def test_finished_texts_pass_and_a_wrong_amount_does_not(small: World) -> None:
    scores = judged(small)
    assert list(scores) == ["consistency", "realism", "fluency"]
    assert all(4.5 < score <= 5.0 for score in scores.values())
    known = _known(small, 0)
    artifacts = {a.id: a for a in cast("Iterable[Artifact]", small.rows("artifacts", 0))}
    priced = [
        a for a in artifacts.values() if a.event and a.kind == "email" and any(str(v).startswith("$") for v in known.details[known.roots[a.event]].values())
    ]
    assert priced
    mail = priced[0]
    wrong = Artifact(
        id=mail.id, kind="email", time=datetime(2025, 1, 8, 12), author=mail.author, people=mail.people or [Party(person="x", role="to")], event=mail.event,
        title="Due", text="The total comes to $987,654.32 in all.",
    )  # fmt: skip
    assert opinions(_brief(known, wrong), _draft(wrong), None)[0].score < 4


def test_sample_is_peoples_own_and_stays(small: World) -> None:
    found = written(small, 1, 50)
    assert len(found) == 50
    assert found == written(small, 1, 50)
    senders = {text for (text,) in small.sql("SELECT text FROM artifacts WHERE kind = 'email' AND NOT contains(author, '.p')")[1]}
    assert not senders & set(found)
