"""A light ranker: hashed vectors, and a map of the query that is learned from who answers what (PersonaTrace, section 4.3: search).

Documents keep their vectors, so that an index need not be made anew; only the query is mapped, q -> d * q + U (V q): one weight a dimension
(which words of a query count) and a low-rank part (which words of documents a word of a query stands for).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from understudy.rng import stream
from understudy.training.beir import Library, Query
from understudy.training.classifiers.vectors import vectors

RANK, SHARP = 48, 20.0
"""The rank of the learned part, and what cosines are multiplied with before the softmax."""
EPOCHS, BATCH, RATE, PULL = 8, 64, 0.004, 1e-4
"""Passes over the queries, queries a step, Adam's step, and the weight of the pull towards leaving queries as they are."""
TOP = 10

Matrix = NDArray[np.float32]


class Map(NamedTuple):
    """What is learned: d [dims], U and V [dims, rank]."""

    d: Matrix
    u: Matrix
    v: Matrix

    def of(self, queries: Matrix) -> Matrix:
        """Queries [n, dims], mapped."""
        return (queries * self.d + (queries @ self.v) @ self.u.T).astype(np.float32)


def untrained(dims: int, seed: int = 1) -> Map:
    """The map that leaves queries as they are; V is drawn, or nothing could ever be learned."""
    rng = stream(seed, "training/ranker")
    drawn = np.array([rng.normal(0.0, dims**-0.5) for _ in range(dims * RANK)], np.float32).reshape(dims, RANK)
    return Map(np.ones(dims, np.float32), np.zeros((dims, RANK), np.float32), drawn)


def recall(library: Library, learned: Map | None = None, top: int = TOP) -> float:
    """Recall@10: the mean share of a query's answers among the first ten of the documents that it searches; of equals the earlier goes first."""
    place = {ident: number for number, ident in enumerate(library.documents)}
    known = vectors(list(library.documents.values()))
    owned = {owner: np.array([place[i] for i in idents]) for owner, idents in library.owned.items()}
    found = 0.0
    for query in library.queries.values():
        asked = vectors([query.text])
        among = owned[query.owner] if query.owner else np.arange(len(known))
        scores = (known[among] @ (learned.of(asked) if learned else asked)[0]).round(6)
        first = among[np.argsort(-scores, kind="stable")[:top]]
        right = {place[answer] for answer in query.answers}
        found += len(right.intersection(first.tolist())) / len(right)
    return found / len(library.queries)


def train(library: Library, held: Library | None, size: int, seed: int = 1, progress: Callable[[str], None] = lambda text: None) -> Map:
    """The map learned from a library's queries: each answer against the other answers and the hard negatives of its batch (InfoNCE).

    `held` decides after which pass to stop, doing nothing at all among them; without it the last pass is taken.
    """
    rng = stream(seed, "training/search")
    pairs = [(query, sorted(query.answers)) for query in rng.some(list(library.queries.values()), size)]
    learned = untrained(vectors([""]).shape[1], seed)
    best, most = learned, recall(held, None) if held else -1.0
    moments = [(np.zeros_like(part), np.zeros_like(part)) for part in learned]
    steps = 0
    for epoch in range(1, EPOCHS + 1):
        for start in range(0, len(pairs), BATCH) if (pairs := rng.shuffled(pairs)) else ():
            steps += 1
            learned = _step(learned, _slopes(learned, *_batch(library, pairs[start : start + BATCH], rng)), moments, steps)
        found = recall(held, learned) if held else 0.0
        progress(f"pass {epoch} of {EPOCHS}" + (f", recall@{TOP} on held-out queries {found:.3f}" if held else ""))
        if found > most or not held:
            best, most = learned, found
    return best


def _batch(library: Library, pairs: Sequence[tuple[Query, list[str]]], rng: Any) -> tuple[Matrix, Matrix, NDArray[np.int64], NDArray[np.bool_]]:
    """Queries, documents (an answer of each, then all hard negatives), where each query's answer stands, and what must not count against it."""
    chosen = [rng.pick(answers) for _, answers in pairs]
    documents = list(dict.fromkeys([*chosen, *(n for query, _ in pairs for n in query.negatives if n in library.documents)]))
    place = {ident: number for number, ident in enumerate(documents)}
    also = np.zeros((len(pairs), len(documents)), bool)
    for row, (query, _) in enumerate(pairs):
        for answer in query.answers:
            if answer in place and answer != chosen[row]:
                also[row, place[answer]] = True
    return vectors([q.text for q, _ in pairs]), vectors([library.documents[i] for i in documents]), np.array([place[c] for c in chosen]), also


def _slopes(learned: Map, queries: Matrix, documents: Matrix, right: NDArray[np.int64], also: NDArray[np.bool_]) -> Map:
    """The slope of the mean cross-entropy in every part of the map."""
    scores = SHARP * learned.of(queries) @ documents.T
    scores[also] = -1e9
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    scores[np.arange(len(right)), right] -= 1.0
    mapped = (SHARP / len(right)) * scores @ documents
    return Map(
        (queries * mapped).sum(axis=0) + PULL * (learned.d - 1.0),
        mapped.T @ (queries @ learned.v) + PULL * learned.u,
        queries.T @ (mapped @ learned.u) + PULL * learned.v,
    )


def _step(learned: Map, slopes: Map, moments: list[tuple[Matrix, Matrix]], step: int) -> Map:
    """One step of Adam; `moments` are kept up."""
    moved = []
    for number, (part, slope) in enumerate(zip(learned, slopes, strict=True)):
        mean, square = moments[number]
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        moments[number] = (mean, square)
        moved.append((part - RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)).astype(np.float32))
    return Map(*moved)
