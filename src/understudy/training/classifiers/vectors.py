"""Embeddings and a linear layer: multinomial logistic regression on the hashed vectors of `engine/embed.py`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from understudy.engine.embed import embed
from understudy.training.classifiers.answer import Answer

DIMS = 1024
STEPS = 300
RATE, DECAY = 0.1, 1e-5
"""Adam's step, and the weight of the squared coefficients in the loss."""
ENCODER = f"hashed words and letter groups, {DIMS} dimensions (engine/embed.py)"


@lru_cache(maxsize=1 << 16)
def _vector(text: str) -> NDArray[np.float32]:
    return np.frombuffer(embed([text], DIMS)[0], dtype=np.float32)


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """One row of length 1 a text; every text is looked at once in a process."""
    return np.stack([_vector(text) for text in texts])


def fit(texts: Sequence[str], labels: Sequence[str], seed: int) -> Answer:
    """Softmax over a linear map, all rows at every step, from zero: nothing in it is drawn."""
    classes = sorted(set(labels))
    place = {label: number for number, label in enumerate(classes)}
    rows, truth = vectors(texts), np.array([place[label] for label in labels])
    weights = _trained(rows, np.eye(len(classes), dtype=np.float32)[truth])
    return lambda asked: [classes[n] for n in np.argmax(_wide(vectors(asked)) @ weights, axis=1)]


def _wide(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows with a last column of ones, for the constant term."""
    return np.hstack([rows, np.ones((len(rows), 1), np.float32)])


def _trained(rows: NDArray[np.float32], wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    """The coefficients, (dimensions + 1) x classes, by Adam (Kingma and Ba, 2015) on the mean cross-entropy."""
    wide = _wide(rows)
    weights = np.zeros((wide.shape[1], wanted.shape[1]), np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        scores = wide @ weights
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        slope = wide.T @ (scores / scores.sum(axis=1, keepdims=True) - wanted) / len(wide) + 2 * DECAY * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights
