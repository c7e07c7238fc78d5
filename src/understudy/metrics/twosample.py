"""Can a classifier tell two sets apart? (Lopez-Paz and Oquab 2017.) The area under its ROC curve on texts it has not seen: 0.5 is perfect, 1 is no likeness at all."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FOLDS = 5
STEPS = 200
BUCKETS = 2048


class Told(NamedTuple):
    """The area under the curve over all folds, and its 95 % interval (Hanley and McNeil 1982); `each` texts were taken of either set."""

    auc: float
    low: float
    high: float
    each: int


def letter_groups(texts: Sequence[str], buckets: int = BUCKETS) -> Array:
    """Groups of three neighbouring signs, hashed into `buckets`, logarithms of counts, each row of length 1: [n, buckets]."""
    rows = np.zeros((len(texts), buckets))
    places: dict[str, int] = {}
    for row, text in enumerate(texts):
        marked = f"\n{text}\n"
        for start in range(len(marked) - 2):
            group = marked[start : start + 3]
            if group not in places:
                places[group] = int.from_bytes(blake2b(group.encode("utf-8", "replace"), digest_size=4).digest(), "big") % buckets
            rows[row, places[group]] += 1.0
    rows = np.log1p(rows)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1.0)  # type: ignore[no-any-return]


def fit(rows: Array, labels: Array, penalty: float = 1e-3) -> Array:
    """Weights (the last is the constant) of a logistic regression with an L2 penalty, by Nesterov's accelerated descent: deterministic, no tuning."""
    given = np.hstack([rows, np.ones((len(rows), 1))])
    step = 1.0 / (0.25 * _largest(given) / len(given) + penalty)
    weights = look = np.zeros(given.shape[1])
    for turn in range(STEPS):
        slope = given.T @ (_sigmoid(given @ look) - labels) / len(given) + penalty * look
        moved = look - step * slope
        look = moved + (turn / (turn + 3)) * (moved - weights)
        weights = moved
    return weights


def _largest(rows: Array) -> float:
    """A little more than the largest eigenvalue of rows' * rows, by power iteration: a decomposition would take longer than the fit."""
    vector = np.abs(rows).sum(axis=0) + 1e-9
    size = 0.0
    for _ in range(30):
        vector = rows.T @ (rows @ (vector / np.linalg.norm(vector)))
        size = float(np.linalg.norm(vector))
    return 1.1 * size


def _sigmoid(values: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-np.clip(values, -30, 30)))  # type: ignore[no-any-return]


def area(scores: Array, labels: Array) -> float:
    """The chance that one of label 1 scores above one of label 0, ties counting half."""
    ordered = np.sort(scores[labels == 0])
    positive = scores[labels == 1]
    below = np.searchsorted(ordered, positive, "left")
    equal = np.searchsorted(ordered, positive, "right") - below
    return float((below + equal / 2).sum() / (len(ordered) * len(positive)))


def _folds(rows: Array, draw: np.random.Generator) -> NDArray[np.int64]:
    """The fold of each row; equal rows share one, or a copy of a training row with the other label would be scored upside down."""
    twins: dict[bytes, int] = {}
    group = np.array([twins.setdefault(row.tobytes(), len(twins)) for row in rows])
    return (draw.permutation(len(twins)) % FOLDS)[group]  # type: ignore[no-any-return]


def told_apart(ours: Array, others: Array, seed: int = 0) -> Told:
    """The cross-validated area for two sets of rows, the larger cut to the size of the smaller. `ValueError` for fewer than ten of either.

    Well below 0.5 means that one set copies the other, with small changes. Every row is standardised by its training part alone. Rows that follow one another may be alike (one thread, one author), which only makes them
    easier to tell apart.
    """
    each = min(len(ours), len(others))
    if each < 2 * FOLDS:
        raise ValueError(f"telling two sets apart takes {2 * FOLDS} texts of either, not {each}")
    draw = np.random.default_rng(seed)
    rows = np.vstack([ours[draw.permutation(len(ours))[:each]], others[draw.permutation(len(others))[:each]]])
    labels = np.repeat([1.0, 0.0], each)
    fold = _folds(rows, draw)
    areas = []
    for part in range(FOLDS):
        train, test = fold != part, fold == part
        if not 0 < labels[test].sum() < test.sum():
            continue
        mean, spread = rows[train].mean(axis=0), rows[train].std()
        weights = fit((rows[train] - mean) / (spread or 1.0), labels[train])
        areas.append(area((rows[test] - mean) / (spread or 1.0) @ weights[:-1] + weights[-1], labels[test]))
    auc = float(np.mean(areas)) if areas else 0.5
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    error = sqrt(max(0.0, auc * (1 - auc) + (each - 1) * (q1 - auc**2) + (each - 1) * (q2 - auc**2)) / each**2)
    return Told(auc, max(0.0, auc - 1.96 * error), min(1.0, auc + 1.96 * error), each)
