"""Traps: a model that learns nothing, one that differs from run to run, a missing library that ends in a traceback."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

import pytest

from understudy.errors import InputError
from understudy.rng import stream
from understudy.training import compare
from understudy.training.tables import Labelled

TOPICS = {
    "money": ["invoice", "balance", "statement", "payment", "due", "account", "bank", "transfer", "fee", "interest"],
    "travel": ["flight", "gate", "boarding", "hotel", "luggage", "seat", "departure", "ticket", "airport", "itinerary"],
    "family": ["dinner", "grandma", "sunday", "kids", "birthday", "cake", "cousin", "visit", "hug", "mom"],
}
COMMON = ["the", "a", "to", "of", "we", "it", "on", "is", "for", "and", "you", "this", "with", "at", "be", "from"]
TORCH = importlib.util.find_spec("torch") is not None


def toy(count: int, seed: int) -> Labelled:
    rng = stream(seed, "toy")
    labels = [rng.pick(sorted(TOPICS)) for _ in range(count)]
    texts = [" ".join(rng.pick(TOPICS[label]) if rng.chance(0.3) else rng.pick(COMMON) for _ in range(12)) for label in labels]
    return Labelled("toy", texts, labels, 0)


def answers(model: str, asked: Sequence[str], seed: int = 1) -> list[str]:
    train = toy(240, 1)
    fit = compare.fit_of(model)
    assert fit is not None
    return fit(train.texts, train.labels, seed)(asked)


@pytest.mark.parametrize("model", ["words", "vectors", pytest.param("transformer", marks=pytest.mark.skipif(not TORCH, reason="needs torch"))])
def test_learns_and_says_the_same_again(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if model == "transformer":
        monkeypatch.setattr("understudy.training.classifiers.transformer.STEPS", 40)
    test = toy(120, 2)
    said = answers(model, test.texts)
    assert sum(a == b for a, b in zip(said, test.labels, strict=True)) / 120 > 0.85
    if model != "transformer":  # one training of it is enough time
        assert said == answers(model, test.texts)


def test_majority_and_texts_without_words() -> None:
    common = max(TOPICS, key=toy(240, 1).labels.count)
    assert answers("majority", ["", "x"]) == [common, common]
    assert all(label in TOPICS for label in answers("words", ["", "!!!"]) + answers("vectors", ["", "!!!"]))


def test_without_torch_its_column_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "find_spec", lambda name: None)
    found = compare.compare([toy(60, 1)], toy(30, 2), models=("majority", "transformer"))
    assert found[0].scores["transformer"] is None
    assert found[0].scores["majority"] is not None


def test_sets_without_a_common_label_are_refused() -> None:
    other = Labelled("other", ["x"], ["business"], 0)
    with pytest.raises(InputError, match="share no label"):
        compare.compare([toy(20, 1)], other, models=("majority",))


def test_share_of_labels_met() -> None:
    test = toy(30, 2)
    half = Labelled("half", test.texts, ["new" if n % 2 else label for n, label in enumerate(test.labels)], 0)
    assert compare.compare([toy(60, 1)], half, models=("majority",))[0].met == 0.5
