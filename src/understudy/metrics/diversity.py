"""How far apart the vectors of a set of texts lie (PersonaTrace, section 5), in closed form: a million vectors are one pass.

The paper prints pairwise correlation, remote-clique and entropy and defines none of them; ours are the literature's. Pairwise correlation is the
mean Pearson correlation of all pairs; remote-clique (Cox et al., Directed Diversity, 2021) the mean cosine distance; entropy (the same) that of a 5 x 5 grid
over the first two principal components; the Vendi score Friedman and Dieng's (2023). The first two are ONE signal: an embedding's mean entry is
close to nought, so Pearson is close to the cosine and one number is almost 1 minus the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[Any]
ONE_SIGNAL = "pairwise correlation and remote-clique are one signal: the second is close to 1 minus the first"
BLOCK = 65_536
"""Vectors that are normalised at once: 200 MB of doubles at 384 dimensions."""


class Diversity(NamedTuple):
    """The numbers of one set of `size` vectors; the intervals are the 2.5 and 97.5 percentiles of a bootstrap, empty where none was asked for."""

    size: int
    pairwise_correlation: float  # [-1, 1], lower is more diverse
    remote_clique: float  # [0, 2], higher is more diverse
    entropy: float  # [0, ln 25 = 3.219], higher is more diverse
    vendi: float  # [1, min(size, dimensions)], higher is more diverse; grows with size
    pairwise_interval: tuple[float, float] | tuple[()] = ()
    remote_interval: tuple[float, float] | tuple[()] = ()
    entropy_interval: tuple[float, float] | tuple[()] = ()


def _unit(vectors: Vectors, centred: bool) -> Vectors:
    """Rows of length 1 as doubles, each with its own mean taken off first where `centred`; a row without length stays nought."""
    rows = np.asarray(vectors, dtype=np.float64)
    if centred:
        rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1.0)  # type: ignore[no-any-return]


def _blocks(vectors: Vectors) -> Iterator[Vectors]:
    """The rows, so many at a time that doubles of them fit into a small machine."""
    for start in range(0, len(vectors), BLOCK):
        yield vectors[start : start + BLOCK]


def _moments(vectors: Vectors, centred: bool) -> tuple[float, float]:
    """The square of the length of the sum of the unit rows, and the sum of their squared lengths, a block at a time."""
    total, own = np.zeros(vectors.shape[1]), 0.0
    for part in _blocks(vectors):
        rows = _unit(part, centred)
        total += rows.sum(axis=0)
        own += float((rows * rows).sum())
    return float(total @ total), own


def pairwise_correlation(vectors: Vectors) -> float:
    """The mean Pearson correlation over all pairs of different rows of [n, d]: (|sum of z|^2 - sum of |z|^2) / (n (n - 1)); 1 for fewer than two rows."""
    count = len(vectors)
    if count < 2:
        return 1.0
    squared, own = _moments(vectors, centred=True)
    return (squared - own) / (count * (count - 1))


def remote_clique(vectors: Vectors, self_pairs: bool = False) -> float:
    """The mean cosine distance over all pairs of rows of [n, d]; `self_pairs` counts each row's distance to itself too, as some packages do."""
    count = len(vectors)
    if count < 2:
        return 0.0
    squared, own = _moments(vectors, centred=False)
    if self_pairs:
        return 1.0 - squared / (count * count)
    return 1.0 - (squared - own) / (count * (count - 1))


def principal_components(vectors: Vectors, count: int = 2) -> Vectors:
    """Each row's place on the first components, [n, count]; the sign of a component is the one that makes its largest loading positive."""
    if not len(vectors):
        return np.zeros((0, count))
    mean = np.asarray(vectors).mean(axis=0, dtype=np.float64)
    spread = sum((block.T @ block for block in (part - mean for part in _blocks(vectors))), np.zeros((len(mean), len(mean))))
    _, axes = np.linalg.eigh(spread)
    first = axes[:, ::-1][:, :count]
    first = first * np.where(first[np.abs(first).argmax(axis=0), np.arange(first.shape[1])] < 0, -1.0, 1.0)
    return np.vstack([(part - mean) @ first for part in _blocks(vectors)])


def cells(points: Vectors, bins: int = 5) -> NDArray[np.int64]:
    """The cell of a bins x bins grid over the points' own range that each of [n, 2] falls into."""
    if not len(points):
        return np.zeros(0, dtype=np.int64)
    low, high = points.min(axis=0), points.max(axis=0)
    width = np.where(high > low, high - low, 1.0)
    place = np.minimum((points - low) / width * bins, bins - 1).astype(np.int64)
    return place[:, 0] * bins + place[:, 1]  # type: ignore[no-any-return]


def entropy(vectors: Vectors, bins: int = 5) -> float:
    """Shannon entropy (natural logarithm) of the rows over a bins x bins grid on their first two principal components."""
    return _entropy(np.bincount(cells(principal_components(vectors), bins)))


def _entropy(counts: Vectors) -> float:
    total = counts.sum()
    if total <= 0:
        return 0.0
    share = counts[counts > 0] / total
    return float(-(share * np.log(share)).sum()) + 0.0


def vendi(vectors: Vectors) -> float:
    """The exponential of the entropy of the eigenvalues of the cosine kernel over n: how many wholly different texts there seem to be.

    The smaller of the Gram matrix and the covariance is taken: both have the same eigenvalues.
    """
    if not len(vectors):
        return 0.0
    if len(vectors) < vectors.shape[1]:
        rows = _unit(vectors, centred=False)
        matrix = rows @ rows.T
    else:
        matrix = sum((rows.T @ rows for rows in (_unit(part, centred=False) for part in _blocks(vectors))), np.zeros((vectors.shape[1], vectors.shape[1])))
    values = np.linalg.eigvalsh(matrix / len(vectors))
    return float(np.exp(_entropy(np.clip(values, 0.0, None))))


def _interval(draws: Vectors) -> tuple[float, float]:
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def measure(vectors: Vectors, rounds: int = 0, seed: int = 0) -> Diversity:
    """All numbers of [n, d], with intervals from `rounds` bootstrap samples of the rows.

    A row drawn twice is no pair with itself, or every interval would lie above its number; the grid of the entropy stays where it is.
    """
    count = len(vectors)
    cell = cells(principal_components(vectors))
    found = Diversity(count, pairwise_correlation(vectors), remote_clique(vectors), _entropy(np.bincount(cell)), vendi(vectors))
    if not rounds or count < 2:
        return found
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=rounds).astype(np.float64)
    pairs = weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)
    weights, pairs = weights[pairs > 0], pairs[pairs > 0]  # one row drawn every time has no pair
    near = []
    for centred in (True, False):
        rows = _unit(vectors, centred)
        sums = weights @ rows
        near.append(((sums**2).sum(axis=1) - weights**2 @ (rows**2).sum(axis=1)) / pairs)
    spread = np.array([_entropy(np.bincount(cell, weights=w)) for w in weights])
    return found._replace(pairwise_interval=_interval(near[0]), remote_interval=_interval(1.0 - near[1]), entropy_interval=_interval(spread))
