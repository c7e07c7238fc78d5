"""Traps: a slope with a sign wrong, training that does nothing, answers of other people's documents, a BEIR folder that is not quite one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from understudy.errors import InputError
from understudy.rng import stream
from understudy.training.beir import Library, Query, read_library
from understudy.training.ranker import Map, _slopes, recall, train, untrained
from understudy.training.search import search

SAID = {"price": "dollars", "doctor": "physician", "car": "vehicle", "film": "movie", "trip": "journey", "house": "residence"}


def library(seed: int) -> Library:
    """Queries by one word, answers by another that means the same: plain cosine cannot know."""
    rng = stream(seed, "library")
    names = [f"name{rng.whole(100, 999)}" for _ in range(12)]
    documents = {f"{name}-{word}": f"{name} wrote about a {SAID[word]} once more" for name in names for word in SAID}
    queries = {f"q-{ident}": Query(ident.replace("-", " "), "", frozenset([ident]), ()) for ident in documents}
    return Library("toy", documents, queries, {})


def test_training_learns_what_words_stand_for() -> None:
    own, other = library(1), library(2)
    learned = train(own, None, 72)
    assert recall(other, learned, top=1) > recall(other, None, top=1) + 0.3


def test_untrained_changes_nothing() -> None:
    rows = np.random.default_rng(1).normal(size=(3, 32)).astype(np.float32)
    assert np.allclose(untrained(32).of(rows), rows)


def test_slopes_are_those_of_the_loss() -> None:
    """Against differences of the loss, in every part."""
    rng = np.random.default_rng(3)
    queries, documents = rng.normal(size=(4, 6)) / 3, rng.normal(size=(7, 6)) / 3
    learned = Map(1 + rng.normal(size=6) / 9, rng.normal(size=(6, 2)) / 3, rng.normal(size=(6, 2)) / 3)
    right, also = np.array([0, 1, 2, 3]), np.zeros((4, 7), bool)
    also[0, 5] = True

    def loss(given: Map) -> float:
        scores = 20.0 * ((queries * given.d + (queries @ given.v) @ given.u.T) @ documents.T)
        scores[also] = -1e9
        scores -= scores.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(4), right]))

    found = _slopes(learned, queries, documents, right, also)
    for part in range(3):
        for place in [(0,), (4,)] if part == 0 else [(0, 0), (5, 1)]:
            moved = [p.copy() for p in learned]
            moved[part][place] += 1e-5
            plus = loss(Map(*moved))
            moved[part][place] -= 2e-5
            assert (plus - loss(Map(*moved))) / 2e-5 == pytest.approx(found[part][place], abs=2e-3)


def test_only_the_owners_documents_are_searched() -> None:
    documents = {"a": "the rent is due", "b": "the rent is due on the first", "c": "nothing"}
    mine = Library("x", documents, {"q": Query("rent", "p", frozenset(["b"]), ())}, {"p": ["b", "c"]})
    assert recall(mine, top=1) == 1.0


def beir(folder: Path, scores: str) -> Path:
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": "d1", "title": "Rent", "text": "The rent is due on the first."}, {"_id": "d2", "title": "", "text": "A dog in the garden."}]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "when is rent due"}) + "\n" + json.dumps({"_id": "q2", "text": "unjudged"}))
    (folder / "qrels" / "test.tsv").write_text(scores)
    return folder


def test_beir_with_a_head_and_without(tmp_path: Path) -> None:
    for number, scores in enumerate(("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\n", "q1\t0\td1\t2\n")):
        found = read_library(beir(tmp_path / str(number), scores))
        assert found.queries["q1"].answers == frozenset(["d1"])
        assert list(found.queries) == ["q1"]
        assert recall(found) == 1.0


@pytest.mark.parametrize(
    ("scores", "said"), [("q1 d1 1\n", "line 1 is not"), ("query-id\tcorpus-id\tscore\nq1\td1\tyes\n", 'score "yes"'), ("q1\td9\t1\n", "no query")]
)
def test_broken_beir_is_refused(tmp_path: Path, scores: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_library(beir(tmp_path / "b", scores))


def test_a_broken_beir_folder_is_named_before_training(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no .*corpus\.jsonl"):
        search(tmp_path / "own", [tmp_path / "beir"], 10)
