"""Closed forms equal brute force: a wrong sign or a self-pair would pass unnoticed in any report."""

from __future__ import annotations

import math
import time

import pytest

np = pytest.importorskip("numpy")

from understudy.metrics import diversity  # noqa: E402


def some(count: int = 40, dims: int = 12, seed: int = 1):
    return np.random.default_rng(seed).normal(0.3, 1.0, (count, dims))


def test_pairwise_correlation_is_the_mean_over_pairs():
    rows = some()
    matrix = np.corrcoef(rows)
    assert diversity.pairwise_correlation(rows) == pytest.approx(matrix[np.triu_indices(len(rows), 1)].mean(), abs=1e-12)


@pytest.mark.parametrize("self_pairs", [False, True])
def test_remote_clique_is_the_mean_over_pairs(self_pairs):
    rows = some(seed=2)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    far = 1 - unit @ unit.T
    expected = far.mean() if self_pairs else far[~np.eye(len(rows), dtype=bool)].mean()
    assert diversity.remote_clique(rows, self_pairs) == pytest.approx(expected, abs=1e-12)


def test_blocks_change_nothing(monkeypatch):
    rows = some(101)
    whole = diversity.pairwise_correlation(rows), diversity.remote_clique(rows)
    monkeypatch.setattr(diversity, "BLOCK", 10)
    assert (diversity.pairwise_correlation(rows), diversity.remote_clique(rows)) == pytest.approx(whole)


def test_a_hundred_thousand_vectors_are_quick():
    rows = np.random.default_rng(0).normal(size=(100_000, 64)).astype(np.float32)
    start = time.process_time()
    assert abs(diversity.pairwise_correlation(rows)) < 0.01
    assert time.process_time() - start < 3  # all pairs would be 5 billion


def test_equal_and_opposite():
    same = np.tile(some(1), (5, 1))
    assert diversity.pairwise_correlation(same) == pytest.approx(1)
    assert diversity.remote_clique(same) == pytest.approx(0)
    assert diversity.vendi(same) == pytest.approx(1)
    assert diversity.entropy(same) == 0
    assert diversity.vendi(np.eye(7)) == pytest.approx(7)


def test_vendi_is_the_same_from_either_matrix():
    rows = some(30, 30, 3)
    wide, tall = rows[:12], rows
    for given in (wide, tall):
        unit = given / np.linalg.norm(given, axis=1, keepdims=True)
        values = np.linalg.eigvalsh(unit @ unit.T / len(given)).clip(1e-15)
        assert diversity.vendi(given) == pytest.approx(math.exp(-(values * np.log(values)).sum()), rel=1e-9)


def test_entropy_of_an_even_grid_is_its_logarithm():
    across, along = np.meshgrid(np.arange(5) * 2.0, np.arange(5) * 1.0)
    assert diversity.entropy(np.stack([across.ravel(), along.ravel()], axis=1)) == pytest.approx(math.log(25))


def test_intervals_hold_the_number():
    """A bootstrap that pairs a row with its own copy lies above the number it is about."""
    found = diversity.measure(some(300), rounds=200)
    assert found.pairwise_interval[0] < found.pairwise_correlation < found.pairwise_interval[1]
    assert found.remote_interval[0] < found.remote_clique < found.remote_interval[1]
    assert diversity.measure(some(300), rounds=200) == found


@pytest.mark.parametrize("count", [0, 1])
def test_next_to_nothing(count):
    found = diversity.measure(some(3)[:count], rounds=10)
    assert (found.pairwise_correlation, found.remote_clique, found.entropy) == (1.0, 0.0, 0.0)
